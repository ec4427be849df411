/** INSERT, UPDATE and DELETE of single rows. */

import { type SqlDatabase, WlsmError } from "../index.js";
import { Assignments, ColumnSets } from "./assignments.js";
import { Prepared } from "./connection.js";
import type { DefinedColumn } from "./declared.js";
import { namesOf, type TableDefinition } from "./definition.js";
import { inMain, invalid, isPlainObject, quoted, quotedList, shown } from "./names.js";
import { columnNamed, keyValues, type RowReader } from "./rows.js";

export class TableWrites {
	readonly assignments: Assignments;
	/** The condition that a row has the key that is given. */
	readonly byKey: string;
	readonly #table: TableDefinition;
	readonly #reader: RowReader;
	readonly #inserts: ColumnSets<{ readonly one: Prepared; readonly many: Prepared }>;
	readonly #updates: ColumnSets<Prepared>;
	/** By the columns that are looked for, as JSON. */
	readonly #upserts = new Map<string, ColumnSets<Prepared>>();
	readonly #delete: Prepared;

	constructor(table: TableDefinition, reader: RowReader) {
		this.#table = table;
		this.#reader = reader;
		this.assignments = new Assignments(table);
		this.byKey = table.primaryKey.map(({ name }) => `${quoted(name)} = ?`).join(" AND ");
		const name = inMain(table.name);
		this.#inserts = new ColumnSets(table, (columns) => {
			const text = insertSql(table, columns);
			return { one: new Prepared(`${text} RETURNING ${reader.selected}`), many: new Prepared(text) };
		});
		this.#updates = new ColumnSets(
			table,
			(columns) =>
				new Prepared(`UPDATE ${name} SET ${assignedSql(columns)} WHERE ${this.byKey} RETURNING ${reader.selected}`),
		);
		this.#delete = new Prepared(`DELETE FROM ${name} WHERE ${this.byKey}`);
	}

	insert(sql: SqlDatabase, row: unknown): unknown {
		const { plan, values } = this.#inserts.of(row, "A row");
		return this.#read(plan.one.on(sql).get(...values));
	}

	/** The row that a statement returns, which has one unless something in the database keeps it from writing it. */
	#read(row: unknown): unknown {
		if (row !== undefined) return this.#reader.read(row);
		throw new WlsmError(
			"WLSM_SQL",
			`The row is not written: a trigger of table ${shown(this.#table.name)} ignores it.`,
		);
	}

	insertMany(sql: SqlDatabase, rows: unknown): number {
		if (!isIterable(rows)) throw invalid(`insertMany takes rows in an array or another iterable, not ${shown(rows)}.`);
		let count = 0;
		const insertAll = sql.transaction(() => {
			for (const row of rows) {
				const { plan, values } = this.#inserts.of(row, "A row");
				plan.many.on(sql).run(...values);
				count++;
			}
		});
		insertAll();
		return count;
	}

	update(sql: SqlDatabase, key: unknown, changes: unknown): unknown {
		const where = keyValues(key, this.#table);
		const { plan, values } = this.#updates.of(changes, "What is changed in a row");
		if (values.length === 0)
			throw invalid(`Nothing is given that is to be changed in a row of table ${shown(this.#table.name)}.`);
		const row = plan.on(sql).get(...values, ...where);
		return row === undefined ? undefined : this.#reader.read(row);
	}

	delete(sql: SqlDatabase, key: unknown): boolean {
		const values = keyValues(key, this.#table);
		return this.#delete.on(sql).run(...values).changes > 0;
	}

	upsert(sql: SqlDatabase, row: unknown, options: unknown): unknown {
		const target = this.#targetOf(options);
		const { plan, values } = this.#upsertsFor(target).of(row, "A row");
		for (const { property } of target) {
			if ((row as Readonly<Record<string, unknown>>)[property] === null)
				throw invalid(
					`${shown(property)} of table ${shown(this.#table.name)} is what an upsert looks for, and cannot be null: no row is like another in that.`,
				);
		}
		return this.#read(plan.on(sql).get(...values));
	}

	/** The columns that are looked for: a unique key. */
	#targetOf(options: unknown): readonly DefinedColumn[] {
		const table = this.#table;
		if (options === undefined) {
			if (table.primaryKey.length > 0) return table.primaryKey;
			throw invalid(
				`Table ${shown(table.name)} has no primary key: an upsert needs a target, such as { target: "email" }.`,
			);
		}
		if (
			!isPlainObject(options) ||
			Object.keys(options).some((name) => name !== "target") ||
			options.target === undefined
		)
			throw invalid(`The options of an upsert are { target }, with a unique column or a list of columns.`);
		const { target } = options;
		const columns = (Array.isArray(target) ? target : [target]).map((property) => columnNamed(property, table));
		if (table.isKey(namesOf(columns))) return columns;
		throw invalid(
			`The target of an upsert is the primary key of table ${shown(table.name)}, or what is unique, not ${shown(columns.map(({ property }) => property).join(", "))}.`,
		);
	}

	#upsertsFor(target: readonly DefinedColumn[]): ColumnSets<Prepared> {
		const name = JSON.stringify(target.map(({ property }) => property));
		const known = this.#upserts.get(name);
		if (known !== undefined) return known;
		const made = new ColumnSets(
			this.#table,
			(columns) => new Prepared(`${this.#upsertSql(columns, target)} RETURNING ${this.#reader.selected}`),
		);
		this.#upserts.set(name, made);
		return made;
	}

	#upsertSql(columns: readonly DefinedColumn[], target: readonly DefinedColumn[]): string {
		const missing = target.find((column) => !columns.includes(column));
		if (missing !== undefined)
			throw invalid(
				`A row of an upsert of table ${shown(this.#table.name)} has ${shown(missing.property)}, which it looks for.`,
			);
		const others = columns.filter((column) => !target.includes(column));
		// The row stays as it is where nothing else is given, and is returned.
		const assigned =
			others.length > 0
				? others.map(({ name }) => `${quoted(name)} = excluded.${quoted(name)}`)
				: target.map(({ name }) => `${quoted(name)} = ${quoted(name)}`);
		return `${insertSql(this.#table, columns)} ON CONFLICT (${quotedList(namesOf(target))}) DO UPDATE SET ${assigned.join(", ")}`;
	}
}

function insertSql({ name }: TableDefinition, columns: readonly DefinedColumn[]): string {
	if (columns.length === 0) return `INSERT INTO ${inMain(name)} DEFAULT VALUES`;
	const places = columns.map(() => "?").join(", ");
	return `INSERT INTO ${inMain(name)} (${quotedList(namesOf(columns))}) VALUES (${places})`;
}

function assignedSql(columns: readonly DefinedColumn[]): string {
	return columns.map(({ name }) => `${quoted(name)} = ?`).join(", ");
}

function isIterable(value: unknown): value is Iterable<unknown> {
	return typeof (value as Iterable<unknown> | null | undefined)?.[Symbol.iterator] === "function";
}
