/** The types of columns. */

import { Column } from "./column.js";
import type {
	BigintTypes,
	BlobTypes,
	BooleanTypes,
	DateTypes,
	IntegerTypes,
	JsonTypes,
	RealTypes,
	TextTypes,
	TimestampTypes,
} from "./column-types.js";
import { KINDS } from "./kinds.js";

/** Whole numbers within ±(2^53 - 1), as INTEGER. As a primary key it is the rowid. */
export function integer(): Column<IntegerTypes> {
	return new Column({ kind: KINDS.integer });
}

/** Whole numbers of 64 bits with a sign, as INTEGER, that are a `bigint` in any case. As a primary key it is the rowid. */
export function bigint(): Column<BigintTypes> {
	return new Column({ kind: KINDS.bigint });
}

/** Numbers, as REAL; not NaN, which SQL does not have. */
export function real(): Column<RealTypes> {
	return new Column({ kind: KINDS.real });
}

/** Strings, as TEXT; not those with halves of surrogate pairs, which UTF-8 does not have. */
export function text(): Column<TextTypes> {
	return new Column({ kind: KINDS.text });
}

/** Bytes, as BLOB: any Uint8Array goes in, a Buffer comes out. */
export function blob(): Column<BlobTypes> {
	return new Column({ kind: KINDS.blob });
}

/** `true` and `false`, as INTEGER 1 and 0. */
export function boolean(): Column<BooleanTypes> {
	return new Column({ kind: KINDS.boolean });
}

/**
 * What `JSON.stringify` has a text for, as that TEXT, for the functions of SQL that read JSON. `null` is NULL and not the text `null`. `T`
 * is what the program says it is: nothing looks.
 */
export function json<T = unknown>(): Column<JsonTypes<T>> {
	return new Column({ kind: KINDS.json });
}

/** A day: a Date at midnight UTC, of a year from 0 to 9999, as TEXT `2024-12-31`. */
export function date(): Column<DateTypes> {
	return new Column({ kind: KINDS.date });
}

/**
 * A moment: a Date of a year from 0 to 9999, in milliseconds, as TEXT `2024-12-31T23:59:59.000Z` in UTC, which sorts by time and which
 * SQL's functions of time read. Other texts that these functions make, such as CURRENT_TIMESTAMP, are read as well.
 */
export function timestamp(): Column<TimestampTypes> {
	return new Column({ kind: KINDS.timestamp });
}
