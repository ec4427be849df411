/** The tables that random operations work on, and what their models know of them. */

import type { Database } from "../../host/database.js";
import { bigint, blob, boolean, date, integer, json, real, table, text, timestamp } from "../../host/typed/index.js";
import type { Random } from "./random.js";
import { randomValue } from "./table-cases.js";
import { type Condition, type ModelTable, type Row, type Rows, TableModel } from "./table-model.js";

/** A table as calls see it that choose columns at random. */
export interface AnyRows {
	all(db: Database): Rows;
	first(db: Database): Row | undefined;
	count(db: Database): number;
	iterate(db: Database): IterableIterator<Row>;
	update(db: Database, changes: Row): number;
	delete(db: Database): number;
	orderBy(column: string, direction: string): AnyRows;
	limit(count: number): AnyRows;
	offset(count: number): AnyRows;
}

export interface AnyTable extends Omit<AnyRows, "first" | "orderBy" | "limit" | "offset" | "update" | "delete"> {
	get(db: Database, key: unknown): Row | undefined;
	insert(db: Database, row: Row): Row;
	insertMany(db: Database, rows: Iterable<Row>): number;
	update(db: Database, key: unknown, changes: Row): Row | undefined;
	upsert(db: Database, row: Row, options?: { readonly target: unknown }): Row;
	delete(db: Database, key: unknown): boolean;
	where(condition: Condition): AnyRows;
}

export const people = table(
	"people",
	{
		id: integer().primaryKey(),
		name: text().notNull().collate("nocase").index(),
		email: text().unique().collate("nocase"),
		age: integer(),
		score: real().index(),
		active: boolean().notNull().default(false),
		joined: date(),
		seenAt: timestamp().named("seen_at"),
		tags: json().default([]),
		photo: blob(),
		big: bigint()
			.notNull()
			.default(-(2n ** 63n)),
	},
	{ indexes: [["active", "age"]] },
);

export const seats = table(
	"seats",
	{
		club: text().notNull(),
		person: integer().notNull(),
		seat: bigint(),
		since: timestamp(),
		note: text().notNull().default("it's"),
	},
	{ primaryKey: ["club", "person"], unique: [["seat", "club"]], withoutRowid: true, strict: true },
);

export const PEOPLE: ModelTable = {
	columns: [
		{ property: "id", kind: "integer", isNullable: false },
		{ property: "name", kind: "text", isNullable: false, isNocase: true },
		{ property: "email", kind: "text", isNullable: true, isNocase: true },
		{ property: "age", kind: "integer", isNullable: true },
		{ property: "score", kind: "real", isNullable: true },
		{ property: "active", kind: "boolean", isNullable: false, default: false },
		{ property: "joined", kind: "date", isNullable: true },
		{ property: "seenAt", kind: "timestamp", isNullable: true },
		{ property: "tags", kind: "json", isNullable: true, default: [] },
		{ property: "photo", kind: "blob", isNullable: true },
		{ property: "big", kind: "bigint", isNullable: false, default: -(2n ** 63n) },
	],
	primaryKey: ["id"],
	hasRowid: true,
	uniques: [["email"]],
};

export const SEATS: ModelTable = {
	columns: [
		{ property: "club", kind: "text", isNullable: false },
		{ property: "person", kind: "integer", isNullable: false },
		{ property: "seat", kind: "bigint", isNullable: true },
		{ property: "since", kind: "timestamp", isNullable: true },
		{ property: "note", kind: "text", isNullable: false, default: "it's" },
	],
	primaryKey: ["club", "person"],
	hasRowid: false,
	uniques: [["seat", "club"]],
};

export class Subject {
	readonly table: AnyTable;
	readonly model: TableModel;

	constructor(declared: unknown, model: ModelTable) {
		this.table = declared as AnyTable;
		this.model = new TableModel(model);
	}

	/** As the methods take it. */
	keyOf(row: Row): unknown {
		const { primaryKey } = this.model.table;
		const values = primaryKey.map((property) => [property, row[property]] as const);
		return values.length === 1 ? values[0]?.[1] : Object.fromEntries(values);
	}

	randomKey(random: Random): Row {
		const { rows, table } = this.model;
		if (rows.length > 0 && !random.once(4)) return random.pick(rows);
		return Object.fromEntries(
			table.primaryKey.map((property) => [property, randomValue(this.model.column(property), random)]),
		);
	}
}
