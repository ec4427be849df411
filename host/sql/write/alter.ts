/** ALTER TABLE. */

import type { Catalog } from "../catalog/catalog.js";
import { isKnownSchema } from "../catalog/catalog.js";
import type { StoredTable } from "../catalog/table.js";
import type { AlterTableNode } from "../parse/ast.js";
import { addColumn } from "./add-column.js";
import { dropColumn } from "./drop-column.js";
import { renameColumn, renameTable } from "./rename.js";
import type { SchemaChange } from "./schema.js";

export function alterTable(node: AlterTableNode, change: SchemaChange): Catalog {
	const table = alteredTable(node, change);
	switch (node.change.action) {
		case "rename table":
			return renameTable(table, node.change.to, change);
		case "rename column":
			return renameColumn(table, node.change.from, node.change.to, change);
		case "add column":
			return addColumn(table, node.change, change);
		case "drop column":
			return dropColumn(table, node.change.column, change);
	}
}

function alteredTable(node: AlterTableNode, change: SchemaChange): StoredTable {
	const { schema, name, at } = node.name;
	const { catalog } = change;
	const view = isKnownSchema(schema) ? catalog.view(name, schema) : undefined;
	if (view !== undefined) {
		const refusals = {
			"rename table": `view ${view.name} may not be altered`,
			"rename column": `cannot rename columns of view "${view.name}"`,
			"add column": "Cannot add a column to a view",
			"drop column": `cannot drop column from view "${view.name}"`,
		};
		throw change.error(at, refusals[node.change.action]);
	}
	const table = catalog.table(node.name, change.source);
	if (table.kind === "keyValue") throw change.error(at, `table ${table.name} may not be altered`);
	if (/^sqlite_/i.test(table.name))
		throw change.error(at, `table ${table.name.replace("schema", "master")} may not be altered`);
	return table;
}
