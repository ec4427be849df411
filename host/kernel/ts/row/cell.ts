import * as row from "../../../../assembly/shared/row.js";
import { compareBytes } from "../key/compare.js";

/** Beside the tags of rows: the row's header does not fit its length. */
export const TAG_DAMAGED = 0xff;

/** One value of a row, as it is found or as a term has it. */
export class Cell {
	/** TAG_INT64 for every INTEGER, TAG_REAL for every REAL. */
	tag: number = row.TAG_NULL;
	/** A bigint where an INTEGER takes more than 53 bits. JavaScript compares both kinds exactly. */
	number: number | bigint = 0;
	view: DataView = new DataView(new ArrayBuffer(0));
	/** Where the bytes of TEXT and BLOB lie. */
	at = 0;
	length = 0;

	/** Reads a column of the sound row in [start, end), or its rowid out of the key, -1 for one that has none. */
	read(view: DataView, key: number, start: number, end: number, column: number): void {
		this.tag = TAG_DAMAGED;
		if (column === row.ROWID_COLUMN) {
			if (key >= 0) this.#integer(view.getBigUint64(key + row.OBJECT_ID_BYTES) ^ (1n << 63n));
			return;
		}
		const wide = view.getUint8(start) === row.ROW_WIDE;
		const count = view.getUint16(start + row.ROW_COUNT, true);
		const slots = start + row.ROW_HEADER_BYTES + count;
		if (column >= count) {
			this.tag = row.TAG_MISSING;
			return;
		}
		const tag = view.getUint8(start + row.ROW_HEADER_BYTES + column);
		const slot = slots + column * slotBytesOf(wide);
		if (tag === row.TAG_NULL) {
			this.tag = tag;
		} else if (tag === row.TAG_INT32 || tag === row.TAG_REAL_INT32) {
			this.tag = tag === row.TAG_INT32 ? row.TAG_INT64 : row.TAG_REAL;
			this.number = view.getInt32(slot, true);
		} else {
			const at = start + (wide ? view.getUint32(slot, true) : view.getUint16(slot, true));
			const length = wide ? view.getUint32(slot + 4, true) : view.getUint16(slot + 2, true);
			if (at + length <= end) this.#heap(view, tag, at, length);
		}
	}

	#heap(view: DataView, tag: number, at: number, length: number): void {
		if (tag === row.TAG_TEXT_ASCII || tag === row.TAG_TEXT_UTF8 || tag === row.TAG_BLOB) {
			this.tag = tag;
			this.view = view;
			this.at = at;
			this.length = length;
		} else if (tag === row.TAG_REAL && length === 8) {
			this.tag = tag;
			this.number = view.getFloat64(at, true);
		} else if (tag === row.TAG_INT64 && length === 8) {
			this.#integer(view.getBigUint64(at, true));
		}
	}

	#integer(bits: bigint): void {
		const integer = BigInt.asIntN(64, bits);
		const number = Number(integer);
		this.tag = row.TAG_INT64;
		this.number = Number.isSafeInteger(number) ? number : integer;
	}

	/** Order of two values that are not NULL. */
	compare(other: Cell): number {
		const rank = rankOf(this.tag);
		const otherRank = rankOf(other.tag);
		if (rank !== otherRank) return rank - otherRank;
		if (rank !== 0) return compareBytes(this.view, this.at, this.length, other.view, other.at, other.length);
		return this.number < other.number ? -1 : this.number > other.number ? 1 : 0;
	}
}

/** Whether the row's header fits its length: only then may its columns be read. */
export function isSoundRow(view: DataView, start: number, end: number): boolean {
	if (end - start < row.ROW_HEADER_BYTES) return false;
	const format = view.getUint8(start);
	const count = view.getUint16(start + row.ROW_COUNT, true);
	const header = row.ROW_HEADER_BYTES + count * (1 + slotBytesOf(format === row.ROW_WIDE));
	return (format === row.ROW_NARROW || format === row.ROW_WIDE) && header <= end - start;
}

function slotBytesOf(wide: boolean): number {
	return wide ? row.WIDE_SLOT_BYTES : row.NARROW_SLOT_BYTES;
}

/** Numbers before TEXT before BLOB. */
function rankOf(tag: number): number {
	return tag === row.TAG_BLOB ? 2 : isText(tag) ? 1 : 0;
}

export function isText(tag: number): boolean {
	return tag === row.TAG_TEXT_ASCII || tag === row.TAG_TEXT_UTF8;
}
