/** Joins of two sides that both come in the order of what they are joined by: where there is one, and whether it pays. */

import type { Bound } from "../bind/bound.js";
import { conjunction } from "../bind/traverse.js";
import { isRowId } from "../catalog/table.js";
import { compile } from "../execute/compile.js";
import { GroupMergeJoin } from "../execute/group-merge-join.js";
import { MergeJoin } from "../execute/merge-join.js";
import { COST, sortCost } from "./find-path.js";
import { HASHED_ROW } from "./join-order.js";
import type { Built, Needed } from "./joins.js";
import { joinedLayout } from "./layout.js";
import type { Leaves } from "./leaves.js";
import { estimateLeaf, estimateOrdered } from "./leaves.js";
import type { JoinKind, Logical } from "./logical.js";
import { tablesOf } from "./logical.js";
import type { MergeKey, MergePair } from "./merge-keys.js";
import { byEither, comesBy, keysIn, keysOfOrder, mergePairs, orderOfKeys } from "./merge-keys.js";
import type { WantedOrder } from "./path-order.js";
import { directionOf, placesIn } from "./path-order.js";

/** What going past a row of a side costs, in rows of a scan. */
const MERGED_ROW = 0.5;

/** What a row of the larger side costs in an inner join that hashes the smaller one: those without a partner are hardly looked at. */
const NARROWED_ROW = 0.25;

/** Of fewer rows than these, finding out what is best takes longer than what is not quite that. */
const FEW_ROWS = 200;

/** A part of FROM with the conditions on it alone. */
export interface Side {
	readonly node: Logical;
	readonly own: readonly Bound[];
}

/** A merge that pays. */
export interface MergePlan {
	readonly keys: readonly MergeKey[];
	/** In which the right side is to be read; null where it comes in order by itself. */
	readonly order: WantedOrder | null;
}

type MergeKind = Exclude<JoinKind, "right">;

export class MergePlanner {
	readonly #leaves: Leaves;

	constructor(leaves: Leaves) {
		this.#leaves = leaves;
	}

