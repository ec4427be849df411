/** Rows that wait for their turn in an order: a heap of them in memory, and sorted runs of others in temporary files. */

import type { Run, Tuple } from "../operator.js";
import type { SpillFile, SpillSpace } from "./file.js";
import { Heap } from "./heap.js";
import { rowBytes } from "./size.js";
import { merge } from "./sorter.js";
import { SpillStream } from "./stream.js";

type Compare = (a: Tuple, b: Tuple) => number;

/** So many runs of a level become one of the next: each row is written once a level. */
const RUNS_PER_LEVEL = 16;
/** Rows read ahead of each run. */
const AHEAD = 64;

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
		this.#runs = new Heap((a, b) => this.#compare(a.first, b.first) < 0);
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
		if (run !== undefined && (row === undefined || this.#compare(run.first, row) < 0)) return this.#takeFrom(run);
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
		const { first } = run;
		if (run.advance()) this.#runs.settle();
		else this.#runs.pop()?.close();
		return first.slice(0, -1);
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
			const rows = merge(
				merged.map((run) => run.rest()),
				this.#compare,
			);
			for (let batch = rows.next(AHEAD); batch !== undefined; batch = rows.next(AHEAD)) {
				for (const row of batch) stream.push(row);
			}
			rows.close();
			this.#add(file, stream, level + 1);
		}
	}
}

/** A sorted run in a file of its own, at the row whose turn comes next; to be advanced once before that is looked at. */
class WaitingRun {
	readonly level: number;
	first: Tuple = [];
	readonly #file: SpillFile;
	readonly #rows: Run;
	#batch: readonly Tuple[] = [];
	#at = 0;

	constructor(file: SpillFile, rows: Run, level: number) {
		this.level = level;
		this.#file = file;
		this.#rows = rows;
	}

	/** To the next row; false where there is none. */
	advance(): boolean {
		if (this.#at === this.#batch.length) {
			this.#batch = this.#rows.next(AHEAD) ?? [];
			this.#at = 0;
		}
		const row = this.#batch[this.#at++];
		if (row === undefined) return false;
		this.first = row;
		return true;
	}

	/** From the first row on. Closing it closes the run. */
	rest(): Run {
		let ahead: Tuple[] | undefined = [this.first, ...this.#batch.slice(this.#at)];
		return {
			next: (limit) => {
				if (ahead === undefined) return this.#rows.next(limit);
				const rows = ahead;
				ahead = undefined;
				return rows;
			},
			close: () => this.close(),
		};
	}

	close(): void {
		this.#rows.close();
		this.#file.close();
	}
}
