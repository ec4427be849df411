/** FROM and WHERE -> operators: pushes conditions to where they can first be tested, orders joins, chooses how to join. */

import type { Bound, BoundCompare, Comparison } from "../bind/bound.js";
import { conjunction, isDeterministic, sourcesOf, walk } from "../bind/traverse.js";
import { Filter, Gate } from "../execute/basic.js";
import type { Evaluate } from "../execute/compile.js";
import { compile, isTrue } from "../execute/compile.js";
import type { JoinOptions } from "../execute/join.js";
import { HashJoin, Kept, LoopJoin } from "../execute/join.js";
import { LookupJoin } from "../execute/lookup-join.js";
import { MergeJoin } from "../execute/merge-join.js";
import type { Operator } from "../execute/operator.js";
import { Scan } from "../execute/scan.js";
import { conditionsOf } from "./fold.js";
import type { JoinCandidate } from "./join-order.js";
import { ColumnLayout, NO_COLUMNS } from "./layout.js";
import type { Leaves } from "./leaves.js";
import { estimateLeaf } from "./leaves.js";
import { limitedOrder } from "./limited-order.js";
import type { JoinKind, Logical } from "./logical.js";
import { tablesOf } from "./logical.js";
import { withoutNullRows } from "./outer.js";
import { readsOuter } from "./outer-equality.js";

/** What an operator below the projection delivers. */
export interface Built {
	readonly operator: Operator;
	readonly layout: ColumnLayout;
	readonly width: number;
	/** How many rows are expected. */
	readonly rows: number;
	/** They come in the order that is wanted of them. */
	readonly ordered: boolean;
	/** The table by whose rowid the rows ascend, if by any. */
	readonly ascending: number | null;
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

/** How much smaller what is joined already must be, to be what a part that joins is looked up in. */
const MUCH_SMALLER = 4;

const within = (sources: ReadonlySet<number>, tables: ReadonlySet<number>) =>
	[...sources].every((source) => tables.has(source));

export class JoinPlanner {
	readonly #leaves: Leaves;

	constructor(leaves: Leaves) {
		this.#leaves = leaves;
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
		const condition = conjunction(conjuncts);
		if (condition === undefined) return built;
		const operator = new Filter(built.operator, compile(condition, built.layout), this.#leaves.text(condition));
		return { ...built, operator, rows: built.rows / 2 };
	}

	#tree(node: Logical, conjuncts: readonly Bound[], needed: Needed): Built {
		if (node.op !== "join") return this.#leaves.build(node, conjuncts, needed, null);
		if (node.kind === "inner") return this.#inner(node, conjuncts, needed);
		return this.#outer(node, conjuncts, needed);
	}

	#inner(node: Logical & { op: "join" }, conjuncts: readonly Bound[], needed: Needed): Built {
		const items: { readonly node: Logical; readonly behind: ReadonlySet<number> }[] = [];
		const conditions = [...conjuncts];
		const flatten = (part: Logical, behind: ReadonlySet<number>): void => {
			if (part.op !== "join" || part.kind !== "inner") {
				items.push({ node: part, behind });
				return;
			}
			if (part.on !== null) conditions.push(...conditionsOf(part.on));
			flatten(part.left, behind);
			flatten(part.right, part.fixed ? new Set([...behind, ...tablesOf(part.left)]) : behind);
		};
		flatten(node, new Set());
		const multiple: Bound[] = [];
		const fixed: Bound[] = [];
		const local = items.map((): Bound[] => []);
		const tables = items.map((item) => tablesOf(item.node));
		for (const bound of conditions) {
			const sources = sourcesOf(bound);
			if (sources.size === 0) {
				fixed.push(bound);
				continue;
			}
			const at = tables.findIndex((own) => within(sources, own));
			if (at === -1) multiple.push(bound);
			else local[at]?.push(bound);
		}
		const candidates = items.map(
			(item, i): JoinCandidate => ({
				node: item.node,
				tables: tables[i] as ReadonlySet<number>, // one per item
				local: local[i] as Bound[],
				behind: new Set([...item.behind, ...lateralSources(item.node)]),
			}),
		);
		const { order, needed: neededRows } = limitedOrder(candidates, multiple, this.#leaves);
		const [first, ...others] = order.map((i) => candidates[i] as JoinCandidate) as [JoinCandidate, ...JoinCandidate[]];
		let joined = this.#tree(first.node, first.local, needed);
		joined = { ...joined, rows: Math.min(joined.rows, neededRows) };
		let open = multiple;
		const available = new Set(first.tables);
		for (const candidate of others) {
			for (const source of candidate.tables) available.add(source);
			const ready = open.filter((bound) => within(sourcesOf(bound), available));
			open = open.filter((bound) => !ready.includes(bound));
			joined = this.#join("inner", joined, candidate.node, candidate.local, ready, needed);
		}
		return this.#gated(this.#filtered(joined, open), fixed);
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
		const between = on.filter((bound) => !rightOnly.includes(bound));
		const outer = this.#tree(left, leftOnly, needed);
		// Each row of the left side is at least one of the join.
		const limit = isFull || above.length > 0 ? null : outer.ordered ? this.#leaves.order?.limit : this.#leaves.limit;
		const first = { ...outer, rows: Math.min(outer.rows, limit ?? Infinity) };
		const built = this.#join(isFull ? "full" : "left", first, right, rightOnly, between, needed);
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
				return this.#loop(kind, left, right, own, conditions, needed, rows);
			}
		}
		// Only the first part of a join decides in which order its rows come.
		const built = this.#leaves.inOrder(null, () => this.#tree(right, own, needed));
		const merged = kind === "full" ? null : this.#merge(kind, left, right, built, conditions);
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
			const { ordered, ascending } = left;
			return { layout, width: left.width + built.width, rows, ordered, ascending, operator };
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
			ascending: null,
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