	/** In which order the left side is best read for the right one to be merged with it; null where that does not pay. */
	leadingOrder(
		kind: MergeKind,
		left: Side,
		right: Side,
		conditions: readonly Bound[],
		needed: Needed,
	): WantedOrder | null {
		const leaves = this.#leaves;
		const { order: wanted, limit } = leaves;
		const { node } = left;
		if (node.op !== "scan" || leaves.isInner || limit !== null || (wanted !== null && wanted.limit !== null))
			return null;
		const pairs = this.#pairs(right.node, conditions).filter((pair) => this.#isKeyed(node, pair.left));
		if (pairs.length === 0) return null;
		const own = estimateLeaf(leaves, node, left.own, new Set());
		const other = estimateLeaf(leaves, right.node, right.own, new Set());
		const rows = own.rows + other.rows;
		if (rows < FEW_ROWS) return null;
		const found = estimateLeaf(leaves, right.node, [...right.own, ...conditions], tablesOf(node));
		const sort = wanted === null ? 0 : sortCost(Math.min(own.rows, other.rows), wanted);
		const inOrder = (order: WantedOrder) => estimateOrdered(leaves, node.source, left.own, order, needed)?.perRow;
		const looking = (wanted?.source === node.source ? inOrder(wanted) : undefined) ?? own.perRow + sort;
		const lookup = found.lookup ? looking + own.rows * found.perRow : Infinity;
		if (lookup <= rows * (COST.entry + MERGED_ROW)) return null;
		let least = Math.min(lookup, own.perRow + sort + other.perRow + hashingCost(kind, own.rows, other.rows));
		let best: WantedOrder | null = null;
		const consider = (keys: readonly MergeKey[], order: WantedOrder): void => {
			if (keys.length === 0) return;
			const leftCost = inOrder(order);
			const rightCost = this.#rightCost(right, keys, needed);
			if (leftCost === undefined || rightCost === null) return;
			const cost = leftCost + rightCost + MERGED_ROW * rows + (order === wanted ? 0 : sort);
			if (cost >= least) return;
			least = cost;
			best = order;
		};
		if (wanted?.source === node.source) consider(keysOfOrder(wanted, pairs), wanted);
		for (const keys of this.#sequences(node.source, pairs)) consider(keys, orderOfKeys(keys, "left", node.source));
		return best;
	}

	/** How the right side is merged with what comes in the order of the left one; null where it is not, or where that does not pay. */
	plan(kind: MergeKind, left: Built, right: Side, conditions: readonly Bound[], needed: Needed): MergePlan | null {
		const leaves = this.#leaves;
		const { node } = right;
		if (left.sorted === null) return null;
		const keys = keysIn(left.sorted, this.#pairs(node, conditions));
		// Of a full join there is nothing else to be tested of the rows.
		const isWhole = (some: readonly MergeKey[]) =>
			conditions.every((bound) => some.some(({ condition }) => condition === bound));
		for (let some = keys; some.length > 0; some = some.slice(0, -1)) {
			if (kind === "full" && !isWhole(some)) return null;
			const cost = this.#rightCost(right, some, needed);
			if (cost === null) continue;
			const plan = { keys: some, order: node.op === "scan" ? orderOfKeys(some, "right", node.source) : null };
			if (this.#isByRowIds(some)) return plan;
			// In a query in an expression, what was hashed is kept for the next run.
			if (leaves.isInner) continue;
			const { rows, perRow } = estimateLeaf(leaves, node, right.own, new Set());
			const sort = left.ordered && leaves.order !== null ? sortCost(left.rows, leaves.order) : 0;
			if (cost + MERGED_ROW * (left.rows + rows) >= perRow + hashingCost(kind, left.rows, rows) + sort) continue;
			return plan;
		}
		return null;
	}

	/** Null where the right side does not come as it was planned. */
	join(kind: MergeKind, left: Built, right: Built, { keys }: MergePlan, conditions: readonly Bound[]): Built | null {
		if (left.sorted === null || right.sorted === null || !comesBy(right.sorted, keys)) return null;
		const leaves = this.#leaves;
		const layout = joinedLayout(left, right);
		const width = left.width + right.width;
		const matched = (left.rows * right.rows) / Math.max(left.rows, right.rows, 1);
		const rows = Math.max(1, kind === "inner" ? matched : kind === "left" ? left.rows : left.rows + right.rows);
		const rest = conjunction(conditions.filter((bound) => keys.every(({ condition }) => condition !== bound)));
		const options = {
			left: left.operator,
			right: right.operator,
			leftWidth: left.width,
			rightWidth: right.width,
			on: rest === undefined ? null : compile(rest, layout),
			text: conditions.map((bound) => leaves.text(bound)).join(" AND "),
			estimate: rows,
		};
		const places = keys.map((key) => ({
			left: left.layout.column(key.left.source, key.left.column),
			right: right.layout.column(key.right.source, key.right.column),
			collation: key.collation,
			descending: key.descending,
		}));
		const [only] = places;
		const operator =
			kind !== "full" && only !== undefined && this.#isByRowIds(keys)
				? new MergeJoin({ ...options, kind, leftSlot: only.left, rightSlot: only.right })
				: new GroupMergeJoin({ ...options, kind, keys: places });
		if (kind === "full") return { operator, layout, width, rows, ordered: false, sorted: null };
		const sorted = kind === "inner" ? byEither(left.sorted, keys) : left.sorted;
		const ordered = left.ordered || (leaves.order !== null && directionOf(sorted, leaves.order, []) === "forward");
		return { operator, layout, width, rows, ordered, sorted };
	}

	/** Both ascend by their rowids, which the right side has once each. */
	#isByRowIds(keys: readonly MergeKey[]): boolean {
		const isRowId = (bound: MergeKey["left"]) => this.#leaves.isRowId(bound, bound.source);
		return (
			keys.length === 1 && keys.every(({ left, right, descending }) => isRowId(left) && isRowId(right) && !descending)
		);
	}

	/** What reading the right side in the order of the keys costs; null where it is not to be had, or a sort is cheaper. */
	#rightCost({ node, own }: Side, keys: readonly MergeKey[], needed: Needed): number | null {
		const leaves = this.#leaves;
		if (node.op === "scan") {
			const order = orderOfKeys(keys, "right", node.source);
			return estimateOrdered(leaves, node.source, own, order, needed)?.perRow ?? null;
		}
		const sorted = leaves.orderOf(node);
		return sorted !== null && comesBy(sorted, keys) ? estimateLeaf(leaves, node, own, new Set()).perRow : null;
	}

	/** Those of which the right side may come in the order. */
	#pairs(right: Logical, conditions: readonly Bound[]): MergePair[] {
		const pairs = mergePairs(conditions, tablesOf(right), this.#leaves.scope);
		return right.op === "scan" ? pairs.filter((pair) => this.#isKeyed(right, pair.right)) : pairs;
	}

	/** Whether the column is a part of some key of the table: a first look, which costs little. */
	#isKeyed({ source }: { readonly source: number }, { column }: MergeKey["left"]): boolean {
		const { table, indexes } = this.#leaves.tables.of(source);
		if (table.kind === "keyValue" || isRowId(table, column)) return true;
		return indexes.some(({ parts }) => parts.some((part) => part.column === column));
	}

	/** Keys that the table may come in the order of. */
	*#sequences(source: number, pairs: readonly MergePair[]): Generator<MergeKey[]> {
		for (const pair of pairs) yield [{ ...pair, descending: false }];
		for (const { parts } of pairs.length > 1 ? this.#leaves.tables.of(source).indexes : []) {
			const keys = keysIn({ places: placesIn(parts, 0) }, pairs).map((key) => ({ ...key, descending: false }));
			if (keys.length > 1) yield keys;
		}
	}
}

function hashingCost(kind: MergeKind, left: number, right: number): number {
	if (kind !== "inner") return HASHED_ROW * (left + right);
	return HASHED_ROW * 2 * Math.min(left, right) + NARROWED_ROW * Math.max(left, right);
}
