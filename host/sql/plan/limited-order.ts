/** The order of joins where few of the joined rows are asked for. */

import type { Bound } from "../bind/bound.js";
import { COST } from "./find-path.js";
import type { JoinCandidate, JoinOrder, LeafEstimate } from "./join-order.js";
import { joinOrder, OrderSearch } from "./join-order.js";
import type { Leaves } from "./leaves.js";
import { estimateLeaf, estimateOrdered } from "./leaves.js";

export interface LimitedOrder {
	readonly order: readonly number[];
	/** How many rows of the first part it takes to have as many joined rows as are asked for. */
	readonly needed: number;
}

/**
 * The cheapest order for all rows; or, where the first ones of an order are asked for, the cheapest that begins with the
 * table that has this order, and stops when there are enough.
 */
export function limitedOrder(
	candidates: readonly JoinCandidate[],
	conditions: readonly Bound[],
	leaves: Leaves,
): LimitedOrder {
	const search = new OrderSearch(candidates, conditions, (leaf, own, available) =>
		estimateLeaf(leaves, leaf, own, available),
	);
	const all = joinOrder(search);
	const { order: wanted, limit } = leaves;
	if (wanted === null) {
		const [first] = all.order;
		const own = first === undefined ? undefined : search.alone(first);
		return { order: all.order, needed: own === undefined ? Infinity : rowsFor(limit, own, all) };
	}
	const unlimited = { order: all.order, needed: Infinity };
	const at = candidates.findIndex(({ node }) => node.op === "scan" && node.source === wanted.source);
	const led = candidates[at];
	if (wanted.limit === null || led === undefined || led.behind.size > 0 || led.node.op !== "scan") return unlimited;
	const ordered = estimateOrdered(leaves, led.node.source, led.local, wanted);
	if (ordered === null) return unlimited;
	const needed = rowsFor(wanted.limit, ordered, joinOrder(search, { at, estimate: ordered }));
	const share = needed / Math.max(1, ordered.rows);
	const estimate = { ...ordered, rows: needed, perRow: ordered.perRow * Math.min(1, share) };
	const stopping = joinOrder(search, { at, estimate });
	const sorted = all.cost + all.rows * COST.sort * Math.log2(Math.min(all.rows, wanted.limit) + 2);
	return stopping.cost < sorted ? { order: stopping.order, needed } : unlimited;
}

function rowsFor(limit: number | null, first: LeafEstimate, { rows }: JoinOrder): number {
	if (limit === null) return Infinity;
	return Math.max(1, first.rows * Math.min(1, limit / Math.max(1, rows)));
}
