// Building an SSTable from entries in order. Finished bytes collect in an output buffer, which the host writes out whenever
// it is full; the builder never holds more of a table than its index, its key hashes and that buffer.

import {
	TABLE_DELETIONS, TABLE_ENTRIES, TABLE_FILE, TABLE_FIRST_EXPIRY, TABLE_KEYS, TABLE_LARGEST_LENGTH, TABLE_MAX_SEQUENCE,
	TABLE_MIN_SEQUENCE, TABLE_RANGE_DELETIONS, TABLE_SEED, TABLE_SIZE, TABLE_SMALLEST_LENGTH, TABLE_TAIL_LENGTH,
} from "../shared/abi";
import {
	BLOCK_TRAILER_BYTES, BLOCK_TYPE_DATA, BLOCK_TYPE_FILTER, BLOCK_TYPE_INDEX, BLOCK_TYPE_PROPERTIES, BLOCK_TYPE_RANGES, COMPRESSION_LZ4,
	COMPRESSION_NONE, ENTRY_KEY, EXPIRY_MAX, FOOTER_BYTES, FOOTER_CHECKSUM, FOOTER_DATABASE_ID, FOOTER_FILE_NUMBER, FOOTER_FILTER_LENGTH,
	FOOTER_FILTER_OFFSET, FOOTER_INDEX_LENGTH, FOOTER_INDEX_OFFSET, FOOTER_MAGIC, FOOTER_PROPERTIES_LENGTH,
	FOOTER_PROPERTIES_OFFSET, FOOTER_RANGES_LENGTH, FOOTER_RANGES_OFFSET, FOOTER_VERSION, FORMAT_VERSION, INDEX_VALUE_BYTES, KIND_DELETE, KIND_PUT_EXPIRING, PROPERTIES_BLOCKS,
	PROPERTIES_DELETIONS, PROPERTIES_ENTRIES, PROPERTIES_FIRST_EXPIRY, PROPERTIES_HEADER_BYTES, PROPERTIES_KEY_BYTES, PROPERTIES_LARGEST_LENGTH,
	PROPERTIES_MAX_SEQUENCE, PROPERTIES_MIN_SEQUENCE, PROPERTIES_RANGE_DELETIONS, PROPERTIES_SMALLEST_LENGTH, PROPERTIES_VALUE_BYTES,
	TABLE_MAGIC_HIGH, TABLE_MAGIC_LOW,
} from "../shared/format";
import {
	BlockBuilder, blockBuilderAdd, blockBuilderFinish, blockBuilderInitialize, blockBuilderLastEntry, blockBuilderLength,
	blockBuilderRelease, blockBuilderReset,
} from "../block/builder";
import { LZ4_TABLE_BYTES, lz4Encode } from "../block/lz4";
import { entryKeyLength, entryTrailer } from "../block/reader";
import { storedBlockSeal } from "../block/stored";
import { filterBuild, filterLength } from "../filter/bloom";
import { xxh64 } from "../hash/xxh64";
import { compareKeys } from "../key/compare";
import { allocateZeroed, capacityOf, free, reallocate } from "../memory/allocator";

@unmanaged
export class TableBuilder {
	data: u32;
	index: u32;
	/** Block builder of the range deletions; it takes memory once there is one. */
	ranges: u32;
	file: u32;
	blockBytes: u32;
	seed: u64;
	databaseId: u64;
	bitsPerKey: u32;
	compression: u32;
	/** Bytes that wait to be written out, and where in the file they start. */
	output: u32;
	outputUsed: u32;
	outputStart: u64;
	/** u64 XXH64 of each key. */
	hashes: u32;
	keys: u32;
	/** Uncompressed block, and LZ4's table. */
	raw: u32;
	matches: u32;
	smallest: u32;
	smallestLength: u32;
	entries: u64;
	deletions: u64;
	rangeDeletions: u64;
	keyBytes: u64;
	valueBytes: u64;
	minSequence: u64;
	maxSequence: u64;
	/** Earliest expiry of an entry, the largest u64 where none expires. */
	firstExpiry: u64;
	blocks: u32;
	/** What the manifest has to know of the finished table. */
	description: u32;
	/** Where an index value is put together. */
	indexValue: u32;
}

