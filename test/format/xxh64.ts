/** XXH64 after the xxHash specification 0.1.1, in 64-bit integers as the text has them: an oracle, not a fast one. */

const PRIME_1 = 0x9e3779b185ebca87n;
const PRIME_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME_3 = 0x165667b19e3779f9n;
const PRIME_4 = 0x85ebca77c2b2ae63n;
const PRIME_5 = 0x27d4eb2f165667c5n;

export function word64(value: bigint): bigint {
	return BigInt.asUintN(64, value);
}

function rotate(value: bigint, bits: bigint): bigint {
	return word64(value << bits) | (value >> (64n - bits));
}

function round(accumulator: bigint, lane: bigint): bigint {
	return word64(rotate(word64(accumulator + lane * PRIME_2), 31n) * PRIME_1);
}

export function xxh64(bytes: Uint8Array, seed: bigint): bigint {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	let at = 0;
	let hash = word64(seed + PRIME_5);
	if (bytes.length >= 32) {
		const lanes = [seed + PRIME_1 + PRIME_2, seed + PRIME_2, seed, seed - PRIME_1].map(word64);
		for (; at + 32 <= bytes.length; at += 32) {
			for (const [i, lane] of lanes.entries()) lanes[i] = round(lane, view.getBigUint64(at + 8 * i, true));
		}
		hash = word64(lanes.reduce((sum, lane, i) => sum + rotate(lane, [1n, 7n, 12n, 18n][i] ?? 0n), 0n));
		for (const lane of lanes) hash = word64((hash ^ round(0n, lane)) * PRIME_1 + PRIME_4);
	}
	hash = word64(hash + BigInt(bytes.length));
	for (; at + 8 <= bytes.length; at += 8) {
		hash = word64(rotate(hash ^ round(0n, view.getBigUint64(at, true)), 27n) * PRIME_1 + PRIME_4);
	}
	if (at + 4 <= bytes.length) {
		hash = word64(rotate(hash ^ word64(BigInt(view.getUint32(at, true)) * PRIME_1), 23n) * PRIME_2 + PRIME_3);
		at += 4;
	}
	for (; at < bytes.length; at++)
		hash = word64(rotate(hash ^ word64(BigInt(view.getUint8(at)) * PRIME_5), 11n) * PRIME_1);
	hash = word64((hash ^ (hash >> 33n)) * PRIME_2);
	hash = word64((hash ^ (hash >> 29n)) * PRIME_3);
	return hash ^ (hash >> 32n);
}
