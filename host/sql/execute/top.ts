/** The first rows of an order, where only so many are wanted: few others are ever kept. */

import type { Run, Tuple } from "./operator.js";
import { emit } from "./operator.js";
import type { SpillSpace } from "./spill/file.js";
import { rowBytes } from "./spill/size.js";
import { Sorter } from "./spill/sorter.js";

/** Rows beyond the wanted ones that are worth a sort: the sooner it is known which is the worst, the fewer are read. */
const LEAST_SURPLUS = 64;

/**
 * Rows that come before the last of the wanted ones are gathered behind these, and now and then all are sorted and the rest is let
 * go. Where even the wanted ones are too many for memory, a sorter takes over.
 */
export class TopRows {
	readonly #top: number;
	readonly #compare: (a: Tuple, b: Tuple) => number;
	readonly #space: SpillSpace | undefined;
	#rows: Tuple[] = [];
	#bytes = 0;
	#worst: Tuple | undefined;
	#sorter: Sorter | null = null;

	constructor(top: number, compare: (a: Tuple, b: Tuple) => number, space: SpillSpace | undefined) {
		this.#top = top;
		this.#compare = compare;
		this.#space = space;
	}

	/** Only rows that come before this one are wanted; undefined while all are. */
	get worst(): Tuple | undefined {
		return this.#worst;
	}

	/** Whether a row that is placed like this one, as far as the order goes, would be kept. */
	wants(row: Tuple): boolean {
		return this.#worst === undefined ? this.#top > 0 : this.#compare(row, this.#worst) < 0;
	}

	add(row: Tuple): void {
		if (!this.wants(row)) return;
		if (this.#sorter !== null) {
			this.#sorter.add(row);
			return;
		}
		this.#rows.push(row);
		if (this.#space !== undefined) this.#bytes += rowBytes(row);
		if (this.#rows.length >= this.#top + Math.max(this.#top, LEAST_SURPLUS)) this.#cut();
		if (this.#space !== undefined && this.#bytes > this.#space.budgetBytes) this.#spill(this.#space);
	}

	/** In their order; to be called once. Where they did not fit into memory there may be more than are wanted. */
	finish(): Run {
		if (this.#sorter !== null) return this.#sorter.finish();
		this.#cut();
		return emit(this.#rows);
	}

	#cut(): void {
		this.#rows.sort(this.#compare);
		this.#rows.length = Math.min(this.#rows.length, this.#top);
		this.#worst = this.#rows[this.#top - 1] ?? this.#worst;
		if (this.#space !== undefined) this.#bytes = this.#rows.reduce((sum, row) => sum + rowBytes(row), 0);
	}

	#spill(space: SpillSpace): void {
		this.#cut();
		if (this.#bytes <= space.budgetBytes / 2) return;
		this.#sorter = new Sorter(this.#compare, space);
		for (const row of this.#rows) this.#sorter.add(row);
		this.#rows = [];
		this.#bytes = 0;
	}
}
