/** Sorted rows in a temporary file, of which any can be looked for: the first one of each stretch is in memory. */

import { RowWriter } from "../../codec/row-writer.js";
import type { Run, Tuple } from "../operator.js";
import { FULL_BATCH, forEachRow, pulled } from "../operator.js";
import type { SpillFile, SpillSpace } from "./file.js";
import { SpillStream } from "./stream.js";

type Compare = (a: Tuple, b: Tuple) => number;

export type Direction = "forward" | "reverse";

/** Rows of a stretch: one is read to look for a row. */
const STRETCH_ROWS = 256;
/** Stretches that are kept after they were read, those that were read last. */
const KEPT_STRETCHES = 64;

interface Stretch {
	readonly first: Tuple;
	readonly rows: SpillStream;
}

/** To be closed, unless the statement's end is soon enough. */
export class SortedFile {
	readonly #compare: Compare;
	readonly #file: SpillFile;
	readonly #keptStretches: number;
	readonly #stretches: Stretch[] = [];
	/** In the order in which they were read. */
	readonly #kept = new Map<Stretch, readonly Tuple[]>();

	/** Writes rows that come in their order, and closes what they come from. */
	constructor(rows: Run, compare: Compare, space: SpillSpace, keptStretches = KEPT_STRETCHES) {
		this.#compare = compare;
		this.#keptStretches = keptStretches;
		this.#file = space.open();
		const writer = new RowWriter();
		let stretch: Stretch | undefined;
		forEachRow(rows, (row) => {
			if (stretch === undefined || stretch.rows.count === STRETCH_ROWS) {
				stretch?.rows.finish();
				stretch = { first: row, rows: new SpillStream(this.#file, writer) };
				this.#stretches.push(stretch);
			}
			stretch.rows.push(row);
		});
		this.#stretches.at(-1)?.rows.finish();
	}

	/** How many rows it has. */
	get count(): number {
		const last = this.#stretches.at(-1);
		return last === undefined ? 0 : (this.#stretches.length - 1) * STRETCH_ROWS + last.rows.count;
	}

	/** Whether there is a row that is equal to this one in order. */
	has(row: Tuple): boolean {
		const stretch = this.#stretchOf(row);
		if (stretch === undefined) return false;
		const rows = this.#read(stretch);
		const found = rows[this.#firstOf(rows, row)];
		return found !== undefined && this.#compare(found, row) === 0;
	}

	/** The rows that are equal to this one in order. */
	*equalTo(row: Tuple): Generator<Tuple> {
		// The first of them may be in the stretch before the first that begins with one.
		const behind = firstWhere(this.#stretches, ({ first }) => this.#compare(first, row) >= 0);
		for (const stretch of this.#stretches.slice(Math.max(0, behind - 1))) {
			const rows = this.#read(stretch);
			for (let i = this.#firstOf(rows, row); i < rows.length; i++) {
				const found = rows[i] as Tuple; // i is within
				if (this.#compare(found, row) !== 0) return;
				yield found;
			}
		}
	}

	/** All rows. Closing the run does not close the file. */
	read(direction: Direction = "forward"): Run {
		return pulled(this.#rows(direction));
	}

	close(): void {
		this.#file.close();
		this.#kept.clear();
	}

	*#rows(direction: Direction): Generator<Tuple> {
		const { length } = this.#stretches;
		for (let i = 0; i < length; i++) {
			const { rows } = this.#stretches[direction === "forward" ? i : length - 1 - i] as Stretch; // i is within
			const found = rows.read().next(FULL_BATCH) ?? [];
			yield* direction === "forward" ? found : found.reverse();
		}
	}

	/** The last one that does not begin behind the row. */
	#stretchOf(row: Tuple): Stretch | undefined {
		return this.#stretches[firstWhere(this.#stretches, ({ first }) => this.#compare(first, row) > 0) - 1];
	}

	/** The place of the first of sorted rows that is not before this one. */
	#firstOf(rows: readonly Tuple[], row: Tuple): number {
		return firstWhere(rows, (other) => this.#compare(other, row) >= 0);
	}

	#read(stretch: Stretch): readonly Tuple[] {
		let rows = this.#kept.get(stretch);
		if (rows === undefined) {
			rows = stretch.rows.read().next(FULL_BATCH) ?? [];
			if (this.#kept.size === this.#keptStretches) this.#kept.delete(this.#kept.keys().next().value as Stretch); // not empty
			this.#kept.set(stretch, rows);
		}
		return rows;
	}
}

/** The first place from which on the test holds; the length where it never does. */
function firstWhere<T>(items: readonly T[], test: (item: T) => boolean): number {
	let low = 0;
	let high = items.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if (test(items[middle] as T))
			high = middle; // middle is within
		else low = middle + 1;
	}
	return low;
}
