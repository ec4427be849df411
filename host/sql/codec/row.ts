/** The bytes of a row as they are read; row-writer.ts writes them. host/sql/ROW_FORMAT.md has the layout as a table; the constants stand in assembly/shared/row.ts, as kernels read rows too. */

import { Buffer } from "node:buffer";
import * as row from "../../../assembly/shared/row.js";
import { WlsmError } from "../../errors.js";
import type { Value } from "../value/value.js";
import { integer, Real, real } from "../value/value.js";

export const RowFormat = { narrow: row.ROW_NARROW, wide: row.ROW_WIDE } as const;

export const Tag = {
	null: row.TAG_NULL,
	int32: row.TAG_INT32,
	int64: row.TAG_INT64,
	real: row.TAG_REAL,
	realInt32: row.TAG_REAL_INT32,
	textAscii: row.TAG_TEXT_ASCII,
	textUtf8: row.TAG_TEXT_UTF8,
	blob: row.TAG_BLOB,
} as const;

export const HEADER_BYTES = row.ROW_HEADER_BYTES;
export const MAX_COLUMNS = 32767;

/** Buffer's own methods, faster than toString with an encoding, and absent from its published types. */
interface SlicingBuffer extends Buffer {
	latin1Slice(start: number, end: number): string;
	utf8Slice(start: number, end: number): string;
}

const eight = new DataView(new ArrayBuffer(8));

/** Bytes that rows lie in: a page of a scan, or one value. */
export class RowSource {
	readonly #bytes: Uint8Array;
	// Made at first need: a row that is looked up by its key may need none. Numbers do without a view for the same reason.
	#lazyBuffer: SlicingBuffer | undefined;

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
		if (Buffer.isBuffer(bytes)) this.#lazyBuffer = bytes as SlicingBuffer;
	}

	get #buffer(): SlicingBuffer {
		const bytes = this.#bytes;
		this.#lazyBuffer ??= Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) as SlicingBuffer;
		return this.#lazyBuffer;
	}

	#uint16(at: number): number {
		return (this.#bytes[at] as number) | ((this.#bytes[at + 1] as number) << 8); // callers look where the row ends
	}

	#int32(at: number): number {
		return this.#uint16(at) | (this.#uint16(at + 2) << 16);
	}

	/** Eight bytes for `eight` to show as a number. */
	#takeEight(at: number): void {
		for (let i = 0; i < 8; i++) eight.setUint8(i, this.#bytes[at + i] as number); // within, as above
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
		const slot = start + HEADER_BYTES + count + column * (wide ? row.WIDE_SLOT_BYTES : row.NARROW_SLOT_BYTES);
		if ((format !== RowFormat.narrow && !wide) || slot + 4 > end) throw damaged();
		if (tag === Tag.int32) return this.#int32(slot);
		if (tag === Tag.realInt32) return new Real(this.#int32(slot));
		const at = start + (wide ? this.#int32(slot) >>> 0 : this.#uint16(slot));
		const length = wide ? this.#int32(slot + 4) >>> 0 : this.#uint16(slot + 2);
		if (at + length > end) throw damaged();
		switch (tag) {
			case Tag.textAscii:
				return this.#buffer.latin1Slice(at, at + length);
			case Tag.textUtf8:
				return this.#buffer.utf8Slice(at, at + length);
			case Tag.blob:
				return new Uint8Array(bytes.buffer, bytes.byteOffset + at, length).slice();
			case Tag.real:
				if (length !== 8) throw damaged();
				this.#takeEight(at);
				return real(eight.getFloat64(0, true));
			case Tag.int64: {
				if (length !== 8) throw damaged();
				this.#takeEight(at);
				return integer(eight.getBigInt64(0, true));
			}
			default:
				throw damaged();
		}
	}
}

function damaged(): WlsmError {
	return new WlsmError("WLSM_CORRUPTION", "a stored row is damaged: its header does not fit its length");
}
