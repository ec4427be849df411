// The kernel's exports: what the host calls. Numbers only; addresses are of linear memory; 64-bit values come as f64 where
// they are counts or offsets (below 2^53) and as two words where they are hashes.

import {
	BlockBuilder, blockBuilderAdd as addToBlock, blockBuilderFinish as finishBlock, blockBuilderInitialize, blockBuilderLength as lengthOfBlock,
	blockBuilderRelease, blockBuilderReset as resetBlock,
} from "./block/builder";
import { LZ4_TABLE_BYTES } from "./block/lz4";
import { blockIsSound as isBlockSound, blockSeek as seekInBlock } from "./block/reader";
import { cacheInitialize, cacheOwn, cacheUsedBytes, countersAddress, tableFree as freeTable } from "./cache/cache";
import { rowsForget } from "./cache/rows";
import { filterAdd as addToFilter, filterMayContain as mayFilterContain } from "./filter/bloom";
import { xxh64 } from "./hash/xxh64";
import { batchApply as applyBatch, batchReserve as reserveBatch, recordMeasure as measureRecord, recordSeal as sealRecord, recordSound as isRecordSound } from "./log/record";
import { allocate as take, free as release, heapInitialize, reallocate as enlarge } from "./memory/allocator";
import { root } from "./memory/root";
import { scratchAttach } from "./memory/scratch";
import { Memtable, memtableInsert, memtableReserve, seekTrailer } from "./memtable/memtable";
import { RESULT_TRAILER } from "./shared/abi";
import { KIND_DELETE_RANGE, RECORD_HEADER_BYTES } from "./shared/format";
import { rangesAdd, rangesOf } from "./memtable/ranges";
import { scratch } from "./memory/scratch";
import { findOwn, getStart as startGet } from "./read/get";
import { lookupCreate as createLookup } from "./read/lookup";
import { OVERLAY_SEQUENCE, scanCreate as createScan } from "./read/scan";
import { csvStep as stepCsv } from "./csv/load";
import { jobStep as stepJob } from "./merge/job";
import { superversionFree as freeSuperversion } from "./version/superversion";

export { lz4Decode, lz4Encode } from "./block/lz4";
export { filterClear, filterIsSound, filterLength, filterProbes } from "./filter/bloom";
export { batchCount } from "./log/record";
export { memtableCreate, memtableFree } from "./memtable/memtable";
export { tableCreate } from "./table/table";
export { superversionCreate } from "./version/superversion";
export { getContinue, getOperationCreate, getOperationDetach, getOperationReset } from "./read/get";
export { scanChanged } from "./read/changes";
export { scanRows } from "./read/rows";
export { scanFill, scanFree } from "./read/scan";
export { lookupContinue, lookupFill, lookupFree, lookupGiven, lookupRoom, lookupRows } from "./read/lookup";
export { jobCreate, jobDescription, jobFree } from "./merge/job";
export { csvCount, csvCountCreate } from "./csv/count";
export { csvAnswer, csvBegin, csvDescription, csvFeed, csvLoadCreate, csvLoadFree, csvPass, csvReplaced, csvRoom, csvRows } from "./csv/load";
export { countersAddress, cacheUsedBytes };

// @ts-ignore: decorator
@inline
function word64(low: u32, high: u32): u64 {
	return (<u64>high << 32) | low;
}

/** Lays the memory out for the thread that owns the database; answers the thread's scratch, 0 where memory is used up. */
export function attach(limitBytes: u32, cacheBytes: u32): u32 {
	heapInitialize(limitBytes);
	if (root().cache == 0 && !cacheInitialize(cacheBytes)) return 0;
	cacheOwn();
	return scratchAttach();
}

/** Joins a background thread, which runs jobs and nothing else, to a memory that is laid out. */
export function attachBackground(): u32 {
	return scratchAttach();
}

/** At least `bytes` bytes at a multiple of 8, what is cached makes way; 0 where there is no room. */
export function allocate(bytes: u32): u32 {
	return take(bytes);
}

