// An entry of its own, for tests and benchmarks alone: what index.ts exports, and the inner parts by plain numbers. What ends in
// "All" loops inside, so that a call is not what is measured: its keys lie one behind the other, all of one length, and where
// it says nothing else it answers a sum of what came out, to be compared with that of another implementation.

import { blockFind as findInBlock, blockSeek as seekInBlock } from "./block/reader";
import { filterAdd, filterMayContain } from "./filter/bloom";
import { xxh64 } from "./hash/xxh64";
import { blockBuilderAdd, blockBuilderLength } from "./index";
import { compareKeys, headOf, sharedPrefix } from "./key/compare";
import { Split, splitText } from "./csv/split";
import { allocate, allocateZeroed, free } from "./memory/allocator";
import { memtableFind, memtableInsert, memtableLookUp, memtableReserve, seekTrailer } from "./memtable/memtable";
import { nodeTrailer, nodeValueLength } from "./memtable/node";
import { KIND_PUT } from "./shared/format";

export * from "./index";

// @ts-ignore: decorator
@inline
function trailerOf(sequence: f64, kind: u32): u64 {
	return (<u64>sequence << 8) | kind;
}

// -- Keys ------------------------------------------------------------------------------------------------------------

/** -1, 0 or 1. */
export function keyCompare(a: u32, aLength: u32, b: u32, bLength: u32): i32 {
	return compareKeys(a, aLength, b, bLength);
}

export function keySharedPrefix(a: u32, aLength: u32, b: u32, bLength: u32): u32 {
	return sharedPrefix(a, aLength, b, bLength);
}

/** The first six of the head's eight bytes: as many as a double holds exactly. */
export function keyHead(key: u32, length: u32): f64 {
	return <f64>(headOf(key, length) >> 16);
}

/** Compares each key with the one behind it. */
export function keyCompareAll(keys: u32, keyLength: u32, count: u32): i32 {
	let sum: i32 = 0;
	for (let index: u32 = 1; index < count; index++) {
		const key = keys + index * keyLength;
		sum += compareKeys(key - keyLength, keyLength, key, keyLength);
	}
	return sum;
}

/** Sums heads by their low 32 of 48 bits. */
export function keyHeadAll(keys: u32, keyLength: u32, count: u32): i32 {
	let sum: u32 = 0;
	for (let index: u32 = 0; index < count; index++) sum += <u32>(headOf(keys + index * keyLength, keyLength) >> 16);
	return sum;
}

// -- Hash and filter -------------------------------------------------------------------------------------------------

/** Puts the hashes, seed 0, to `hashes` where that is not 0; sums their words. */
export function xxh64All(keys: u32, keyLength: u32, count: u32, hashes: u32): i32 {
	let sum: u32 = 0;
	for (let index: u32 = 0; index < count; index++) {
		const hash = xxh64(keys + index * keyLength, keyLength, 0);
		if (hashes != 0) store<u64>(hashes + 8 * index, hash);
		sum += <u32>hash + <u32>(hash >> 32);
	}
	return sum;
}

export function filterAddAll(filter: u32, hashes: u32, count: u32): void {
	for (let index: u32 = 0; index < count; index++) filterAdd(filter, load<u64>(hashes + 8 * index));
}

/** How many of the hashes the filter may contain. */
export function filterMayContainAll(filter: u32, hashes: u32, count: u32): u32 {
	let found: u32 = 0;
	for (let index: u32 = 0; index < count; index++) found += <u32>filterMayContain(filter, load<u64>(hashes + 8 * index));
	return found;
}

// -- Blocks ----------------------------------------------------------------------------------------------------------

/** Adds a put of the same value for each key, with sequence numbers from 1 on; answers the length of the block so far. */
export function blockAddAll(builder: u32, keys: u32, keyLength: u32, count: u32, value: u32, valueLength: u32): u32 {
	for (let index: u32 = 0; index < count; index++) {
		if (!blockBuilderAdd(builder, keys + index * keyLength, keyLength, index + 1, KIND_PUT, value, valueLength)) return 0;
	}
	return blockBuilderLength(builder);
}

/** As `blockSeek` where the key has the block's prefix; without meaning where it has not. */
export function blockFind(block: u32, key: u32, keyLength: u32, sequence: f64): u32 {
	return findInBlock(block, key, keyLength, seekTrailer(<u64>sequence));
}

/** Looks for each key in the block whose address stands in its place of `blocks`; sums the slots found. */
export function blockSeekAll(blocks: u32, keys: u32, keyLength: u32, count: u32, sequence: f64): u32 {
	const trailer = seekTrailer(<u64>sequence);
	let sum: u32 = 0;
	for (let index: u32 = 0; index < count; index++) {
		sum += seekInBlock(load<u32>(blocks + 4 * index), keys + index * keyLength, keyLength, trailer);
	}
	return sum;
}

// -- Memtable --------------------------------------------------------------------------------------------------------

/** Puts the same value for each key, with sequence numbers from `sequence` on; false where memory is used up. */
export function memtableInsertAll(
	memtable: u32, keys: u32, keyLength: u32, count: u32, value: u32, valueLength: u32, sequence: f64,
): bool {
	if (!memtableReserve(memtable, count, count * (keyLength + valueLength))) return false;
	for (let index: u32 = 0; index < count; index++) {
		memtableInsert(memtable, keys + index * keyLength, keyLength, value, valueLength, trailerOf(sequence + index, KIND_PUT));
	}
	return true;
}

/** As `memtableFindAll`, by the hash of each key, as a get does it. */
export function memtableLookUpAll(memtable: u32, keys: u32, keyLength: u32, count: u32, sequence: f64): i32 {
	const trailer = seekTrailer(<u64>sequence);
	let sum: u32 = 0;
	for (let index: u32 = 0; index < count; index++) {
		const key = keys + index * keyLength;
		const node = memtableLookUp(memtable, key, keyLength, xxh64(key, keyLength, 0), trailer);
		if (node != 0) sum += nodeValueLength(node) + <u32>nodeTrailer(node);
	}
	return sum;
}

/** Sums, of the entries that a reader at `sequence` finds, lengths of values and low words of trailers. */
export function memtableFindAll(memtable: u32, keys: u32, keyLength: u32, count: u32, sequence: f64): i32 {
	const trailer = seekTrailer(<u64>sequence);
	let sum: u32 = 0;
	for (let index: u32 = 0; index < count; index++) {
		const node = memtableFind(memtable, keys + index * keyLength, keyLength, trailer);
		if (node != 0) sum += nodeValueLength(node) + <u32>nodeTrailer(node);
	}
	return sum;
}

// -- CSV -------------------------------------------------------------------------------------------------------------

/** Splits the text so many times, with comma and double quote, as a load does; answers how many ends it has found in all. */
export function csvSplitAll(text: u32, length: u32, times: u32): u32 {
	const address = allocateZeroed(<u32>offsetof<Split>());
	const split = changetype<Split>(address as usize);
	let found: u32 = 0;
	for (let time: u32 = 0; time < times; time++) {
		if (!splitText(split, text, text + length, 0, 44, 34, 10)) return 0;
		found += split.count;
	}
	free(split.ends);
	free(address);
	return found;
}
