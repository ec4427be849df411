/** Rows that wait for their turn in an order: a heap of them in memory, and sorted runs of others in temporary files. */

import type { Run, Tuple } from "../operator.js";
import { forEachRow } from "../operator.js";
import type { SpillFile, SpillSpace } from "./file.js";
import { Heap } from "./heap.js";
import { RunHead } from "./run-head.js";
import { rowBytes } from "./size.js";
import { merge } from "./sorter.js";
import { SpillStream } from "./stream.js";

type Compare = (a: Tuple, b: Tuple) => number;

/** So many runs of a level become one of the next: each row is written once a level. */
const RUNS_PER_LEVEL = 16;
/** Equals keep their order. To be closed. */
export class OrderedQueue {
	/** Of rows with their numbers behind them. */
	readonly #compare: Compare;
	readonly #space: SpillSpace | undefined;
	readonly #rows: Heap<Tuple>;
	readonly #runs: Heap<WaitingRun>;
	#bytes = 0;
	#count = 0;

	constructor(compare: Compare, space: SpillSpace | undefined) {
		this.#compare = (a, b) => compare(a, b) || (a[a.length - 1] as number) - (b[b.length - 1] as number);
		this.#space = space;
		this.#rows = new Heap((a, b) => this.#compare(a, b) < 0);
		this.#runs = new Heap((a, b) => this.#compare(a.row, b.row) < 0);
	}

	push(rows: readonly Tuple[]): void {
		for (const row of rows) {
			const numbered = [...row, this.#count++];
			this.#rows.push(numbered);
			if (this.#space === undefined) continue;
			this.#bytes += rowBytes(numbered);
			if (this.#bytes > this.#space.budgetBytes) this.#spill(this.#space);
		}
	}

	/** The first row, which leaves the queue; undefined where it is empty. */
	take(): Tuple | undefined {
		const row = this.#rows.first;
		const run = this.#runs.first;
		if (run !== undefined && (row === undefined || this.#compare(run.row, row) < 0)) return this.#takeFrom(run);
		if (row === undefined) return undefined;
		this.#rows.pop();
		if (this.#space !== undefined) this.#bytes -= rowBytes(row);
		return row.slice(0, -1);
	}

	close(): void {
		this.#rows.drain();
		for (const run of this.#runs.drain()) run.close();
	}

	#takeFrom(run: WaitingRun): Tuple {
		const { row } = run;
		if (run.advance()) this.#runs.settle();
		else this.#runs.pop()?.close();
		return row.slice(0, -1);
	}

	#spill(space: SpillSpace): void {
		const rows = this.#rows.drain().sort(this.#compare);
		this.#bytes = 0;
		const file = space.open();
		const stream = new SpillStream(file);
		for (const row of rows) stream.push(row);
		this.#add(file, stream, 0);
		this.#mergeLevels(space);
	}

	#add(file: SpillFile, stream: SpillStream, level: number): void {
		stream.finish();
		const run = new WaitingRun(file, stream.read(), level);
		if (run.advance()) this.#runs.push(run);
		else run.close();
	}

	#mergeLevels(space: SpillSpace): void {
		for (let level = 0; ; level++) {
			const runs = this.#runs.drain();
			const merged = runs.filter((run) => run.level === level);
			if (merged.length < RUNS_PER_LEVEL) {
				for (const run of runs) this.#runs.push(run);
				return;
			}
			for (const run of runs) if (run.level !== level) this.#runs.push(run);
			const file = space.open();
			const stream = new SpillStream(file);
			const rests = merged.map((run) => run.rest());
			forEachRow(merge(rests, this.#compare), (row) => stream.push(row));
			this.#add(file, stream, level + 1);
		}
	}
}

/** A sorted run in a file of its own, at the row whose turn comes next. */
class WaitingRun extends RunHead {
	readonly level: number;
	readonly #file: SpillFile;

	constructor(file: SpillFile, rows: Run, level: number) {
		super(rows);
		this.level = level;
		this.#file = file;
	}

	override close(): void {
		super.close();
		this.#file.close();
	}
}
