// The LZ4 block format (Yann Collet, "LZ4 Block Format Description", 2022): greedy matching through a hash table of the
// last position of each four-byte sequence. Both sides are bounded by the lengths they are given, whatever the bytes say.

import { copyBytes } from "../memory/copy";

const MIN_MATCH: u32 = 4;
/** The last match starts at least this far before the end, and the last five bytes are literals: rules of the format. */
const MATCH_LIMIT: u32 = 12;
const LAST_LITERALS: u32 = 5;
const MAX_DISTANCE: u32 = 65535;
/** Blocks are a few KiB: a larger table would cost more to clear than it finds. */
const HASH_BITS: u32 = 11;
/** Bytes of the table that lz4Encode wants. */
export const LZ4_TABLE_BYTES: u32 = 4 << HASH_BITS;

// @ts-ignore: decorator
@inline
function hashOf(sequence: u32): u32 {
	return (sequence * 2654435761) >> (32 - HASH_BITS);
}

/** Compressed length, 0 where it would not fit into `capacity` bytes. `table` is LZ4_TABLE_BYTES of working memory. */
export function lz4Encode(from: u32, length: u32, to: u32, capacity: u32, table: u32): u32 {
	let out = to;
	const outEnd = to + capacity;
	const end = from + length;
	let anchor = from;
	if (length > MATCH_LIMIT) {
		memory.fill(table, 0, LZ4_TABLE_BYTES);
		const matchEnd = end - LAST_LITERALS;
		const limit = end - MATCH_LIMIT;
		let at = from + 1;
		let misses: u32 = 0;
		while (at < limit) {
			const sequence = load<u32>(at);
			const slot = table + 4 * hashOf(sequence);
			const candidate = from + load<u32>(slot);
			store<u32>(slot, at - from);
			if (candidate >= at || at - candidate > MAX_DISTANCE || load<u32>(candidate) != sequence) {
				// Steps widen over bytes that do not compress.
				misses += 1;
				at += 1 + (misses >> 6);
				continue;
			}
			misses = 0;
			let start = at;
			let match = candidate;
			while (start > anchor && match > from && load<u8>(start - 1) == load<u8>(match - 1)) {
				start -= 1;
				match -= 1;
			}
			let matched = at + MIN_MATCH;
			let against = candidate + MIN_MATCH;
			while (matched + 8 <= matchEnd) {
				const difference = load<u64>(matched) ^ load<u64>(against);
				if (difference != 0) {
					matched += <u32>ctz<u64>(difference) >> 3;
					break;
				}
				matched += 8;
				against += 8;
			}
			if (matched + 8 > matchEnd) {
				against = match + (matched - start);
				while (matched < matchEnd && load<u8>(matched) == load<u8>(against)) {
					matched += 1;
					against += 1;
				}
			}
			const literals = start - anchor;
			const extra = matched - start - MIN_MATCH;
			if (<u64>out + 1 + literals + literals / 255 + 1 + 2 + extra / 255 + 1 > outEnd) return 0;
			out = writeSequence(out, anchor, literals, start - match, extra);
			anchor = matched;
			at = matched;
		}
	}
	const literals = end - anchor;
	if (<u64>out + 1 + literals + literals / 255 + 1 > outEnd) return 0;
	store<u8>(out, min<u32>(literals, 15) << 4);
	out = writeLength(out + 1, literals);
	memory.copy(out, anchor, literals);
	return out + literals - to;
}

/** The part of a length that does not fit into its half of the token. */
function writeLength(out: u32, length: u32): u32 {
	if (length < 15) return out;
	let rest = length - 15;
	while (rest >= 255) {
		store<u8>(out, 255);
		out += 1;
		rest -= 255;
	}
	store<u8>(out, rest);
	return out + 1;
}

function writeSequence(to: u32, literal: u32, literals: u32, distance: u32, extra: u32): u32 {
	store<u8>(to, (min<u32>(literals, 15) << 4) | min<u32>(extra, 15));
	let out = writeLength(to + 1, literals);
	copyBytes(out, literal, literals);
	out += literals;
	store<u16>(out, distance);
	return writeLength(out + 2, extra);
}

/** Decodes exactly `capacity` bytes; false where the input is malformed or says anything else. */
export function lz4Decode(from: u32, length: u32, to: u32, capacity: u32): bool {
	let at = from;
	const end = from + length;
	let out = to;
	const outEnd = to + capacity;
	while (at < end) {
		const token = load<u8>(at);
		at += 1;
		let literals: u32 = token >> 4;
		if (literals == 15) {
			let more: u32 = 255;
			while (more == 255) {
				if (at >= end) return false;
				more = load<u8>(at);
				at += 1;
				literals += more;
				if (literals > capacity) return false;
			}
		}
		if (literals > end - at || literals > outEnd - out) return false;
		if (literals <= 16 && end - at >= 16 && outEnd - out >= 16) v128.store(out, v128.load(at));
		else memory.copy(out, at, literals);
		at += literals;
		out += literals;
		if (at == end) return out == outEnd;
		if (end - at < 2) return false;
		const distance: u32 = load<u16>(at);
		at += 2;
		if (distance == 0 || distance > out - to) return false;
		let matched: u32 = token & 15;
		if (matched == 15) {
			let more: u32 = 255;
			while (more == 255) {
				if (at >= end) return false;
				more = load<u8>(at);
				at += 1;
				matched += more;
				if (matched > capacity) return false;
			}
		}
		matched += MIN_MATCH;
		if (matched > outEnd - out) return false;
		copyMatch(out, distance, matched, outEnd);
		out += matched;
	}
	return false;
}

/** Copies a match, which may overlap what it writes. */
function copyMatch(out: u32, distance: u32, length: u32, outEnd: u32): void {
	let from = out - distance;
	const end = out + length;
	if (distance >= 16 && outEnd - end >= 16) {
		while (out < end) {
			v128.store(out, v128.load(from));
			out += 16;
			from += 16;
		}
		return;
	}
	if (distance >= 8 && outEnd - end >= 8) {
		while (out < end) {
			store<u64>(out, load<u64>(from));
			out += 8;
			from += 8;
		}
		return;
	}
	while (out < end) {
		store<u8>(out, load<u8>(from));
		out += 1;
		from += 1;
	}
}
