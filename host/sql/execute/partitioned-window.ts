/** Window functions over sorted rows that are more than may be in memory, partition by partition. */

import type { Value } from "../value/value.js";
import type { SortTerm } from "./gather.js";
import { comparator } from "./gather.js";
import type { Execution, Run, Tuple } from "./operator.js";
import { FULL_BATCH } from "./operator.js";
import type { FrameRow } from "./partition.js";
import { MemoryPartition, PagedPartition } from "./partition.js";
import { rowBytes } from "./spill/size.js";
import type { PlacedCall } from "./window-call.js";
import { callReader, fillIn } from "./window-call.js";

/** How rows are sorted that have the values of their window behind them. */
export interface SortedWindow {
	/** Where these values begin. */
	readonly width: number;
	/** Of PARTITION BY, then of ORDER BY, by their places among these values; of PARTITION BY there are `split`. */
	readonly terms: readonly SortTerm[];
	readonly split: number;
	readonly calls: readonly PlacedCall[];
}

/** The terms by their places in the rows: of PARTITION BY, and of ORDER BY. */
export function placedTerms({ width, terms, split }: SortedWindow): [readonly SortTerm[], readonly SortTerm[]] {
	const placed = terms.map((term) => ({ ...term, slot: width + term.slot }));
	return [placed.slice(0, split), placed.slice(split)];
}

/** The rows with the calls' results in their places. Rows of one partition lie side by side; they are the caller's own. */
export function* partitionedRows(sorted: Run, window: SortedWindow, run: Execution): Generator<Tuple> {
	const [partitionTerms] = placedTerms(window);
	const compare = comparator(partitionTerms);
	const part = new Part(window, run);
	let before: Tuple | undefined;
	try {
		for (let batch = sorted.next(FULL_BATCH); batch !== undefined; batch = sorted.next(FULL_BATCH)) {
			for (const row of batch) {
				if (before !== undefined && compare(before, row) !== 0) yield* part.take();
				part.add(row);
				before = row;
			}
		}
		yield* part.take();
	} finally {
		part.close();
	}
}

/** The partition whose rows come: in memory, and in files where it turns out to be too large. */
class Part {
	readonly #window: SortedWindow;
	readonly #run: Execution;
	readonly #budgetBytes: number;
	#rows: Tuple[] = [];
	#bytes = 0;
	#paged: PagedPartition | null = null;

	constructor(window: SortedWindow, run: Execution) {
		this.#window = window;
		this.#run = run;
		this.#budgetBytes = run.spill?.budgetBytes ?? Infinity;
	}

	add(row: Tuple): void {
		if (this.#paged !== null) {
			this.#paged.add(row);
			return;
		}
		this.#rows.push(row);
		this.#bytes += rowBytes(row);
		if (this.#bytes > this.#budgetBytes) this.#paged = this.#toPages();
	}

	/** All rows of the partition; the next one can begin then. */
	*take(): Generator<Tuple> {
		if (this.#paged === null) yield* this.#evaluated();
		else yield* this.#read(this.#paged);
		this.close();
	}

	close(): void {
		this.#paged?.close();
		this.#paged = null;
		this.#rows = [];
		this.#bytes = 0;
	}

	#toPages(): PagedPartition {
		const { width, terms, calls } = this.#window;
		const [, orderTerms] = placedTerms(this.#window);
		const compiled = calls.map((call) => call.compiled);
		const paged = new PagedPartition(width + terms.length, orderTerms, compiled, this.#run);
		this.#paged = paged;
		for (const row of this.#rows) paged.add(row);
		this.#rows = [];
		return paged;
	}

	#evaluated(): readonly Tuple[] {
		const { width, terms, split, calls } = this.#window;
		const entries = this.#rows.map((row): FrameRow => ({ row, key: row.slice(width) }));
		fillIn(entries, new MemoryPartition(entries, split, terms, this.#run), calls, this.#run);
		return this.#rows;
	}

	*#read(paged: PagedPartition): Generator<Tuple> {
		const { width, calls } = this.#window;
		paged.finish();
		const readers = calls.map(({ compiled }) => callReader(compiled, paged, this.#run));
		for (let i = 0; i < paged.count; i++) {
			this.#run.stop?.count(1);
			const row = paged.row(i).slice(0, width);
			for (const [at, { slot }] of calls.entries()) row[slot] = readers[at]?.(i) as Value; // one per call
			yield row;
		}
	}
}
