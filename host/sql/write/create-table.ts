/** CREATE TABLE. */

import type { Catalog } from "../catalog/catalog.js";
import { defineTable } from "../catalog/define.js";
import type { CreateTableNode } from "../parse/ast.js";
import { statementText } from "../parse/source.js";
import { createTableAs } from "./create-table-as.js";
import type { SchemaChange } from "./schema.js";
import { SEQUENCE_NAME, SEQUENCE_SQL } from "./sequence.js";
import { planTable } from "./table-plan.js";

export function createTable(node: CreateTableNode, change: SchemaChange): Catalog {
	const { catalog } = change;
	const temporary = change.isTemporary(node.name, node.temporary);
	if (!change.isFree(node.name, temporary, node.ifNotExists)) return catalog;
	if (node.select !== null) return createTableAs(node.name.name, node.select, temporary, change);
	const { name } = node.name;
	const id = change.newId();
	const table = defineTable(node, change.source, { id, temporary, idOf: () => change.newId() });
	// Binds all expressions once, so that a mistake in them is an error of CREATE TABLE.
	planTable({ ...table, sql: statementText(change.source) }, change.context);
	change.add(temporary, "table", name, name, id, change.textFrom("CREATE TABLE", node.name.nameAt));
	for (const index of table.indexes)
		if (index.id !== id) change.add(temporary, "index", index.name, name, index.id, null);
	if (table.autoincrement) addSequenceTable(change);
	return change.finish();
}

/** The first AUTOINCREMENT table brings sqlite_sequence with it. */
export function addSequenceTable(change: SchemaChange): void {
	if (change.catalog.find(SEQUENCE_NAME, "main") !== undefined) return;
	change.add(false, "table", SEQUENCE_NAME, SEQUENCE_NAME, change.newId(), SEQUENCE_SQL);
}
