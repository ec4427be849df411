/** Indexes that a declaration has and the table has not, and the other way round. */

import type { SqlDatabase } from "../../index.js";
import type { DefinedColumn } from "../declared.js";
import { namesOf, type TableDefinition } from "../definition.js";
import { byName, folded, inMain, listKey, quoted, setKey, shown } from "../names.js";
import { type DeclaredIndex, indexesOf, isOwnIndex } from "../schema-sql.js";
import { normalFormOf, wordsOf } from "../words.js";
import type { Difference } from "./difference.js";
import type { ExistingIndex, ExistingTable } from "./existing.js";

export interface IndexChanges {
	/** Those of earlier declarations alone. */
	readonly dropped: readonly ExistingIndex[];
	readonly created: readonly DeclaredIndex[];
}

/** An index that somebody else made serves as well. */
export function indexChanges(table: TableDefinition, existing: ExistingTable): IndexChanges {
	const declared = indexesOf(table);
	const named = byName(declared);
	const isDeclared = (index: ExistingIndex) => {
		const one = named.get(folded(index.name));
		return one !== undefined && serves(index, one);
	};
	const dropped = existing.indexes.filter(
		(index) => index.origin === "c" && isOwnIndex(index.name, table.name) && !isDeclared(index),
	);
	const gone = new Set(dropped);
	const kept = new Map<string, ExistingIndex[]>();
	for (const index of existing.indexes) {
		const key = keyOf(index);
		if (!gone.has(index) && key !== undefined) kept.set(key, [...(kept.get(key) ?? []), index]);
	}
	const isServed = (one: DeclaredIndex) =>
		kept.get(setKey(namesOf(one.columns)))?.some((index) => serves(index, one)) === true;
	return { dropped, created: declared.filter((one) => !isServed(one)) };
}

/** Of an index over columns alone: the set of these. */
function keyOf({ columns }: ExistingIndex): string | undefined {
	const names = columns.flatMap(({ name }) => name ?? []);
	return names.length === columns.length ? setKey(names) : undefined;
}

function serves(index: ExistingIndex, { isUnique, columns, where }: DeclaredIndex): boolean {
	const condition = where === undefined ? null : normalFormOf(where);
	if (index.where !== condition || !isOver(index, columns)) return false;
	if (isUnique) return index.isUnique;
	return listKey(index.columns.map(({ name }) => name ?? "")) === listKey(namesOf(columns));
}

/** The index is over these columns, in whatever order, compared as they are. */
function isOver(index: ExistingIndex, columns: readonly DefinedColumn[]): boolean {
	if (keyOf(index) !== setKey(namesOf(columns))) return false;
	const named = byName(columns);
	return index.columns.every(
		({ name, collation }) => collation === (named.get(folded(name ?? ""))?.collation ?? "binary"),
	);
}

/** What is unique by a constraint of the table, which is no index that could be dropped. */
export function uniqueDifferences(table: TableDefinition, existing: ExistingTable): Difference[] {
	const isDeclared = (index: ExistingIndex) =>
		[table.primaryKey, ...table.uniques].some((columns) => isOver(index, columns));
	return existing.indexes
		.filter((index) => index.origin === "u" && !isDeclared(index))
		.map(({ columns }) => ({
			text: `UNIQUE (${columns.map(({ name }) => shown(name)).join(", ")}) is there and not declared`,
		}));
}

/** Rows that an index that is to be made unique would not allow. `missing`: columns that are not there yet. */
export function duplicates(
	{ isUnique, columns, where }: DeclaredIndex,
	table: TableDefinition,
	missing: readonly DefinedColumn[],
	sql: SqlDatabase,
): Difference[] {
	// A column that is added has the default in all rows.
	if (!isUnique || columns.some((column) => missing.includes(column) && column.default === undefined)) return [];
	const names = columns.filter((column) => !missing.includes(column)).map(({ name }) => quoted(name));
	// A condition about a column that is added cannot be asked yet: what it lets through fails when the index is made, with all the rest.
	const isLater = byName(missing);
	if (where !== undefined && wordsOf(where)?.some(({ text }) => isLater.has(text))) return [];
	const conditions = [...names.map((name) => `${name} IS NOT NULL`), ...(where === undefined ? [] : [`(${where})`])];
	const rows = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")} `;
	const grouped = names.length === 0 ? "" : `GROUP BY ${names.join(", ")} `;
	const from = `${[...names, "count(*)"].join(", ")} FROM ${inMain(table.name)}`;
	const text = `SELECT ${from} ${rows}${grouped}HAVING count(*) > 1`;
	if (sql.prepare(`${text} LIMIT 1`).get() === undefined) return [];
	const list = columns.map(({ name }) => shown(name)).join(", ");
	const among = where === undefined ? "" : ` where ${where}`;
	return [{ text: `${list} is declared unique${among}, and there are rows with the same`, statements: [text] }];
}
