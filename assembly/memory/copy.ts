// Copying of keys and values. `memory.copy` leaves the module, which costs more than it does for short ranges.

/** Copies between ranges that do not overlap. */
export function copyBytes(to: usize, from: usize, length: u32): void {
	if (length > 256) {
		memory.copy(to, from, length);
		return;
	}
	let at: u32 = 0;
	while (at + 16 <= length) {
		v128.store(to + at, v128.load(from + at));
		at += 16;
	}
	if (length & 8) {
		store<u64>(to + at, load<u64>(from + at));
		at += 8;
	}
	if (length & 4) {
		store<u32>(to + at, load<u32>(from + at));
		at += 4;
	}
	if (length & 2) {
		store<u16>(to + at, load<u16>(from + at));
		at += 2;
	}
	if (length & 1) store<u8>(to + at, load<u8>(from + at));
}

/** The OR of all bytes of a range, folded into a word whose high bits tell whether any byte is above 127. */
export function highBits(from: usize, length: u32): u64 {
	let at: u32 = 0;
	let wide = i64x2.splat(0);
	while (at + 16 <= length) {
		wide = v128.or(wide, v128.load(from + at));
		at += 16;
	}
	let bits: u64 = <u64>(i64x2.extract_lane(wide, 0) | i64x2.extract_lane(wide, 1));
	while (at < length) {
		bits |= load<u8>(from + at);
		at += 1;
	}
	return bits & 0x8080808080808080;
}
