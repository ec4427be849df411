import { randomSource } from "./support.js";

export const KEY_BYTES = 16;
export const VALUE_BYTES = 100;
export const ENTRY_BYTES = KEY_BYTES + VALUE_BYTES;

const NOISE_BYTES = 1 << 16;
const random = randomSource(42);
const noise = Buffer.from(Uint8Array.from({ length: NOISE_BYTES }, () => 33 + Math.floor(random() * 90)));

/** Keys are even numbers, so that odd ones are missing from between them. */
export function makeKey(index: number): string {
	return String(index * 2).padStart(KEY_BYTES, "0");
}

export function makeMissingKey(index: number): string {
	return String(index * 2 + 1).padStart(KEY_BYTES, "0");
}

/** A value of which half is noise, then filling, and last its number in 8 digits. */
export function makeValue(index: number, bytes = VALUE_BYTES): string {
	const half = bytes >>> 1;
	const at = (index * 31) % (NOISE_BYTES - half);
	// Written out at once: a string put together from parts would be flattened by the first store that is measured.
	const value = Buffer.alloc(bytes, "v");
	noise.copy(value, 0, at, at + half);
	value.write(String(index).padStart(8, "0"), bytes - 8, "latin1");
	return value.toString("latin1");
}

/**
 * 0 … count-1 in a random order that takes no memory: a Feistel network of four rounds over the next even power of
 * two, walked until it falls below `count`.
 */
export function permutation(count: number, seed: number): (index: number) => number {
	const halfBits = Math.max(1, Math.ceil(Math.log2(Math.max(2, count)) / 2));
	const mask = 2 ** halfBits - 1;
	const next = randomSource(seed);
	const roundKeys = Array.from({ length: 4 }, () => Math.floor(next() * 2 ** 32));
	return (index) => {
		let at = index;
		do {
			let left = at >>> halfBits;
			let right = at & mask;
			for (const roundKey of roundKeys) {
				let mixed = Math.imul(right ^ roundKey, 0x9e3779b1);
				mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
				const swapped = (left ^ mixed ^ (mixed >>> 13)) & mask;
				left = right;
				right = swapped;
			}
			at = left * 2 ** halfBits + right;
		} while (at >= count);
		return at;
	};
}
