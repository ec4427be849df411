/** FROM and WHERE -> operators: pushes conditions to where they can first be tested, orders joins, chooses how to join. */

import type { Bound, Comparison } from "../bind/bound.js";
import { conjunction, isDeterministic, sourcesOf, walk } from "../bind/traverse.js";
import { Filter, Gate } from "../execute/basic.js";
import type { Evaluate } from "../execute/compile.js";
import { compile, isTrue } from "../execute/compile.js";
import type { JoinOptions } from "../execute/join.js";
import { HashJoin, Kept, LoopJoin } from "../execute/join.js";
import { LookupJoin } from "../execute/lookup-join.js";
import type { Operator } from "../execute/operator.js";
import { Scan } from "../execute/scan.js";
import type { PlanContext } from "./context.js";
import { conditionsOf } from "./fold.js";
import type { JoinCandidate } from "./join-order.js";
import type { EqualPair } from "./join-parts.js";
import { conditionsIn, equalPair, integerSlot, joinParts, lateralSources, within } from "./join-parts.js";
import type { ColumnLayout } from "./layout.js";
import { joinedLayout, NO_COLUMNS } from "./layout.js";
import type { Leaves } from "./leaves.js";
import { estimateLeaf, estimateOrdered } from "./leaves.js";
import { limitedOrder } from "./limited-order.js";
import type { JoinKind, Logical } from "./logical.js";
import { tablesOf } from "./logical.js";
import type { Side } from "./merge.js";
import { MergePlanner } from "./merge.js";
import { withoutNullRows } from "./outer.js";
import { readsOuter } from "./outer-equality.js";
import type { Sorted } from "./path-order.js";
import { directionOf } from "./path-order.js";
import { addSameRows, neededOf, withoutSelfJoins } from "./self-join.js";
import type { SemiJoin } from "./semi-join.js";
import { SemiJoins } from "./semi-joins.js";

/** What an operator below the projection delivers. */
export interface Built {
	readonly operator: Operator;
	readonly layout: ColumnLayout;
	readonly width: number;
	/** How many rows are expected. */
	readonly rows: number;
	/** They come in the order that is wanted of them. */
	readonly ordered: boolean;
	/** How they come; null where that is not known. */
	readonly sorted: Sorted | null;
}

/** Columns read above, per table. */
export type Needed = ReadonlyMap<number, ReadonlySet<number>>;

export function noteColumns(bound: Bound, into: Map<number, Set<number>>): void {
	walk(bound, (part) => {
		if (part.kind !== "column") return;
		const columns = into.get(part.source) ?? new Set();
		columns.add(part.column);
		into.set(part.source, columns);
	});
}

export function extended(columns: Needed, more: readonly Bound[]): Map<number, Set<number>> {
	const all = new Map([...columns].map(([source, set]) => [source, new Set(set)]));
	for (const bound of more) noteColumns(bound, all);
	return all;
}

/** Rows that are tested for one that a semi join lets through. */
const LOOKED_AT_FOR_ONE = 2;

/** How much smaller what is joined already must be, to be what a part that joins is looked up in. */
const MUCH_SMALLER = 4;

export class JoinPlanner {
	readonly #leaves: Leaves;
	readonly #semiJoins: SemiJoins;
	readonly #merges: MergePlanner;

	constructor(leaves: Leaves, context: PlanContext) {
		this.#leaves = leaves;
		this.#merges = new MergePlanner(leaves);
		this.#semiJoins = new SemiJoins(leaves, context);
	}

	/** The rows of FROM for which all conditions hold. */
	build(tree: Logical, conjuncts: readonly Bound[], needed: Needed): Built {
		const rest: Bound[] = [];
		const fixed: Bound[] = [];
		const pushed: Bound[] = [];
		for (const bound of conjuncts) {
			if (!isDeterministic(bound)) rest.push(bound);
			else if (sourcesOf(bound).size > 0) pushed.push(bound);
			else if (bound.kind !== "constant" || !isTrue(bound.value)) fixed.push(bound);
		}
		this.#semiJoins.begin(tree);
		const simplified = withoutNullRows(tree, pushed);
		const all = extended(needed, simplified.op === "join" ? [...conjuncts, ...conditionsIn(simplified)] : rest);
		const built = this.#tree(simplified, pushed, all);
		return this.#gated(this.#filtered(built, rest), fixed);
	}

