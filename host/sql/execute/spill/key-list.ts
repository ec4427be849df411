/** Byte strings, each once, that are gone through in their order or against it: more than are to be in memory. */

import { compareBytes } from "../../value/compare.js";
import type { Execution, Run, Tuple } from "../operator.js";
import { stoppable } from "../stop.js";
import type { SpillSpace } from "./file.js";
import type { Direction } from "./sorted-file.js";
import { SortedRows } from "./sorted-rows.js";

/** Its files are there as long as somebody holds it, who made it to begin with. */
export class KeyList {
	readonly #rows: SortedRows;
	#holders = 1;

	constructor(run: Execution, space: SpillSpace) {
		this.#rows = new SortedRows(stoppable(compareKeys, run), space);
	}

	add(key: Uint8Array): void {
		this.#rows.add([key]);
	}

	/** No more come. */
	finish(): void {
		this.#rows.finish();
	}

	hold(): void {
		this.#holders++;
	}

	letGo(): void {
		if (--this.#holders === 0) this.#rows.close();
	}

	/** Rows of one key each; when it is finished. */
	read(direction: Direction): Run {
		return this.#rows.read(direction);
	}
}

function compareKeys([a]: Tuple, [b]: Tuple): number {
	return compareBytes(a as Uint8Array, b as Uint8Array);
}
