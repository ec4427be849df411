/** Rows of which only the last with a key is wanted, in the order of their keys: in memory, and beyond that in sorted files. */

import { Buffer } from "node:buffer";
import { compareBytes } from "../../value/compare.js";
import type { Execution, Run, Tuple } from "../operator.js";
import { emit } from "../operator.js";
import { stoppable } from "../stop.js";
import { foldGroups, LAST } from "./groups.js";
import { keyBytes, rowBytes } from "./size.js";
import { Sorter } from "./sorter.js";

/** To be closed. */
export class LastRows {
	readonly #run: Execution;
	readonly #compare: (a: Tuple, b: Tuple) => number;
	/** As `[key, ...row]`. */
	readonly #rows = new Map<string, Tuple>();
	#bytes = 0;
	#sorter: Sorter | null = null;

	constructor(run: Execution) {
		this.#run = run;
		this.#compare = stoppable(compareKeys, run);
	}

	add(key: Uint8Array, row: Tuple): void {
		const found: Tuple = [key, ...row];
		if (this.#sorter !== null) this.#sorter.add(found);
		else this.#keep(Buffer.from(key).toString("latin1"), found);
	}

	/** As `[key, ...row]`; to be called once. */
	finish(): Run {
		if (this.#sorter === null) return emit([...this.#rows.values()].sort(this.#compare));
		return foldGroups(this.#sorter.finish(), this.#compare, LAST);
	}

	close(): void {
		this.#rows.clear();
		this.#sorter?.close();
	}

	#keep(text: string, found: Tuple): void {
		const before = this.#rows.get(text);
		this.#rows.set(text, found);
		const { spill } = this.#run;
		if (spill === undefined) return;
		this.#bytes += rowBytes(found) + (before === undefined ? keyBytes(text) : -rowBytes(before));
		if (this.#bytes <= spill.budgetBytes) return;
		this.#sorter = new Sorter(this.#compare, spill);
		for (const kept of this.#rows.values()) this.#sorter.add(kept);
		this.#rows.clear();
	}
}

function compareKeys([a]: Tuple, [b]: Tuple): number {
	return compareBytes(a as Uint8Array, b as Uint8Array);
}
