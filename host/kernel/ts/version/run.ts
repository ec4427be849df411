import { compareBytes, headOf, sharedPrefix } from "../key/compare.js";
import type { KeyView } from "../key/key-view.js";
import { NO_BYTES } from "../memory/bytes.js";
import type { Table } from "../table/table.js";

/** A sorted run: tables by key that do not overlap; a table of level 0 is one by itself. */
export class Run {
	readonly tables: readonly Table[];
	/** Whether any of them has range deletions. */
	readonly ranged: boolean;
	/** Leading bytes that all their keys share, and a key that shows them; heads are taken behind them. */
	readonly #shared: number;
	readonly #shown: KeyView | undefined;
	readonly #largestHeads: Float64Array;

	constructor(tables: readonly Table[]) {
		this.tables = tables;
		this.ranged = tables.some(({ ranged }) => ranged);
		const shown = tables[0]?.smallest;
		let shared = shown?.length ?? 0;
		for (const { smallest, largest } of tables) {
			for (const { view, at, length } of [smallest, largest]) {
				shared = sharedPrefix(shown?.view ?? NO_BYTES.view, shown?.at ?? 0, shared, view, at, length);
			}
		}
		this.#shown = shown;
		this.#shared = shared;
		this.#largestHeads = Float64Array.from(tables, ({ largest }) =>
			headOf(largest.view, largest.at + shared, largest.length - shared),
		);
	}

	/** Leading bytes that the keys of its tables share, as a key; undefined where it has no tables. */
	prefix(): KeyView | undefined {
		return this.#shown?.part(this.#shared);
	}

	/** Whether a key begins as all keys of its tables are said to, as far as that is `length` bytes. */
	hasPrefix(view: DataView, key: number, keyLength: number, length: number): boolean {
		const shown = this.#shown;
		return (
			shown === undefined || compareBytes(shown.view, shown.at, length, view, key, Math.min(keyLength, length)) === 0
		);
	}

	/** Position of the first table whose largest key is at or after the key; their number where there is none. */
	find(view: DataView, key: number, keyLength: number): number {
		const { tables } = this;
		const shared = this.#shared;
		const shown = this.#shown;
		if (shown === undefined) return 0;
		const order = compareBytes(shown.view, shown.at, shared, view, key, Math.min(keyLength, shared));
		if (order !== 0) return order > 0 ? 0 : tables.length;
		const head = headOf(view, key + shared, keyLength - shared);
		let low = 0;
		let high = tables.length;
		while (low < high) {
			const middle = (low + high) >>> 1;
			const largestHead = this.#largestHeads[middle] as number;
			const before =
				largestHead === head ? (tables[middle] as Table).largest.compare(view, key, keyLength) < 0 : largestHead < head;
			if (before) low = middle + 1;
			else high = middle;
		}
		return low;
	}

	/** The only table that may hold the key. */
	tableWith(view: DataView, key: number, keyLength: number): Table | undefined {
		const table = this.tables[this.find(view, key, keyLength)];
		return table === undefined || table.smallest.compare(view, key, keyLength) > 0 ? undefined : table;
	}
}