	/** Conditions without columns are tested once, before there are rows. */
	#gated(built: Built, conjuncts: readonly Bound[]): Built {
		const gate = conjunction(conjuncts);
		if (gate === undefined) return built;
		return { ...built, operator: new Gate(built.operator, compile(gate, NO_COLUMNS), this.#leaves.text(gate)) };
	}

	#filtered(built: Built, conjuncts: readonly Bound[]): Built {
		if (conjuncts.length === 0) return built;
		const joins = this.#semiJoins.paying(conjuncts, built.rows);
		const condition = conjunction(without(conjuncts, joins));
		if (condition === undefined) return this.#semiJoined(built, joins);
		const operator = new Filter(built.operator, compile(condition, built.layout), this.#leaves.text(condition));
		return this.#semiJoined({ ...built, operator, rows: built.rows / 2 }, joins);
	}

	#semiJoined(built: Built, joins: readonly SemiJoin[]): Built {
		return joins.reduce((left, join) => this.#semiJoins.join(left, join), built);
	}

	#tree(node: Logical, conjuncts: readonly Bound[], needed: Needed): Built {
		if (node.op !== "join") return this.#leaf(node, conjuncts, needed);
		if (node.kind === "inner") return this.#inner(node, conjuncts, needed);
		return this.#outer(node, conjuncts, needed);
	}

	#leaf(node: Logical, conjuncts: readonly Bound[], needed: Needed): Built {
		const possible = conjuncts.filter((bound) => this.#semiJoins.isOne(bound));
		if (possible.length === 0) return this.#leaves.build(node, conjuncts, needed, null);
		const others = conjuncts.filter((bound) => !possible.includes(bound));
		const paying = this.#semiJoins.paying(possible, expectedOf(this.#leaves, node, others));
		const members = this.#searchedBy(node, others, paying);
		const joins = paying.filter((join) => !members.has(join));
		const read = extended(
			needed,
			joins.map(({ bound }) => bound),
		);
		const own = [...without(conjuncts, paying), ...members.values()];
		return this.#semiJoined(this.#leaves.build(node, own, read, null), joins);
	}

