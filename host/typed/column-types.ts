/** What each type of column is to the compiler. */

import type { Buffer } from "node:buffer";
import type { ColumnTypes } from "./types.js";

/** Of `integer()`. */
export interface IntegerTypes extends ColumnTypes {
	readonly value: number;
	readonly input: number;
	readonly stored: number;
	readonly compares: "order";
	readonly rowid: true;
}

/** Of `bigint()`. */
export interface BigintTypes extends ColumnTypes {
	readonly value: bigint;
	readonly input: bigint;
	/** A bigint only beyond 2^53. */
	readonly stored: number | bigint;
	readonly compares: "order";
	readonly rowid: true;
}

/** Of `real()`. */
export interface RealTypes extends ColumnTypes {
	readonly value: number;
	readonly input: number;
	readonly stored: number;
	readonly compares: "order";
	readonly rowid: false;
}

/** Of `text()`. */
export interface TextTypes extends ColumnTypes {
	readonly value: string;
	readonly input: string;
	readonly stored: string;
	readonly compares: "text";
	readonly rowid: false;
}

/** Of `blob()`. */
export interface BlobTypes extends ColumnTypes {
	readonly value: Buffer;
	readonly input: Uint8Array;
	readonly stored: Buffer;
	readonly compares: "order";
	readonly rowid: false;
}

/** Of `boolean()`. */
export interface BooleanTypes extends ColumnTypes {
	readonly value: boolean;
	readonly input: boolean;
	readonly stored: number;
	readonly compares: "equality";
	readonly rowid: false;
}

/** Of `json()`. */
export interface JsonTypes<T> extends ColumnTypes {
	readonly value: T;
	readonly input: T;
	readonly stored: string;
	readonly compares: "nothing";
	readonly rowid: false;
}

/** Of `date()`. */
export interface DateTypes extends ColumnTypes {
	readonly value: Date;
	readonly input: Date;
	readonly stored: string;
	readonly compares: "order";
	readonly rowid: false;
}

/** Of `timestamp()`. */
export interface TimestampTypes extends DateTypes {}
