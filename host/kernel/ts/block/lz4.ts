import type { Buffer } from "node:buffer";

// The LZ4 block format (Yann Collet, "LZ4 Block Format Description", 2022): greedy matching through a hash table of the
// last position of each four-byte sequence. The encoder's choices are part of what tables look like: the kernels agree to the byte.

const MIN_MATCH = 4;
/** The last match starts at least this far before the end, and the last five bytes are literals: rules of the format. */
const MATCH_LIMIT = 12;
const LAST_LITERALS = 5;
const MAX_DISTANCE = 65535;
/** Blocks are a few KiB: a larger table would cost more to clear than it finds. */
const HASH_BITS = 11;
const HASH_SHIFT = 32 - HASH_BITS;
const HASH_FACTOR = 2654435761 | 0;
/** A length in half a token that goes on in the bytes that follow. */
const LONG = 15;
/** From here on a native copy, which costs 30 to 100 ns before it begins, beats a loop. */
const NATIVE_COPY_BYTES = 96;

function wordAt(bytes: Buffer, at: number): number {
	return (
		(bytes[at] as number) |
		((bytes[at + 1] as number) << 8) |
		((bytes[at + 2] as number) << 16) |
		((bytes[at + 3] as number) << 24)
	);
}

function copyLiterals(from: Buffer, at: number, length: number, to: Buffer, toAt: number): void {
	if (length >= NATIVE_COPY_BYTES) {
		from.copy(to, toAt, at, at + length);
		return;
	}
	for (let index = 0; index < length; index++) to[toAt + index] = from[at + index] as number;
}

/** The part of a length that does not fit into its half of the token; answers where it ends. */
function writeLength(to: Buffer, at: number, length: number): number {
	if (length < LONG) return at;
	let rest = length - LONG;
	for (; rest >= 255; rest -= 255) to[at++] = 255;
	to[at++] = rest;
	return at;
}

/** How many bytes such a length takes at most. */
function longestLength(length: number): number {
	return ((length / 255) | 0) + 1;
}

export class Lz4Encoder {
	/** By hash of four bytes: where they were seen last, from the start of the input, and those bytes themselves. */
	readonly #positions = new Int32Array(1 << HASH_BITS);
	readonly #sequences = new Int32Array(1 << HASH_BITS);

	/** Compressed length, 0 where it would not fit into `capacity` bytes. */
	encode(from: Buffer, at: number, length: number, to: Buffer, toAt: number, capacity: number): number {
		const outEnd = toAt + capacity;
		const end = at + length;
		let out = toAt;
		let anchor = at;
		if (length > MATCH_LIMIT) {
			const positions = this.#positions;
			const sequences = this.#sequences;
			// A slot that nothing was put in stands for the start of the input.
			positions.fill(0);
			sequences.fill(wordAt(from, at));
			const start = at;
			const matchEnd = end - LAST_LITERALS;
			const limit = end - MATCH_LIMIT;
			let misses = 0;
			at++;
			while (at < limit) {
				const sequence = wordAt(from, at);
				const slot = Math.imul(sequence, HASH_FACTOR) >>> HASH_SHIFT;
				let match = start + (positions[slot] as number);
				const same = sequences[slot] === sequence;
				positions[slot] = at - start;
				sequences[slot] = sequence;
				if (!same || match >= at || at - match > MAX_DISTANCE) {
					// Steps widen over bytes that do not compress.
					misses++;
					at += 1 + (misses >> 6);
					continue;
				}
				misses = 0;
				let matched = at + MIN_MATCH;
				for (let other = match + MIN_MATCH; matched < matchEnd && from[matched] === from[other]; other++) matched++;
				while (at > anchor && match > start && from[at - 1] === from[match - 1]) {
					at--;
					match--;
				}
				const literals = at - anchor;
				const extra = matched - at - MIN_MATCH;
				if (out + 3 + literals + longestLength(literals) + longestLength(extra) > outEnd) return 0;
				to[out++] = (Math.min(literals, LONG) << 4) | Math.min(extra, LONG);
				out = writeLength(to, out, literals);
				copyLiterals(from, anchor, literals, to, out);
				out += literals;
				to[out++] = at - match;
				to[out++] = (at - match) >> 8;
				out = writeLength(to, out, extra);
				anchor = matched;
				at = matched;
			}
		}
		const literals = end - anchor;
		if (out + 1 + literals + longestLength(literals) > outEnd) return 0;
		to[out++] = Math.min(literals, LONG) << 4;
		out = writeLength(to, out, literals);
		copyLiterals(from, anchor, literals, to, out);
		return out + literals - toAt;
	}
}

/**
 * Decodes exactly `capacity` bytes; false where the input is malformed or says anything else. Bounded by the lengths it is
 * given, whatever the bytes say.
 */
export function lz4Decode(
	from: Buffer,
	at: number,
	length: number,
	to: Buffer,
	toAt: number,
	capacity: number,
): boolean {
	const end = at + length;
	const outEnd = toAt + capacity;
	let out = toAt;
	while (at < end) {
		const token = from[at++] as number;
		let literals = token >> 4;
		if (literals === LONG) {
			let more = 255;
			while (more === 255) {
				if (at >= end) return false;
				more = from[at++] as number;
				literals += more;
				if (literals > capacity) return false;
			}
		}
		if (literals > end - at || literals > outEnd - out) return false;
		copyLiterals(from, at, literals, to, out);
		at += literals;
		out += literals;
		if (at === end) return out === outEnd;
		if (end - at < 2) return false;
		const distance = (from[at] as number) | ((from[at + 1] as number) << 8);
		at += 2;
		if (distance === 0 || distance > out - toAt) return false;
		let matched = token & 15;
		if (matched === LONG) {
			let more = 255;
			while (more === 255) {
				if (at >= end) return false;
				more = from[at++] as number;
				matched += more;
				if (matched > capacity) return false;
			}
		}
		matched += MIN_MATCH;
		if (matched > outEnd - out) return false;
		copyMatch(to, out, distance, matched);
		out += matched;
	}
	return false;
}

/** Copies a match, which may overlap what it writes. */
function copyMatch(to: Buffer, out: number, distance: number, length: number): void {
	const end = out + length;
	if (length >= NATIVE_COPY_BYTES) {
		if (distance >= length) {
			to.copyWithin(out, out - distance, end - distance);
			return;
		}
		if (distance === 1) {
			to.fill(to[out - 1] as number, out, end);
			return;
		}
	}
	for (; out < end; out++) to[out] = to[out - distance] as number;
}
