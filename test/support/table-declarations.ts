/** Random declarations of one table, and what a migration made of them. */

import type { SqlDatabase } from "../../host/sql/index.js";
import {
	bigint,
	blob,
	boolean,
	date,
	integer,
	json,
	type PartialIndex,
	real,
	type Table,
	type TableColumn,
	table,
	text,
	timestamp,
} from "../../host/typed/index.js";
import type { Random } from "./random.js";
import type { ModelColumn } from "./table-model.js";

type Kind = ModelColumn["kind"];

export interface DeclaredColumn {
	readonly property: string;
	readonly kind: Kind;
	readonly isNotNull: boolean;
	/** A literal of SQL, or an expression. */
	readonly default: string | null;
	readonly isUnique: boolean;
	readonly isIndexed: boolean;
	readonly check: string | null;
	readonly isNocase: boolean;
	readonly isReference: boolean;
}

export interface Declaration {
	readonly columns: readonly DeclaredColumn[];
	readonly primaryKey: readonly string[];
	readonly unique: readonly (readonly string[])[];
	readonly indexes: readonly (readonly string[])[];
	readonly partialIndexes: readonly PartialIndex<string>[];
	readonly autoincrement: boolean;
	readonly check: string | null;
	readonly strict: boolean;
	readonly withoutRowid: boolean;
}

const MAKERS = { integer, bigint, real, text, blob, boolean, json, date, timestamp };

const KINDS = Object.keys(MAKERS) as Kind[];

/** Names that are harmless, and some that are not. */
const NAMES = ["a", "b", "c", "d e", 'f"g', "check", "ORDER"];

const DEFAULTS: Readonly<Record<Kind, readonly string[]>> = {
	integer: ["7", "-1", "(1 + 2)"],
	bigint: ["-9223372036854775808", "(abs(-3))"],
	real: ["0.5", "1e300"],
	text: ["'it''s'", "''", "(lower('X'))"],
	blob: ["x'00ff'"],
	boolean: ["1"],
	json: ["'[1]'"],
	date: ["'2024-02-29'", "(date('now'))"],
	timestamp: ["'2024-02-29T00:00:00.000Z'"],
};

export const parents = table("parents", { id: integer().primaryKey() });

/** A name of its own where it is asked for, so that the table has others to be told from. */
export const TABLE_NAME = 'the "table"; --';

function quoted(name: string): string {
	return `"${name.replaceAll('"', '""')}"`;
}

function randomColumn(property: string, random: Random): DeclaredColumn {
	const kind = random.pick(KINDS);
	return {
		property,
		kind,
		isNotNull: random.once(3),
		default: random.once(2) ? random.pick(DEFAULTS[kind]) : null,
		isUnique: kind !== "json" && random.once(6),
		isIndexed: random.once(5),
		check: random.once(8) ? `length(${quoted(property)}) < 1000` : null,
		isNocase: kind === "text" && random.once(4),
		isReference: kind === "integer" && random.once(3),
	};
}

function randomList(columns: readonly DeclaredColumn[], random: Random): string[] {
	const some = columns.filter(({ kind }) => kind !== "json" && kind !== "boolean").map(({ property }) => property);
	const first = some.splice(random.below(some.length), 1);
	return some.length > 0 && random.once(2) ? [...first, random.pick(some)] : first;
}

function randomPartialIndex(columns: readonly DeclaredColumn[], random: Random): PartialIndex<string> {
	const { property } = random.pick(columns);
	const where = `${quoted(property)} ${random.pick(["IS NULL", "IS NOT NULL", "> 'It''s'"])}`;
	return { columns: randomList(columns, random), where, unique: random.once(2) };
}

export function randomDeclaration(random: Random): Declaration {
	const names = NAMES.filter(() => random.once(2));
	const columns = ["id", ...names].map((name) => randomColumn(name, random));
	// One that lists can have.
	columns[0] = {
		...randomColumn("id", random),
		kind: "integer",
		check: null,
		isReference: false,
		default: null,
		isNocase: false,
	};
	return withLists({ columns, primaryKey: random.pick([["id"], ["id"], []]) }, random);
}

function withLists({ columns, primaryKey }: Pick<Declaration, "columns" | "primaryKey">, random: Random): Declaration {
	const key = primaryKey.length === 1 && random.once(4) ? randomList(columns, random) : primaryKey;
	const lists = () => (random.once(3) ? [randomList(columns, random)] : []);
	const withoutRowid = key.length > 0 && random.once(5);
	return {
		columns,
		primaryKey: key,
		unique: lists(),
		indexes: lists(),
		partialIndexes: random.once(3) ? [randomPartialIndex(columns, random)] : [],
		autoincrement: !withoutRowid && key.length === 1 && key[0] === "id" && random.once(4),
		check: random.once(6) ? '"id" <> 77' : null,
		strict: random.once(5),
		withoutRowid,
	};
}

