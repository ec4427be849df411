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
