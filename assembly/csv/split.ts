// Where fields and records end: 64 bytes at a time as masks of bits, as simdcsv does it. Any quote opens or closes; what stands
// between two of them ends nothing.

import { capacityOf, reallocate } from "../memory/allocator";

/** Bytes behind the text that may be read, whatever is in them. */
export const SPLIT_PADDING: u32 = 64;
const BLOCK: u32 = 64;
/** Ends are written eight at a time, whether there are as many or not. */
const STRIDE: u32 = 8;

@unmanaged
export class Split {
	/** Addresses, u32, of the bytes that end fields. */
	ends: u32;
	count: u32;
	/** All ones where the text ended within quotes. */
	inside: u64;
	/** Not 0 where there is any quote. */
	quotes: u64;
}

// @ts-ignore: decorator
@inline
function mask(a: v128, b: v128, c: v128, d: v128): u64 {
	return (<u64>i8x16.bitmask(a) & 0xffff) | ((<u64>i8x16.bitmask(b) & 0xffff) << 16)
		| ((<u64>i8x16.bitmask(c) & 0xffff) << 32) | ((<u64>i8x16.bitmask(d) & 0xffff) << 48);
}

/** A bit for each of the 64 bytes that is `byte`. */
// @ts-ignore: decorator
@inline
export function bytesEqual(at: u32, byte: v128): u64 {
	return mask(
		i8x16.eq(v128.load(at), byte), i8x16.eq(v128.load(at, 16), byte), i8x16.eq(v128.load(at, 32), byte), i8x16.eq(v128.load(at, 48), byte),
	);
}

/** Bit i: whether an odd number of the bits 0 to i are set. */
// @ts-ignore: decorator
@inline
export function prefixXor(bits: u64): u64 {
	bits ^= bits << 1;
	bits ^= bits << 2;
	bits ^= bits << 4;
	bits ^= bits << 8;
	bits ^= bits << 16;
	return bits ^ (bits << 32);
}

/** Of the bytes in [at, end), those bits of a block of 64 that are within. */
// @ts-ignore: decorator
@inline
export function within(at: u32, end: u32): u64 {
	return end - at >= BLOCK ? u64.MAX_VALUE : ((<u64>1) << (end - at)) - 1;
}

/** Finds all ends in the text; `inside`: all ones where it begins within quotes. False where memory is used up. */
export function splitText(split: Split, from: u32, end: u32, inside: u64, delimiter: u32, quote: u32, newline: u32): bool {
	const delimiters = i8x16.splat(<i8>delimiter);
	const newlines = i8x16.splat(<i8>newline);
	const quoting = i8x16.splat(<i8>quote);
	const isQuoted = quote < 256;
	let ends = split.ends;
	let room: u32 = ends == 0 ? 0 : capacityOf(ends) >> 2;
	let count: u32 = 0;
	let anyQuotes: u64 = 0;
	for (let at = from; at < end; at += BLOCK) {
		const a = v128.load(at);
		const b = v128.load(at, 16);
		const c = v128.load(at, 32);
		const d = v128.load(at, 48);
		let bits = mask(
			v128.or(i8x16.eq(a, delimiters), i8x16.eq(a, newlines)), v128.or(i8x16.eq(b, delimiters), i8x16.eq(b, newlines)),
			v128.or(i8x16.eq(c, delimiters), i8x16.eq(c, newlines)), v128.or(i8x16.eq(d, delimiters), i8x16.eq(d, newlines)),
		);
		if (end - at < BLOCK) bits &= within(at, end);
		if (isQuoted) {
			let quotes = mask(i8x16.eq(a, quoting), i8x16.eq(b, quoting), i8x16.eq(c, quoting), i8x16.eq(d, quoting));
			if (end - at < BLOCK) quotes &= within(at, end);
			if ((quotes | inside) != 0) {
				anyQuotes |= quotes;
				const quoted = prefixXor(quotes) ^ inside;
				bits &= ~quoted;
				inside = <u64>(<i64>quoted >> 63);
			}
		}
		if (count + BLOCK + STRIDE > room) {
			const wider = reallocate(ends, 4 * count, max<u32>(8 * room, 16384));
			if (wider == 0) return false;
			split.ends = ends = wider;
			room = capacityOf(ends) >> 2;
		}
		const found = <u32>popcnt(bits);
		for (let written: u32 = 0; written < found; written += STRIDE) {
			const to = ends + 4 * (count + written);
			for (let i: u32 = 0; i < STRIDE; i++) {
				store<u32>(to + 4 * i, at + <u32>ctz(bits));
				bits &= bits - 1;
			}
		}
		count += found;
	}
	split.count = count;
	split.inside = inside;
	split.quotes = anyQuotes;
	return true;
}
