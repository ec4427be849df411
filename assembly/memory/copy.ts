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

/** Copies as `copyBytes`; answers a word whose high bits of bytes tell whether any byte is above 127. */
export function copyBytesFolded(to: usize, from: usize, length: u32): u64 {
	if (length < 16) {
		copyBytes(to, from, length);
		let bits: u64 = 0;
		for (let at: u32 = 0; at < length; at++) bits |= load<u8>(from + at);
		return bits;
	}
	let wide = i64x2.splat(0);
	const last = length - 16;
	for (let at: u32 = 0; at < last; at += 16) {
		const bytes = v128.load(from + at);
		v128.store(to + at, bytes);
		wide = v128.or(wide, bytes);
	}
	// Overlaps what was copied before.
	const bytes = v128.load(from + last);
	v128.store(to + last, bytes);
	wide = v128.or(wide, bytes);
	return <u64>(i64x2.extract_lane(wide, 0) | i64x2.extract_lane(wide, 1));
}
