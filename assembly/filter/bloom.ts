// A Bloom filter in which all bits of a key lie in one cache line, so that a probe costs one miss (Putze, Sanders and
// Singler, "Cache-, hash- and space-efficient Bloom filters", 2007; the probing sequence is that of RocksDB's FastLocalBloom).

import { FILTER_HEADER_BYTES, FILTER_LINE_BYTES } from "../shared/format";

/** Most probes a filter may ask for: more cost time and bring nothing at 20 bits a key. */
const MAX_PROBES: u32 = 16;

/** Probes that give the fewest false positives: bits per key times ln 2. */
export function filterProbes(bitsPerKey: u32): u32 {
	return min<u32>(max<u32>((bitsPerKey * 69 + 50) / 100, 1), MAX_PROBES);
}

/** Length of a filter for `keys` keys. */
export function filterLength(keys: u32, bitsPerKey: u32): u32 {
	const bits: u64 = <u64>keys * bitsPerKey;
	const lines = max<u64>((bits + 8 * FILTER_LINE_BYTES - 1) / (8 * FILTER_LINE_BYTES), 1);
	return FILTER_HEADER_BYTES + <u32>lines * FILTER_LINE_BYTES;
}

// @ts-ignore: decorator
@inline
function lineOf(filter: u32, hash: u64): u32 {
	const lines = load<u32>(filter);
	return filter + FILTER_HEADER_BYTES + <u32>(((hash >> 32) * lines) >> 32) * FILTER_LINE_BYTES;
}

/** Writes the filter of the XXH64 hashes at `hashes` to `target`, which has `filterLength` bytes. */
export function filterBuild(target: u32, hashes: u32, keys: u32, bitsPerKey: u32): void {
	filterClear(target, filterLength(keys, bitsPerKey), filterProbes(bitsPerKey));
	for (let index: u32 = 0; index < keys; index++) filterAdd(target, load<u64>(hashes + 8 * index));
}

/** Makes `length` bytes, the header's and whole lines, an empty filter. */
export function filterClear(filter: u32, length: u32, probes: u32): void {
	memory.fill(filter, 0, length);
	store<u32>(filter, (length - FILTER_HEADER_BYTES) / FILTER_LINE_BYTES);
	store<u32>(filter, probes, 4);
}

export function filterAdd(filter: u32, hash: u64): void {
	const line = lineOf(filter, hash);
	const probes = load<u32>(filter, 4);
	let bits = <u32>hash;
	for (let probe: u32 = 0; probe < probes; probe++) {
		const bit = bits >> 23;
		const byte = line + (bit >> 3);
		store<u8>(byte, load<u8>(byte) | <u8>(<u32>1 << (bit & 7)));
		bits *= 0x9e3779b9;
	}
}

export function filterIsSound(filter: u32, length: u32): bool {
	if (length < <u32>FILTER_HEADER_BYTES + FILTER_LINE_BYTES) return false;
	const lines = load<u32>(filter);
	const probes = load<u32>(filter, 4);
	return <u64>FILTER_HEADER_BYTES + <u64>lines * FILTER_LINE_BYTES == length && probes >= 1 && probes <= MAX_PROBES;
}

/** False where no key of this hash was added. */
export function filterMayContain(filter: u32, hash: u64): bool {
	const line = lineOf(filter, hash);
	const probes = load<u32>(filter, 4);
	let bits = <u32>hash;
	for (let probe: u32 = 0; probe < probes; probe++) {
		const bit = bits >> 23;
		if ((load<u8>(line + (bit >> 3)) & <u8>(<u32>1 << (bit & 7))) == 0) return false;
		bits *= 0x9e3779b9;
	}
	return true;
}
