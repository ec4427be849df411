/** CREATE TABLE. */

import type { Catalog } from "../catalog/catalog.js";
import { defineTable } from "../catalog/define.js";
import type { CreateTableNode } from "../parse/ast.js";
import { statementText } from "../parse/source.js";
import { buildIndexes } from "./build-indexes.js";
import { createTableAs } from "./create-table-as.js";
import type { SchemaChange } from "./schema.js";
import { SEQUENCE_NAME, SEQUENCE_SQL } from "./sequence.js";
import { planTable } from "./table-plan.js";

/** A table whose rows are there already, but no entries of indexes. */
interface GivenRows {
	readonly id: number;
	readonly memoryBytes: number;
}

export function createTable(node: CreateTableNode, change: SchemaChange, given?: GivenRows): Catalog {
	const { catalog } = change;
	const temporary = change.isTemporary(node.name, node.temporary);
	if (!change.isFree(node.name, temporary, node.ifNotExists)) return catalog;
	if (node.select !== null) return createTableAs(node.name.name, node.select, temporary, change);
	const { name } = node.name;
	const id = given?.id ?? change.newId();
	const table = defineTable(node, change.source, { id, temporary, idOf: () => change.newId() });
	// Binds all expressions once, so that a mistake in them is an error of CREATE TABLE.
	const plan = planTable({ ...table, sql: statementText(change.source) }, change.context);
	change.add(temporary, "table", name, name, id, change.textFrom("CREATE TABLE", node.name.nameAt));
	for (const index of table.indexes)
		if (index.id !== id) change.add(temporary, "index", index.name, name, index.id, null);
	if (table.autoincrement) addSequenceTable(change);
	const after = change.finish();
	// Last, as with CREATE INDEX.
	if (given !== undefined) buildIndexes(plan, plan.indexes, change.write, given.memoryBytes);
	return after;
}

/** The first AUTOINCREMENT table brings sqlite_sequence with it. */
export function addSequenceTable(change: SchemaChange): void {
	if (change.catalog.find(SEQUENCE_NAME, "main") !== undefined) return;
	change.add(false, "table", SEQUENCE_NAME, SEQUENCE_NAME, change.newId(), SEQUENCE_SQL);
}

/** A temporary table becomes the one that the statement describes, with the rows that it has. */
export function adoptTable(
	node: CreateTableNode,
	{ temporary, memoryBytes }: { readonly temporary: string; readonly memoryBytes: number },
	change: SchemaChange,
): Catalog {
	const entry = change.entries(true).find(({ name }) => name === temporary);
	if (entry === undefined) throw change.error(0, `no such table: temp.${temporary}`);
	change.remove(true, ({ tableName }) => tableName === temporary);
	change.write.rowIds.forget();
	return createTable(node, change, { id: entry.id, memoryBytes });
}
