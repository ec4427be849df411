// XXH64 (Yann Collet, xxHash specification 0.1.1). About 20 GB/s here on large input, which makes checksums free.

const PRIME_1: u64 = 0x9e3779b185ebca87;
const PRIME_2: u64 = 0xc2b2ae3d27d4eb4f;
const PRIME_3: u64 = 0x165667b19e3779f9;
const PRIME_4: u64 = 0x85ebca77c2b2ae63;
const PRIME_5: u64 = 0x27d4eb2f165667c5;

// @ts-ignore: decorator
@inline
function round(accumulator: u64, lane: u64): u64 {
	return rotl<u64>(accumulator + lane * PRIME_2, 31) * PRIME_1;
}

// @ts-ignore: decorator
@inline
function mergeRound(hash: u64, accumulator: u64): u64 {
	return (hash ^ round(0, accumulator)) * PRIME_1 + PRIME_4;
}

export function xxh64(address: usize, length: u32, seed: u64): u64 {
	let at = address;
	const end = address + length;
	let hash: u64;
	if (length >= 32) {
		let a = seed + PRIME_1 + PRIME_2;
		let b = seed + PRIME_2;
		let c = seed;
		let d = seed - PRIME_1;
		const last = end - 32;
		do {
			a = round(a, load<u64>(at));
			b = round(b, load<u64>(at, 8));
			c = round(c, load<u64>(at, 16));
			d = round(d, load<u64>(at, 24));
			at += 32;
		} while (at <= last);
		hash = rotl<u64>(a, 1) + rotl<u64>(b, 7) + rotl<u64>(c, 12) + rotl<u64>(d, 18);
		hash = mergeRound(hash, a);
		hash = mergeRound(hash, b);
		hash = mergeRound(hash, c);
		hash = mergeRound(hash, d);
	} else {
		hash = seed + PRIME_5;
	}
	hash += length;
	while (at + 8 <= end) {
		hash = rotl<u64>(hash ^ round(0, load<u64>(at)), 27) * PRIME_1 + PRIME_4;
		at += 8;
	}
	if (at + 4 <= end) {
		hash = rotl<u64>(hash ^ (<u64>load<u32>(at) * PRIME_1), 23) * PRIME_2 + PRIME_3;
		at += 4;
	}
	while (at < end) {
		hash = rotl<u64>(hash ^ (<u64>load<u8>(at) * PRIME_5), 11) * PRIME_1;
		at += 1;
	}
	hash = (hash ^ (hash >> 33)) * PRIME_2;
	hash = (hash ^ (hash >> 29)) * PRIME_3;
	return hash ^ (hash >> 32);
}
