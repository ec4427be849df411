/** Writes the bytes of a row (row.ts), in place: one pass for the room that it takes at most, one that writes. */

import { Buffer } from "node:buffer";
import { copyOf } from "../../engine/bytes.js";
import { writeText } from "../value/text.js";
import type { Value } from "../value/value.js";
import { Real } from "../value/value.js";
import { HEADER_BYTES, RowFormat, Tag } from "./row.js";

/** Of a column: its tag, and its slot in a narrow or in a wide row. */
const NARROW_COLUMN_BYTES = 5;
const WIDE_COLUMN_BYTES = 9;
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

/** Where a row is being written. */
interface Place {
	readonly target: Buffer;
	readonly view: DataView;
	readonly start: number;
	readonly wide: boolean;
}

/** Writes rows one after the other; what it keeps between them is room alone. */
export class RowWriter {
	#room = Buffer.allocUnsafeSlow(1024);
	#view = new DataView(this.#room.buffer);
	/** Of the row that is being written: where the heap goes on. */
	#heap = 0;

	/** A row of its own. */
	encode(values: readonly Value[]): Uint8Array {
		const bound = rowBound(values, 0);
		if (bound > this.#room.length) {
			this.#room = Buffer.allocUnsafeSlow(2 * bound);
			this.#view = new DataView(this.#room.buffer);
		}
		return copyOf(this.#room, 0, this.write(values, 0, -1, bound, this.#room, this.#view, 0));
	}

	/**
	 * Writes the row `[values[first], …]`, NULL in place of `values[without]`, to `target[start…]`, which has room for `bound`;
	 * answers its length. `view` is of `target`.
	 */
	write(
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
		const place = { target, view, start, wide };
		const tags = start + HEADER_BYTES;
		const slots = tags + count;
		view.setUint16(start, wide ? RowFormat.wide : RowFormat.narrow, true);
		view.setUint16(start + 2, count, true);
		this.#heap = slots + count * (wide ? 8 : 4);
		for (let i = 0; i < count; i++) {
			const value = i + first === without ? null : (values[i + first] as Value); // i is within
			target[tags + i] = this.#column(value, place, slots + i * (wide ? 8 : 4));
		}
		return this.#heap - start;
	}

	/** Writes a column's slot, and what it has in the heap; answers its tag. */
	#column(value: Value, place: Place, slot: number): number {
		switch (typeof value) {
			case "string":
				return this.#text(value, place, slot);
			case "number":
				if (isInt32(value)) return inSlot(value, Tag.int32, place, slot);
				if (Number.isSafeInteger(value)) return this.#int64(BigInt(value), place, slot);
				return this.#double(value, place, slot);
			case "bigint":
				return this.#int64(value, place, slot);
			default:
				if (value === null) return inSlot(0, Tag.null, place, slot);
				if (value instanceof Uint8Array) return this.#blob(value, place, slot);
				if (isInt32(value.value)) return inSlot(value.value, Tag.realInt32, place, slot);
				return this.#double(value.value, place, slot);
		}
	}

	#text(value: string, place: Place, slot: number): number {
		const length = writeText(value, place.target, this.#heap);
		this.#inHeap(length, place, slot);
		// Only ASCII takes as many bytes as UTF-16 units.
		return length === value.length ? Tag.textAscii : Tag.textUtf8;
	}

	#blob(value: Uint8Array, place: Place, slot: number): number {
		place.target.set(value, this.#heap);
		this.#inHeap(value.length, place, slot);
		return Tag.blob;
	}

	#int64(value: bigint, place: Place, slot: number): number {
		place.view.setBigInt64(this.#heap, value, true);
		this.#inHeap(NUMBER_BYTES, place, slot);
		return Tag.int64;
	}

	#double(value: number, place: Place, slot: number): number {
		place.view.setFloat64(this.#heap, value, true);
		this.#inHeap(NUMBER_BYTES, place, slot);
		return Tag.real;
	}

	/** Says in the slot where the bytes are that were written to the heap. */
	#inHeap(length: number, { view, start, wide }: Place, slot: number): void {
		const offset = this.#heap - start;
		if (wide) {
			view.setUint32(slot, offset, true);
			view.setUint32(slot + 4, length, true);
		} else {
			view.setUint32(slot, offset | (length << 16), true);
		}
		this.#heap += length;
	}
}

function inSlot(value: number, tag: number, { view, wide }: Place, slot: number): number {
	view.setInt32(slot, value, true);
	if (wide) view.setInt32(slot + 4, 0, true);
	return tag;
}
