/** Queries that stand for other constructs, as trees: what the parser would make of their text. */

import type { CoreNode, LimitNode, SelectNode, TablesNode } from "./ast.js";

interface Parts {
	readonly columns: CoreNode["columns"];
	readonly from: TablesNode | null;
	readonly where?: CoreNode["where"];
	readonly limit?: LimitNode | null;
}

/** SELECT columns FROM from WHERE where LIMIT limit. Errors about it point to `at`. */
export function selectNode({ columns, from, where = null, limit = null }: Parts, at: number): SelectNode {
	return wholeQuery(
		{ type: "core", distinct: false, columns, from, where, groupBy: [], having: null, windows: [], at },
		at,
		limit,
	);
}

/** SELECT * FROM from. */
export function selectStar(from: TablesNode, at: number): SelectNode {
	return selectNode({ columns: [{ type: "star", table: null, at }], from }, at);
}

/** A query of one part, without ORDER BY. */
export function wholeQuery(first: SelectNode["first"], at: number, limit: LimitNode | null = null): SelectNode {
	return { type: "select", with: null, first, rest: [], order: [], limit, at };
}
