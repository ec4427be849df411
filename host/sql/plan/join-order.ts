/**
 * The order of inner joins. Up to a number of parts every order is considered in which each part is joined to those
 * before it by a condition, best first for each set of parts (Selinger and others, SIGMOD 1979); beyond it, each part is
 * taken when it is cheapest to join to what stands already. Planning dozens of tables takes milliseconds.
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

/** Up to this many parts all orders are considered. */
const MAX_EXHAUSTIVE = 10;
/** Where more parts than these have to be estimated, too many conditions connect them for all orders to be considered. */
const MAX_ESTIMATES = 400;

/** What a row that two tables are hashed and probed for costs. */
export const HASHED_ROW = 1.5;

/** A condition on several parts. */
interface Connection {
	readonly bound: Bound;
	/** By their places among the candidates. */
	readonly parts: readonly number[];
	readonly isEqual: boolean;
}

interface Step {
	readonly cost: number;
	readonly rows: number;
}

export interface JoinOrder {
	/** Places among the candidates. */
	readonly order: readonly number[];
	readonly cost: number;
	/** Rows that come of all joins. */
	readonly rows: number;
}

/** The part that comes first, whatever it costs. */
export interface FirstPart {
	readonly at: number;
	readonly estimate: LeafEstimate;
}

/** `search` is good for several questions about the same parts. */
export function joinOrder(search: OrderSearch, first: FirstPart | null = null): JoinOrder {
	const { size } = search;
	const found = size <= MAX_EXHAUSTIVE ? search.exhaustive(first) : search.greedy(first);
	// Where what must stand before others is not there, these are left as they were written.
	const rest = [...Array(size).keys()].filter((i) => !found.order.includes(i));
	return { ...found, order: [...found.order, ...rest] };
}

/** Nothing of a part that is looked for among those placed is allocated: thousands of sets of parts are gone through. */
export class OrderSearch {
	readonly #candidates: readonly JoinCandidate[];
	readonly #alone: readonly LeafEstimate[];
	/** Per part the conditions on it and others, and these others. */
	readonly #touching: readonly (readonly Connection[])[];
	readonly #neighbours: readonly (readonly number[])[];
	/** Per part those that must stand before it; -1 for what is not among the parts. */
	readonly #behind: readonly (readonly number[])[];
	readonly #estimate: EstimateLeaf;
	/** Per part what was found for the neighbours that stand. */
	readonly #known: readonly Map<number | string, LeafEstimate>[];
	/** Per part 1 where it stands. */
	readonly #placed: Uint8Array;
	#estimates = 0;

