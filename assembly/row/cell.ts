// One value of a row, as it is found or as a term has it.

import {
	NARROW_SLOT_BYTES, OBJECT_ID_BYTES, ROW_COUNT, ROW_HEADER_BYTES, ROW_NARROW, ROW_WIDE, ROWID_COLUMN, TAG_BLOB, TAG_INT32,
	TAG_INT64, TAG_MISSING, TAG_NULL, TAG_REAL, TAG_REAL_INT32, TAG_TEXT_ASCII, TAG_TEXT_UTF8, WIDE_SLOT_BYTES,
} from "../shared/row";
import { compareKeys } from "../key/compare";

/** Beside the tags of rows: the row's header does not fit its length. */
export const TAG_DAMAGED: u32 = 0xff;

@unmanaged
export class Cell {
	/** TAG_INT64 for every INTEGER, TAG_REAL for every REAL. */
	tag: u32;
	/** Where the bytes of TEXT and BLOB lie. */
	at: u32;
	length: u32;
	integer: i64;
	real: f64;
}

/** How many columns the row in [row, end) has, and in bit 16 whether it is wide; ROW_DAMAGED where its header does not fit. */
// @ts-ignore: decorator
@inline
export function rowShape(row: u32, end: u32): u32 {
	const length = end - row;
	if (length < <u32>ROW_HEADER_BYTES) return ROW_DAMAGED;
	const format = <u32>load<u8>(row);
	const count = <u32>load<u16>(row, ROW_COUNT);
	if (format == ROW_NARROW) {
		return <u32>ROW_HEADER_BYTES + count * (1 + NARROW_SLOT_BYTES) <= length ? count : ROW_DAMAGED;
	}
	if (format != ROW_WIDE || <u32>ROW_HEADER_BYTES + count * (1 + WIDE_SLOT_BYTES) > length) return ROW_DAMAGED;
	return count | WIDE;
}

export const ROW_DAMAGED: u32 = 0xffffffff;
const WIDE: u32 = 1 << 16;

// @ts-ignore: decorator
@inline
export function shapeCount(shape: u32): u32 {
	return shape & 0xffff;
}

/** Where the slot of a column lies that the row has. */
// @ts-ignore: decorator
@inline
export function slotOf(row: u32, shape: u32, column: u32): u32 {
	return row + <u32>ROW_HEADER_BYTES + shapeCount(shape) + (column << (2 + (shape >> 16)));
}

/** The rowid that stands in a row's key. */
// @ts-ignore: decorator
@inline
export function rowIdOf(key: u32): i64 {
	return <i64>(bswap<u64>(load<u64>(key + <u32>OBJECT_ID_BYTES)) ^ (<u64>1 << 63));
}

/** Reads a column of the row, or its rowid out of the key, 0 for one that has none. The tag becomes TAG_DAMAGED where it does not fit. */
export function readCell(cell: Cell, key: u32, row: u32, end: u32, shape: u32, column: u32): void {
	if (column >= shapeCount(shape)) {
		cell.tag = TAG_MISSING;
		if (column != ROWID_COLUMN) return;
		cell.tag = TAG_DAMAGED;
		if (key == 0) return;
		cell.tag = TAG_INT64;
		cell.integer = rowIdOf(key);
		return;
	}
	const tag = <u32>load<u8>(row + <u32>ROW_HEADER_BYTES + column);
	const slot = slotOf(row, shape, column);
	if (tag == TAG_NULL) {
		cell.tag = TAG_NULL;
		return;
	}
	if (tag == TAG_INT32) {
		cell.tag = TAG_INT64;
		cell.integer = load<i32>(slot);
		return;
	}
	if (tag == TAG_REAL_INT32) {
		cell.tag = TAG_REAL;
		cell.real = load<i32>(slot);
		return;
	}
	const wide = shape >= WIDE;
	const offset = wide ? load<u32>(slot) : <u32>load<u16>(slot);
	const length = wide ? load<u32>(slot, 4) : <u32>load<u16>(slot, 2);
	cell.tag = TAG_DAMAGED;
	if (<u64>offset + length > end - row) return;
	const at = row + offset;
	if (tag == TAG_TEXT_ASCII || tag == TAG_TEXT_UTF8 || tag == TAG_BLOB) {
		cell.at = at;
		cell.length = length;
	} else if (tag == TAG_REAL && length == 8) {
		cell.real = load<f64>(at);
	} else if (tag == TAG_INT64 && length == 8) {
		cell.integer = load<i64>(at);
	} else {
		return;
	}
	cell.tag = tag;
}

/** Numbers before TEXT before BLOB. */
function rankOf(tag: u32): u32 {
	return tag == TAG_BLOB ? 2 : tag == TAG_TEXT_ASCII || tag == TAG_TEXT_UTF8 ? 1 : 0;
}

/** Order of two values that are not NULL. */
// @ts-ignore: decorator
@inline
export function compareCells(a: Cell, b: Cell): i32 {
	if (a.tag == TAG_INT64 && b.tag == TAG_INT64) return orderOf<i64>(a.integer, b.integer);
	if (a.tag == TAG_REAL && b.tag == TAG_REAL) return orderOf<f64>(a.real, b.real);
	return compareOthers(a, b);
}

function compareOthers(a: Cell, b: Cell): i32 {
	const rank = rankOf(a.tag);
	const other = rankOf(b.tag);
	if (rank != other) return rank < other ? -1 : 1;
	if (rank != 0) return compareKeys(a.at, a.length, b.at, b.length);
	return a.tag == TAG_INT64 ? compareMixed(a.integer, b.real) : -compareMixed(b.integer, a.real);
}

// @ts-ignore: decorator
@inline
function orderOf<T>(a: T, b: T): i32 {
	return a < b ? -1 : a > b ? 1 : 0;
}

/** Exact, where a double of the integer would not be. */
function compareMixed(integer: i64, real: f64): i32 {
	if (real >= 9223372036854775808.0) return -1;
	if (real < -9223372036854775808.0) return 1;
	const whole = <i64>real;
	if (integer != whole) return integer < whole ? -1 : 1;
	return orderOf<f64>(<f64>whole, real);
}
