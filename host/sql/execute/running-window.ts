/** Window functions that need no more than what came before a row and its peers: a partition may have any number of rows. */

import type { AggregateFunction, AggregateState } from "../function/aggregate.js";
import type { Value } from "../value/value.js";
import type { Execution, Run, Tuple } from "./operator.js";
import { FULL_BATCH } from "./operator.js";
import { RowBuffer } from "./spill/buffer.js";
import type { CompiledCall } from "./window.js";
import { argumentsOf } from "./window-aggregate.js";
import type { PlacedCall } from "./window-call.js";

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
	const partition = new RunningPartition(calls, run);
	const waits = calls.some(waitsForPeers);
	let before: Tuple | null = null;
	try {
		for (let batch = sorted.next(FULL_BATCH); batch !== undefined; batch = sorted.next(FULL_BATCH)) {
			for (const row of batch) {
				run.stop?.count(1);
				const isFirst = before === null || comparePartition(before, row) !== 0;
				const begins = isFirst || comparePeers(before as Tuple, row) !== 0; // none is before the first
				if (waits && begins) yield* partition.takePeers();
				if (isFirst) partition.begin();
				partition.step(row, begins ? "new peers" : "same peers");
				if (!waits) yield row;
				before = row;
			}
		}
		yield* partition.takePeers();
	} finally {
		partition.close();
	}
}

class RunningPartition {
	readonly #ranks: readonly PlacedCall[];
	readonly #running: AggregateCalls;
	/** Those whose results are known behind the last peer. */
	readonly #waiting: AggregateCalls;
	/** The rows that wait for their peers. */
	readonly #peers: RowBuffer;
	#hasPeers = false;
	#count = 0;
	#groups = 0;
	/** Rows before the current peers. */
	#before = 0;

	constructor(calls: readonly PlacedCall[], run: Execution) {
		const waiting = calls.filter(waitsForPeers);
		const others = calls.filter((call) => !waitsForPeers(call));
		this.#ranks = others.filter(({ compiled }) => !("create" in compiled.call.function));
		this.#running = new AggregateCalls(
			others.filter((call) => !this.#ranks.includes(call)),
			run,
		);
		this.#waiting = new AggregateCalls(waiting, run);
		this.#peers = new RowBuffer(run.spill);
	}

	begin(): void {
		this.#running.begin();
		this.#waiting.begin();
		this.#count = this.#groups = this.#before = 0;
	}

	/** Fills in what is known; a row whose peers have to be seen is kept. */
	step(row: Tuple, which: "new peers" | "same peers"): void {
		if (which === "new peers") {
			this.#before = this.#count;
			this.#groups++;
		}
		this.#count++;
		for (const { slot, compiled } of this.#ranks) row[slot] = this.#rank(compiled.call.function.name);
		this.#running.step(row);
		if (!this.#running.isEmpty) this.#running.put(row, this.#running.results());
		if (this.#waiting.isEmpty) return;
		this.#waiting.step(row);
		this.#peers.add(row);
		this.#hasPeers = true;
	}

	/** The rows that were kept, where no more of their peers come. */
	*takePeers(): Generator<Tuple> {
		if (!this.#hasPeers) return;
		const results = this.#waiting.results();
		this.#peers.finish();
		const rows = this.#peers.read();
		for (let batch = rows.next(FULL_BATCH); batch !== undefined; batch = rows.next(FULL_BATCH)) {
			for (const row of batch) {
				this.#waiting.put(row, results);
				yield row;
			}
		}
		this.close();
	}

	close(): void {
		this.#peers.close();
		this.#hasPeers = false;
	}

	#rank(name: string): number {
		if (name === "row_number") return this.#count;
		return name === "rank" ? this.#before + 1 : this.#groups;
	}
}

/** States of aggregates, which take in row after row. */
class AggregateCalls {
	readonly #calls: readonly PlacedCall[];
	readonly #run: Execution;
	#states: AggregateState[] = [];

	constructor(calls: readonly PlacedCall[], run: Execution) {
		this.#calls = calls;
		this.#run = run;
	}

	get isEmpty(): boolean {
		return this.#calls.length === 0;
	}

	begin(): void {
		this.#states = this.#calls.map(({ compiled: { call } }) =>
			(call.function as AggregateFunction).create(call.collation),
		);
	}

	step(row: Tuple): void {
		for (const [i, { compiled }] of this.#calls.entries()) {
			const given = argumentsOf(compiled, row, this.#run);
			if (given !== null) this.#states[i]?.step(given);
		}
	}

	/** One per call. */
	results(): Value[] {
		return this.#states.map((state) => state.finish());
	}

	put(row: Tuple, results: readonly Value[]): void {
		for (const [i, { slot }] of this.#calls.entries()) row[slot] = results[i] as Value; // one per call
	}
}
