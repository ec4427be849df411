// An SSTable as the kernel knows it: its key range at once, its filter and index from the first use on.
//
//   file  ┌───────┬───────┬─────┬────────┬───────┬────────┬────────────┬────────┐
//         │ block │ block │  …  │ filter │ index │ ranges │ properties │ footer │
//         └───────┴───────┴─────┴────────┴───────┴────────┴────────────┴────────┘
//                               └──────────────────── tail ─────────────────────┘
//
// The tail is read in one piece and stays resident: filter, index and range deletions are used where they lie. A table of
// range deletions alone has no blocks, no filter and no index.

import {
	TABLE_FILE, TABLE_KEYS, TABLE_LARGEST_LENGTH, TABLE_MAX_SEQUENCE, TABLE_RANGE_DELETIONS, TABLE_SEED, TABLE_SIZE, TABLE_SMALLEST_LENGTH,
	TABLE_TAIL_LENGTH,
} from "../shared/abi";
import {
	BLOCK_TRAILER_BYTES, BLOCK_TYPE_FILTER, BLOCK_TYPE_INDEX, BLOCK_TYPE_PROPERTIES, BLOCK_TYPE_RANGES, ENTRY_KEY, FILTER_LINE_BYTES, FILTER_HEADER_BYTES, FOOTER_BYTES,
	FOOTER_CHECKSUM, FOOTER_FILE_NUMBER, FOOTER_FILTER_LENGTH, FOOTER_FILTER_OFFSET, FOOTER_INDEX_LENGTH,
	FOOTER_INDEX_OFFSET, FOOTER_MAGIC, FOOTER_PROPERTIES_LENGTH, FOOTER_PROPERTIES_OFFSET, FOOTER_RANGES_LENGTH, FOOTER_RANGES_OFFSET, FOOTER_VERSION,
	FORMAT_VERSION, INDEX_VALUE_BYTES, PROPERTIES_HEADER_BYTES, TABLE_MAGIC_HIGH, TABLE_MAGIC_LOW,
} from "../shared/format";
import {
	CORRUPT_FILTER, CORRUPT_FOOTER, CORRUPT_INDEX, CORRUPT_PROPERTIES, CORRUPT_RANGES, CORRUPT_VERSION, STATUS_DONE, STATUS_OUT_OF_MEMORY,
} from "../shared/status";
import { blockCount, blockEntry, blockIsSound, entryKeyLength } from "../block/reader";
import { storedBlockCheck } from "../block/stored";
import { filterIsSound } from "../filter/bloom";
import { xxh64 } from "../hash/xxh64";
import { headOf } from "../key/compare";
import { allocate, allocateZeroed, capacityOf, free } from "../memory/allocator";
import { answerCorrupt } from "../memory/scratch";
import { rangesAreSound } from "./ranges";

@unmanaged
export class Table {
	file: u32;
	tailLength: u32;
	size: u64;
	/** Checksums of this table's blocks are seeded with this and their offset: no block passes for another. */
	seed: u64;
	/** Newest sequence number of its entries. */
	maxSequence: u64;
	smallestHead: u64;
	largestHead: u64;
	smallest: u32;
	smallestLength: u32;
	largest: u32;
	largestLength: u32;
	/** Whether it has range deletions: said by its description, before it is open. */
	ranged: u32;
	/** Allocation that holds the tail, 0 until the table is open. */
	tail: u32;
	// Each 0 where the table has none.
	index: u32;
	filter: u32;
	ranges: u32;
	blocks: u32;
	/** u32 for each block: its frame in the cache, 0 where it is not there. The lowest bit is set when the frame is used. */
	frames: u32;
}

/** A table from its description (shared/abi.ts), not open yet; 0 where memory is used up. */
export function tableCreate(description: u32): u32 {
	const smallestLength = load<u32>(description, TABLE_SMALLEST_LENGTH);
	const largestLength = load<u32>(description, TABLE_LARGEST_LENGTH);
	const address = allocateZeroed(<u32>offsetof<Table>() + smallestLength + largestLength);
	if (address == 0) return 0;
	const table = changetype<Table>(address as usize);
	table.file = load<u32>(description, TABLE_FILE);
	table.tailLength = load<u32>(description, TABLE_TAIL_LENGTH);
	table.size = <u64>load<f64>(description, TABLE_SIZE);
	table.seed = load<u64>(description, TABLE_SEED);
	table.maxSequence = <u64>load<f64>(description, TABLE_MAX_SEQUENCE);
	table.ranged = load<f64>(description, TABLE_RANGE_DELETIONS) == 0 ? 0 : 1;
	table.smallest = address + <u32>offsetof<Table>();
	table.smallestLength = smallestLength;
	table.largest = table.smallest + smallestLength;
	table.largestLength = largestLength;
	memory.copy(table.smallest, description + TABLE_KEYS, smallestLength + largestLength);
	table.smallestHead = headOf(table.smallest, smallestLength);
	table.largestHead = headOf(table.largest, largestLength);
	return address;
}

