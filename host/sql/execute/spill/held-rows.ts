/** Rows in memory, and all of them in a temporary file where they are more than what may be there. */

import type { Tuple } from "../operator.js";
import type { SpillFile, SpillSpace } from "./file.js";
import { rowBytes } from "./size.js";
import { SpillStream } from "./stream.js";

/** To be closed. */
export class HeldRows {
	protected rows: Tuple[] = [];
	/** In the place of `rows`: what is read again and again, or page by page, is not worth the memory that it could have in part. */
	protected stream: SpillStream | null = null;
	protected readonly budgetBytes: number;
	readonly #space: SpillSpace | undefined;
	#bytes = 0;
	#file: SpillFile | null = null;

	/** `share`: of the memory, what these rows may take. */
	constructor(space: SpillSpace | undefined, share = 1) {
		this.#space = space;
		this.budgetBytes = (space?.budgetBytes ?? Infinity) * share;
	}

	add(row: Tuple): void {
		if (this.stream !== null) {
			this.stream.push(row);
			return;
		}
		this.rows.push(row);
		if (this.#space === undefined) return;
		this.#bytes += rowBytes(row);
		if (this.#bytes > this.budgetBytes) this.#spill(this.#space);
	}

	/** No more rows come. */
	finish(): void {
		this.stream?.finish();
	}

	/** Leaves it empty: other rows may be added then. */
	close(): void {
		this.rows = [];
		this.#bytes = 0;
		this.#file?.close();
		this.#file = null;
		this.stream = null;
	}

	#spill(space: SpillSpace): void {
		this.#file = space.open();
		this.stream = new SpillStream(this.#file);
		for (const row of this.rows) this.stream.push(row);
		this.rows = [];
	}
}
