/** Rows, each once, that are looked for by their keys: in memory, and beyond that in a sorted file. */

import type { Execution, Tuple } from "../operator.js";
import { FULL_BATCH } from "../operator.js";
import { stoppable } from "../stop.js";
import { keyBytes, rowBytes } from "./size.js";
import { SortedRows } from "./sorted-rows.js";

type Key = string | number | bigint | null;

/** To be closed, unless the statement's end is soon enough. */
export class RowSet {
	readonly #compare: (a: Tuple, b: Tuple) => number;
	readonly #run: Execution;
	readonly #budgetBytes: number;
	readonly #keys = new Set<Key>();
	/** The rows of the keys, where they are wanted. */
	readonly #rows: Tuple[] | null;
	#bytes = 0;
	#others: SortedRows | undefined;

	/** `compare`: 0 for rows of the same key. `use`: "keys" where it is only asked what it has. */
	constructor(compare: (a: Tuple, b: Tuple) => number, use: "keys" | "rows", run: Execution, budgetBytes: number) {
		this.#compare = compare;
		this.#run = run;
		this.#budgetBytes = budgetBytes;
		this.#rows = use === "rows" ? [] : null;
	}

	add(key: Key, row: Tuple): void {
		if (this.#keys.has(key)) return;
		const { spill } = this.#run;
		if (spill !== undefined) this.#bytes += keyBytes(key) + (this.#rows === null ? 0 : rowBytes(row));
		if (spill !== undefined && this.#bytes > this.#budgetBytes) {
			this.#others ??= new SortedRows(stoppable(this.#compare, this.#run), spill);
			this.#others.add(row);
			return;
		}
		this.#keys.add(key);
		this.#rows?.push(row);
	}

	/** No more rows come. */
	finish(): void {
		this.#others?.finish();
	}

	has(key: Key, row: Tuple): boolean {
		return this.#keys.has(key) || this.#others?.has(row) === true;
	}

	/** Whether the test holds for one of them; of a set of "rows". */
	some(test: (row: Tuple) => boolean): boolean {
		const { stop } = this.#run;
		const rows = this.#rows ?? [];
		stop?.count(rows.length);
		if (rows.some(test)) return true;
		const others = this.#others?.read();
		for (let batch = others?.next(FULL_BATCH); batch !== undefined; batch = others?.next(FULL_BATCH)) {
			stop?.count(batch.length);
			if (batch.some(test)) return true;
		}
		return false;
	}

	close(): void {
		this.#others?.close();
	}
}
