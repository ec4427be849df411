/** What each type of column is to the compiler. */

import type { Buffer } from "node:buffer";
import type { ColumnTypes } from "./types.js";

export interface IntegerTypes extends ColumnTypes {
	readonly value: number;
	readonly input: number;
	readonly stored: number;
	readonly compares: "order";
	readonly rowid: true;
}

export interface BigintTypes extends ColumnTypes {
	readonly value: bigint;
	readonly input: bigint;
	/** A bigint beyond 2^53 alone. */
	readonly stored: number | bigint;
	readonly compares: "order";
	readonly rowid: true;
}

export interface RealTypes extends ColumnTypes {
	readonly value: number;
	readonly input: number;
	readonly stored: number;
	readonly compares: "order";
	readonly rowid: false;
}

export interface TextTypes extends ColumnTypes {
	readonly value: string;
	readonly input: string;
	readonly stored: string;
	readonly compares: "text";
	readonly rowid: false;
}

export interface BlobTypes extends ColumnTypes {
	readonly value: Buffer;
	readonly input: Uint8Array;
	readonly stored: Buffer;
	readonly compares: "order";
	readonly rowid: false;
}

export interface BooleanTypes extends ColumnTypes {
	readonly value: boolean;
	readonly input: boolean;
	readonly stored: number;
	readonly compares: "equality";
	readonly rowid: false;
}

export interface JsonTypes<T> extends ColumnTypes {
	readonly value: T;
	readonly input: T;
	readonly stored: string;
	readonly compares: "nothing";
	readonly rowid: false;
}

export interface DateTypes extends ColumnTypes {
	readonly value: Date;
	readonly input: Date;
	readonly stored: string;
	readonly compares: "order";
	readonly rowid: false;
}

export interface TimestampTypes extends DateTypes {}
