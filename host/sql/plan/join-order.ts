/**
 * The order of inner joins. Each part is taken when it is cheapest to join to what stands already: greedily, from each
 * part as the first where these are few. Planning dozens of tables takes milliseconds.
 */

import type { Bound } from "../bind/bound.js";
import { sourcesOf } from "../bind/traverse.js";
import type { Logical } from "./logical.js";

export interface JoinCandidate {
	readonly node: Logical;
	readonly tables: ReadonlySet<number>;
	/** Conditions on this part alone. */
	readonly local: readonly Bound[];
	/** Tables that must stand before it. */
	readonly behind: ReadonlySet<number>;
}

export interface LeafEstimate {
	/** Reached by keys that come from rows of the available tables. */
	readonly lookup: boolean;
	/** Rows per row of the available tables where it is looked up, else in all. */
	readonly rows: number;
	/** What reaching these rows costs, in rows of a scan. */
	readonly perRow: number;
}

export type EstimateLeaf = (node: Logical, own: readonly Bound[], available: ReadonlySet<number>) => LeafEstimate;

/** From this many parts on only the smallest is tried as the first. */
const MAX_STARTS = 8;

interface Connection {
	readonly bound: Bound;
	readonly sources: ReadonlySet<number>;
	readonly isEqual: boolean;
}

export function joinOrder(
	candidates: readonly JoinCandidate[],
	conditions: readonly Bound[],
	estimate: EstimateLeaf,
): number[] {
	const connections: Connection[] = conditions.map((bound) => ({
		bound,
		sources: sourcesOf(bound),
		isEqual: bound.kind === "compare" && bound.operator === "=",
	}));
	const alone = candidates.map(({ node, local }) => estimate(node, local, new Set()));
	const touching = candidates.map(({ tables }) =>
		connections.filter(({ sources }) => [...tables].some((table) => sources.has(table))),
	);
	const starts = [...candidates.keys()].filter((i) => (candidates[i] as JoinCandidate).behind.size === 0);
	starts.sort((a, b) => (alone[a] as LeafEstimate).rows - (alone[b] as LeafEstimate).rows || a - b);
	let best: { order: number[]; cost: number } | undefined;
	for (const start of candidates.length <= MAX_STARTS ? starts : starts.slice(0, 1)) {
		const tried = greedy(start, candidates, alone, touching, estimate);
		if (best === undefined || tried.cost < best.cost) best = tried;
	}
	return best?.order ?? [...candidates.keys()];
}

function greedy(
	start: number,
	candidates: readonly JoinCandidate[],
	alone: readonly LeafEstimate[],
	touching: readonly (readonly Connection[])[],
	estimate: EstimateLeaf,
): { order: number[]; cost: number } {
	const order = [start];
	const placed = new Set((candidates[start] as JoinCandidate).tables);
	const first = alone[start] as LeafEstimate;
	let rows = Math.max(1, first.rows);
	let cost = first.perRow;
	const left = new Set(candidates.keys());
	left.delete(start);
	while (left.size > 0) {
		let next: { at: number; cost: number; rows: number } | undefined;
		for (const i of left) {
			const candidate = candidates[i] as JoinCandidate; // left holds places of candidates
			if (![...candidate.behind].every((source) => placed.has(source))) continue;
			const step = costOf(candidate, alone[i] as LeafEstimate, touching[i] ?? [], placed, rows, estimate);
			const better = next === undefined || step.cost + step.rows < next.cost + next.rows;
			if (better) next = { at: i, ...step };
		}
		if (next === undefined) {
			// What must stand before it is not there: leave these as they were written.
			order.push(...left);
			break;
		}
		order.push(next.at);
		left.delete(next.at);
		for (const table of (candidates[next.at] as JoinCandidate).tables) placed.add(table);
		rows = Math.max(1, next.rows);
		cost += next.cost;
	}
	return { order, cost };
}

function costOf(
	candidate: JoinCandidate,
	alone: LeafEstimate,
	touching: readonly Connection[],
	placed: ReadonlySet<number>,
	rows: number,
	estimate: EstimateLeaf,
): { cost: number; rows: number } {
	const ready = touching.filter(({ sources }) =>
		[...sources].every((source) => placed.has(source) || candidate.tables.has(source)),
	);
	const others = ready.filter(({ isEqual }) => !isEqual).length;
	const equals = ready.length - others;
	if (candidate.node.op !== "join" && ready.length > 0) {
		const own = [...candidate.local, ...ready.map(({ bound }) => bound)];
		const found = estimate(candidate.node, own, placed);
		const byHash = equals > 0 ? alone.perRow + rows : Infinity;
		if (found.lookup && rows * found.perRow <= byHash) {
			return { cost: rows * found.perRow, rows: rows * found.rows };
		}
	}
	const product = rows * Math.max(1, alone.rows);
	if (equals > 0) {
		return { cost: alone.perRow + rows, rows: product / Math.max(rows, alone.rows, 1) / 2 ** (equals - 1 + others) };
	}
	return { cost: alone.perRow + product, rows: product / 3 ** others };
}
