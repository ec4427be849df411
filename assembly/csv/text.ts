// Texts of fields: copied 16 bytes at a time, with a look at what is in them.

/** What is found in a text, as bits. */
export const TEXT_WIDE: u32 = 1;
export const TEXT_HAS_QUOTE: u32 = 2;

// @ts-ignore: decorator
@inline
function places(): v128 {
	return i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

/**
 * Copies a text, and up to 15 bytes of whatever is behind it, between ranges that do not overlap; answers TEXT_… . `quote`: 256 where
 * nobody asks.
 */
export function copyText(to: u32, from: u32, length: u32, quote: u32): u32 {
	const quoting = i8x16.splat(<i8>quote);
	let wide = i64x2.splat(0);
	let quotes = i64x2.splat(0);
	let at: u32 = 0;
	for (; at + 16 <= length; at += 16) {
		const bytes = v128.load(from + at);
		v128.store(to + at, bytes);
		wide = v128.or(wide, bytes);
		quotes = v128.or(quotes, i8x16.eq(bytes, quoting));
	}
	if (at < length) {
		const bytes = v128.load(from + at);
		v128.store(to + at, bytes);
		const valid = i8x16.lt_u(places(), i8x16.splat(<i8>(length - at)));
		wide = v128.or(wide, v128.and(bytes, valid));
		quotes = v128.or(quotes, v128.and(i8x16.eq(bytes, quoting), valid));
	}
	let found: u32 = i8x16.bitmask(wide) != 0 ? TEXT_WIDE : 0;
	if (quote < 256 && v128.any_true(quotes)) found |= TEXT_HAS_QUOTE;
	return found;
}

/** Makes one of each two quotes, in place; answers the length then, or u32.MAX_VALUE where one stands alone. */
export function unescape(text: u32, length: u32, quote: u32): u32 {
	let to = text;
	const end = text + length;
	for (let at = text; at < end; at++) {
		const byte = load<u8>(at);
		if (byte == quote) {
			at += 1;
			if (at == end || load<u8>(at) != quote) return u32.MAX_VALUE;
		}
		store<u8>(to++, byte);
	}
	return to - text;
}

/** A continuation byte of UTF-8. */
// @ts-ignore: decorator
@inline
function continues(at: u32, end: u32): bool {
	return at < end && (load<u8>(at) & 0xc0) == 0x80;
}

/** Whether it is UTF-8 (RFC 3629): no surrogates, no longer form than needed, nothing beyond U+10FFFF. */
export function isUtf8(text: u32, length: u32): bool {
	const end = text + length;
	let at = text;
	while (at < end) {
		if (at + 8 <= end && (load<u64>(at) & 0x8080808080808080) == 0) {
			at += 8;
			continue;
		}
		const first = <u32>load<u8>(at);
		if (first < 0x80) {
			at += 1;
		} else if (first < 0xc2) {
			return false;
		} else if (first < 0xe0) {
			if (!continues(at + 1, end)) return false;
			at += 2;
		} else if (first < 0xf0) {
			if (!continues(at + 1, end) || !continues(at + 2, end)) return false;
			const second = <u32>load<u8>(at + 1);
			if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second >= 0xa0)) return false;
			at += 3;
		} else {
			if (first > 0xf4 || !continues(at + 1, end) || !continues(at + 2, end) || !continues(at + 3, end)) return false;
			const second = <u32>load<u8>(at + 1);
			if ((first == 0xf0 && second < 0x90) || (first == 0xf4 && second >= 0x90)) return false;
			at += 4;
		}
	}
	return true;
}
