/** What a whole FROM with its conditions costs, by the estimates that its joins are ordered by. */

import type { Bound } from "../bind/bound.js";
import { conditionsOf } from "./fold.js";
import { joinOrder, OrderSearch } from "./join-order.js";
import { joinParts } from "./join-parts.js";
import type { Leaves } from "./leaves.js";
import { estimateLeaf } from "./leaves.js";
import type { Logical } from "./logical.js";

export interface TreeEstimate {
	/** In rows of a scan. */
	readonly cost: number;
	readonly rows: number;
}

export function estimateTree(leaves: Leaves, tree: Logical, conditions: readonly Bound[]): TreeEstimate {
	if (tree.op !== "join" || tree.kind !== "inner") {
		const { perRow: cost, rows } = estimateLeaf(leaves, tree, conditions, new Set());
		return { cost, rows };
	}
	const { candidates, multiple } = joinParts(tree, conditions);
	return joinOrder(
		new OrderSearch(candidates, multiple, (leaf, own, available) => estimateLeaf(leaves, leaf, own, available)),
	);
}

/** How many rows a query has, as far as its tables tell; undefined where they do not. */
export function expectedRows(leaves: Leaves, root: Logical): number | undefined {
	switch (root.op) {
		case "cut":
		case "sort":
		case "distinct":
		case "project":
			return expectedRows(leaves, root.input);
		case "values":
			return root.rows.length;
		case "filter":
		case "scan":
		case "join": {
			const conditions: Bound[] = [];
			let tree = root;
			for (; tree.op === "filter"; tree = tree.input as typeof root) conditions.push(...conditionsOf(tree.condition));
			return isOfTables(tree) ? estimateTree(leaves, tree, conditions).rows : undefined;
		}
		default:
			return undefined;
	}
}

export function isOfTables(node: Logical): boolean {
	return node.op === "join" ? isOfTables(node.left) && isOfTables(node.right) : node.op === "scan";
}