export function free(address: u32): void {
	release(address);
}

export function reallocate(address: u32, keep: u32, bytes: u32): u32 {
	return enlarge(address, keep, bytes);
}

export function allocatedBytes(): u32 {
	return root().allocatedBytes;
}

/** XXH64; the answer stands in the words of RESULT_TRAILER. */
export function hash(address: u32, length: u32, seedLow: u32, seedHigh: u32): void {
	store<u64>(scratch(), xxh64(address, length, word64(seedLow, seedHigh)), RESULT_TRAILER);
}

// -- Log -------------------------------------------------------------------------------------------------------------

/** Completes a record whose payload stands behind the room for its header; answers its whole length. */
export function recordSeal(record: u32, payloadLength: u32, sequence: f64, durableBytes: f64, seedLow: u32, seedHigh: u32): u32 {
	return sealRecord(record, payloadLength, <u64>sequence, <u64>durableBytes, word64(seedLow, seedHigh));
}

export function recordMeasure(record: u32, seedLow: u32, seedHigh: u32): f64 {
	return measureRecord(record, word64(seedLow, seedHigh));
}

export function recordSound(record: u32, seedLow: u32, seedHigh: u32): bool {
	return isRecordSound(record, word64(seedLow, seedHigh));
}

/** Makes room in the memtable for a batch and completes its record; answers the record's length, 0 where there is no room. */
export function batchSeal(
	record: u32, payloadLength: u32, entries: u32, memtable: u32,
	sequence: f64, durableBytes: f64, seedLow: u32, seedHigh: u32,
): u32 {
	if (!reserveBatch(record + RECORD_HEADER_BYTES, payloadLength, entries, memtable)) return 0;
	return recordSeal(record, payloadLength, sequence, durableBytes, seedLow, seedHigh);
}

/** Makes room in the memtable for a batch read from a log. */
export function batchReserve(batch: u32, length: u32, entries: u32, memtable: u32): bool {
	return reserveBatch(batch, length, entries, memtable);
}

/** Puts the operations of a batch into the memtable that room was made in. */
export function batchApply(batch: u32, length: u32, memtable: u32, firstSequence: f64): void {
	applyBatch(batch, length, memtable, <u64>firstSequence);
}

// -- Memtable --------------------------------------------------------------------------------------------------------

/** Bytes of its entries, and MEMTABLE_…_BYTES for each. */
export function memtableBytes(memtable: u32): u32 {
	const table = changetype<Memtable>(memtable as usize);
	return table.entryBytes + (table.ranges == 0 ? 0 : changetype<Memtable>(table.ranges as usize).entryBytes);
}

export function memtableEntries(memtable: u32): u32 {
	return changetype<Memtable>(memtable as usize).entries;
}

/** A transaction's own write, number `write` of it; false where memory is used up. */
export function overlayPut(memtable: u32, key: u32, keyLength: u32, value: u32, valueLength: u32, kind: u32, write: u32): bool {
	const trailer = ((OVERLAY_SEQUENCE + write) << 8) | kind;
	if (kind == KIND_DELETE_RANGE) {
		const ranges = rangesOf(memtable);
		return ranges != 0 && rangesAdd(ranges, key, keyLength, value, valueLength, trailer);
	}
	if (!memtableReserve(memtable, 1, keyLength + valueLength)) return false;
	memtableInsert(memtable, key, keyLength, value, valueLength, trailer);
	return true;
}

/** What a transaction wrote last for the key: its value in RESULT; STATUS_ABSENT with a trailer of 0 where it wrote nothing. */
export function overlayGet(memtable: u32, key: u32, keyLength: u32): u32 {
	return findOwn(memtable, key, keyLength, u64.MAX_VALUE);
}

// -- Reads -----------------------------------------------------------------------------------------------------------

/** Reads the key in the thread's key buffer as of `sequence`. */
export function getStart(operation: u32, superversion: u32, keyLength: u32, sequence: f64): u32 {
	return startGet(operation, superversion, keyLength, seekTrailer(<u64>sequence));
}

