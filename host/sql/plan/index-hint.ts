/** INDEXED BY and NOT INDEXED. */

import type { ScopeTable } from "../bind/scope.js";
import type { Table } from "../catalog/table.js";
import type { IndexedNode } from "../parse/ast.js";
import { sqlErrorAt, suggestion } from "../parse/source.js";
import { foldCase } from "../value/compare.js";
import type { PlanContext } from "./context.js";

/** `table` is null for what has no indexes: a view, a query. */
export function indexHint(indexed: IndexedNode, table: Table | null, context: PlanContext): ScopeTable["hint"] {
	if (indexed === null) return undefined;
	if (indexed === "none") return { kind: "none" };
	const name = foldCase(indexed.text);
	const indexes = table?.kind === "stored" ? table.indexes : [];
	const index = indexes.find((candidate) => foldCase(candidate.name) === name);
	if (index === undefined) {
		const like = suggestion(
			indexed.text,
			indexes.map((candidate) => candidate.name),
		);
		throw sqlErrorAt(context.source, indexed.at, `no such index: ${indexed.text}${like}`);
	}
	return { kind: "by", index };
}
