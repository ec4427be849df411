// The range deletions of a table: a block whose entries are fragments. Fragments do not overlap; those of the same range
// are one per deletion, newest first.
//
//   key      where it starts
//   trailer  sequence << 8 | KIND_DELETE_RANGE
//   value    where it ends: the first key that is not in it

import { BOUND_MAX_BYTES, ENTRY_KEY, KIND_DELETE_RANGE } from "../shared/format";
import { blockCount, blockEntry, blockIsSound, blockSeek, entryKeyLength, entryTrailer } from "../block/reader";
import { compareKeys } from "../key/compare";

/** The keys around one for which the same deletions count: from `low` on up to, without, `high`; 0: to the end. */
@unmanaged
export class Stretch {
	low: u32;
	lowLength: u32;
	high: u32;
	highLength: u32;
}

// @ts-ignore: decorator
@inline
export function fragmentStart(entry: u32): u32 {
	return entry + <u32>ENTRY_KEY;
}

// @ts-ignore: decorator
@inline
export function fragmentEnd(entry: u32): u32 {
	return entry + <u32>ENTRY_KEY + entryKeyLength(entry);
}

// @ts-ignore: decorator
@inline
export function fragmentEndLength(block: u32, slot: u32): u32 {
	return blockEntry(block, slot + 1) - fragmentEnd(blockEntry(block, slot));
}

/** Whether the block is sound and its fragments are what is said above. */
export function rangesAreSound(block: u32, length: u32): bool {
	if (!blockIsSound(block, length, BOUND_MAX_BYTES)) return false;
	let before: u32 = 0;
	let beforeEndLength: u32 = 0;
	for (let slot: u32 = 0; slot < blockCount(block); slot++) {
		const entry = blockEntry(block, slot);
		const start = fragmentStart(entry);
		const startLength = entryKeyLength(entry);
		const end = fragmentEnd(entry);
		const endLength = fragmentEndLength(block, slot);
		if ((<u32>entryTrailer(entry) & 255) != KIND_DELETE_RANGE || startLength == 0 || endLength > <u32>BOUND_MAX_BYTES) return false;
		if (compareKeys(start, startLength, end, endLength) >= 0) return false;
		if (before != 0 && compareKeys(fragmentEnd(before), beforeEndLength, start, startLength) > 0) {
			const same = compareKeys(fragmentStart(before), entryKeyLength(before), start, startLength) == 0 &&
				compareKeys(fragmentEnd(before), beforeEndLength, end, endLength) == 0;
			if (!same || entryTrailer(before) <= entryTrailer(entry)) return false;
		}
		before = entry;
		beforeEndLength = endLength;
	}
	return true;
}

/** Trailer of the newest deletion of the key that a reader at `trailer` sees, 0 where there is none; around it: `stretch`. */
export function fragmentsCover(block: u32, key: u32, keyLength: u32, trailer: u64, stretch: Stretch): u64 {
	const count = blockCount(block);
	const slot = blockSeek(block, key, keyLength, trailer);
	stretch.low = 0;
	stretch.high = 0;
	if (slot < count) {
		const entry = blockEntry(block, slot);
		if (compareKeys(fragmentStart(entry), entryKeyLength(entry), key, keyLength) == 0) {
			setStretch(block, slot, stretch);
			return entryTrailer(entry);
		}
		stretch.high = fragmentStart(entry);
		stretch.highLength = entryKeyLength(entry);
	}
	if (slot == 0) return 0;
	const before = blockEntry(block, slot - 1);
	const end = fragmentEnd(before);
	const endLength = fragmentEndLength(block, slot - 1);
	if (compareKeys(end, endLength, key, keyLength) <= 0) {
		stretch.low = end;
		stretch.lowLength = endLength;
		return 0;
	}
	setStretch(block, slot - 1, stretch);
	const first = blockSeek(block, stretch.low, stretch.lowLength, trailer);
	return first < slot ? entryTrailer(blockEntry(block, first)) : 0;
}

function setStretch(block: u32, slot: u32, stretch: Stretch): void {
	const entry = blockEntry(block, slot);
	stretch.low = fragmentStart(entry);
	stretch.lowLength = entryKeyLength(entry);
	stretch.high = fragmentEnd(entry);
	stretch.highLength = fragmentEndLength(block, slot);
}
