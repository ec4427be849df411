/** Rows that are read by their numbers: in memory, and beyond what may be there in a temporary file, of which pages are kept. */

import type { Tuple } from "../operator.js";
import { HeldRows } from "./held-rows.js";
import { rowBytes } from "./size.js";
import type { SpillStream } from "./stream.js";

/** Pages that are kept whatever they take: frames read at their beginning, at their end, and at what lies between. */
const LEAST_PAGES = 16;
/** Of the memory, what pages may take. */
const PAGES_SHARE = 1 / 4;

interface Page {
	readonly first: number;
	readonly rows: readonly Tuple[];
	readonly bytes: number;
}

const NO_PAGE: Page = { first: 0, rows: [], bytes: 0 };

/** To be closed. */
export class PagedRows extends HeldRows {
	/** In the order in which they were looked at. */
	readonly #pages = new Map<number, Page>();
	#pageBytes = 0;
	#page = NO_PAGE;

	get count(): number {
		return this.stream === null ? this.rows.length : this.stream.count;
	}

	/** The row of this number, which is below the count; to be called when it is finished. Nobody changes it. */
	at(number: number): Tuple {
		if (this.stream === null) return this.rows[number] as Tuple; // it is below
		const { first, rows } = this.#page;
		const row = rows[number - first];
		if (row !== undefined) return row;
		this.#page = this.#pageOf(number, this.stream);
		return this.#page.rows[number - this.#page.first] as Tuple; // it is on its page
	}

	override close(): void {
		super.close();
		this.#pages.clear();
		this.#pageBytes = 0;
		this.#page = NO_PAGE;
	}

	#pageOf(number: number, stream: SpillStream): Page {
		const piece = stream.pieceOf(number);
		const kept = this.#pages.get(piece);
		if (kept !== undefined) {
			this.#pages.delete(piece);
			this.#pages.set(piece, kept);
			return kept;
		}
		const read = stream.readPiece(piece);
		const page = { ...read, bytes: read.rows.reduce((sum, row) => sum + rowBytes(row), 0) };
		this.#pages.set(piece, page);
		this.#pageBytes += page.bytes;
		this.#dropPages();
		return page;
	}

	/** Those that were not looked at for the longest time, until the rest has room. */
	#dropPages(): void {
		for (const [piece, { bytes }] of this.#pages) {
			if (this.#pages.size <= LEAST_PAGES || this.#pageBytes <= this.budgetBytes * PAGES_SHARE) return;
			this.#pages.delete(piece);
			this.#pageBytes -= bytes;
		}
	}
}
