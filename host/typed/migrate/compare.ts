/** What a declared table has that the one in the database has not, and the other way round. */

import type { SqlDatabase } from "../../index.js";
import { namesOf, type TableDefinition } from "../definition.js";
import { inMain, listKey, shown } from "../names.js";
import { columnSql, createIndexSql, createTableSql, type DeclaredIndex, indexesOf } from "../schema-sql.js";
import { columnDifferences } from "./column-differences.js";
import { constraintDifferences } from "./constraints.js";
import type { Difference } from "./difference.js";
import { type ExistingTable, existingTable } from "./existing.js";
import { duplicates, indexChanges, uniqueDifferences } from "./indexes.js";
import { rebuildStatements } from "./rebuild.js";

/** One statement of a migration. */
export interface MigrationChange {
	/** The table's name. */
	readonly table: string;
	/** What is done. */
	readonly action: "create table" | "add column" | "create index" | "drop index";
	/** Of the table, column or index, in SQL. */
	readonly name: string;
	/** The statement, without a semicolon at its end. */
	readonly sql: string;
}

/** Why a table is not changed by itself. */
export interface Refusal {
	readonly table: string;
	readonly differences: readonly string[];
	/** To be run by hand, once somebody has read them. */
	readonly statements: readonly string[];
}

export interface Comparison {
	readonly changes: readonly MigrationChange[];
	readonly refusal?: Refusal;
}

export function compared(table: TableDefinition, sql: SqlDatabase): Comparison {
	const { name } = table;
	const existing = existingTable(sql, name);
	if (existing === undefined) {
		const creation: MigrationChange = { table: name, action: "create table", name, sql: createTableSql(table) };
		return { changes: [creation, ...indexesOf(table).map((index) => indexCreation(index, name))] };
	}
	if (existing.kind === "table") return comparedTable(table, existing, sql);
	const isView = existing.kind === "view";
	const text = isView ? "a view has this name" : "what has this name is no table that can be declared";
	const statements = isView ? [`DROP VIEW ${inMain(existing.name)}`] : [];
	return { changes: [], refusal: { table: name, differences: [text], statements } };
}

function comparedTable(table: TableDefinition, existing: ExistingTable, sql: SqlDatabase): Comparison {
	const { name } = table;
	const columns = columnDifferences(table, existing);
	const { addable } = columns;
	const indexes = indexChanges(table, existing);
	const differences = [
		...tableDifferences(table, existing),
		...columns.differences,
		...constraintDifferences(table, existing, addable),
		...uniqueDifferences(table, existing),
		...indexes.created.flatMap((index) => duplicates(index, table, columns.missing, sql)),
	];
	if (differences.length > 0) return { changes: [], refusal: refusalOf(table, existing, differences, sql) };
	return {
		changes: [
			...indexes.dropped.map(
				(index): MigrationChange => ({
					table: name,
					action: "drop index",
					name: index.name,
					sql: `DROP INDEX ${inMain(index.name)}`,
				}),
			),
			...addable.map(
				(column): MigrationChange => ({
					table: name,
					action: "add column",
					name: column.name,
					sql: `ALTER TABLE ${inMain(name)} ADD COLUMN ${columnSql(column, table)}`,
				}),
			),
			...indexes.created.map((index) => indexCreation(index, name)),
		],
	};
}

function indexCreation(index: DeclaredIndex, table: string): MigrationChange {
	return { table, action: "create index", name: index.name, sql: createIndexSql(index, table) };
}

function refusalOf(
	table: TableDefinition,
	existing: ExistingTable,
	differences: readonly Difference[],
	sql: SqlDatabase,
): Refusal {
	const own = differences.flatMap(({ statements = [] }) => statements);
	const isMadeAnew = differences.some(({ statements }) => statements === undefined);
	const enforcesKeys = sql.pragma("foreign_keys", { simple: true }) === 1;
	return {
		table: table.name,
		differences: differences.map(({ text }) => text),
		// What only shows rows is worth while in any case; columns are dropped where the table is made anew.
		statements: isMadeAnew
			? [...own.filter((text) => text.startsWith("SELECT")), ...rebuildStatements(table, existing, enforcesKeys)]
			: own,
	};
}

function tableDifferences(table: TableDefinition, existing: ExistingTable): Difference[] {
	const found: string[] = [];
	const compare = (what: string, isDeclared: boolean, isThere: boolean) => {
		if (isDeclared !== isThere)
			found.push(
				isThere ? `the table is ${what}, and is not declared so` : `the table is declared ${what}, and is not`,
			);
	};
	compare("strict", table.isStrict, existing.isStrict);
	compare("withoutRowid", table.isWithoutRowid, existing.isWithoutRowid);
	const declared = namesOf(table.primaryKey);
	const key = existing.columns
		.filter((column) => column.key > 0)
		.sort((a, b) => a.key - b.key)
		.map(({ name }) => name);
	const list = (names: readonly string[]) => (names.length === 0 ? "nothing" : names.map(shown).join(", "));
	if (listKey(key) !== listKey(declared))
		found.push(`the primary key is ${list(key)}, and is declared as ${list(declared)}`);
	// The rowid needs no index.
	else if (
		table.rowid !== undefined &&
		!existing.isWithoutRowid &&
		existing.indexes.some(({ origin }) => origin === "pk")
	)
		found.push(
			`the primary key ${list(declared)} is not the rowid, which it is where it is declared as INTEGER PRIMARY KEY`,
		);
	// A table that numbers so without being declared so serves as well.
	if (table.rowid?.isAutoincrement === true && !existing.isAutoincrement)
		found.push(`the primary key ${list(declared)} is declared with autoincrement, and has none`);
	return found.map((text) => ({ text }));
}
