/** Rows that wait for their turn: first in, first out, in memory and behind that in temporary files. */

import type { Run, Tuple } from "../operator.js";
import { FULL_BATCH } from "../operator.js";
import type { SpillFile, SpillSpace } from "./file.js";
import { rowBytes } from "./size.js";
import { SpillStream } from "./stream.js";

/** Places of rows that were taken, kept until there are this many. */
const MAX_IDLE = 1024;

/** To be closed. */
export class RowQueue {
	readonly #space: SpillSpace | undefined;
	/** Taken from `#rows[#head]` on. */
	#rows: Tuple[] = [];
	#head = 0;
	#bytes = 0;
	/** What comes behind `#rows`, and what is written behind that. */
	#next: { readonly file: SpillFile; readonly rows: Run } | null = null;
	#last: { readonly file: SpillFile; readonly stream: SpillStream } | null = null;

	constructor(space: SpillSpace | undefined) {
		this.#space = space;
	}

	push(rows: readonly Tuple[]): void {
		if (rows.length === 0) return;
		if (this.#head > MAX_IDLE && this.#head > this.#rows.length / 2) this.#dropTaken();
		for (const row of rows) {
			if (this.#space === undefined) this.#rows.push(row);
			else this.#append(row, this.#space);
		}
	}

	/** The first row, which leaves the queue; undefined where it is empty. */
	take(): Tuple | undefined {
		while (this.#head === this.#rows.length) if (!this.#load()) return undefined;
		const row = this.#rows[this.#head++] as Tuple; // head is within
		if (this.#space !== undefined) this.#bytes -= rowBytes(row);
		return row;
	}

	close(): void {
		this.#rows = [];
		this.#head = 0;
		this.#next?.file.close();
		this.#last?.file.close();
		this.#next = null;
		this.#last = null;
	}

	#append(row: Tuple, space: SpillSpace): void {
		if (this.#next === null && this.#last === null && this.#bytes <= space.budgetBytes) {
			this.#rows.push(row);
			this.#bytes += rowBytes(row);
			return;
		}
		if (this.#last === null) {
			const file = space.open();
			this.#last = { file, stream: new SpillStream(file) };
		}
		this.#last.stream.push(row);
	}

	/** Rows from a file to memory; false where there are none. */
	#load(): boolean {
		if (this.#next === null) {
			if (this.#last === null) return false;
			const { file, stream } = this.#last;
			stream.finish();
			this.#next = { file, rows: stream.read() };
			this.#last = null;
		}
		const batch = this.#next.rows.next(FULL_BATCH);
		if (batch === undefined) {
			this.#next.file.close();
			this.#next = null;
			return true;
		}
		this.#rows = batch;
		this.#head = 0;
		this.#bytes = batch.reduce((sum, row) => sum + rowBytes(row), 0);
		return true;
	}

	#dropTaken(): void {
		this.#rows = this.#rows.slice(this.#head);
		this.#head = 0;
	}
}
