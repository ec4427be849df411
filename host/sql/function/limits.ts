/** Sizes that functions keep to. */

import { sqlError } from "../parse/source.js";

export const MAX_LENGTH_BYTES = 256 * 1024 * 1024;

export function blobSize(size: number): number {
	if (size > MAX_LENGTH_BYTES) throw sqlError("string or blob too big");
	return size;
}

/** The low 32 bits, which is all that some of SQLite's functions take of an argument. */
export function toInt32(value: number | bigint): number {
	return typeof value === "number" ? value | 0 : Number(BigInt.asIntN(32, value));
}
