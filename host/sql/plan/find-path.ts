/**
 * The cheapest way to a table's rows: which conditions become keys or ranges of keys. A condition that does so is exact
 * and is not checked again, but for what a path is said not to fulfil. Finding a path and making something that runs of
 * it are two steps: the order of joins is chosen by comparing paths.
 */

import type { Bound } from "../bind/bound.js";
import { columnsIn, conjunctsOf, sameBound } from "../bind/traverse.js";
import { isRowId, ROWID } from "../catalog/table.js";
import type { Subject } from "./conditions.js";
import { conditionsOn, implies, partSubject } from "./conditions.js";
import { entryShape } from "./index-range.js";
import type { CompareCondition, EqualCondition, FoundPath, PathTable, RangeCondition, UsableIndex } from "./path.js";
import { isSingle, isWhole } from "./path.js";
import type { WantedOrder } from "./path-order.js";
import { directionFor } from "./path-order.js";
import { countOf, histogramOf, indexEntries, rangeShare, selectivityOfAll } from "./selectivity.js";

/** What paths cost, in rows of a scan. */
export const COST = {
	/** A row by its key. */
	get: 10,
	/** Finding where a range begins. */
	seek: 14,
	/** A row by the key that an index's entry holds. */
	fetch: 8,
	/** An entry whose row is not needed, or a row in its place. */
	entry: 1,
	/** An entry that is only counted. */
	counted: 0.5,
	/** A row that is grouped by hashing, where it would not have to be. */
	hash: 0.3,
	/** Per row and doubling of their number. */
	sort: 0.2,
} as const;

/** Combinations of lists that become ranges; with more, the last lists are tested row by row. */
const MAX_RANGES = 1000;

export interface PathQuery {
	readonly conjuncts: readonly Bound[];
	/** Tables whose rows are there already. */
	readonly available: ReadonlySet<number>;
	/** Columns read above the conditions; null for all. */
	readonly columns: ReadonlySet<number> | null;
	readonly order: WantedOrder | null;
}

type Draft = Pick<FoundPath, "path" | "used" | "entries" | "cost">;

/** Null where INDEXED BY names an index that does not do. */
export function findPath(of: PathTable, query: PathQuery): FoundPath | null {
	const found = drafts(of, query);
	const isOne = found.some(isSingle);
	const rows = isOne ? 1 : of.rows * selectivityOfAll(query.conjuncts, of);
	let best: FoundPath | null = null;
	let bestCost = Infinity;
	for (const draft of found) {
		const path = { ...draft, rows: Math.min(Math.max(rows, 0.01), Math.max(draft.entries, 0.01)) };
		const direction = query.order === null ? null : directionFor(path, query.order, query.conjuncts, of);
		const cost = query.order === null ? path.cost : withOrder(path, direction, query.order);
		if (cost < bestCost) {
			best = { ...path, direction };
			bestCost = cost;
		}
	}
	return best;
}

/** With the sort that is still to be done, or with the part of the rows that are read when they come in order. */
function withOrder(found: Omit<FoundPath, "direction">, direction: FoundPath["direction"], order: WantedOrder): number {
	const { cost, rows } = found;
	if (direction !== null) {
		const share = order.limit === null ? 1 : Math.min(1, Math.max(order.limit, 1) / Math.max(rows, 1));
		return Math.min(COST.seek, cost) + Math.max(0, cost - COST.seek) * share;
	}
	return cost + sortCost(rows, order);
}

/** What it costs that so many rows do not come in order. */
export function sortCost(rows: number, { otherwise, limit }: WantedOrder): number {
	if (otherwise === "hashed") return rows * COST.hash;
	const kept = limit === null ? rows : Math.min(rows, limit + 2);
	return rows * COST.sort * Math.log2(kept + 2);
}

