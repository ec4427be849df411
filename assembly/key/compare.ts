// Keys are compared eight bytes at a time. A key's head is its first eight bytes as a big-endian number, padded with
// zeros, so that most comparisons are one of two integers. Loads may run up to seven bytes past a key's end: the heap
// ends with a header that no allocation includes, so they stay inside linear memory.

// @ts-ignore: decorator
@inline
export function headOf(key: usize, length: u32): u64 {
	if (length >= 8) return bswap<u64>(load<u64>(key));
	return length == 0 ? 0 : bswap<u64>(load<u64>(key)) & (<u64>-1 << (64 - 8 * <u64>length));
}

/** Less than, equal to or greater than zero as `a` sorts before, with or after `b`; bytes before `from` are known to be equal. */
export function compareFrom(a: usize, aLength: u32, b: usize, bLength: u32, from: u32): i32 {
	const shorter = min<u32>(aLength, bLength);
	let at = from;
	while (at + 8 <= shorter) {
		const x = load<u64>(a + at);
		const y = load<u64>(b + at);
		if (x != y) return bswap<u64>(x) < bswap<u64>(y) ? -1 : 1;
		at += 8;
	}
	if (at < shorter) {
		let x: u64;
		let y: u64;
		if (shorter >= 8) {
			// The last eight bytes: those of them that come before `at` are equal.
			x = load<u64>(a + shorter - 8);
			y = load<u64>(b + shorter - 8);
		} else {
			const mask = <u64>-1 >> (64 - 8 * <u64>shorter);
			x = load<u64>(a) & mask;
			y = load<u64>(b) & mask;
		}
		if (x != y) return bswap<u64>(x) < bswap<u64>(y) ? -1 : 1;
	}
	return aLength < bLength ? -1 : aLength > bLength ? 1 : 0;
}

// @ts-ignore: decorator
@inline
export function compareKeys(a: usize, aLength: u32, b: usize, bLength: u32): i32 {
	return compareFrom(a, aLength, b, bLength, 0);
}

/** Order of two entries: key ascending, then trailer descending, so that the newest version of a key comes first. */
// @ts-ignore: decorator
@inline
export function compareEntries(
	aHead: u64, a: usize, aLength: u32, aTrailer: u64,
	bHead: u64, b: usize, bLength: u32, bTrailer: u64,
): i32 {
	if (aHead != bHead) return aHead < bHead ? -1 : 1;
	// Equal heads: keys of up to eight bytes differ in length alone.
	const order = compareFrom(a, aLength, b, bLength, min<u32>(8, min<u32>(aLength, bLength)));
	if (order != 0) return order;
	return aTrailer > bTrailer ? -1 : aTrailer < bTrailer ? 1 : 0;
}

/** How many leading bytes two keys share. */
export function sharedPrefix(a: usize, aLength: u32, b: usize, bLength: u32): u32 {
	const shorter = min<u32>(aLength, bLength);
	let at: u32 = 0;
	while (at + 8 <= shorter) {
		const difference = load<u64>(a + at) ^ load<u64>(b + at);
		if (difference != 0) return at + (<u32>ctz<u64>(difference) >> 3);
		at += 8;
	}
	while (at < shorter && load<u8>(a + at) == load<u8>(b + at)) at += 1;
	return at;
}
