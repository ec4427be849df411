/** Ends of ranges of keys. */

import { Buffer } from "node:buffer";

export function greatest(a: Uint8Array, b: Uint8Array): Uint8Array {
	return Buffer.compare(a, b) >= 0 ? a : b;
}

/** Undefined is behind every key. */
export function least(a: Uint8Array | undefined, b: Uint8Array | undefined): Uint8Array | undefined {
	if (a === undefined || b === undefined) return a ?? b;
	return Buffer.compare(a, b) <= 0 ? a : b;
}
