import { Buffer } from "node:buffer";
import { BOUND_MAX_BYTES, KEY_MAX_BYTES } from "../../assembly/shared/format.js";
import type { ByteRange, Keyspace } from "./store.js";

export function compareBytes(a: Uint8Array, b: Uint8Array): number {
	return Buffer.compare(a, b);
}

/** A stored key: the keyspace byte, then the user's key. */
export function storedKey(space: Keyspace, key: Uint8Array): Uint8Array {
	const stored = new Uint8Array(key.length + 1);
	stored[0] = space;
	stored.set(key, 1);
	return stored;
}

/** The first stored key after every one that is `key` itself. */
function after(space: Keyspace, key: Uint8Array): Uint8Array {
	const stored = new Uint8Array(key.length + 2);
	stored[0] = space;
	stored.set(key, 1);
	return stored;
}

/** Lower bound inclusive, upper bound exclusive, both within a keyspace and at most BOUND_MAX_BYTES long. */
export interface StoredBounds {
	readonly lower: Uint8Array;
	readonly upper: Uint8Array;
}

/** A bound that is longer than any key, as the shortest with the same keys on its sides: the first after a longest key. */
function shortened(bound: Uint8Array): Uint8Array {
	if (bound.length <= KEY_MAX_BYTES) return bound;
	const shorter = new Uint8Array(BOUND_MAX_BYTES);
	shorter.set(bound.subarray(0, KEY_MAX_BYTES));
	return shorter;
}

/** The bounds of a range; undefined where nothing lies between. */
export function storedBounds(space: Keyspace, range: ByteRange): StoredBounds | undefined {
	// Whatever a keyspace holds lies between its byte and the next.
	let lower = range.gte === undefined ? Uint8Array.of(space) : storedKey(space, range.gte);
	let upper = range.lt === undefined ? Uint8Array.of(space + 1) : storedKey(space, range.lt);
	if (range.gt !== undefined) {
		const bound = after(space, range.gt);
		if (compareBytes(bound, lower) > 0) lower = bound;
	}
	if (range.lte !== undefined) {
		const bound = after(space, range.lte);
		if (compareBytes(bound, upper) < 0) upper = bound;
	}
	lower = shortened(lower);
	upper = shortened(upper);
	return compareBytes(lower, upper) < 0 ? { lower, upper } : undefined;
}
