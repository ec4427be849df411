import { Buffer } from "node:buffer";
import { deleteOperation, deleteRangeOperation, putOperation } from "../../host/engine/operations.js";
import type { Operation } from "../../host/kernel/index.js";
import type { Random } from "./random.js";

const PREFIXES = [
	"",
	"",
	"k",
	"prefix/",
	"12345678",
	"\0\0\0\0\0\0\0\0",
	"\xff\xff\xff\xff\xff\xff\xff",
	"the same 16 bytes",
];

/** Keys that are hard to tell apart, few enough to come again. At least one. */
export function randomKeys(random: Random, count: number): Uint8Array[] {
	const prefixes = random.once(3) ? [random.pick(PREFIXES)] : PREFIXES;
	return Array.from({ length: Math.max(count, 1) }, () => {
		const suffix = random.bytes(random.between(1, random.pick([1, 2, 3, 9, 20])));
		if (!random.once(4)) for (let at = 0; at < suffix.length; at++) suffix[at] = random.pick([0, 1, 97, 255]);
		return Buffer.concat([Buffer.from(random.pick(prefixes), "latin1"), suffix]);
	});
}

/** Text, bytes that do not compress, and bytes that do. */
function randomValue(random: Random, longest: number): Uint8Array {
	const length = random.below(random.once(8) ? longest : Math.min(longest, 30));
	const kind = random.below(3);
	if (kind === 0) return random.bytes(length);
	return Buffer.alloc(length, kind === 1 ? random.pick(["x", "abc", "0123456789abcdef"]) : "é");
}

/** The first key that sorts behind `key` and no longer than a bound may be, or a longer one. */
function above(random: Random, key: Uint8Array): Uint8Array {
	return Buffer.concat([key, random.once(2) ? Buffer.of(0) : random.bytes(2)]);
}

/** Every kind of operation on the keys. `expiries` are the moments at which values expire. */
export function randomOperation(random: Random, keys: readonly Uint8Array[], expiries: readonly number[]): Operation {
	const key = random.pick(keys);
	const kind = random.below(20);
	if (kind < 3) return deleteOperation(key);
	if (kind < 6) return putOperation(key, randomValue(random, 300), random.pick(expiries));
	if (kind >= 8) return putOperation(key, randomValue(random, 3000));
	const [lower, other] = [key, random.pick(keys)].sort(Buffer.compare) as [Uint8Array, Uint8Array];
	const upper = Buffer.compare(lower, other) < 0 && random.once(2) ? other : above(random, other);
	return deleteRangeOperation({ lower, upper });
}
