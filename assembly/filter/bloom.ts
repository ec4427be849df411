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

/** What leads from one probe's bits to the next one's, and on. */
const NEXT_1: u32 = 0x9e3779b9;
const NEXT_2: u32 = NEXT_1 * NEXT_1;
const NEXT_3: u32 = NEXT_2 * NEXT_1;
const NEXT_4: u32 = NEXT_2 * NEXT_2;

/** Address of the word of a line that holds a bit, named by the upper nine bits; which bit of the word, by the lower five of these. */
// @ts-ignore: decorator
@inline
function wordOf(line: u32, bits: u32): u32 {
	return line + ((bits >> 26) & 60);
}

/** 1 where the bit is set, else 0. A shift takes its distance modulo 32. */
// @ts-ignore: decorator
@inline
function isSet(line: u32, bits: u32): u32 {
	return (load<u32>(wordOf(line, bits)) >> (bits >> 23)) & 1;
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
		const word = wordOf(line, bits);
		store<u32>(word, load<u32>(word) | (<u32>1 << (bits >> 23)));
		bits *= NEXT_1;
	}
}

export function filterIsSound(filter: u32, length: u32): bool {
	if (length < <u32>FILTER_HEADER_BYTES + FILTER_LINE_BYTES) return false;
	const lines = load<u32>(filter);
	const probes = load<u32>(filter, 4);
	return <u64>FILTER_HEADER_BYTES + <u64>lines * FILTER_LINE_BYTES == length && probes >= 1 && probes <= MAX_PROBES;
}

/** False where no key of this hash was added. */
// @ts-ignore: decorator
@inline
export function filterMayContain(filter: u32, hash: u64): bool {
	const line = lineOf(filter, hash);
	let left = load<u32>(filter, 4);
	let bits = <u32>hash;
	// Four at a time: no product waits for the one before it, and of keys that are not there one in sixteen gets further, so
	// that the branch is foreseen, where half the bits by themselves would be a coin's toss each.
	for (; left >= 4; left -= 4) {
		const all = isSet(line, bits) & isSet(line, bits * NEXT_1) & isSet(line, bits * NEXT_2) & isSet(line, bits * NEXT_3);
		if (all == 0) return false;
		bits *= NEXT_4;
	}
	let all: u32 = 1;
	if (left > 0) all = isSet(line, bits);
	if (left > 1) all &= isSet(line, bits * NEXT_1);
	if (left > 2) all &= isSet(line, bits * NEXT_2);
	return all != 0;
}