export function scanCreate(
	superversion: u32, overlay: u32, overlayWrites: u32, sequence: f64, now: f64,
	lower: u32, lowerLength: u32, upper: u32, upperLength: u32, reverse: bool, skipKeyBytes: u32, parts: u32,
): u32 {
	return createScan(
		superversion, overlay, overlayWrites, seekTrailer(<u64>sequence), <u64>now,
		lower, lowerLength, upper, upperLength, reverse, skipKeyBytes, parts,
	);
}

export function lookupCreate(superversion: u32, overlay: u32, overlayWrites: u32, sequence: f64, now: f64, prefixLength: u32): u32 {
	return createLookup(superversion, overlay, overlayWrites, seekTrailer(<u64>sequence), <u64>now, prefixLength);
}

export function superversionFree(superversion: u32): void {
	rowsForget(superversion);
	freeSuperversion(superversion);
}

export function tableFree(table: u32): void {
	freeTable(table);
}

// -- Jobs ------------------------------------------------------------------------------------------------------------

export function csvStep(csv: u32, file: u32, seedLow: u32, seedHigh: u32): u32 {
	return stepCsv(csv, file, word64(seedLow, seedHigh));
}

export function jobStep(job: u32, file: u32, last: bool, seedLow: u32, seedHigh: u32): u32 {
	return stepJob(job, file, last, word64(seedLow, seedHigh));
}

// -- Parts by themselves: the engine's host calls none of them, programs of other people do --------------------------------

/** Bytes of working memory that lz4Encode wants. */
export function lz4TableBytes(): u32 {
	return LZ4_TABLE_BYTES;
}

/** Adds a key, by its XXH64 with seed 0, to a filter that filterClear has made. */
export function filterAdd(filter: u32, key: u32, keyLength: u32): void {
	addToFilter(filter, xxh64(key, keyLength, 0));
}

/** False where the key was not added. */
export function filterMayContain(filter: u32, key: u32, keyLength: u32): bool {
	return mayFilterContain(filter, xxh64(key, keyLength, 0));
}

// @ts-ignore: decorator
@inline
function builderAt(address: u32): BlockBuilder {
	return changetype<BlockBuilder>(address as usize);
}

/** 0 where memory is used up. */
export function blockBuilderCreate(): u32 {
	const address = take(offsetof<BlockBuilder>());
	if (address == 0 || blockBuilderInitialize(builderAt(address))) return address;
	blockBuilderFree(address);
	return 0;
}

export function blockBuilderFree(builder: u32): void {
	blockBuilderRelease(builderAt(builder));
	release(builder);
}

export function blockBuilderReset(builder: u32): void {
	resetBlock(builderAt(builder));
}

/** Adds an entry behind the one added last; false where memory is used up. */
export function blockBuilderAdd(
	builder: u32, key: u32, keyLength: u32, sequence: f64, kind: u32, value: u32, valueLength: u32,
): bool {
	return addToBlock(builderAt(builder), key, keyLength, (<u64>sequence << 8) | kind, value, valueLength);
}

/** Length of the block if it were finished now. */
export function blockBuilderLength(builder: u32): u32 {
	return <u32>lengthOfBlock(builderAt(builder));
}

/** Writes the block of at least one entry to `target`, which has room for its length. */
export function blockBuilderFinish(builder: u32, target: u32): void {
	finishBlock(builderAt(builder), target);
}

/** Whether the `length` bytes are a block that can be searched, with no key longer than `longestKey`. */
export function blockIsSound(block: u32, length: u32, longestKey: u32): bool {
	return isBlockSound(block, length, longestKey);
}

/** The first slot at or after the version of the key that a reader at `sequence` may see; the count of entries where there is none. */
export function blockSeek(block: u32, key: u32, keyLength: u32, sequence: f64): u32 {
	return seekInBlock(block, key, keyLength, seekTrailer(<u64>sequence));
}