const BUILDER_BYTES: u32 = (<u32>offsetof<TableBuilder>() + 7) & ~7;
const BLOCK_BUILDER_BYTES: u32 = (<u32>offsetof<BlockBuilder>() + 7) & ~7;

// @ts-ignore: decorator
@inline
function dataOf(builder: TableBuilder): BlockBuilder {
	return changetype<BlockBuilder>(builder.data as usize);
}

// @ts-ignore: decorator
@inline
function indexOf(builder: TableBuilder): BlockBuilder {
	return changetype<BlockBuilder>(builder.index as usize);
}

// @ts-ignore: decorator
@inline
function rangesOf(builder: TableBuilder): BlockBuilder {
	return changetype<BlockBuilder>(builder.ranges as usize);
}

/** 0 where memory is used up. */
export function tableBuilderCreate(blockBytes: u32, bitsPerKey: u32, compression: u32, databaseId: u64): u32 {
	const address = allocateZeroed(BUILDER_BYTES + 3 * BLOCK_BUILDER_BYTES + INDEX_VALUE_BYTES);
	if (address == 0) return 0;
	const builder = changetype<TableBuilder>(address as usize);
	builder.data = address + BUILDER_BYTES;
	builder.index = builder.data + BLOCK_BUILDER_BYTES;
	builder.ranges = builder.index + BLOCK_BUILDER_BYTES;
	builder.indexValue = builder.ranges + BLOCK_BUILDER_BYTES;
	builder.blockBytes = blockBytes;
	builder.bitsPerKey = bitsPerKey;
	builder.compression = compression;
	builder.databaseId = databaseId;
	let sound = blockBuilderInitialize(dataOf(builder)) && blockBuilderInitialize(indexOf(builder));
	if (sound && compression == COMPRESSION_LZ4) {
		builder.matches = allocateZeroed(LZ4_TABLE_BYTES);
		sound = builder.matches != 0;
	}
	if (!sound) {
		tableBuilderFree(address);
		return 0;
	}
	return address;
}

export function tableBuilderFree(address: u32): void {
	const builder = changetype<TableBuilder>(address as usize);
	blockBuilderRelease(dataOf(builder));
	blockBuilderRelease(indexOf(builder));
	blockBuilderRelease(rangesOf(builder));
	free(builder.output);
	free(builder.hashes);
	free(builder.raw);
	free(builder.matches);
	free(builder.smallest);
	free(builder.description);
	free(address);
}

/** Starts a table with this file number and seed. */
export function tableBuilderStart(builder: TableBuilder, file: u32, seed: u64): void {
	builder.file = file;
	builder.seed = seed;
	builder.outputUsed = 0;
	builder.outputStart = 0;
	builder.keys = 0;
	builder.entries = 0;
	builder.deletions = 0;
	builder.rangeDeletions = 0;
	builder.keyBytes = 0;
	builder.valueBytes = 0;
	builder.minSequence = u64.MAX_VALUE;
	builder.maxSequence = 0;
	builder.firstExpiry = u64.MAX_VALUE;
	builder.blocks = 0;
	blockBuilderReset(dataOf(builder));
	blockBuilderReset(indexOf(builder));
	blockBuilderReset(rangesOf(builder));
}

/** Bytes of the table so far, without its tail. */
export function tableBuilderSize(builder: TableBuilder): u64 {
	return builder.outputStart + builder.outputUsed + dataOf(builder).entriesBytes;
}

/** `newKey`: not the key of the entry before. False where memory is used up. */
export function tableBuilderAdd(builder: TableBuilder, key: u32, keyLength: u32, trailer: u64, value: u32, valueLength: u32, newKey: bool): bool {
	const data = dataOf(builder);
	if (data.count != 0 && blockBuilderLength(data) + 12 + ENTRY_KEY + keyLength + valueLength > builder.blockBytes) {
		if (!finishBlock(builder)) return false;
	}
	if (builder.entries == 0) {
		if (!keepSmallest(builder, key, keyLength)) return false;
	}
	if (!blockBuilderAdd(data, key, keyLength, trailer, value, valueLength)) return false;
	if (newKey && builder.bitsPerKey != 0) {
		const used: u32 = 8 * builder.keys;
		if (builder.hashes == 0 || capacityOf(builder.hashes) < used + 8) {
			const wider = reallocate(builder.hashes, used, max<u32>(2 * used, 4096));
			if (wider == 0) return false;
			builder.hashes = wider;
		}
		store<u64>(builder.hashes + used, xxh64(key, keyLength, 0));
		builder.keys += 1;
	}
	addSequence(builder, trailer >> 8);
	builder.entries += 1;
	const kind = <u32>trailer & 255;
	if (kind == KIND_DELETE) builder.deletions += 1;
	else if (kind == KIND_PUT_EXPIRING) builder.firstExpiry = min<u64>(builder.firstExpiry, load<u64>(value));
	builder.keyBytes += keyLength;
	builder.valueBytes += valueLength;
	return true;
}

