/** Sorts any number of rows: in memory, and where they are too many by merging sorted runs of them in a temporary file. */

import { RowWriter } from "../../codec/row-writer.js";
import type { Run, Tuple } from "../operator.js";
import { emit, FULL_BATCH, forEachRow } from "../operator.js";
import type { SpillFile, SpillSpace } from "./file.js";
import { Heap } from "./heap.js";
import { RunHead } from "./run-head.js";
import { rowBytes } from "./size.js";
import { SpillStream } from "./stream.js";

type Compare = (a: Tuple, b: Tuple) => number;

/** Runs that are merged at once: each has a piece in memory. */
const MAX_MERGED = 64;

/** Keeps the order of equals. To be closed. */
export class Sorter {
	readonly #compare: Compare;
	readonly #space: SpillSpace | undefined;
	/** Made at first need: many sorters have few rows. */
	#writer: RowWriter | undefined;
	#rows: Tuple[] = [];
	#bytes = 0;
	#file: SpillFile | null = null;
	#runs: SpillStream[] = [];

	constructor(compare: Compare, space: SpillSpace | undefined) {
		this.#compare = compare;
		this.#space = space;
	}

	/** About how many bytes of memory its rows take; 0 where all of them may be there. */
	get heldBytes(): number {
		return this.#bytes;
	}

	add(row: Tuple): void {
		this.#rows.push(row);
		if (this.#space === undefined) return;
		this.#bytes += rowBytes(row);
		if (this.#bytes > this.#space.budgetBytes) this.#spill(this.#space);
	}

	/** All rows in their order; to be called once. Closing the run closes the sorter. */
	finish(): Run {
		this.#rows.sort(this.#compare);
		if (this.#file === null) {
			const rows = this.#rows;
			this.#rows = [];
			return emit(rows);
		}
		const last = this.#rows;
		this.#rows = [];
		while (this.#runs.length >= MAX_MERGED) this.#mergeRuns(this.#file);
		const merged = merge([...this.#runs.map((run) => run.read()), emit(last)], this.#compare);
		return {
			next: (limit) => merged.next(limit),
			close: () => {
				merged.close();
				this.close();
			},
		};
	}

	close(): void {
		this.#rows = [];
		this.#runs = [];
		this.#file?.close();
	}

	#spill(space: SpillSpace): void {
		this.#rows.sort(this.#compare);
		this.#file ??= space.open();
		this.#writer ??= new RowWriter();
		const run = new SpillStream(this.#file, this.#writer);
		for (const row of this.#rows) run.push(row);
		run.finish();
		this.#runs.push(run);
		this.#rows = [];
		this.#bytes = 0;
	}

	/** Makes one run of each so many that lie side by side, as equals keep their order. */
	#mergeRuns(file: SpillFile): void {
		const merged: SpillStream[] = [];
		for (let at = 0; at < this.#runs.length; at += MAX_MERGED) {
			const part = this.#runs.slice(at, at + MAX_MERGED);
			const run = new SpillStream(file, this.#writer);
			const parts = part.map((one) => one.read());
			forEachRow(merge(parts, this.#compare), (row) => run.push(row));
			run.finish();
			merged.push(run);
		}
		this.#runs = merged;
	}
}

/** One of the runs that are merged. */
interface Source {
	readonly head: RunHead;
	readonly number: number;
}

/** The rows of sorted runs in their order; of equal ones first those of the earlier run. */
export function merge(runs: readonly Run[], compare: Compare): Run {
	const heap = new Heap<Source>((a, b) => {
		const order = compare(a.head.row, b.head.row);
		return order === 0 ? a.number < b.number : order < 0;
	});
	let begun = false;
	const begin = () => {
		begun = true;
		for (const [number, run] of runs.entries()) {
			const head = new RunHead(run);
			if (head.advance()) heap.push({ head, number });
		}
	};
	return {
		next: (limit) => {
			if (!begun) begin();
			const rows: Tuple[] = [];
			while (rows.length < Math.min(limit, FULL_BATCH)) {
				const { first } = heap;
				if (first === undefined) break;
				rows.push(first.head.row);
				if (first.head.advance()) heap.settle();
				else heap.pop();
			}
			return rows.length === 0 ? undefined : rows;
		},
		close: () => {
			begun = true;
			heap.drain();
			for (const run of runs) run.close();
		},
	};
}
