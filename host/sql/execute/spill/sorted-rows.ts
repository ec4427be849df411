/** Rows that are looked for among many: sorted in a temporary file, with the first one of each stretch in memory. */

import { RowWriter } from "../../codec/row-writer.js";
import type { Tuple } from "../operator.js";
import { FULL_BATCH } from "../operator.js";
import type { SpillFile, SpillSpace } from "./file.js";
import { Sorter } from "./sorter.js";
import { SpillStream } from "./stream.js";

/** Rows of a stretch: one is read to look for a row. */
const STRETCH_ROWS = 256;
/** Stretches that are kept after they were read, those that were read last. */
const KEPT_STRETCHES = 64;

interface Stretch {
	readonly first: Tuple;
	readonly rows: SpillStream;
}

export class SortedRows {
	readonly #compare: (a: Tuple, b: Tuple) => number;
	readonly #space: SpillSpace;
	readonly #sorter: Sorter;
	#file: SpillFile | undefined;
	readonly #stretches: Stretch[] = [];
	/** In the order in which they were read. */
	readonly #kept = new Map<Stretch, readonly Tuple[]>();

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
		const file = this.#space.open();
		this.#file = file;
		const writer = new RowWriter();
		const rows = this.#sorter.finish();
		try {
			for (let batch = rows.next(STRETCH_ROWS); batch !== undefined; batch = rows.next(STRETCH_ROWS)) {
				const stream = new SpillStream(file, writer);
				for (const row of batch) stream.push(row);
				stream.finish();
				this.#stretches.push({ first: batch[0] as Tuple, rows: stream }); // batches are not empty
			}
		} finally {
			rows.close();
		}
	}

	/** Whether there is a row that is equal to this one in order. */
	has(row: Tuple): boolean {
		const stretch = this.#stretchOf(row);
		if (stretch === undefined) return false;
		const rows = this.#read(stretch);
		let low = 0;
		let high = rows.length;
		while (low < high) {
			const middle = (low + high) >>> 1;
			const order = this.#compare(rows[middle] as Tuple, row); // middle is within
			if (order === 0) return true;
			if (order < 0) low = middle + 1;
			else high = middle;
		}
		return false;
	}

	close(): void {
		this.#sorter.close();
		this.#file?.close();
		this.#kept.clear();
	}

	/** The last one that does not begin behind the row. */
	#stretchOf(row: Tuple): Stretch | undefined {
		let low = 0;
		let high = this.#stretches.length;
		while (low < high) {
			const middle = (low + high) >>> 1;
			const { first } = this.#stretches[middle] as Stretch; // middle is within
			if (this.#compare(first, row) <= 0) low = middle + 1;
			else high = middle;
		}
		return this.#stretches[low - 1];
	}

	#read(stretch: Stretch): readonly Tuple[] {
		let rows = this.#kept.get(stretch);
		if (rows === undefined) {
			rows = stretch.rows.read().next(FULL_BATCH) ?? [];
			if (this.#kept.size === KEPT_STRETCHES) this.#kept.delete(this.#kept.keys().next().value as Stretch); // not empty
			this.#kept.set(stretch, rows);
		}
		return rows;
	}
}