function addSequence(builder: TableBuilder, sequence: u64): void {
	builder.minSequence = min<u64>(builder.minSequence, sequence);
	builder.maxSequence = max<u64>(builder.maxSequence, sequence);
}

/** Adds a range deletion behind those before it: see ranges.ts. False where memory is used up. */
export function tableBuilderAddRange(builder: TableBuilder, start: u32, startLength: u32, end: u32, endLength: u32, trailer: u64): bool {
	const ranges = rangesOf(builder);
	if (ranges.entries == 0 && !blockBuilderInitialize(ranges)) return false;
	if (!blockBuilderAdd(ranges, start, startLength, trailer, end, endLength)) return false;
	addSequence(builder, trailer >> 8);
	builder.rangeDeletions += 1;
	return true;
}

/** Copies the table's smallest key, into an allocation that is used again; false where memory is used up. */
function keepSmallest(builder: TableBuilder, key: u32, keyLength: u32): bool {
	const room = reallocate(builder.smallest, 0, max<u32>(keyLength, 16));
	// Where it is refused, what there is stays the builder's, to be freed with it.
	if (room == 0) return false;
	builder.smallest = room;
	builder.smallestLength = keyLength;
	memory.copy(room, key, keyLength);
	return true;
}

/** Address of `bytes` more bytes of output, 0 where memory is used up. They count once `outputUsed` says so. */
function outputRoom(builder: TableBuilder, bytes: u32): u32 {
	const used = builder.outputUsed;
	if (<u64>used + bytes > 0xe0000000) return 0;
	if (builder.output == 0 || capacityOf(builder.output) < used + bytes) {
		const wider = reallocate(builder.output, used, used + max<u32>(bytes, min<u32>(used, 1 << 22)));
		if (wider == 0) return 0;
		builder.output = wider;
	}
	return builder.output + used;
}

/** The stored bytes of a block stand at the output's end: adds their trailer. */
function sealOutput(builder: TableBuilder, length: u32, decodedLength: u32, type: u32, compression: u32): void {
	const offset = builder.outputStart + builder.outputUsed;
	storedBlockSeal(builder.output + builder.outputUsed, length, decodedLength, type, compression, offset, builder.seed);
	builder.outputUsed += length + BLOCK_TRAILER_BYTES;
}

function finishBlock(builder: TableBuilder): bool {
	const data = dataOf(builder);
	const length = <u32>blockBuilderLength(data);
	const target = outputRoom(builder, length + BLOCK_TRAILER_BYTES);
	if (target == 0) return false;
	const offset = builder.outputStart + builder.outputUsed;
	let stored: u32 = 0;
	if (builder.compression == COMPRESSION_LZ4) {
		const raw = reallocate(builder.raw, 0, length);
		if (raw == 0) return false;
		builder.raw = raw;
		blockBuilderFinish(data, raw);
		// Less than an eighth saved does not pay for the decoding.
		stored = lz4Encode(raw, length, target, length - (length >> 3), builder.matches);
		if (stored == 0) memory.copy(target, raw, length);
	} else {
		blockBuilderFinish(data, target);
	}
	if (stored == 0) sealOutput(builder, length, length, BLOCK_TYPE_DATA, COMPRESSION_NONE);
	else sealOutput(builder, stored, length, BLOCK_TYPE_DATA, COMPRESSION_LZ4);
	if (stored == 0) stored = length;

	// The index names the block by its last entry.
	const last = blockBuilderLastEntry(data);
	const value = builder.indexValue;
	store<u64>(value, offset);
	store<u64>(value, <u64>stored, 8);
	const key = last + <u32>ENTRY_KEY;
	if (!blockBuilderAdd(indexOf(builder), key, entryKeyLength(last), entryTrailer(last), value, INDEX_VALUE_BYTES)) return false;
	builder.blocks += 1;
	blockBuilderReset(data);
	return true;
}