function drafts(of: PathTable, query: PathQuery): Draft[] {
	const { conjuncts, available } = query;
	if (of.table.kind === "keyValue") return [keysDraft(of, conjuncts, available)];
	const found: Draft[] = [];
	const forced = of.hint?.kind === "by" ? of.hint.index : null;
	if (forced === null) {
		if (!of.table.withoutRowId) found.push(...rowIdDrafts(of, conjuncts, available));
		// Nothing is better than one row by its key.
		if (found.some(isSingle)) return found;
		found.unshift(allDraft(of));
	}
	for (const usable of of.indexes) {
		if (forced !== null && usable.index !== forced) continue;
		if (of.hint?.kind === "none" && !usable.isClustered) continue;
		const draft = indexDraft(usable, of, query);
		if (draft !== null) found.push(draft);
	}
	if (forced === null) for (const bound of conjuncts) found.push(...unionDrafts(bound, of, query));
	return found;
}

function allDraft({ rows }: PathTable): Draft {
	return { path: { kind: "all" }, used: [], entries: rows, cost: rows };
}

const rowIdSubject = ({ source, table }: PathTable): Subject => ({
	matches: (bound) => bound.kind === "column" && bound.source === source && isRowId(table, bound.column),
	fits: () => true,
	pattern: null,
});

function isCompare(condition: RangeCondition): condition is CompareCondition {
	return condition.kind === "compare";
}

function rowIdDrafts(of: PathTable, conjuncts: readonly Bound[], available: ReadonlySet<number>): Draft[] {
	const { equal, ranges } = conditionsOn(rowIdSubject(of), conjuncts, available);
	if (equal !== null) {
		const count = countOf(equal);
		const entries = count === 1 ? 1 : Math.min(of.rows, count);
		return [{ path: { kind: "rowIds", equal }, used: [equal.source], entries, cost: entries * COST.get }];
	}
	const bounds = ranges.filter(isCompare);
	if (bounds.length === 0) return [];
	const column = of.table.kind === "stored" ? of.table.rowIdColumn : ROWID;
	const entries = Math.max(1, of.rows * rangeShare(bounds, histogramOf(column, of), of));
	const used = [...new Set(bounds.map(({ source }) => source))];
	return [{ path: { kind: "rowIdRange", bounds }, used, entries, cost: COST.seek + entries }];
}

const keySubject = (source: number): Subject => ({
	matches: (bound) => bound.kind === "column" && bound.source === source && bound.column === 0,
	fits: (coercion, collation) => collation === "binary" && coercion !== "numeric",
	pattern: null,
});

/** `kv` is ordered and compared by the bytes of its keys, whether these are text or not. */
function keysDraft(of: PathTable, conjuncts: readonly Bound[], available: ReadonlySet<number>): Draft {
	const compares = conjuncts.filter(({ kind }) => kind === "compare" || kind === "between");
	const { equal, ranges } = conditionsOn(keySubject(of.source), compares, available);
	if (equal !== null && !equal.matchesNull) {
		const { source, coercion } = equal;
		const [value] = equal.values as [Bound];
		const bounds: CompareCondition[] = [{ kind: "compare", operator: "=", value, coercion, source }];
		return { path: { kind: "keys", bounds }, used: [source], entries: 1, cost: COST.get };
	}
	const bounds = ranges.filter(isCompare);
	const entries = Math.max(1, of.rows * rangeShare(bounds, undefined, of));
	const used = [...new Set(bounds.map(({ source }) => source))];
	return { path: { kind: "keys", bounds }, used, entries, cost: entries };
}

