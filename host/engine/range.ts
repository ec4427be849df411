import { Buffer } from "node:buffer";
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

/** Lower bound inclusive, upper bound exclusive, both stored keys within the keyspace; undefined where nothing lies between. */
export function storedBounds(space: Keyspace, range: ByteRange): { lower: Uint8Array; upper: Uint8Array } | undefined {
	let lower: Uint8Array = Uint8Array.of(space);
	let upper: Uint8Array = Uint8Array.of(space + 1);
	const raise = (bound: Uint8Array) => {
		if (compareBytes(bound, lower) > 0) lower = bound;
	};
	const cut = (bound: Uint8Array) => {
		if (compareBytes(bound, upper) < 0) upper = bound;
	};
	if (range.gte !== undefined) raise(storedKey(space, range.gte));
	if (range.gt !== undefined) raise(after(space, range.gt));
	if (range.lt !== undefined) cut(storedKey(space, range.lt));
	if (range.lte !== undefined) cut(after(space, range.lte));
	return compareBytes(lower, upper) < 0 ? { lower, upper } : undefined;
}