export function tableIsOpen(table: Table): bool {
	return table.tail != 0;
}

/** What an open table takes beside its key range. */
export function tableResidentBytes(table: Table): i32 {
	return <i32>(capacityOf(table.tail) + capacityOf(table.frames));
}

/**
 * Room for the tail. Filter lines shall fall on lines of the processor's cache, so the tail, which starts with the filter's
 * header, does not start on one: see `tailStart`.
 */
export function tailAllocate(table: Table): u32 {
	return table.tailLength > 0xffffffff - <u32>FILTER_LINE_BYTES ? 0 : allocate(table.tailLength + FILTER_LINE_BYTES);
}

/** Where in its allocation the tail goes. */
export function tailStart(allocation: u32): u32 {
	const line = (allocation + FILTER_HEADER_BYTES + FILTER_LINE_BYTES - 1) & ~(FILTER_LINE_BYTES - 1);
	return line - FILTER_HEADER_BYTES;
}

/** Opens a table that is not open with a tail that has been read. Owns the allocation from here on, whatever the answer. */
export function tableOpen(table: Table, allocation: u32): u32 {
	const status = openTail(table, allocation);
	if (status != STATUS_DONE) free(allocation);
	return status;
}

function openTail(table: Table, allocation: u32): u32 {
	const tail = tailStart(allocation);
	const length = table.tailLength;
	const tailOffset = table.size - length;
	const footer = tail + length - FOOTER_BYTES;
	const footerOffset = table.size - FOOTER_BYTES;
	if (
		load<u32>(footer, FOOTER_MAGIC) != TABLE_MAGIC_LOW || load<u32>(footer, FOOTER_MAGIC + 4) != TABLE_MAGIC_HIGH ||
		load<u64>(footer, FOOTER_CHECKSUM) != xxh64(footer, FOOTER_CHECKSUM, table.seed) ||
		load<u64>(footer, FOOTER_FILE_NUMBER) != table.file
	) return answerCorrupt(table.file, footerOffset, CORRUPT_FOOTER);
	if (load<u32>(footer, FOOTER_VERSION) != FORMAT_VERSION) return answerCorrupt(table.file, footerOffset, CORRUPT_VERSION);

	const filterLength = load<u32>(footer, FOOTER_FILTER_LENGTH);
	const filterOffset = load<u64>(footer, FOOTER_FILTER_OFFSET);
	const indexLength = load<u32>(footer, FOOTER_INDEX_LENGTH);
	const indexOffset = load<u64>(footer, FOOTER_INDEX_OFFSET);
	const rangesLength = load<u32>(footer, FOOTER_RANGES_LENGTH);
	const rangesOffset = load<u64>(footer, FOOTER_RANGES_OFFSET);
	const propertiesLength = load<u32>(footer, FOOTER_PROPERTIES_LENGTH);
	const propertiesOffset = load<u64>(footer, FOOTER_PROPERTIES_OFFSET);
	// The parts follow each other without a gap, so each offset says the same as the lengths before it.
	let at = tailOffset;
	if (filterOffset != at) return answerCorrupt(table.file, footerOffset, CORRUPT_FOOTER);
	if (filterLength != 0) at += <u64>filterLength + BLOCK_TRAILER_BYTES;
	if (indexOffset != at) return answerCorrupt(table.file, footerOffset, CORRUPT_FOOTER);
	if (indexLength != 0) at += <u64>indexLength + BLOCK_TRAILER_BYTES;
	if (rangesOffset != at) return answerCorrupt(table.file, footerOffset, CORRUPT_FOOTER);
	if (rangesLength != 0) at += <u64>rangesLength + BLOCK_TRAILER_BYTES;
	if (propertiesOffset != at) return answerCorrupt(table.file, footerOffset, CORRUPT_FOOTER);
	at += <u64>propertiesLength + BLOCK_TRAILER_BYTES;
	if (at != footerOffset) return answerCorrupt(table.file, footerOffset, CORRUPT_FOOTER);

	let status: u32 = STATUS_DONE;
	if (filterLength != 0) {
		status = storedBlockCheck(table.file, table.seed, tail, filterLength, filterOffset, BLOCK_TYPE_FILTER);
		if (status != STATUS_DONE) return status;
		if (!filterIsSound(tail, filterLength)) return answerCorrupt(table.file, filterOffset, CORRUPT_FILTER);
	}
	const index = tail + <u32>(indexOffset - tailOffset);
	if (indexLength != 0) {
		status = storedBlockCheck(table.file, table.seed, index, indexLength, indexOffset, BLOCK_TYPE_INDEX);
		if (status != STATUS_DONE) return status;
		if (!indexIsSound(index, indexLength, tailOffset)) return answerCorrupt(table.file, indexOffset, CORRUPT_INDEX);
	} else if (tailOffset != 0) {
		return answerCorrupt(table.file, footerOffset, CORRUPT_FOOTER);
	}
	const ranges = tail + <u32>(rangesOffset - tailOffset);
	// Readers count on what the manifest says before the table is open.
	if ((rangesLength != 0) != <bool>table.ranged) return answerCorrupt(table.file, footerOffset, CORRUPT_FOOTER);
	if (rangesLength != 0) {
		status = storedBlockCheck(table.file, table.seed, ranges, rangesLength, rangesOffset, BLOCK_TYPE_RANGES);
		if (status != STATUS_DONE) return status;
		if (!rangesAreSound(ranges, rangesLength)) return answerCorrupt(table.file, rangesOffset, CORRUPT_RANGES);
	}
	const properties = tail + <u32>(propertiesOffset - tailOffset);
	status = storedBlockCheck(table.file, table.seed, properties, propertiesLength, propertiesOffset, BLOCK_TYPE_PROPERTIES);
	if (status != STATUS_DONE) return status;
	if (propertiesLength < <u32>PROPERTIES_HEADER_BYTES) return answerCorrupt(table.file, propertiesOffset, CORRUPT_PROPERTIES);

	const blocks = indexLength == 0 ? 0 : blockCount(index);
	const frames = allocateZeroed(max<u32>(4 * blocks, 4));
	if (frames == 0) return STATUS_OUT_OF_MEMORY;
	table.frames = frames;
	table.blocks = blocks;
	table.index = indexLength != 0 ? index : 0;
	table.ranges = rangesLength != 0 ? ranges : 0;
	table.filter = filterLength != 0 ? tail : 0;
	table.tail = allocation;
	return STATUS_DONE;
}

