/**
 * Keys inside `Keyspace.sql`. Bytewise order is SQL order, so that a range of values is a range of keys.
 *
 * | key | bytes |
 * | --- | --- |
 * | row of a table | object id, u32 big-endian · rowid, i64 big-endian with its sign bit flipped |
 * | row of a table WITHOUT ROWID | object id, u32 big-endian · each value of the primary key, below |
 * | entry of an index | object id, u32 big-endian · each column's value, below · where these alone may repeat, what the row's key has behind its object id |
 * | state of the catalog | object id 0 |
 * | greatest rowid that an AUTOINCREMENT table ever had, in databases made before there was sqlite_sequence | object id 0 · the table's object id |
 *
 * The value of an index's entry is what the row's key has behind its object id. A partial index has entries for those
 * rows only that its condition is true for.
 *
 * | value in an index | bytes |
 * | --- | --- |
 * | NULL | 05 |
 * | number | 10 · the greatest double <= it, 8 bytes big-endian, ordered · where that double is beyond 2^53: what is missing, u16 |
 * | text | 20 · the collation's form in UTF-8, each 00 as 00 FF · 00 00 |
 * | blob | 30 · the bytes, each 00 as 00 FF · 00 00 |
 *
 * "Ordered" flips the sign bit of a positive double and every bit of a negative one. INTEGER and REAL of equal value are
 * the same bytes, as they are equal in SQL. A descending column has all its bytes inverted.
 */

import { OBJECT_ID_BYTES, ROWID_BYTES } from "../../../assembly/shared/row.js";
import type { Collation } from "../value/compare.js";
import { collationKey } from "../value/compare.js";
import { utf8 } from "../value/text.js";
import type { NumericValue, Value } from "../value/value.js";
import { Real } from "../value/value.js";

export type RowId = number | bigint;

export { OBJECT_ID_BYTES, ROWID_BYTES };
export const ROW_KEY_BYTES = 12;

export const TAG_NULL = 0x05;
export const TAG_NUMBER = 0x10;
export const TAG_TEXT = 0x20;
export const TAG_BLOB = 0x30;
/** Doubles from here on have two more bytes. */
export const EXACT_DOUBLES = 9007199254740992;

export function objectPrefix(objectId: number): Uint8Array {
	const key = new Uint8Array(4);
	writeU32(key, 0, objectId);
	return key;
}

function writeU32(target: Uint8Array, at: number, value: number): void {
	target[at] = value >>> 24;
	target[at + 1] = value >>> 16;
	target[at + 2] = value >>> 8;
	target[at + 3] = value;
}

function readU32(source: Uint8Array, at: number): number {
	return (
		(((source[at] ?? 0) << 24) |
			((source[at + 1] ?? 0) << 16) |
			((source[at + 2] ?? 0) << 8) |
			(source[at + 3] ?? 0)) >>>
		0
	);
}

export function writeRowId(target: Uint8Array, at: number, rowId: RowId): void {
	if (typeof rowId === "number" && rowId >>> 0 === rowId) {
		writeU32(target, at, 0x80000000);
		writeU32(target, at + 4, rowId);
	} else if (typeof rowId === "number") {
		writeU32(target, at, (Math.floor(rowId / 0x1_0000_0000) ^ 0x80000000) >>> 0);
		writeU32(target, at + 4, rowId % 0x1_0000_0000);
	} else {
		const bits = BigInt.asUintN(64, rowId) ^ 0x8000000000000000n;
		writeU32(target, at, Number(bits >> 32n));
		writeU32(target, at + 4, Number(bits & 0xffffffffn));
	}
}

export function readRowId(source: Uint8Array, at: number): RowId {
	const high = (readU32(source, at) ^ 0x80000000) | 0;
	const low = readU32(source, at + 4);
	if (high >= -0x200000 && high < 0x200000) {
		const value = high * 0x1_0000_0000 + low;
		if (Number.isSafeInteger(value)) return value;
	}
	return (BigInt(high) << 32n) | BigInt(low);
}

/** The key of the row that an index's entry points to. */
export function keyOfPointer(objectId: number, pointer: Uint8Array): Uint8Array {
	const key = new Uint8Array(OBJECT_ID_BYTES + pointer.length);
	writeU32(key, 0, objectId);
	key.set(pointer, OBJECT_ID_BYTES);
	return key;
}

export function rowKey(objectId: number, rowId: RowId): Uint8Array {
	const key = new Uint8Array(ROW_KEY_BYTES);
	writeRowKey(key, 0, objectId, rowId);
	return key;
}

/** As `rowKey` answers it, to `target[at…]`. */
export function writeRowKey(target: Uint8Array, at: number, objectId: number, rowId: RowId): void {
	writeU32(target, at, objectId);
	writeRowId(target, at + OBJECT_ID_BYTES, rowId);
}