/** The conditions on the leading columns, then those on the next one; null where the index is of no use. */
function indexDraft(usable: UsableIndex, of: PathTable, query: PathQuery): Draft | null {
	const { conjuncts, available } = query;
	const { parts, where, isClustered } = usable;
	if (!implies(conjuncts, where)) return null;
	const equals: EqualCondition[] = [];
	let ranges: readonly RangeCondition[] = [];
	let combinations = 1;
	for (const part of parts) {
		const found = conditionsOn(partSubject(part), conjuncts, available);
		combinations *= found.equal === null ? 1 : countOf(found.equal);
		if (found.equal === null || (combinations > MAX_RANGES && equals.length > 0)) {
			ranges = found.ranges;
			break;
		}
		equals.push(found.equal);
	}
	const used = [...new Set([...equals, ...ranges.filter(({ kind }) => kind !== "prefix")].map(({ source }) => source))];
	// What the index's own condition says is true of all its rows.
	for (const bound of conjuncts)
		if (!used.includes(bound) && where.some((own) => sameBound(own, bound))) used.push(bound);
	const isUnique = isWhole({ index: usable, equals });
	const isCovering = !isClustered && !isUnique && covers(usable, of, query, used);
	const isUseful = equals.length > 0 || ranges.length > 0 || isCovering || where.length > 0;
	if (!isUseful && query.order === null && of.hint?.kind !== "by") return null;
	const entries = indexEntries(usable, equals, ranges, of);
	const seeks = equals.reduce((count, equal) => count * countOf(equal), 1);
	const read = query.columns?.size === 0 ? COST.counted : COST.entry;
	const perEntry = isClustered || isCovering ? read : COST.fetch;
	const byKey = isClustered ? COST.get : 2 * COST.get;
	const cost = isUnique ? entries * byKey : seeks * COST.seek + entries * perEntry;
	return { path: { kind: "index", index: usable, equals, ranges, isCovering }, used, entries, cost };
}

/** Whether the index's entries have all that is read of the row. */
function covers(usable: UsableIndex, of: PathTable, query: PathQuery, used: readonly Bound[]): boolean {
	if (query.columns === null) return false;
	const rest = query.conjuncts.filter((bound) => !used.includes(bound));
	const held = heldColumns(usable, of);
	return [...query.columns, ...columnsIn(rest, of.source)].every((column) => held.has(column));
}

/** The columns whose values can be read from an entry: its own, and those of the row's key. */
function heldColumns(usable: UsableIndex, of: PathTable): Set<number> {
	const held = new Set<number>();
	const entry = entryShape(usable, of);
	if (entry === null) return held;
	if (!entry.table.withoutRowId) held.add(ROWID).add(entry.table.rowIdColumn);
	for (const { column, shape } of [...entry.parts, ...entry.key]) if (shape !== null) held.add(column);
	return held;
}

/** `a = 1 OR b = 2`, where each side has an index: the rows of both, each once. */
function unionDrafts(bound: Bound, of: PathTable, query: PathQuery): Draft[] {
	if (bound.kind !== "or") return [];
	const paths: FoundPath[] = [];
	let entries = 0;
	let cost = 0;
	for (const operand of bound.operands) {
		const own = conjunctsOf(operand);
		// Partial indexes may count on conditions around the OR; these are tested on the rows.
		const inner = { ...query, conjuncts: [...own, ...query.conjuncts.filter((other) => other !== bound)], order: null };
		const best = findBranch(of, inner, own);
		if (best === null) return [];
		paths.push(best);
		entries += best.entries;
		cost += best.cost;
	}
	const fetched = Math.min(entries, of.rows);
	return [{ path: { kind: "union", paths }, used: [], entries: fetched, cost: cost + fetched * COST.fetch }];
}

/** A way to rows by keys, for one side of an OR; null where there is none but to look at all. */
function findBranch(of: PathTable, query: PathQuery, own: readonly Bound[]): FoundPath | null {
	const keys = query.columns === null ? query : { ...query, columns: new Set<number>() };
	let best: FoundPath | null = null;
	for (const draft of drafts(of, { ...keys, conjuncts: query.conjuncts.filter(({ kind }) => kind !== "or") })) {
		const { path, used } = draft;
		if (path.kind === "all" || !used.some((bound) => own.includes(bound))) {
			const hasPrefix = path.kind === "index" && path.ranges.some(({ kind }) => kind === "prefix");
			if (!hasPrefix) continue;
		}
		if (best === null || draft.cost < best.cost) best = { ...draft, rows: draft.entries, direction: null };
	}
	return best;
}