	constructor(candidates: readonly JoinCandidate[], conditions: readonly Bound[], estimate: EstimateLeaf) {
		const partOf = (source: number) => candidates.findIndex(({ tables }) => tables.has(source));
		const partsOf = (sources: ReadonlySet<number>) => [...new Set([...sources].map(partOf))];
		const connections = conditions.map(
			(bound): Connection => ({
				bound,
				parts: partsOf(sourcesOf(bound)),
				isEqual: bound.kind === "compare" && bound.operator === "=",
			}),
		);
		this.#candidates = candidates;
		this.#estimate = estimate;
		this.#alone = candidates.map(({ node, local }) => estimate(node, local, new Set()));
		this.#touching = candidates.map((_, i) => connections.filter(({ parts }) => parts.includes(i)));
		this.#neighbours = this.#touching.map((own, i) => {
			const parts = new Set(own.flatMap((connection) => connection.parts));
			return [...parts].filter((part) => part !== i);
		});
		this.#behind = candidates.map(({ behind }) => partsOf(behind));
		this.#known = candidates.map(() => new Map());
		this.#placed = new Uint8Array(candidates.length);
	}

	get size(): number {
		return this.#candidates.length;
	}

	/** What is expected of a part by itself. */
	alone(i: number): LeafEstimate {
		return this.#alone[i] as LeafEstimate; // callers have i from the candidates
	}

	/** The cheapest order, found set by set: what leads to a set is less than it as a number. */
	exhaustive(first: FirstPart | null): JoinOrder {
		const count = this.#candidates.length;
		const whole = (1 << count) - 1;
		const cost = new Float64Array(whole + 1).fill(Infinity);
		const rows = new Float64Array(whole + 1);
		const last = new Int8Array(whole + 1).fill(-1);
		let furthest = 0;
		for (let i = 0; i < count; i++) {
			if (this.#behind[i]?.length !== 0 || (first !== null && first.at !== i)) continue;
			const { rows: own, perRow } = first?.estimate ?? (this.#alone[i] as LeafEstimate);
			cost[1 << i] = perRow;
			rows[1 << i] = Math.max(1, own);
			last[1 << i] = i;
		}
		for (let mask = 1; mask < whole; mask++) {
			const before = cost[mask] as number; // mask is within
			if (last[mask] === -1) continue;
			if (this.#estimates > MAX_ESTIMATES) return this.greedy(first);
			furthest = mask;
			for (let i = 0; i < count; i++) this.#placed[i] = (mask >> i) & 1;
			const isConnected = this.#isAnyConnected();
			for (let i = 0; i < count; i++) {
				if (!this.#mayFollow(i) || (isConnected && !this.#isConnected(i))) continue;
				const step = this.#step(rows[mask] as number, i);
				// Each row that comes of it is handed on.
				const after = before + step.cost + step.rows;
				const next = mask | (1 << i);
				if (last[next] !== -1 && after >= (cost[next] as number)) continue;
				cost[next] = after;
				rows[next] = Math.max(1, step.rows);
				last[next] = i;
			}
		}
		const end = last[whole] === -1 ? furthest : whole;
		const order: number[] = [];
		for (let mask = end; mask !== 0; mask ^= 1 << (last[mask] as number)) order.unshift(last[mask] as number);
		return { order, cost: cost[end] as number, rows: rows[end] as number };
	}

	greedy(first: FirstPart | null): JoinOrder {
		const starts = [...this.#candidates.keys()].filter((i) => this.#behind[i]?.length === 0);
		starts.sort((a, b) => (this.#alone[a] as LeafEstimate).rows - (this.#alone[b] as LeafEstimate).rows || a - b);
		const start = first?.at ?? starts[0];
		if (start === undefined) return { order: [], cost: 0, rows: 1 };
		const order = [start];
		const own = first?.estimate ?? (this.#alone[start] as LeafEstimate);
		let rows = Math.max(1, own.rows);
		let cost = own.perRow;
		this.#placed.fill(0)[start] = 1;
		for (;;) {
			let next: ({ readonly at: number } & Step) | undefined;
			const isConnected = this.#isAnyConnected();
			for (const i of this.#candidates.keys()) {
				if (!this.#mayFollow(i) || (isConnected && !this.#isConnected(i))) continue;
				const step = this.#step(rows, i);
				if (next === undefined || step.cost + step.rows < next.cost + next.rows) next = { at: i, ...step };
			}
			if (next === undefined) return { order, cost, rows };
			order.push(next.at);
			cost += next.cost + next.rows;
			this.#placed[next.at] = 1;
			rows = Math.max(1, next.rows);
		}
	}

	#mayFollow(i: number): boolean {
		return this.#placed[i] === 0 && this.#allPlaced(this.#behind[i] as readonly number[]);
	}

	#allPlaced(parts: readonly number[], but = -1): boolean {
		for (const part of parts) if (part !== but && this.#placed[part] !== 1) return false;
		return true;
	}

	/** A condition, or that it must stand behind others, leads from what stands to the part. */
	#isConnected(i: number): boolean {
		if ((this.#behind[i] as readonly number[]).length > 0) return true;
		for (const part of this.#neighbours[i] as readonly number[]) if (this.#placed[part] === 1) return true;
		return false;
	}

	#isAnyConnected(): boolean {
		for (let i = 0; i < this.#candidates.length; i++) if (this.#mayFollow(i) && this.#isConnected(i)) return true;
		return false;
	}

	/** What joining one more part to so many rows costs, and how many rows there are then. */
	#step(rows: number, i: number): Step {
		const alone = this.#alone[i] as LeafEstimate;
		let equals = 0;
		let others = 0;
		for (const { parts, isEqual } of this.#touching[i] as readonly Connection[]) {
			if (!this.#allPlaced(parts, i)) continue;
			if (isEqual) equals++;
			else others++;
		}
		const hashed = alone.perRow + HASHED_ROW * (rows + alone.rows);
		if (this.#candidates[i]?.node.op !== "join" && equals + others > 0) {
			const found = this.#lookup(i);
			const looked = rows * found.perRow;
			if (found.lookup && (equals === 0 || looked <= hashed)) return { cost: looked, rows: rows * found.rows };
			if (found.lookup) return { cost: hashed, rows: rows * found.rows };
		}
		const product = rows * Math.max(1, alone.rows);
		if (equals === 0) return { cost: alone.perRow + product, rows: product / 3 ** others };
		return { cost: hashed, rows: product / Math.max(rows, alone.rows, 1) / 2 ** (equals - 1 + others) };
	}

	#lookup(i: number): LeafEstimate {
		const neighbours = this.#neighbours[i] as readonly number[];
		let key: number | string = neighbours.length > 30 ? "" : 0;
		for (const part of neighbours)
			key = typeof key === "string" ? key + this.#placed[part] : key * 2 + (this.#placed[part] as number);
		const known = this.#known[i] as Map<number | string, LeafEstimate>;
		let found = known.get(key);
		if (found === undefined) {
			const { node, local } = this.#candidates[i] as JoinCandidate;
			const ready = (this.#touching[i] as readonly Connection[]).filter(({ parts }) => this.#allPlaced(parts, i));
			const available = new Set<number>();
			for (const [part, { tables }] of this.#candidates.entries())
				if (this.#placed[part] === 1) for (const table of tables) available.add(table);
			found = this.#estimate(node, [...local, ...ready.map(({ bound }) => bound)], available);
			known.set(key, found);
			this.#estimates++;
		}
		return found;
	}
}