/** Completes the table of at least one entry or range deletion: all of it is in the output then, its description in `description`. */
export function tableBuilderFinish(builder: TableBuilder): bool {
	if (dataOf(builder).count != 0 && !finishBlock(builder)) return false;
	const index = indexOf(builder);
	const ranges = rangesOf(builder);
	let largest: u32 = 0;
	let largestLength: u32 = 0;
	if (index.count != 0) {
		const last = blockBuilderLastEntry(index);
		largest = last + <u32>ENTRY_KEY;
		largestLength = entryKeyLength(last);
	}
	if (ranges.count != 0) {
		const first = ranges.entries;
		const start = first + <u32>ENTRY_KEY;
		const startLength = entryKeyLength(first);
		if (index.count == 0 || compareKeys(start, startLength, builder.smallest, builder.smallestLength) < 0) {
			if (!keepSmallest(builder, start, startLength)) return false;
		}
		const last = blockBuilderLastEntry(ranges);
		const end = last + <u32>ENTRY_KEY + entryKeyLength(last);
		const endLength = lastBefore(end, ranges.entries + ranges.entriesBytes - end);
		if (index.count == 0 || compareKeys(end, endLength, largest, largestLength) > 0) {
			largest = end;
			largestLength = endLength;
		}
	}

	const tailOffset = builder.outputStart + builder.outputUsed;
	let filterBytes: u32 = 0;
	if (builder.bitsPerKey != 0 && index.count != 0) {
		filterBytes = filterLength(builder.keys, builder.bitsPerKey);
		const target = outputRoom(builder, filterBytes + BLOCK_TRAILER_BYTES);
		if (target == 0) return false;
		filterBuild(target, builder.hashes, builder.keys, builder.bitsPerKey);
		sealOutput(builder, filterBytes, filterBytes, BLOCK_TYPE_FILTER, COMPRESSION_NONE);
	}
	const indexOffset = builder.outputStart + builder.outputUsed;
	if (!finishTailBlock(builder, index, BLOCK_TYPE_INDEX)) return false;
	const rangesOffset = builder.outputStart + builder.outputUsed;
	if (!finishTailBlock(builder, ranges, BLOCK_TYPE_RANGES)) return false;

	const propertiesOffset = builder.outputStart + builder.outputUsed;
	const propertiesLength = PROPERTIES_HEADER_BYTES + builder.smallestLength + largestLength;
	let target = outputRoom(builder, propertiesLength + BLOCK_TRAILER_BYTES);
	if (target == 0) return false;
	writeProperties(builder, target, largest, largestLength);
	sealOutput(builder, propertiesLength, propertiesLength, BLOCK_TYPE_PROPERTIES, COMPRESSION_NONE);

	target = outputRoom(builder, FOOTER_BYTES);
	if (target == 0) return false;
	store<u64>(target, indexOffset, FOOTER_INDEX_OFFSET);
	store<u64>(target, tailOffset, FOOTER_FILTER_OFFSET);
	store<u64>(target, propertiesOffset, FOOTER_PROPERTIES_OFFSET);
	store<u64>(target, rangesOffset, FOOTER_RANGES_OFFSET);
	store<u32>(target, partLength(index), FOOTER_INDEX_LENGTH);
	store<u32>(target, partLength(ranges), FOOTER_RANGES_LENGTH);
	store<u32>(target, filterBytes, FOOTER_FILTER_LENGTH);
	store<u32>(target, propertiesLength, FOOTER_PROPERTIES_LENGTH);
	store<u64>(target, FORMAT_VERSION, FOOTER_VERSION);
	store<u64>(target, <u64>builder.file, FOOTER_FILE_NUMBER);
	store<u64>(target, builder.databaseId, FOOTER_DATABASE_ID);
	store<u64>(target, xxh64(target, FOOTER_CHECKSUM, builder.seed), FOOTER_CHECKSUM);
	store<u32>(target, TABLE_MAGIC_LOW, FOOTER_MAGIC);
	store<u32>(target, TABLE_MAGIC_HIGH, FOOTER_MAGIC + 4);
	builder.outputUsed += FOOTER_BYTES;
	return describe(builder, <u32>(builder.outputStart + builder.outputUsed - tailOffset), largest, largestLength);
}

