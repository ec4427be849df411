/** CREATE VIEW. What it names is looked at when it is used, as in SQLite. */

import type { Catalog } from "../catalog/catalog.js";
import type { CreateViewNode } from "../parse/ast.js";
import { nodesOf } from "./nodes.js";
import type { SchemaChange } from "./schema.js";

export function createView(node: CreateViewNode, change: SchemaChange): Catalog {
	const temporary = change.isTemporary(node.name, node.temporary);
	if (!change.isFree(node.name, temporary, node.ifNotExists)) return change.catalog;
	for (const { type, at } of nodesOf(node.select))
		if (type === "parameter") throw change.error(Number(at), "parameters are not allowed in views");
	const { name, nameAt } = node.name;
	change.add(temporary, "view", name, name, 0, change.textFrom("CREATE VIEW", nameAt));
	return change.finish();
}