	/** Both sides in the order of their rowids, which are equal; null where they are not such. */
	#merge(
		kind: "inner" | "left",
		left: Built,
		right: Logical,
		built: Built,
		conditions: readonly Bound[],
	): Built | null {
		const from = left.ascending;
		if (right.op !== "scan" || from === null || built.ascending !== right.source) return null;
		const isRowIdOf = (bound: Bound, source: number) => this.#leaves.isRowId(bound, source);
		const found = conditions
			.map((bound) => ({ bound, pair: equalPair(bound, new Set([right.source])) }))
			.find(({ pair }) => pair !== null && isRowIdOf(pair.left, from) && isRowIdOf(pair.right, right.source));
		const pair = found?.pair;
		if (pair?.left.kind !== "column" || pair.right.kind !== "column") return null;
		const layout = joinedLayout(left, built);
		const rows = Math.max(1, kind === "left" ? left.rows : Math.min(left.rows, built.rows));
		const rest = conjunction(conditions.filter((bound) => bound !== found?.bound));
		const operator = new MergeJoin({
			kind,
			left: left.operator,
			right: built.operator,
			leftWidth: left.width,
			rightWidth: built.width,
			leftSlot: left.layout.column(from, pair.left.column),
			rightSlot: built.layout.column(right.source, pair.right.column),
			on: rest === undefined ? null : compile(rest, layout),
			text: conditions.map((bound) => this.#leaves.text(bound)).join(" AND "),
			estimate: rows,
		});
		return { operator, layout, width: left.width + built.width, rows, ordered: left.ordered, ascending: from };
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
			ascending: left.ascending,
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

/** The right side's columns stand behind the left side's. */
function joinedLayout(left: Built, right: Built): ColumnLayout {
	const layout = new ColumnLayout();
	layout.addAll(left.layout, 0);
	layout.addAll(right.layout, left.width);
	return layout;
}

/** The conditions of all joins of a tree. */
function conditionsIn(node: Logical): Bound[] {
	if (node.op === "function") return [...node.arguments];
	if (node.op !== "join") return [];
	return [...(node.on === null ? [] : [node.on]), ...conditionsIn(node.left), ...conditionsIn(node.right)];
}

/** Tables whose rows a part of FROM takes as arguments. */
function lateralSources(node: Logical): Set<number> {
	const sources = new Set<number>();
	if (node.op === "function") {
		for (const argument of node.arguments) for (const source of sourcesOf(argument)) sources.add(source);
	}
	if (node.op === "join") {
		for (const source of [...lateralSources(node.left), ...lateralSources(node.right)]) sources.add(source);
		for (const source of tablesOf(node)) sources.delete(source);
	}
	return sources;
}

interface EqualPair {
	readonly left: Bound;
	readonly right: Bound;
	readonly compare: BoundCompare;
}

/** The place of that side's key, where it is one column, and an integer in it is compared as it is. */
function integerSlot(
	[pair, ...others]: readonly EqualPair[],
	side: "left" | "right",
	layout: ColumnLayout,
): number | null {
	const key = pair?.[side];
	if (others.length > 0 || key?.kind !== "column" || pair?.compare.coercion === "text") return null;
	return layout.column(key.source, key.column);
}

/** `left = right`, where one side is of the right tables only and the other of none of them. */
function equalPair(bound: Bound, rightTables: ReadonlySet<number>): EqualPair | null {
	if (bound.kind !== "compare" || bound.operator !== "=") return null;
	const first = sourcesOf(bound.left);
	const second = sourcesOf(bound.right);
	if (first.size === 0 || second.size === 0) return null;
	const touches = (sources: ReadonlySet<number>) => [...sources].some((source) => rightTables.has(source));
	if (!touches(first) && within(second, rightTables)) return { left: bound.left, right: bound.right, compare: bound };
	if (!touches(second) && within(first, rightTables)) return { left: bound.right, right: bound.left, compare: bound };
	return null;
}
