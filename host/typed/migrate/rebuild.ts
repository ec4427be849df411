/** The statements that make a table anew with the rows that it has: for somebody who reads them first. */

import type { DefinedColumn } from "../declared.js";
import type { TableDefinition } from "../definition.js";
import { literalOf } from "../literal.js";
import { byName, folded, inMain, quoted, quotedList } from "../names.js";
import { createIndexSql, createTableSql, indexesOf, isOwnIndex } from "../schema-sql.js";
import type { ExistingColumn, ExistingTable } from "./existing.js";

export function rebuildStatements(table: TableDefinition, existing: ExistingTable, enforcesKeys: boolean): string[] {
	const copy = `temp.${quoted(`${table.name}__copy`)}`;
	const [there, declared] = [byName(existing.columns), byName(table.columns)];
	const filled = table.columns.flatMap((column) => {
		const from = there.get(folded(column.name));
		const value = filledWith(column, from, table);
		return value === undefined ? [] : [{ name: column.name, value }];
	});
	const generated = existing.columns.filter(({ name, isGenerated }) => isGenerated && !declared.has(folded(name)));
	const others = existing.parts.filter(({ type, name }) => type !== "index" || !isOwnIndex(name, table.name));
	const target = `${inMain(table.name)} (${quotedList(filled.map(({ name }) => name))})`;
	const values = filled.map(({ value }) => value).join(", ");
	// The greatest rowid that there ever was goes with the table.
	const keepsNumbers = table.rowid?.isAutoincrement === true && existing.isAutoincrement;
	const numbers = `temp.${quoted(`${table.name}__sequence`)}`;
	const [before, after] = [existing.name, table.name].map((name) => literalOf(name));
	return [
		// Where it is on, the rows that refer to the table would go with it.
		"PRAGMA foreign_keys = OFF",
		"BEGIN",
		`CREATE TEMP TABLE ${copy.slice("temp.".length)} AS SELECT * FROM ${inMain(existing.name)}`,
		...(keepsNumbers
			? [
					`CREATE TEMP TABLE ${numbers.slice("temp.".length)} AS SELECT seq FROM main.sqlite_sequence WHERE name = ${before}`,
				]
			: []),
		`DROP TABLE ${inMain(existing.name)}`,
		createTableSql(
			table,
			generated.map(({ text }) => text),
		),
		filled.length === 0 ? "" : `INSERT INTO ${target} SELECT ${values} FROM ${copy}`,
		`DROP TABLE ${copy}`,
		...(keepsNumbers
			? [
					`DELETE FROM main.sqlite_sequence WHERE name = ${after}`,
					`INSERT INTO main.sqlite_sequence (name, seq) SELECT ${after}, seq FROM ${numbers}`,
					`DROP TABLE ${numbers}`,
				]
			: []),
		...indexesOf(table).map((index) => createIndexSql(index, table.name)),
		...others.map(({ sql }) => sql),
		"COMMIT",
		enforcesKeys ? "PRAGMA foreign_keys = ON" : "",
	].filter((statement) => statement !== "");
}

/** What older rows have in a column; undefined where they have what rows have that are inserted without it. */
function filledWith(
	column: DefinedColumn,
	from: ExistingColumn | undefined,
	table: TableDefinition,
): string | undefined {
	const hasDefault = column.default !== undefined;
	if (from === undefined || from.isGenerated) {
		if (column.isNullable || hasDefault || column === table.rowid) return undefined;
		return `NULL /* a value for ${quoted(column.name).replaceAll("*/", "* /")} */`;
	}
	const name = quoted(from.name);
	const fallsBack = !column.isNullable && hasDefault && !from.isNotNull;
	return fallsBack ? `coalesce(${name}, ${column.default?.text})` : name;
}
