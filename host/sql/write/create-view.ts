/** CREATE VIEW. What it names is looked at when it is used, as in SQLite. */

import type { Catalog } from "../catalog/catalog.js";
import type { CreateViewNode, SelectNode } from "../parse/ast.js";
import { withCommon } from "../plan/common.js";
import { nodesOf } from "./nodes.js";
import type { SchemaChange } from "./schema.js";

export function createView(node: CreateViewNode, change: SchemaChange): Catalog {
	const temporary = change.isTemporary(node.name, node.temporary);
	if (!change.isFree(node.name, temporary, node.ifNotExists)) return change.catalog;
	for (const part of nodesOf(node.select)) {
		if (part.type === "parameter") throw change.error(Number(part.at), "parameters are not allowed in views");
		// What names which query of WITH is known without a look at the catalog.
		if (part.type === "select") withCommon((part as SelectNode).with, change.context);
	}
	const { name, nameAt } = node.name;
	change.add(temporary, "view", name, name, 0, change.textFrom("CREATE VIEW", nameAt));
	return change.finish();
}
