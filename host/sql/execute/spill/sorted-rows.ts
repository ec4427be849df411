/** Rows that are gathered in any order, then looked for or gone through in their own: sorted in a temporary file. */

import type { Run, Tuple } from "../operator.js";
import { emit } from "../operator.js";
import type { SpillSpace } from "./file.js";
import { FIRST, foldGroups } from "./groups.js";
import type { Direction } from "./sorted-file.js";
import { SortedFile } from "./sorted-file.js";
import { Sorter } from "./sorter.js";

/** Of equal rows the first is kept. To be closed, unless the statement's end is soon enough. */
export class SortedRows {
	readonly #compare: (a: Tuple, b: Tuple) => number;
	readonly #space: SpillSpace;
	readonly #sorter: Sorter;
	#sorted: SortedFile | undefined;

	constructor(compare: (a: Tuple, b: Tuple) => number, space: SpillSpace) {
		this.#compare = compare;
		this.#space = space;
		this.#sorter = new Sorter(compare, space);
	}

	add(row: Tuple): void {
		this.#sorter.add(row);
	}

	/** No more rows come. */
	finish(): void {
		const rows = foldGroups(this.#sorter.finish(), this.#compare, FIRST);
		this.#sorted = new SortedFile(rows, this.#compare, this.#space);
	}

	/** Whether there is a row that is equal to this one in order; when it is finished. */
	has(row: Tuple): boolean {
		return this.#sorted?.has(row) === true;
	}

	/** All rows, when it is finished. */
	read(direction?: Direction): Run {
		return this.#sorted?.read(direction) ?? emit([]);
	}

	close(): void {
		this.#sorter.close();
		this.#sorted?.close();
	}
}
