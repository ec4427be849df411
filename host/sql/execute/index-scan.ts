/** Reading an index: several ranges as one, rows out of entries alone, and the keys of the rows that entries point to. */

import { Buffer } from "node:buffer";
import type { ByteRange, ByteView, EntryPage, PageCursor } from "../../engine/store.js";
import { Keyspace } from "../../engine/store.js";
import { WlsmError } from "../../errors.js";
import type { StoredTable } from "../catalog/table.js";
import { isRowId } from "../catalog/table.js";
import { keyOfPointer, OBJECT_ID_BYTES, readRowId } from "../codec/key.js";
import type { KeyPartShape } from "../codec/key-reader.js";
import { KeyReader } from "../codec/key-reader.js";
import type { Value } from "../value/value.js";
import type { RowReader } from "./reader.js";
import { StoredReader } from "./reader.js";

/** Whether it ends before it begins. */
export function isEmpty({ gte, lt }: ByteRange): boolean {
	return gte !== undefined && lt !== undefined && Buffer.compare(gte, lt) >= 0;
}

/** The entries of ranges that do not overlap and stand in their order, the last first where `reverse`. */
export function openRanges(
	view: ByteView,
	space: Keyspace,
	ranges: readonly ByteRange[],
	reverse: boolean,
): PageCursor | undefined {
	const [only] = ranges;
	if (ranges.length === 1 && only !== undefined) {
		return isEmpty(only) ? undefined : view.scan(space, { ...only, reverse });
	}
	const left = ranges.filter((range) => !isEmpty(range));
	if (!reverse) left.reverse();
	const first = left.pop();
	if (first === undefined) return undefined;
	let cursor: PageCursor | undefined = view.scan(space, { ...first, reverse });
	return {
		next: () => {
			for (;;) {
				const page = cursor?.next();
				if (page !== undefined) return page;
				cursor?.close();
				const range = left.pop();
				cursor = range === undefined ? undefined : view.scan(space, { ...range, reverse });
				if (cursor === undefined) return undefined;
			}
		},
		close: () => {
			cursor?.close();
			cursor = undefined;
			left.length = 0;
		},
	};
}

/** Goes through the keys of the rows that entries of an index point to, or of the rows themselves. */
export function forEachRowKey(
	view: ByteView,
	ranges: readonly ByteRange[],
	pointsTo: number | null,
	visit: (key: Uint8Array) => void,
): void {
	const cursor = openRanges(view, Keyspace.sql, ranges, false);
	try {
		for (let page = cursor?.next(); page !== undefined; page = cursor?.next()) {
			for (let i = 0; i < page.count; i++) {
				const start = page.bounds[i * 2 + 1] ?? 0;
				if (pointsTo === null) visit(page.bytes.slice(page.bounds[i * 2], start));
				else visit(keyOfPointer(pointsTo, page.bytes.subarray(start, page.bounds[i * 2 + 2])));
			}
		}
	} finally {
		cursor?.close();
	}
}

/** Each key once, in order. */
export function distinctKeys(keys: readonly Uint8Array[]): Uint8Array[] {
	const sorted = [...keys].sort(Buffer.compare);
	return sorted.filter((key, i) => i === 0 || Buffer.compare(key, sorted[i - 1] as Uint8Array) !== 0); // i is behind the first
}

export interface EntryPart {
	/** Position in the table, or EXPRESSION. */
	readonly column: number;
	/** Null where the value cannot be read from the key. */
	readonly shape: KeyPartShape | null;
	readonly descending: boolean;
}

/** How entries of an index hold columns of the table. */
export interface EntryShape {
	readonly table: StoredTable;
	readonly parts: readonly EntryPart[];
	/** Of the keys of a table WITHOUT ROWID, which the entries' values are; else empty. */
	readonly key: readonly EntryPart[];
}

/** Columns of rows from the entries of an index, without the rows themselves. */
export class IndexReader implements RowReader {
	readonly #shape: EntryShape;
	readonly #view: ByteView;
	readonly #keys = new KeyReader();
	readonly #places = new Map<number, { readonly parts: readonly EntryPart[]; readonly at: number }>();
	#page: EntryPage = { count: 0, bytes: new Uint8Array(0), bounds: new Uint32Array(0) };
	/** For values that the key does not tell. */
	#rows: StoredReader | undefined;

	constructor(shape: EntryShape, view: ByteView) {
		this.#shape = shape;
		this.#view = view;
		for (const parts of [shape.parts, shape.key]) {
			for (const [at, { column, shape: readable }] of parts.entries())
				if (readable !== null && !this.#places.has(column)) this.#places.set(column, { parts, at });
		}
	}

	page(page: EntryPage): void {
		this.#page = page;
	}

	row(): void {
		throw new Error("entries of an index are read in pages");
	}

	column(row: number, column: number): Value {
		const { bytes, bounds } = this.#page;
		const start = bounds[row * 2] as number; // callers stay below the page's count
		const middle = bounds[row * 2 + 1] as number;
		if (isRowId(this.#shape.table, column)) return readRowId(bytes, middle);
		const place = this.#places.get(column);
		if (place === undefined) return this.#stored(row, column);
		const { parts, at } = place;
		let from = parts === this.#shape.key ? middle : start + OBJECT_ID_BYTES;
		for (let i = 0; i < at; i++) from = this.#keys.valueEnd(bytes, from, (parts[i] as EntryPart).descending); // i is below at
		const value = this.#keys.value(bytes, from, (parts[at] as EntryPart).shape as KeyPartShape); // places are readable
		return value === undefined ? this.#stored(row, column) : value;
	}

	key(row: number): Uint8Array {
		const { bytes, bounds } = this.#page;
		return keyOfPointer(this.#shape.table.id, bytes.subarray(bounds[row * 2 + 1], bounds[row * 2 + 2]));
	}

	#stored(row: number, column: number): Value {
		const { table } = this.#shape;
		const key = this.key(row);
		const value = this.#view.get(Keyspace.sql, key);
		if (value === undefined) throw missingRow(table);
		this.#rows ??= new StoredReader(table);
		this.#rows.row(key, value);
		return this.#rows.column(0, column);
	}
}

export function missingRow(table: { readonly name: string }): WlsmError {
	return new WlsmError("WLSM_CORRUPTION", `an index of table ${table.name} points to a row that is not there`);
}