	/** Which of the joins are conditions that the table is best searched by. */
	#searchedBy(node: Logical, others: readonly Bound[], joins: readonly SemiJoin[]): Map<SemiJoin, Bound> {
		const found = new Map<SemiJoin, Bound>();
		if (node.op !== "scan") return found;
		for (const join of joins) {
			const members = this.#semiJoins.asMembers(join);
			if (members !== null && this.#leaves.searchesBy(node.source, [...others, members], members)) {
				found.set(join, members);
			}
		}
		return found;
	}

	#inner(node: Logical & { op: "join" }, conjuncts: readonly Bound[], above: Needed): Built {
		const { candidates, multiple, fixed, same } = withoutSelfJoins(joinParts(node, conjuncts), this.#leaves);
		const needed = neededOf(above, same);
		const { order, needed: neededRows } = limitedOrder(candidates, multiple, this.#leaves);
		const placed = order.map((i) => candidates[i] as JoinCandidate);
		const [first, ...others] = this.#asWanted(placed, multiple, needed) as [JoinCandidate, ...JoinCandidate[]]; // as many
		const [second] = others;
		let joined =
			second === undefined
				? this.#tree(first.node, first.local, needed)
				: this.#leading("inner", sideOf(first), sideOf(second), between(first, second, multiple), needed);
		joined = { ...joined, rows: Math.min(joined.rows, neededRows) };
		let open = multiple;
		const available = new Set(first.tables);
		for (const candidate of others) {
			for (const source of candidate.tables) available.add(source);
			const ready = open.filter((bound) => within(sourcesOf(bound), available));
			open = open.filter((bound) => !ready.includes(bound));
			// Nothing is looked up by these: they are tested on what is joined.
			const late = ready.filter((bound) => bound.kind !== "inQuery" && this.#semiJoins.isOne(bound));
			const conditions = ready.filter((bound) => !late.includes(bound));
			joined = this.#filtered(this.#join("inner", joined, candidate.node, candidate.local, conditions, needed), late);
		}
		addSameRows(joined.layout, above, same);
		return this.#gated(this.#filtered(joined, open), fixed);
	}

	/** The parts, of which the second comes first where the first one is merged with it in the order that is wanted. */
	#asWanted(parts: readonly JoinCandidate[], conditions: readonly Bound[], needed: Needed): readonly JoinCandidate[] {
		const [first, second, ...others] = parts;
		const wanted = this.#leaves.order?.source;
		if (wanted === undefined || first === undefined || !second?.tables.has(wanted) || second.behind.size > 0)
			return parts;
		const order = this.#merges.leadingOrder(
			"inner",
			sideOf(second),
			sideOf(first),
			between(second, first, conditions),
			needed,
		);
		return order === null ? parts : [second, first, ...others];
	}

	/** The first part: in the order in which the second one is merged with it, where it is. */
	#leading(
		kind: Exclude<JoinKind, "right">,
		first: Side,
		second: Side,
		conditions: readonly Bound[],
		needed: Needed,
	): Built {
		const order = this.#merges.leadingOrder(kind, first, second, conditions, needed);
		const build = () => this.#tree(first.node, first.own, needed);
		const { order: wanted } = this.#leaves;
		if (order === null || order === wanted) return build();
		const built = this.#leaves.inOrder(order, build);
		const ordered = wanted !== null && built.sorted !== null && directionOf(built.sorted, wanted, []) === "forward";
		return { ...built, ordered };
	}

	#outer(node: Logical & { op: "join" }, conjuncts: readonly Bound[], needed: Needed): Built {
		const swapped = node.kind === "right";
		const left = swapped ? node.right : node.left;
		const right = swapped ? node.left : node.right;
		const leftTables = tablesOf(left);
		const rightTables = tablesOf(right);
		const isFull = node.kind === "full";
		const on = node.on === null ? [] : conditionsOf(node.on);
		const leftOnly = isFull ? [] : conjuncts.filter((bound) => within(sourcesOf(bound), leftTables));
		const above = conjuncts.filter((bound) => !leftOnly.includes(bound));
		const rightOnly = isFull
			? []
			: on.filter(
					(bound) => isDeterministic(bound) && sourcesOf(bound).size > 0 && within(sourcesOf(bound), rightTables),
				);
		const onBoth = on.filter((bound) => !rightOnly.includes(bound));
		const kind = isFull ? "full" : "left";
		const outer = this.#leading(kind, { node: left, own: leftOnly }, { node: right, own: rightOnly }, onBoth, needed);
		// Each row of the left side is at least one of the join.
		const limit = isFull || above.length > 0 ? null : outer.ordered ? this.#leaves.order?.limit : this.#leaves.limit;
		const first = { ...outer, rows: Math.min(outer.rows, limit ?? Infinity) };
		const built = this.#join(kind, first, right, rightOnly, onBoth, needed);
		return this.#filtered(built, above);
	}

	/** Joins one more part to the rows there are. `own` are conditions on the part alone, `conditions` those on both. */
	#join(
		kind: Exclude<JoinKind, "right">,
		left: Built,
		right: Logical,
		own: readonly Bound[],
		conditions: readonly Bound[],
		needed: Needed,
	): Built {
		const rightTables = tablesOf(right);
		const available = new Set<number>();
		for (const bound of conditions) for (const source of sourcesOf(bound)) available.add(source);
		for (const source of rightTables) available.delete(source);
		for (const source of lateralSources(right)) available.add(source);
		if (kind !== "full" && right.op !== "join") {
			const { lookup, perRow, rows } = estimateLeaf(this.#leaves, right, [...own, ...conditions], available);
			const hashable = () => conditions.some((bound) => equalPair(bound, rightTables) !== null);
			const scanCost = () => estimateLeaf(this.#leaves, right, own, new Set()).perRow;
			// One lookup per row, or all rows once; a function depends on the row it is called for.
			const isCalledPerRow = right.op === "function" && right.function.expectedRows === undefined;
			if (isCalledPerRow || (lookup && (!hashable() || left.rows * perRow <= scanCost() + left.rows))) {
				const late = kind === "inner" ? this.#semiJoins.paying(own, left.rows * rows) : [];
				return this.#semiJoined(this.#loop(kind, left, right, without(own, late), conditions, needed, rows), late);
			}
		}
		// Only the first part of a join decides in which order its rows come.
		const merge = this.#merges.plan(kind, left, { node: right, own }, conditions, needed);
		const built = this.#leaves.inOrder(merge?.order ?? null, () => this.#tree(right, own, needed));
		const merged = merge === null ? null : this.#merges.join(kind, left, built, merge, conditions);
		if (merged !== null) return merged;
		const leftKeys: Evaluate[] = [];
		const rightKeys: Evaluate[] = [];
		const comparisons: Comparison[] = [];
		const pairs: EqualPair[] = [];
		const rest: Bound[] = [];
		for (const bound of conditions) {
			const pair = equalPair(bound, rightTables);
			if (pair === null) {
				rest.push(bound);
				continue;
			}
			pairs.push(pair);
			leftKeys.push(compile(pair.left, left.layout));
			rightKeys.push(compile(pair.right, built.layout));
			comparisons.push({ coercion: pair.compare.coercion, collation: pair.compare.collation });
		}
		const on = conjunction(rest);
		const text = conditions.map((bound) => this.#leaves.text(bound)).join(" AND ");
		const rows =
			leftKeys.length > 0
				? Math.max(1, (left.rows * built.rows) / Math.max(left.rows, built.rows, 1))
				: left.rows * built.rows;
		if (leftKeys.length === 0 && kind !== "full") {
			const layout = joinedLayout(left, built);
			const test = on === undefined ? null : compile(on, layout);
			const options = { kind, left: left.operator, right: new Kept(built.operator), on: test, text, estimate: rows };
			const operator = new LoopJoin({ ...options, leftWidth: left.width, rightWidth: built.width });
			const { ordered, sorted } = left;
			return { layout, width: left.width + built.width, rows, ordered, sorted, operator };
		}
		// Of two sides the smaller one is kept in a table, the other one goes past it.
		const isSwapped =
			kind === "inner" && !left.ordered && !this.#leaves.isInner && left.rows * MUCH_SMALLER < built.rows;
		const [probing, kept] = isSwapped ? [built, left] : [left, built];
		const layout = joinedLayout(probing, kept);
		return {
			layout,
			width: left.width + built.width,
			rows,
			// Where it takes files, its rows come in another order than those of the left side.
			ordered: false,
			sorted: null,
			operator: new HashJoin({
				kind,
				left: probing.operator,
				right: kept.operator,
				leftWidth: probing.width,
				rightWidth: kept.width,
				leftKeys: isSwapped ? rightKeys : leftKeys,
				rightKeys: isSwapped ? leftKeys : rightKeys,
				leftSlot: integerSlot(pairs, isSwapped ? "right" : "left", probing.layout),
				// In a query that is run for each row around it, a side that has nothing to do with that row.
				keepsRight: this.#leaves.isInner && !isSwapped && right.op === "scan" && !readsOuter(own),
				comparisons,
				on: on === undefined ? null : compile(on, layout),
				text,
				estimate: rows,
			}),
		};
	}

	/** The right side is looked up anew for each row of the left one. */
	#loop(
		kind: "inner" | "left",
		left: Built,
		right: Logical,
		own: readonly Bound[],
		conditions: readonly Bound[],
		needed: Needed,
		rows: number,
	): Built {
		const built = this.#leaves.build(right, own, needed, { left: left.layout, conditions });
		const layout = joinedLayout(left, built);
		const on = conjunction(built.open);
		const options = {
			kind,
			left: left.operator,
			right: built.operator,
			leftWidth: left.width,
			rightWidth: built.width,
			on: on === undefined ? null : compile(on, layout),
			text: on === undefined ? "" : this.#leaves.text(on),
			estimate: left.rows * rows,
		};
		return {
			layout,
			width: left.width + built.width,
			rows: Math.max(1, left.rows * rows),
			ordered: left.ordered,
			sorted: left.sorted,
			operator: lookupJoin(options) ?? new LoopJoin(options),
		};
	}
}

/** Where the right side is one row by its rowid, and nothing else that is asked of it depends on the left one. */
function lookupJoin(options: JoinOptions): LookupJoin | undefined {
	if (!(options.right instanceof Scan)) return undefined;
	const { access, rows, table } = options.right.options;
	if (access.rowId === undefined || rows === null || table.kind !== "stored") return undefined;
	if (rows.terms.some(({ isJoined }) => isJoined)) return undefined;
	return new LookupJoin({ ...options, table, rows, rowId: access.rowId });
}

function sideOf({ node, local }: JoinCandidate): Side {
	return { node, own: local };
}

/** The conditions that speak of these parts alone. */
function between(first: JoinCandidate, second: JoinCandidate, conditions: readonly Bound[]): Bound[] {
	const tables = new Set([...first.tables, ...second.tables]);
	return conditions.filter((bound) => within(sourcesOf(bound), tables));
}

/** The conditions that these joins are not. */
function without(conditions: readonly Bound[], joins: readonly SemiJoin[]): readonly Bound[] {
	return joins.length === 0 ? conditions : conditions.filter((bound) => joins.every((join) => join.bound !== bound));
}

/** How many rows of a part are looked at: those that are asked for, where it is known that the others are not. */
function expectedOf(leaves: Leaves, node: Logical, own: readonly Bound[]): number {
	const { rows } = estimateLeaf(leaves, node, own, new Set());
	const { order, limit } = leaves;
	if (limit !== null) return Math.min(rows, LOOKED_AT_FOR_ONE * limit);
	if (order === null || order.limit === null || node.op !== "scan" || node.source !== order.source) return rows;
	const isOrdered = estimateOrdered(leaves, node.source, own, order) !== null;
	return isOrdered ? Math.min(rows, LOOKED_AT_FOR_ONE * order.limit) : rows;
}