/** Length of the greatest key before `end`, which is its beginning, where there is one; otherwise that of `end`, which is beyond. */
function lastBefore(end: u32, endLength: u32): u32 {
	return load<u8>(end + endLength - 1) == 0 ? endLength - 1 : endLength;
}

/** Of a block in the tail, which is left out where it is empty. */
function partLength(part: BlockBuilder): u32 {
	return part.count == 0 ? 0 : <u32>blockBuilderLength(part);
}

function finishTailBlock(builder: TableBuilder, part: BlockBuilder, type: u32): bool {
	const length = partLength(part);
	if (length == 0) return true;
	const target = outputRoom(builder, length + BLOCK_TRAILER_BYTES);
	if (target == 0) return false;
	blockBuilderFinish(part, target);
	sealOutput(builder, length, length, type, COMPRESSION_NONE);
	return true;
}

/** As a description says it: 0 for none. */
function firstExpiry(builder: TableBuilder): u64 {
	return builder.firstExpiry == u64.MAX_VALUE ? 0 : min<u64>(builder.firstExpiry, EXPIRY_MAX);
}

function writeProperties(builder: TableBuilder, target: u32, largest: u32, largestLength: u32): void {
	store<u64>(target, builder.entries, PROPERTIES_ENTRIES);
	store<u64>(target, builder.deletions, PROPERTIES_DELETIONS);
	store<u64>(target, builder.keyBytes, PROPERTIES_KEY_BYTES);
	store<u64>(target, builder.valueBytes, PROPERTIES_VALUE_BYTES);
	store<u64>(target, builder.minSequence, PROPERTIES_MIN_SEQUENCE);
	store<u64>(target, builder.maxSequence, PROPERTIES_MAX_SEQUENCE);
	store<u32>(target, builder.blocks, PROPERTIES_BLOCKS);
	store<u32>(target, builder.smallestLength, PROPERTIES_SMALLEST_LENGTH);
	store<u32>(target, largestLength, PROPERTIES_LARGEST_LENGTH);
	store<u32>(target, 0, PROPERTIES_LARGEST_LENGTH + 4);
	store<u64>(target, firstExpiry(builder), PROPERTIES_FIRST_EXPIRY);
	store<u64>(target, builder.rangeDeletions, PROPERTIES_RANGE_DELETIONS);
	memory.copy(target + PROPERTIES_HEADER_BYTES, builder.smallest, builder.smallestLength);
	memory.copy(target + PROPERTIES_HEADER_BYTES + builder.smallestLength, largest, largestLength);
}

function describe(builder: TableBuilder, tailLength: u32, largest: u32, largestLength: u32): bool {
	const description = reallocate(builder.description, 0, TABLE_KEYS + builder.smallestLength + largestLength);
	if (description == 0) return false;
	builder.description = description;
	store<u32>(description, builder.file, TABLE_FILE);
	store<u32>(description, tailLength, TABLE_TAIL_LENGTH);
	store<f64>(description, <f64>(builder.outputStart + builder.outputUsed), TABLE_SIZE);
	store<u64>(description, builder.seed, TABLE_SEED);
	store<f64>(description, <f64>builder.entries, TABLE_ENTRIES);
	store<f64>(description, <f64>builder.deletions, TABLE_DELETIONS);
	store<f64>(description, <f64>builder.minSequence, TABLE_MIN_SEQUENCE);
	store<f64>(description, <f64>builder.maxSequence, TABLE_MAX_SEQUENCE);
	store<f64>(description, <f64>firstExpiry(builder), TABLE_FIRST_EXPIRY);
	store<f64>(description, <f64>builder.rangeDeletions, TABLE_RANGE_DELETIONS);
	store<u32>(description, builder.smallestLength, TABLE_SMALLEST_LENGTH);
	store<u32>(description, largestLength, TABLE_LARGEST_LENGTH);
	memory.copy(description + TABLE_KEYS, builder.smallest, builder.smallestLength);
	memory.copy(description + TABLE_KEYS + builder.smallestLength, largest, largestLength);
	return true;
}

/** The output has been written out. */
export function tableBuilderEmitted(builder: TableBuilder): void {
	builder.outputStart += builder.outputUsed;
	builder.outputUsed = 0;
}