/** Something else is said of it. */
function changedColumn(column: DeclaredColumn, random: Random): DeclaredColumn {
	const another = randomColumn(column.property, random);
	const field = random.pick(["isNotNull", "default", "check", "isUnique", "isIndexed"] as const);
	const isOfKind = (field !== "default" && field !== "isUnique") || another.kind === column.kind;
	return column.property === "id" || !isOfKind ? column : { ...column, [field]: another[field] };
}

/** The declaration with a few changes, as a program's next version has it. */
export function changedDeclaration(before: Declaration, random: Random): Declaration {
	let columns = [...before.columns];
	const change = random.below(8);
	if (change < 4) {
		const free = NAMES.filter((name) => !columns.some(({ property }) => property === name));
		for (let count = random.between(1, 2); count > 0 && free.length > 0; count--) {
			const [name] = free.splice(random.below(free.length), 1) as [string];
			columns.splice(random.between(1, columns.length), 0, randomColumn(name, random));
		}
	} else if (change === 4 && columns.length > 1) columns.splice(random.between(1, columns.length - 1), 1);
	else if (change === 5) {
		const at = random.below(columns.length);
		columns[at] = changedColumn(columns[at] as DeclaredColumn, random); // at is within
	} else if (change === 6)
		columns = columns.map((column) => ({
			...column,
			isUnique: column.kind !== "json" && random.once(4),
			isIndexed: random.once(4),
		}));
	const isThere = (name: string) => columns.some(({ property }) => property === name);
	const kept = (lists: readonly (readonly string[])[]) => lists.filter((list) => list.every(isThere));
	const partialIndexes = before.partialIndexes.filter(
		(index) => index.columns.every(isThere) && columns.some(({ property }) => index.where.startsWith(quoted(property))),
	);
	const same = { ...before, columns, unique: kept(before.unique), indexes: kept(before.indexes), partialIndexes };
	const primaryKey = before.primaryKey.every(isThere) ? before.primaryKey : ["id"];
	return random.once(6) ? withLists({ columns, primaryKey }, random) : { ...same, primaryKey };
}

type AnyDeclared = Table<
	string,
	Readonly<Record<string, ReturnType<typeof integer>>>,
	{ readonly key: never; readonly unique: never; readonly withoutRowid: false }
>;

export function declared({ columns, ...given }: Declaration, name = TABLE_NAME): AnyDeclared {
	const made = columns.map((said) => {
		let column = MAKERS[said.kind]() as ReturnType<typeof integer>;
		if (given.primaryKey.length === 1 && given.primaryKey[0] === said.property)
			column = column.primaryKey({ autoincrement: given.autoincrement }) as typeof column;
		if (said.isNotNull) column = column.notNull() as typeof column;
		if (said.default !== null) column = column.defaultSql(said.default) as typeof column;
		if (said.isUnique) column = column.unique() as typeof column;
		if (said.isIndexed) column = column.index();
		if (said.check !== null) column = column.check(said.check);
		if (said.isNocase)
			column = (column as unknown as ReturnType<typeof text>).collate("nocase") as unknown as typeof column;
		if (said.isReference) column = column.references((): TableColumn<number> => parents.id, { onDelete: "cascade" });
		return [said.property, column];
	});
	const { primaryKey, unique, indexes, partialIndexes, check, strict, withoutRowid } = given;
	return table(name, Object.fromEntries(made), {
		...(primaryKey.length > 1 ? { primaryKey } : {}),
		unique,
		indexes: [...indexes, ...partialIndexes],
		checks: check === null ? [] : [check],
		strict,
		withoutRowid,
	}) as unknown as AnyDeclared;
}

/** What there is of the table, in the order of names: the same for tables that behave alike. */
export function schemaOf(sql: SqlDatabase, isOurs: (index: string) => boolean): unknown {
	const rows = (text: string, ...parameters: string[]) =>
		sql.prepare(text).all(...parameters) as Record<string, unknown>[];
	const indexes = rows('SELECT name, "unique", origin, partial FROM pragma_index_list(?) ORDER BY name', TABLE_NAME);
	return {
		table: rows("SELECT wr, strict FROM pragma_table_list(?)", TABLE_NAME),
		columns: rows('SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_xinfo(?) ORDER BY name', TABLE_NAME),
		indexes: indexes
			.filter(({ name, origin }) => origin === "c" && isOurs(String(name)))
			.map((index) => ({
				...index,
				columns: rows("SELECT name, coll FROM pragma_index_xinfo(?) WHERE key = 1", String(index.name)),
			})),
		foreignKeys: rows(
			'SELECT "table", "from", "to", on_delete FROM pragma_foreign_key_list(?) ORDER BY "from"',
			TABLE_NAME,
		),
	};
}
