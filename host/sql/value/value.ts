/**
 * A SQL value at run time.
 *
 * | storage class | representation |
 * | --- | --- |
 * | NULL | `null` |
 * | INTEGER | `number` where it is a safe integer, else `bigint` (64 bits, signed) |
 * | REAL | `number` where it is not a safe integer, else `Real` |
 * | TEXT | `string` |
 * | BLOB | `Uint8Array` |
 *
 * So a `number` alone says which class it is: 3 is INTEGER, 3.5 and 1e300 are REAL, and only REALs like 3.0 pay for a
 * box. The forms are canonical: no `bigint` within the safe range, no `Real` outside it, no NaN (SQLite has NULL in its
 * place), no negative zero (SQLite prints it as 0.0).
 */
export type Value = null | number | bigint | Real | string | Uint8Array;

/** A REAL that is a safe integer, and therefore could be taken for an INTEGER. Made by `real` only. */
export class Real {
	readonly value: number;
	constructor(value: number) {
		this.value = value;
	}
}

export type NumericValue = number | bigint | Real;

export const MIN_INTEGER = -(2n ** 63n);
export const MAX_INTEGER = 2n ** 63n - 1n;

/** A REAL in its canonical form; NaN becomes NULL as in SQLite. */
export function real(value: number): number | Real | null {
	if (Number.isSafeInteger(value)) return new Real(value + 0); // -0 + 0 is 0
	return Number.isNaN(value) ? null : value;
}

/** An INTEGER in its canonical form. The caller has checked that it fits 64 bits. */
export function integer(value: bigint): number | bigint {
	return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}

export function fitsInteger(value: bigint): boolean {
	return value >= MIN_INTEGER && value <= MAX_INTEGER;
}

export function isInteger(value: Value): value is number | bigint {
	return typeof value === "number" ? Number.isSafeInteger(value) : typeof value === "bigint";
}

export function isNumeric(value: Value): value is NumericValue {
	return typeof value === "number" || typeof value === "bigint" || value instanceof Real;
}

/** A number as a double, rounded where an INTEGER is beyond 2^53. */
export function toDouble(value: NumericValue): number {
	return typeof value === "number" ? value : typeof value === "bigint" ? Number(value) : value.value;
}

export type StorageClass = "null" | "integer" | "real" | "text" | "blob";

export function storageClass(value: Value): StorageClass {
	switch (typeof value) {
		case "number":
			return Number.isSafeInteger(value) ? "integer" : "real";
		case "bigint":
			return "integer";
		case "string":
			return "text";
		default:
			return value === null ? "null" : value instanceof Real ? "real" : "blob";
	}
}
