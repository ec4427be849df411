/** Window functions that need no more than what came before a row and its peers: a partition may have any number of rows. */

import type { AggregateState } from "../function/aggregate.js";
import type { Execution, Run, Tuple } from "./operator.js";
import { FULL_BATCH } from "./operator.js";
import type { CompiledCall } from "./window.js";
import { argumentsOf } from "./window-aggregate.js";

/** A call, and where its results go. */
export interface PlacedCall {
	readonly slot: number;
	readonly compiled: CompiledCall;
}

const RANKS = ["row_number", "rank", "dense_rank"];

export function isRunning({ call, bounds }: CompiledCall): boolean {
	if (!("create" in call.function)) return RANKS.includes(call.function.name);
	const { start, end, exclude } = bounds.frame;
	return start.type === "unbounded preceding" && end.type === "current row" && exclude === "no others";
}

/** Peers have the same value, which is known behind the last of them. */
function waitsForPeers({ compiled: { call, bounds } }: PlacedCall): boolean {
	return "create" in call.function && bounds.frame.unit !== "rows";
}

/** Fills in the results of rows that are sorted; they are the caller's own. */
export function* runningRows(
	sorted: Run,
	calls: readonly PlacedCall[],
	comparePartition: (a: Tuple, b: Tuple) => number,
	comparePeers: (a: Tuple, b: Tuple) => number,
	run: Execution,
): Generator<Tuple> {
	const waits = calls.some(waitsForPeers);
	const partition = new RunningPartition(calls, run);
	let before: Tuple | null = null;
	let peers: Tuple[] = [];
	for (let batch = sorted.next(FULL_BATCH); batch !== undefined; batch = sorted.next(FULL_BATCH)) {
		for (const row of batch) {
			const isFirst = before === null || comparePartition(before, row) !== 0;
			const begins = isFirst || comparePeers(before as Tuple, row) !== 0; // none is before the first
			if (waits && begins && peers.length > 0) {
				yield* partition.take(peers, "new peers");
				peers = [];
			}
			if (isFirst) partition.begin();
			if (waits) peers.push(row);
			else yield* partition.take([row], begins ? "new peers" : "same peers");
			before = row;
		}
	}
	if (peers.length > 0) yield* partition.take(peers, "new peers");
}

class RunningPartition {
	readonly #calls: readonly PlacedCall[];
	readonly #run: Execution;
	#states: (AggregateState | null)[] = [];
	#count = 0;
	#groups = 0;
	/** Rows before the current peers. */
	#before = 0;

	constructor(calls: readonly PlacedCall[], run: Execution) {
		this.#calls = calls;
		this.#run = run;
	}

	begin(): void {
		this.#states = this.#calls.map(({ compiled: { call } }) =>
			"create" in call.function ? call.function.create(call.collation) : null,
		);
		this.#count = this.#groups = this.#before = 0;
	}

	take(rows: readonly Tuple[], which: "new peers" | "same peers"): readonly Tuple[] {
		if (which === "new peers") {
			this.#before = this.#count;
			this.#groups++;
		}
		for (const [i, placed] of this.#calls.entries()) {
			const state = this.#states[i] ?? null;
			if (state === null) this.#rank(rows, placed);
			else this.#aggregate(rows, placed, state);
		}
		this.#count += rows.length;
		this.#run.stop?.count(rows.length);
		return rows;
	}

	#rank(rows: readonly Tuple[], { slot, compiled }: PlacedCall): void {
		const { name } = compiled.call.function;
		for (const [i, row] of rows.entries()) {
			if (name === "row_number") row[slot] = this.#count + i + 1;
			else row[slot] = name === "rank" ? this.#before + 1 : this.#groups;
		}
	}

	#aggregate(rows: readonly Tuple[], placed: PlacedCall, state: AggregateState): void {
		const { slot, compiled } = placed;
		const step = (row: Tuple) => {
			const given = argumentsOf(compiled, row, this.#run);
			if (given !== null) state.step(given);
		};
		if (waitsForPeers(placed)) {
			rows.forEach(step);
			const result = state.finish();
			for (const row of rows) row[slot] = result;
			return;
		}
		for (const row of rows) {
			step(row);
			row[slot] = state.finish();
		}
	}
}
