/** The bytes of a row. host/sql/ROW_FORMAT.md has the layout as a table; the constants stand here. */

import { Buffer } from "node:buffer";
import { WlsmError } from "../../errors.js";
import type { Value } from "../value/value.js";
import { integer, Real, real } from "../value/value.js";

export const RowFormat = { narrow: 1, wide: 2 } as const;

export const Tag = {
	null: 0,
	/** INTEGER in the slot itself, i32. */
	int32: 1,
	/** INTEGER in the heap, i64. */
	int64: 2,
	/** REAL in the heap, f64. */
	real: 3,
	/** REAL that is a whole number, in the slot itself, i32. */
	realInt32: 4,
	/** TEXT of bytes below 0x80 only. */
	textAscii: 5,
	textUtf8: 6,
	blob: 7,
} as const;

const HEADER_BYTES = 4;
export const MAX_COLUMNS = 32767;

/** Buffer's own methods, faster than toString with an encoding, and absent from its published types. */
interface SlicingBuffer extends Buffer {
	latin1Slice(start: number, end: number): string;
	utf8Slice(start: number, end: number): string;
}

/** Bytes that rows lie in: a page of a scan, or one value. */
export class RowSource {
	readonly #bytes: Uint8Array;
	// Made at first need: a row that is looked up by its key may need neither.
	#lazyBuffer: SlicingBuffer | undefined;
	#lazyView: DataView | undefined;

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
	}

	get #buffer(): SlicingBuffer {
		const bytes = this.#bytes;
		this.#lazyBuffer ??= Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) as SlicingBuffer;
		return this.#lazyBuffer;
	}

	get #view(): DataView {
		const bytes = this.#bytes;
		this.#lazyView ??= new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		return this.#lazyView;
	}

	/** How many columns the row at `start` holds: fewer than its table where columns were added since. */
	columnCount(start: number): number {
		return (this.#bytes[start + 2] ?? 0) | ((this.#bytes[start + 3] ?? 0) << 8);
	}

	/** One column of the row in `[start, end)`; undefined where the row is older than the column. */
	column(start: number, end: number, column: number): Value | undefined {
		const bytes = this.#bytes;
		const format = bytes[start];
		const count = (bytes[start + 2] ?? 0) | ((bytes[start + 3] ?? 0) << 8);
		if (column >= count) return undefined;
		const tag = bytes[start + HEADER_BYTES + column];
		if (tag === Tag.null) return null;
		const wide = format === RowFormat.wide;
		const slot = start + HEADER_BYTES + count + column * (wide ? 8 : 4);
		if ((format !== RowFormat.narrow && !wide) || slot + 4 > end) throw damaged();
		if (tag === Tag.int32) return this.#view.getInt32(slot, true);
		if (tag === Tag.realInt32) return new Real(this.#view.getInt32(slot, true));
		const at = start + (wide ? this.#view.getUint32(slot, true) : this.#view.getUint16(slot, true));
		const length = wide ? this.#view.getUint32(slot + 4, true) : this.#view.getUint16(slot + 2, true);
		if (at + length > end) throw damaged();
		switch (tag) {
			case Tag.textAscii:
				return this.#buffer.latin1Slice(at, at + length);
			case Tag.textUtf8:
				return this.#buffer.utf8Slice(at, at + length);
			case Tag.blob:
				return bytes.slice(at, at + length);
			case Tag.real:
				if (length !== 8) throw damaged();
				return real(this.#view.getFloat64(at, true));
			case Tag.int64: {
				if (length !== 8) throw damaged();
				return integer(this.#view.getBigInt64(at, true));
			}
			default:
				throw damaged();
		}
	}
}

function damaged(): WlsmError {
	return new WlsmError("WLSM_CORRUPTION", "a stored row is damaged: its header does not fit its length");
}

/** Encodes rows; its buffer is reused from row to row. */
export class RowWriter {
	#heap = Buffer.allocUnsafe(4096);
	#length = 0;
	#tags = new Uint8Array(64);
	#offsets = new Uint32Array(64);
	#lengths = new Uint32Array(64);

	encode(values: readonly Value[]): Uint8Array {
		const count = values.length;
		if (count > this.#tags.length) {
			this.#tags = new Uint8Array(count * 2);
			this.#offsets = new Uint32Array(count * 2);
			this.#lengths = new Uint32Array(count * 2);
		}
		this.#length = 0;
		for (let i = 0; i < count; i++) this.#column(i, values[i] as Value); // i is within
		const narrowHeap = HEADER_BYTES + count * 5;
		const wide = narrowHeap + this.#length > 0xffff;
		const heap = wide ? HEADER_BYTES + count * 9 : narrowHeap;
		const row = new Uint8Array(heap + this.#length);
		const view = new DataView(row.buffer);
		row[0] = wide ? RowFormat.wide : RowFormat.narrow;
		view.setUint16(2, count, true);
		row.set(this.#tags.subarray(0, count), HEADER_BYTES);
		for (let i = 0; i < count; i++) {
			const slot = HEADER_BYTES + count + i * (wide ? 8 : 4);
			const tag = this.#tags[i];
			const offset = this.#offsets[i] as number; // both arrays are at least as long as values
			const length = this.#lengths[i] as number;
			if (tag === Tag.null) continue;
			if (tag === Tag.int32 || tag === Tag.realInt32) view.setUint32(slot, offset, true);
			else if (wide) {
				view.setUint32(slot, heap + offset, true);
				view.setUint32(slot + 4, length, true);
			} else {
				view.setUint16(slot, heap + offset, true);
				view.setUint16(slot + 2, length, true);
			}
		}
		row.set(this.#heap.subarray(0, this.#length), heap);
		return row;
	}

	#column(i: number, value: Value): void {
		switch (typeof value) {
			case "number":
				if ((value | 0) === value) this.#inline(i, Tag.int32, value);
				else if (Number.isSafeInteger(value)) this.#int64(i, BigInt(value));
				else this.#double(i, value);
				return;
			case "bigint":
				this.#int64(i, value);
				return;
			case "string":
				this.#reserve(value.length * 3);
				this.#place(i, Tag.textUtf8, this.#heap.write(value, this.#length, "utf8"));
				// Only ASCII takes as many bytes as UTF-16 units.
				if (this.#lengths[i] === value.length) this.#tags[i] = Tag.textAscii;
				return;
			default:
				if (value === null) this.#tags[i] = Tag.null;
				else if (value instanceof Real) {
					if ((value.value | 0) === value.value) this.#inline(i, Tag.realInt32, value.value);
					else this.#double(i, value.value);
				} else {
					this.#reserve(value.length);
					this.#heap.set(value, this.#length);
					this.#place(i, Tag.blob, value.length);
				}
		}
	}

	#inline(i: number, tag: number, value: number): void {
		this.#tags[i] = tag;
		this.#offsets[i] = value;
	}

	#int64(i: number, value: bigint): void {
		this.#reserve(8);
		this.#heap.writeBigInt64LE(value, this.#length);
		this.#place(i, Tag.int64, 8);
	}

	#double(i: number, value: number): void {
		this.#reserve(8);
		this.#heap.writeDoubleLE(value, this.#length);
		this.#place(i, Tag.real, 8);
	}

	#place(i: number, tag: number, length: number): void {
		this.#tags[i] = tag;
		this.#offsets[i] = this.#length;
		this.#lengths[i] = length;
		this.#length += length;
	}

	#reserve(more: number): void {
		if (this.#length + more <= this.#heap.length) return;
		const larger = Buffer.allocUnsafe(Math.max(this.#heap.length * 2, this.#length + more));
		this.#heap.copy(larger, 0, 0, this.#length);
		this.#heap = larger;
	}
}