/** Where an AUTOINCREMENT table made before there was sqlite_sequence keeps the greatest rowid it ever had, encoded as in a row's key. */
export function sequenceKey(objectId: number): Uint8Array {
	const key = new Uint8Array(8);
	writeU32(key, 4, objectId);
	return key;
}

/** Builds one key of an index or a bound of a range over it. */
export class IndexKeyWriter {
	#bytes = new Uint8Array(64);
	#view = new DataView(this.#bytes.buffer);
	#length = 0;

	begin(objectId: number): this {
		writeU32(this.#bytes, 0, objectId);
		this.#length = 4;
		return this;
	}

	value(value: Value, collation: Collation, descending: boolean): this {
		const start = this.#length;
		if (value === null) this.#byte(TAG_NULL);
		else if (typeof value === "string") this.#text(collationKey(value, collation));
		else if (value instanceof Uint8Array) this.#escaped(TAG_BLOB, value);
		else this.#number(value);
		if (descending) for (let i = start; i < this.#length; i++) this.#bytes[i] = ~(this.#bytes[i] as number); // i is within
		return this;
	}

	rowId(rowId: RowId): this {
		this.#reserve(ROWID_BYTES);
		writeRowId(this.#bytes, this.#length, rowId);
		this.#length += ROWID_BYTES;
		return this;
	}

	/** What a row's key has behind its object id. */
	pointer(bytes: Uint8Array): this {
		this.#reserve(bytes.length);
		this.#bytes.set(bytes, this.#length);
		this.#length += bytes.length;
		return this;
	}

	finish(): Uint8Array {
		return this.#bytes.slice(0, this.#length);
	}

	/** Of the key so far. */
	get length(): number {
		return this.#length;
	}

	/** The key as `finish` answers it, written to `target[at…]`. */
	copyTo(target: Uint8Array, at: number): void {
		const bytes = this.#bytes;
		for (let i = 0; i < this.#length; i++) target[at + i] = bytes[i] as number; // i is within
	}

	#reserve(more: number): void {
		if (this.#length + more <= this.#bytes.length) return;
		const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
		larger.set(this.#bytes);
		this.#bytes = larger;
		this.#view = new DataView(larger.buffer);
	}

	#byte(byte: number): void {
		this.#reserve(1);
		this.#bytes[this.#length++] = byte;
	}

	#number(value: NumericValue): void {
		this.#reserve(11);
		const number = value instanceof Real ? value.value : value;
		let double = Number(number);
		let missing = 0;
		if (typeof number === "bigint") {
			// Number() rounds to the nearest double; the key wants the one below.
			if (BigInt(double) > number) double = nextBelow(double);
			missing = Number(number - BigInt(double));
		}
		const view = this.#view;
		this.#bytes[this.#length] = TAG_NUMBER;
		view.setFloat64(this.#length + 1, double);
		const high = view.getUint32(this.#length + 1);
		if (high & 0x80000000) {
			view.setUint32(this.#length + 1, ~high);
			view.setUint32(this.#length + 5, ~view.getUint32(this.#length + 5));
		} else {
			view.setUint32(this.#length + 1, high ^ 0x80000000);
		}
		this.#length += 9;
		if (Math.abs(double) >= EXACT_DOUBLES) {
			view.setUint16(this.#length, missing);
			this.#length += 2;
		}
	}

	#text(text: string): void {
		this.#reserve(text.length + 3);
		const bytes = this.#bytes;
		let at = this.#length + 1;
		for (let i = 0; i < text.length; i++, at++) {
			const unit = text.charCodeAt(i);
			if (unit === 0 || unit > 127) {
				this.#escaped(TAG_TEXT, utf8(text));
				return;
			}
			bytes[at] = unit;
		}
		bytes[this.#length] = TAG_TEXT;
		bytes[at] = 0;
		bytes[at + 1] = 0;
		this.#length = at + 2;
	}

	#escaped(tag: number, bytes: Uint8Array): void {
		this.#reserve(bytes.length * 2 + 3);
		this.#bytes[this.#length++] = tag;
		for (const byte of bytes) {
			this.#bytes[this.#length++] = byte;
			if (byte === 0) this.#bytes[this.#length++] = 0xff;
		}
		this.#bytes[this.#length++] = 0;
		this.#bytes[this.#length++] = 0;
	}
}

function nextBelow(value: number): number {
	const view = new DataView(new ArrayBuffer(8));
	view.setFloat64(0, value);
	view.setBigInt64(0, view.getBigInt64(0) + (value > 0 ? -1n : 1n));
	return view.getFloat64(0);
}
