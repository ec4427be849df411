import { copyBytes } from "../memory/bytes.js";

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

/** The part of a length that does not fit into its half of the token; answers where it ends. */
function writeLength(to: DataView, at: number, length: number): number {
	if (length < LONG) return at;
	let rest = length - LONG;
	for (; rest >= 255; rest -= 255) to.setUint8(at++, 255);
	to.setUint8(at++, rest);
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
	encode(from: DataView, at: number, length: number, to: DataView, toAt: number, capacity: number): number {
		const outEnd = toAt + capacity;
		const end = at + length;
		let out = toAt;
		let anchor = at;
		if (length > MATCH_LIMIT) {
			const positions = this.#positions;
			const sequences = this.#sequences;
			// A slot that nothing was put in stands for the start of the input.
			positions.fill(0);
			sequences.fill(from.getInt32(at, true));
			const start = at;
			const matchEnd = end - LAST_LITERALS;
			const limit = end - MATCH_LIMIT;
			let misses = 0;
			at++;
			while (at < limit) {
				const sequence = from.getInt32(at, true);
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
				let other = match + MIN_MATCH;
				while (matched + 4 <= matchEnd && from.getInt32(matched, true) === from.getInt32(other, true)) {
					matched += 4;
					other += 4;
				}
				for (; matched < matchEnd && from.getUint8(matched) === from.getUint8(other); other++) matched++;
				while (at > anchor && match > start && from.getUint8(at - 1) === from.getUint8(match - 1)) {
					at--;
					match--;
				}
				const literals = at - anchor;
				const extra = matched - at - MIN_MATCH;
				if (out + 3 + literals + longestLength(literals) + longestLength(extra) > outEnd) return 0;
				to.setUint8(out++, (Math.min(literals, LONG) << 4) | Math.min(extra, LONG));
				out = writeLength(to, out, literals);
				copyBytes(from, anchor, to, out, literals);
				out += literals;
				to.setUint16(out, at - match, true);
				out += 2;
				out = writeLength(to, out, extra);
				anchor = matched;
				at = matched;
			}
		}
		const literals = end - anchor;
		if (out + 1 + literals + longestLength(literals) > outEnd) return 0;
		to.setUint8(out++, Math.min(literals, LONG) << 4);
		out = writeLength(to, out, literals);
		copyBytes(from, anchor, to, out, literals);
		return out + literals - toAt;
	}
}

/**
 * Decodes exactly `capacity` bytes; false where the input is malformed or says anything else. Bounded by the lengths it is
 * given, whatever the bytes say.
 */
export function lz4Decode(
	from: DataView,
	at: number,
	length: number,
	to: DataView,
	toAt: number,
	capacity: number,
): boolean {
	const end = at + length;
	const outEnd = toAt + capacity;
	let out = toAt;
	while (at < end) {
		const token = from.getUint8(at++);
		let literals = token >> 4;
		if (literals === LONG) {
			let more = 255;
			while (more === 255) {
				if (at >= end) return false;
				more = from.getUint8(at++);
				literals += more;
				if (literals > capacity) return false;
			}
		}
		if (literals > end - at || literals > outEnd - out) return false;
		copyBytes(from, at, to, out, literals);
		at += literals;
		out += literals;
		if (at === end) return out === outEnd;
		if (end - at < 2) return false;
		const distance = from.getUint16(at, true);
		at += 2;
		if (distance === 0 || distance > out - toAt) return false;
		let matched = token & 15;
		if (matched === LONG) {
			let more = 255;
			while (more === 255) {
				if (at >= end) return false;
				more = from.getUint8(at++);
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
function copyMatch(to: DataView, out: number, distance: number, length: number): void {
	if (distance >= length) {
		copyBytes(to, out - distance, to, out, length);
		return;
	}
	const end = out + length;
	if (distance >= 4) for (; out + 4 <= end; out += 4) to.setInt32(out, to.getInt32(out - distance, true), true);
	for (; out < end; out++) to.setUint8(out, to.getUint8(out - distance));
}
