/** Writes the bytes of a row (row.ts), in place: one pass for the room that it takes at most, one that writes. */

import { Buffer } from "node:buffer";
import { NARROW_SLOT_BYTES, WIDE_SLOT_BYTES } from "../../../assembly/shared/row.js";
import { writeText } from "../value/text.js";
import type { Value } from "../value/value.js";
import { Real } from "../value/value.js";
import { HEADER_BYTES, RowFormat, Tag } from "./row.js";

/** Of a column: its tag, and its slot in a narrow or in a wide row. */
const NARROW_COLUMN_BYTES = 1 + NARROW_SLOT_BYTES;
const WIDE_COLUMN_BYTES = 1 + WIDE_SLOT_BYTES;
const NARROW_MAX_BYTES = 0xffff;
const NUMBER_BYTES = 8;
/** A longer text is measured rather than guessed at. */
const LONG_TEXT = 1 << 14;

/** Bytes that the row `[values[first], …]` takes at most. */
export function rowBound(values: readonly Value[], first: number): number {
	let heap = 0;
	for (let i = first; i < values.length; i++) heap += heapBound(values[i] as Value); // i is within
	return HEADER_BYTES + (values.length - first) * WIDE_COLUMN_BYTES + heap;
}

function heapBound(value: Value): number {
	if (typeof value === "string") return value.length < LONG_TEXT ? 3 * value.length : Buffer.byteLength(value);
	return value instanceof Uint8Array ? value.length : NUMBER_BYTES;
}

/** Whether all offsets and lengths fit 16 bits. */
function isNarrow(values: readonly Value[], first: number, bound: number): boolean {
	const count = values.length - first;
	if (bound - count * (WIDE_COLUMN_BYTES - NARROW_COLUMN_BYTES) <= NARROW_MAX_BYTES) return true;
	let bytes = HEADER_BYTES + count * NARROW_COLUMN_BYTES;
	for (let i = first; i < values.length && bytes <= NARROW_MAX_BYTES; i++) bytes += heapBytes(values[i] as Value);
	return bytes <= NARROW_MAX_BYTES;
}

function heapBytes(value: Value): number {
	switch (typeof value) {
		case "string":
			return Buffer.byteLength(value);
		case "number":
			return isInt32(value) ? 0 : NUMBER_BYTES;
		case "bigint":
			return NUMBER_BYTES;
		default:
			if (value === null) return 0;
			if (value instanceof Real) return isInt32(value.value) ? 0 : NUMBER_BYTES;
			return value.length;
	}
}

function isInt32(value: number): boolean {
	return (value | 0) === value;
}

/** An integer of at most 53 bits as i64. */
function writeInt64(value: number, view: DataView, at: number): void {
	view.setUint32(at, value >>> 0, true);
	view.setInt32(at + 4, Math.floor(value / 0x1_0000_0000), true);
}

/**
 * Writes the row `[values[first], …]`, NULL in place of `values[without]`, to `target[start…]`, which has room for `bound`;
 * answers its length. `view` is of `target`. One loop over locals: this is most of what inserting a row takes.
 */
export function writeRow(
	values: readonly Value[],
	first: number,
	without: number,
	bound: number,
	target: Buffer,
	view: DataView,
	start: number,
): number {
	const count = values.length - first;
	const wide = !isNarrow(values, first, bound);
	const slotBytes = wide ? WIDE_SLOT_BYTES : NARROW_SLOT_BYTES;
	view.setUint16(start, wide ? RowFormat.wide : RowFormat.narrow, true);
	view.setUint16(start + 2, count, true);
	let tagAt = start + HEADER_BYTES;
	let slot = tagAt + count;
	let heap = slot + count * slotBytes;
	for (let i = first; i < values.length; i++, tagAt++, slot += slotBytes) {
		const value = i === without ? null : (values[i] as Value); // i is within
		let tag: number = Tag.null;
		// What the slot itself holds, or how many bytes there are in the heap.
		let number = 0;
		let length = -1;
		if (typeof value === "string") {
			length = writeText(value, target, heap);
			// Only ASCII takes as many bytes as UTF-16 units.
			tag = length === value.length ? Tag.textAscii : Tag.textUtf8;
		} else if (typeof value === "number") {
			if (isInt32(value)) {
				tag = Tag.int32;
				number = value;
			} else {
				length = NUMBER_BYTES;
				const isInteger = Number.isSafeInteger(value);
				tag = isInteger ? Tag.int64 : Tag.real;
				if (isInteger) writeInt64(value, view, heap);
				else view.setFloat64(heap, value, true);
			}
		} else if (value instanceof Real) {
			if (isInt32(value.value)) {
				tag = Tag.realInt32;
				number = value.value;
			} else {
				length = NUMBER_BYTES;
				tag = Tag.real;
				view.setFloat64(heap, value.value, true);
			}
		} else if (typeof value === "bigint") {
			length = NUMBER_BYTES;
			tag = Tag.int64;
			view.setBigInt64(heap, value, true);
		} else if (value !== null) {
			length = value.length;
			tag = Tag.blob;
			target.set(value, heap);
		}
		target[tagAt] = tag;
		if (length < 0) view.setInt32(slot, number, true);
		else view.setUint32(slot, wide ? heap - start : (heap - start) | (length << 16), true);
		if (wide) view.setUint32(slot + 4, Math.max(length, 0), true);
		if (length > 0) heap += length;
	}
	return heap - start;
}

/** Encodes rows that are kept elsewhere; its room is used again for each. */
export class RowWriter {
	#room = Buffer.allocUnsafeSlow(1024);
	#view = new DataView(this.#room.buffer);

	encode(values: readonly Value[]): Uint8Array {
		const bound = rowBound(values, 0);
		if (bound > this.#room.length) {
			this.#room = Buffer.allocUnsafeSlow(2 * bound);
			this.#view = new DataView(this.#room.buffer);
		}
		const length = writeRow(values, 0, -1, bound, this.#room, this.#view, 0);
		// A copy, where a Buffer's own method would answer a view.
		return Uint8Array.prototype.slice.call(this.#room, 0, length);
	}
}
