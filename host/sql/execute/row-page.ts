/** Values on the pages of columns that scans of rows deliver. */

import type { Buffer } from "node:buffer";
import {
	TAG_BLOB,
	TAG_INT32,
	TAG_INT64,
	TAG_MISSING,
	TAG_NULL,
	TAG_REAL,
	TAG_TEXT_ASCII,
} from "../../../assembly/shared/row.js";
import type { RowPage } from "../../engine/store.js";
import type { Value } from "../value/value.js";
import { Real } from "../value/value.js";
import type { Tuple } from "./operator.js";

/** Buffer's own methods, faster than toString with an encoding, and absent from its published types. */
interface SlicingBuffer extends Buffer {
	latin1Slice(start: number, end: number): string;
	utf8Slice(start: number, end: number): string;
}

/** `missing`: what the column holds in rows that are older than it. */
export function valueAt(page: RowPage, row: number, column: number, missing: Value): Value {
	const place = column * page.capacity + row;
	const at = page.valuesAt + place;
	switch (page.tags[page.tagsAt + place]) {
		case TAG_INT32:
			return (page.words[2 * at] as number) | 0; // places of rows are within
		case TAG_NULL:
			return null;
		case TAG_REAL: {
			const value = page.doubles[at] as number;
			return Number.isSafeInteger(value) ? new Real(value + 0) : value; // -0 + 0 is 0
		}
		case TAG_INT64: {
			const low = page.words[2 * at] as number;
			const high = (page.words[2 * at + 1] as number) | 0;
			const number = high * 2 ** 32 + low;
			return Number.isSafeInteger(number) ? number : (BigInt(high) << 32n) | BigInt(low);
		}
		case TAG_MISSING:
			return missing;
		default:
			return bytesAt(page, page.tags[page.tagsAt + place] as number, at);
	}
}

/** A column of consecutive rows, from `first` on, into the same place of tuples from `at` on. */
export function readColumn(
	page: RowPage,
	first: number,
	column: number,
	missing: Value,
	tuples: readonly Tuple[],
	at: number,
	slot: number,
): void {
	const { tags, words } = page;
	const place = column * page.capacity + first;
	const tagsAt = page.tagsAt + place;
	const valuesAt = page.valuesAt + place;
	const count = tuples.length - at;
	for (let i = 0; i < count; i++) {
		const tuple = tuples[at + i] as Tuple; // i is within
		if (tags[tagsAt + i] === TAG_INT32) tuple[slot] = (words[2 * (valuesAt + i)] as number) | 0;
		else tuple[slot] = valueAt(page, first + i, column, missing);
	}
}

/** The first row from `row` on whose value is no INTEGER of 32 bits, or one that is among the keys; `page.count` where there is none. */
export function nextAmong(page: RowPage, row: number, column: number, keys: ReadonlyMap<unknown, unknown>): number {
	const { tags, words, count } = page;
	const place = column * page.capacity;
	const tagsAt = page.tagsAt + place;
	const valuesAt = page.valuesAt + place;
	for (let at = row; at < count; at++) {
		if (tags[tagsAt + at] !== TAG_INT32 || keys.has((words[2 * (valuesAt + at)] as number) | 0)) return at; // at is within
	}
	return count;
}

/** A column of INTEGERs alone, row by row into `target`. */
export function readIntegers(page: RowPage, column: number, target: (number | bigint)[]): void {
	const { tags, words, count } = page;
	const place = column * page.capacity;
	const tagsAt = page.tagsAt + place;
	const valuesAt = page.valuesAt + place;
	for (let row = 0; row < count; row++) {
		target[row] =
			tags[tagsAt + row] === TAG_INT32
				? (words[2 * (valuesAt + row)] as number) | 0 // rows are within
				: (valueAt(page, row, column, null) as number | bigint);
	}
}

function bytesAt(page: RowPage, tag: number, at: number): string | Uint8Array {
	const start = page.at + (page.words[2 * at] as number);
	const end = start + (page.words[2 * at + 1] as number);
	const bytes = page.bytes as SlicingBuffer;
	if (tag === TAG_TEXT_ASCII) return bytes.latin1Slice(start, end);
	return tag === TAG_BLOB ? Uint8Array.prototype.slice.call(bytes, start, end) : bytes.utf8Slice(start, end);
}