/** Whether the index is a sound block whose values name the data blocks one behind the other, up to `end`. */
function indexIsSound(index: u32, length: u32, end: u64): bool {
	if (!blockIsSound(index, length)) return false;
	const count = blockCount(index);
	let offset: u64 = 0;
	for (let slot: u32 = 0; slot < count; slot++) {
		const entry = blockEntry(index, slot);
		const value = entry + <u32>ENTRY_KEY + entryKeyLength(entry);
		if (blockEntry(index, slot + 1) - value != INDEX_VALUE_BYTES) return false;
		if (load<u64>(value) != offset) return false;
		offset += <u64>load<u32>(value, 8) + BLOCK_TRAILER_BYTES;
		if (offset > end) return false;
	}
	return offset == end;
}

// @ts-ignore: decorator
@inline
function indexValue(table: Table, block: u32): u32 {
	const entry = blockEntry(table.index, block);
	return entry + <u32>ENTRY_KEY + entryKeyLength(entry);
}

/** Offset of a data block in the file. */
export function tableBlockOffset(table: Table, block: u32): u64 {
	return load<u64>(indexValue(table, block));
}

/** Stored length of a data block, without its trailer. */
export function tableBlockLength(table: Table, block: u32): u32 {
	return load<u32>(indexValue(table, block), 8);
}

// Frames lie at multiples of 16: the lowest bit is free to say that one was used since the cache's hand last passed it, so
// that using a block does not touch the frame's header, a line that nothing else needs.
const FRAME_VISITED: u32 = 1;

// @ts-ignore: decorator
@inline
export function tableFrame(table: Table, block: u32): u32 {
	return load<u32>(table.frames + 4 * block) & ~FRAME_VISITED;
}

export function tableSetFrame(table: Table, block: u32, frame: u32): void {
	store<u32>(table.frames + 4 * block, frame);
}

/** Marks the frame of a block, which there is, as used. */
// @ts-ignore: decorator
@inline
export function tableVisitFrame(table: Table, block: u32): void {
	const slot = table.frames + 4 * block;
	store<u8>(slot, load<u8>(slot) | <u8>FRAME_VISITED);
}

/** Whether the frame of a block was used since this was last asked. */
export function tableForgetVisit(table: Table, block: u32): bool {
	const slot = table.frames + 4 * block;
	const frame = load<u32>(slot);
	store<u32>(slot, frame & ~FRAME_VISITED);
	return (frame & FRAME_VISITED) != 0;
}
