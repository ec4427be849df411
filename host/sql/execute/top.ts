/** The first rows of an order, where only so many are wanted: no others are kept. */

import type { Run, Tuple } from "./operator.js";
import { emit } from "./operator.js";
import type { SpillSpace } from "./spill/file.js";
import { rowBytes } from "./spill/size.js";
import { Sorter } from "./spill/sorter.js";

interface Entry {
	readonly row: Tuple;
	/** When it came: of equal rows the earlier one is the first. */
	readonly number: number;
}

/** A heap with the last of the wanted rows on top; where even these are too many, a sorter takes over. To be closed. */
export class TopRows {
	readonly #top: number;
	readonly #compare: (a: Tuple, b: Tuple) => number;
	readonly #space: SpillSpace | undefined;
	readonly #heap: Entry[] = [];
	#bytes = 0;
	#added = 0;
	#sorter: Sorter | null = null;

	constructor(top: number, compare: (a: Tuple, b: Tuple) => number, space: SpillSpace | undefined) {
		this.#top = top;
		this.#compare = compare;
		this.#space = space;
	}

	/** The last of the rows that are wanted so far; undefined while any row is. Only one that comes before it is wanted. */
	get worst(): Tuple | undefined {
		return this.#sorter !== null || this.#heap.length < this.#top ? undefined : this.#heap[0]?.row;
	}

	wants(row: Tuple): boolean {
		const { worst } = this;
		return worst === undefined ? this.#top > 0 : this.#compare(row, worst) < 0;
	}

	/** To be called for rows that are wanted. */
	add(row: Tuple): void {
		if (this.#sorter !== null) {
			this.#sorter.add(row);
			return;
		}
		const entry = { row, number: this.#added++ };
		if (this.#heap.length < this.#top) this.#rise(entry);
		else this.#sink(entry);
		if (this.#space !== undefined && this.#bytes > this.#space.budgetBytes) this.#spill(this.#space);
	}

	/** In their order; to be called once. There may be more than are wanted. */
	finish(): Run {
		if (this.#sorter !== null) return this.#sorter.finish();
		return emit(this.#heap.sort((a, b) => this.#order(a, b)).map(({ row }) => row));
	}

	close(): void {
		this.#heap.length = 0;
		this.#sorter?.close();
	}

	#order(a: Entry, b: Entry): number {
		return this.#compare(a.row, b.row) || a.number - b.number;
	}

	#rise(entry: Entry): void {
		const heap = this.#heap;
		let at = heap.length;
		while (at > 0) {
			const parent = (at - 1) >> 1;
			if (this.#order(heap[parent] as Entry, entry) >= 0) break; // parent is within
			heap[at] = heap[parent] as Entry;
			at = parent;
		}
		heap[at] = entry;
		this.#bytes += rowBytes(entry.row);
	}

	/** In the place of the last one. */
	#sink(entry: Entry): void {
		const heap = this.#heap;
		this.#bytes += rowBytes(entry.row) - rowBytes((heap[0] as Entry).row); // the heap is full
		let at = 0;
		for (;;) {
			let child = 2 * at + 1;
			if (child >= heap.length) break;
			if (child + 1 < heap.length && this.#order(heap[child + 1] as Entry, heap[child] as Entry) > 0) child++; // within
			if (this.#order(heap[child] as Entry, entry) <= 0) break; // child is within
			heap[at] = heap[child] as Entry;
			at = child;
		}
		heap[at] = entry;
	}

	#spill(space: SpillSpace): void {
		this.#sorter = new Sorter(this.#compare, space);
		for (const { row } of this.#heap.sort((a, b) => a.number - b.number)) this.#sorter.add(row);
		this.#heap.length = 0;
	}
}
