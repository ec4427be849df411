/** How many entries of an index agree in its leading columns, by going through all of them. */

import type { ByteView } from "../../engine/store.js";
import type { Index } from "../catalog/table.js";
import { OBJECT_ID_BYTES } from "../codec/key.js";
import { KeyReader } from "../codec/key-reader.js";
import { storedPages } from "../codec/object.js";

/** As sqlite_stat1 has them: entries, then per number of leading columns the entries that agree in these, on average. */
export function indexFigures(index: Index, view: ByteView): number[] {
	const reader = new KeyReader();
	const distinct = index.columns.map(() => 0);
	let entries = 0;
	let previous: Uint8Array = new Uint8Array(0);
	for (const { count, bytes, bounds } of storedPages(view, index.id)) {
		for (let i = 0; i < count; i++) {
			const key = bytes.subarray(bounds[i * 2], bounds[i * 2 + 1]);
			entries++;
			const common = commonLength(previous, key);
			let end = OBJECT_ID_BYTES;
			let differs = false;
			for (const [at, { descending }] of index.columns.entries()) {
				if (!differs) {
					end = reader.valueEnd(key, end, descending);
					differs = end > common;
				}
				if (differs) distinct[at] = (distinct[at] ?? 0) + 1;
			}
			previous = key;
		}
	}
	return [entries, ...distinct.map((count) => average(entries, count))];
}

/** Rounded up, as SQLite does, but that nearly different values count as such. */
function average(entries: number, distinct: number): number {
	if (distinct === 0) return 0;
	const figure = Math.floor((entries + distinct - 1) / distinct);
	return figure === 2 && entries * 10 <= distinct * 11 ? 1 : figure;
}

function commonLength(a: Uint8Array, b: Uint8Array): number {
	const length = Math.min(a.length, b.length);
	let at = 0;
	while (at < length && a[at] === b[at]) at++;
	return at;
}
