// Reading a data or index block: slots with eight-byte key heads in front, so that a search is a binary search over an
// array of integers instead of decoding from a restart point.
//
//    0  u32  count
//    4  u32  sharedPrefixLength    bytes that all keys of the block share; heads start behind them
//    8  u64  head[count]
//       u32  offset[count + 1]     of each entry from the block's start; the last one is the block's length
//       entries: u64 trailer, u32 keyLength, key, value

import {
	BLOCK_COUNT, BLOCK_HEADS, BLOCK_PREFIX, ENTRY_KEY, ENTRY_KEY_LENGTH, ENTRY_TRAILER, EXPIRY_BYTES,
	KEY_MAX_BYTES, KIND_PUT_EXPIRING,
} from "../shared/format";
import { compareEntries, compareFrom, headOf } from "../key/compare";

// @ts-ignore: decorator
@inline
export function blockCount(block: u32): u32 {
	return load<u32>(block, BLOCK_COUNT);
}

/** Where the u32 offsets of the entries from the block's start lie. */
// @ts-ignore: decorator
@inline
export function blockOffsets(block: u32): u32 {
	return block + BLOCK_HEADS + 8 * blockCount(block);
}

// @ts-ignore: decorator
@inline
export function blockEntry(block: u32, slot: u32): u32 {
	return block + load<u32>(blockOffsets(block) + 4 * slot);
}

// @ts-ignore: decorator
@inline
export function entryTrailer(entry: u32): u64 {
	return load<u64>(entry, ENTRY_TRAILER);
}

// @ts-ignore: decorator
@inline
export function entryKeyLength(entry: u32): u32 {
	return load<u32>(entry, ENTRY_KEY_LENGTH);
}

/** Whether every offset and length stays inside the block's `length` bytes and the heads ascend: after this no read needs a check. */
export function blockIsSound(block: u32, length: u32, longestKey: u32 = KEY_MAX_BYTES): bool {
	if (length < <u32>BLOCK_HEADS + 4) return false;
	const count = blockCount(block);
	if (count == 0 || <u64>BLOCK_HEADS + 12 * <u64>count + 4 > length) return false;
	const offsets = block + BLOCK_HEADS + 8 * count;
	let at: u32 = BLOCK_HEADS + 12 * count + 4;
	const shared = load<u32>(block, BLOCK_PREFIX);
	if (load<u32>(offsets) != at || load<u32>(offsets + 4 * count) != length) return false;
	let head: u64 = 0;
	for (let slot: u32 = 0; slot < count; slot++) {
		const next = load<u32>(offsets + 4 * slot + 4);
		if (next > length || next < at || next - at < <u32>ENTRY_KEY) return false;
		const keyLength = load<u32>(block + at, ENTRY_KEY_LENGTH);
		if (keyLength > longestKey || keyLength > next - at - ENTRY_KEY || keyLength < shared) return false;
		if (load<u8>(block + at) == KIND_PUT_EXPIRING && next - at - ENTRY_KEY - keyLength < <u32>EXPIRY_BYTES) return false;
		const nextHead = load<u64>(block + BLOCK_HEADS + 8 * slot);
		if (nextHead < head || nextHead != headOf(block + at + ENTRY_KEY + shared, keyLength - shared)) return false;
		head = nextHead;
		at = next;
	}
	return true;
}

/** The first slot at or after (key, trailer); the count where there is none. */
export function blockSeek(block: u32, key: u32, keyLength: u32, trailer: u64): u32 {
	const count = blockCount(block);
	const shared = load<u32>(block, BLOCK_PREFIX);
	if (shared != 0) {
		// Any entry shows the prefix.
		const first = blockEntry(block, 0) + <u32>ENTRY_KEY;
		const order = compareFrom(key, min<u32>(keyLength, shared), first, shared, 0);
		if (order < 0) return 0;
		if (order > 0) return count;
	}
	return searchSlots(block, count, shared, key, keyLength, trailer);
}

/**
 * As blockSeek for a reader that looks for the key itself and compares it with what it finds: where the key lacks the shared
 * prefix the slot means nothing, which spares a look at the prefix, a cache miss. The count where there is none.
 */
export function blockFind(block: u32, key: u32, keyLength: u32, trailer: u64): u32 {
	const count = blockCount(block);
	const shared = load<u32>(block, BLOCK_PREFIX);
	if (keyLength < shared) return count;
	fetchSlots(block, count);
	return searchSlots(block, count, shared, key, keyLength, trailer);
}

/** Written and never read, so that the loads of fetchSlots are not dropped. */
let fetched: u32 = 0;

/** Cache lines that are looked at ahead: more would push out what they are to bring in. */
const FETCH_BYTES: u32 = 1024;

/**
 * Brings the slots of a block into the processor's cache. A binary search waits for one line after the other; loads that do
 * not depend on each other wait together.
 */
// @ts-ignore: decorator
@inline
function fetchSlots(block: u32, count: u32): void {
	const end = block + min<u32>(BLOCK_HEADS + 12 * count, FETCH_BYTES);
	let sum: u32 = 0;
	for (let at = block + 64; at < end; at += 64) sum += load<u8>(at);
	fetched = sum;
}

// @ts-ignore: decorator
@inline
function searchSlots(block: u32, count: u32, shared: u32, key: u32, keyLength: u32, trailer: u64): u32 {
	const heads = block + BLOCK_HEADS;
	const offsets = heads + 8 * count;
	const head = headOf(key + shared, keyLength - shared);
	let low: u32 = 0;
	let high = count;
	while (low < high) {
		const middle = (low + high) >> 1;
		const middleHead = load<u64>(heads + 8 * middle);
		let before = middleHead < head;
		if (middleHead == head) {
			const entry = block + load<u32>(offsets + 4 * middle);
			before = compareEntries(
				head, entry + <u32>ENTRY_KEY + shared, entryKeyLength(entry) - shared, entryTrailer(entry),
				head, key + shared, keyLength - shared, trailer,
			) < 0;
		}
		if (before) low = middle + 1;
		else high = middle;
	}
	return low;
}
