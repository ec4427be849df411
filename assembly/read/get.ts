// A point read: one call that answers with the value, with its absence, or with the bytes it needs first.

import { COUNTER_CACHE_HITS, COUNTER_CACHE_MISSES, COUNTER_FILTER_CHECKS, COUNTER_FILTER_FALSE_POSITIVES, COUNTER_FILTER_REJECTS, KEY_BUFFER, RESULT_EXPIRY, RESULT_TRAILER } from "../shared/abi";
import { ENTRY_KEY, EXPIRY_BYTES, KIND_PUT, KIND_PUT_EXPIRING } from "../shared/format";
import { STATUS_ABSENT, STATUS_DONE, STATUS_EXPIRING, STATUS_OUT_OF_MEMORY } from "../shared/status";
import { blockCount, blockEntry, blockFind, blockSeek, entryKeyLength, entryTrailer } from "../block/reader";
import { cache, count, frameBytes, frameUnpin } from "../cache/cache";
import { rowEntry, rowFind, rowLength, rowRemember, rowsOf } from "../cache/rows";
import { filterMayContain } from "../filter/bloom";
import { xxh64 } from "../hash/xxh64";
import { compareKeys, headOf } from "../key/compare";
import { allocate, allocateZeroed, free } from "../memory/allocator";
import { answerResult, scratch } from "../memory/scratch";
import { Memtable, memtableFind, memtableLookUp } from "../memtable/memtable";
import { nodeKey, nodeTrailer, nodeValueLength } from "../memtable/node";
import { rangesCover } from "../memtable/ranges";
import { fragmentsCover, Stretch } from "../table/ranges";
import { Table, tableFrame, tableIsOpen, tableVisitFrame } from "../table/table";
import {
	levelCount, levelsEnd, levelTables, memtableAt, memtableCount, outsideTable, outsideTables, tableAt, tablesNewest, tablesShared, tableWith,
} from "../version/superversion";
import { Fetch, FETCH_BLOCK, FETCH_NONE, FETCH_TAIL, fetchAbandon, fetchBlock, fetchBlockComplete, fetchTail, fetchTailComplete } from "./fetch";

@unmanaged
export class GetOperation {
	fetchKind: u32;
	fetchTable: u32;
	fetchBlock: u32;
	/** While a block is read: its frame. Afterwards: the pinned frame that the result lies in, 0 where there is none. */
	fetchTarget: u32;
	superversion: u32;
	key: u32;
	keyLength: u32;
	/** Of the key behind what all keys of the tables share. */
	head: u64;
	trailer: u64;
	hash: u64;
	level: u32;
	/** Within level 0: the table to look at next. */
	position: u32;
	// Room for class Stretch.
	stretchLow: u32;
	stretchLowLength: u32;
	stretchHigh: u32;
	stretchHighLength: u32;
}

// @ts-ignore: decorator
@inline
function fetchOf(operation: GetOperation): Fetch {
	return changetype<Fetch>(changetype<usize>(operation));
}

// @ts-ignore: decorator
@inline
function stretchOf(operation: GetOperation): Stretch {
	return changetype<Stretch>(changetype<usize>(operation) + offsetof<GetOperation>("stretchLow"));
}

export function getOperationCreate(): u32 {
	return allocateZeroed(<u32>offsetof<GetOperation>());
}

/** Ends an operation wherever it stands, so that it can be used again: its result is no longer valid. */
export function getOperationReset(address: u32): void {
	const operation = changetype<GetOperation>(address as usize);
	if (operation.fetchKind != FETCH_NONE) fetchAbandon(fetchOf(operation));
	else if (operation.fetchTarget != 0) frameUnpin(operation.fetchTarget);
	operation.fetchTarget = 0;
	if (operation.key != 0 && operation.key != scratch() + KEY_BUFFER) free(operation.key);
	operation.key = 0;
}

/** Lets the operation outlive the thread's key buffer, which the next call overwrites. */
export function getOperationDetach(address: u32): u32 {
	const operation = changetype<GetOperation>(address as usize);
	const key = allocate(operation.keyLength);
	if (key == 0) return STATUS_OUT_OF_MEMORY;
	memory.copy(key, operation.key, operation.keyLength);
	operation.key = key;
	return STATUS_DONE;
}

/** Starts a read of the key in the thread's key buffer as a reader whose newest visible entry has `trailer`. */
export function getStart(address: u32, superversion: u32, keyLength: u32, trailer: u64): u32 {
	const operation = changetype<GetOperation>(address as usize);
	if (operation.fetchTarget != 0) {
		frameUnpin(operation.fetchTarget);
		operation.fetchTarget = 0;
	}
	const key = scratch() + KEY_BUFFER;
	const hash = xxh64(key, keyLength, 0);
	rowsOf(superversion);
	const memtables = memtableCount(superversion);
	for (let position: u32 = 0; position < memtables; position++) {
		const memtable = memtableAt(superversion, position);
		const ranges = changetype<Memtable>(memtable as usize).ranges;
		const cover: u64 = ranges == 0 ? 0 : rangesCover(ranges, key, keyLength, trailer);
		const node = memtableLookUp(memtable, key, keyLength, hash, trailer);
		if (node != 0 && nodeTrailer(node) > cover) return found(nodeTrailer(node), nodeKey(node) + keyLength, nodeValueLength(node));
		// What is older is covered too.
		if (cover != 0) return found(cover, 0, 0);
	}
	const row = rowFind(key, keyLength, hash);
	if (row != 0) {
		const entry = rowEntry(row);
		// A reader of an older moment looks for an older entry itself.
		if (entryTrailer(entry) <= trailer) {
			count(COUNTER_CACHE_HITS);
			const before = <u32>ENTRY_KEY + keyLength;
			return found(entryTrailer(entry), entry + before, rowLength(row) - before);
		}
	}
	if (outsideTables(superversion, key, keyLength)) {
		store<u64>(scratch(), 0, RESULT_TRAILER);
		return STATUS_ABSENT;
	}
	const shared = tablesShared(superversion);
	operation.superversion = superversion;
	operation.key = key;
	operation.keyLength = keyLength;
	operation.head = headOf(key + shared, keyLength - shared);
	operation.trailer = trailer;
	operation.hash = hash;
	operation.level = 0;
	operation.position = 0;
	return getContinue(address);
}

/** Answers with an entry: its value, or its absence where it is a deletion. */
// @ts-ignore: decorator
@inline
export function found(trailer: u64, value: u32, valueLength: u32): u32 {
	store<u64>(scratch(), trailer, RESULT_TRAILER);
	if ((<u32>trailer & 255) != KIND_PUT) return foundOther(trailer, value, valueLength);
	answerResult(value, valueLength);
	return STATUS_DONE;
}

/** Looks among a transaction's own writes up to `trailer`: STATUS_ABSENT with a trailer of 0 where it wrote nothing for the key. */
export function findOwn(memtable: u32, key: u32, keyLength: u32, trailer: u64): u32 {
	const ranges = changetype<Memtable>(memtable as usize).ranges;
	const cover: u64 = ranges == 0 ? 0 : rangesCover(ranges, key, keyLength, trailer);
	const node = memtableFind(memtable, key, keyLength, trailer);
	if (node != 0 && nodeTrailer(node) > cover) return found(nodeTrailer(node), nodeKey(node) + keyLength, nodeValueLength(node));
	store<u64>(scratch(), cover, RESULT_TRAILER);
	return STATUS_ABSENT;
}

function foundOther(trailer: u64, value: u32, valueLength: u32): u32 {
	if ((<u32>trailer & 255) != KIND_PUT_EXPIRING) return STATUS_ABSENT;
	store<u64>(scratch(), load<u64>(value), RESULT_EXPIRY);
	answerResult(value + EXPIRY_BYTES, valueLength - EXPIRY_BYTES);
	return STATUS_EXPIRING;
}

/** Goes on after STATUS_NEED, when the bytes asked for have been read. */
export function getContinue(address: u32): u32 {
	const operation = changetype<GetOperation>(address as usize);
	const fetch = fetchOf(operation);
	if (operation.fetchKind == FETCH_TAIL) {
		const status = fetchTailComplete(fetch);
		operation.fetchTarget = 0;
		if (status != STATUS_DONE) return status;
	} else if (operation.fetchKind == FETCH_BLOCK) {
		const status = fetchBlockComplete(fetch);
		if (status != STATUS_DONE) return status;
	}
	const superversion = operation.superversion;
	const key = operation.key;
	const keyLength = operation.keyLength;
	const head = operation.head;
	const newer = levelTables(superversion, 0);
	const newerCount = operation.level == 0 ? levelCount(superversion, 0) : 0;
	while (operation.position < newerCount) {
		const slot = newer + 4 * operation.position;
		if (!outsideTable(superversion, slot, head, key, keyLength)) {
			const status = searchTable(operation, tableAt(slot, 0));
			if (status != NOT_HERE) return status;
		}
		operation.position += 1;
	}
	if (operation.level == 0) operation.level = 1;
	const end = levelsEnd(superversion);
	while (operation.level < end) {
		const slot = tableWith(superversion, operation.level, head, key, keyLength);
		if (slot != 0) {
			const status = searchTable(operation, tableAt(slot, 0));
			if (status != NOT_HERE) return status;
		}
		operation.level += 1;
	}
	store<u64>(scratch(), 0, RESULT_TRAILER);
	return STATUS_ABSENT;
}

/** Answer of searchTable alone: the table has no version of the key that the reader may see. */
const NOT_HERE: u32 = 255;

function searchTable(operation: GetOperation, table: Table): u32 {
	const fetch = fetchOf(operation);
	if (!tableIsOpen(table)) {
		if (operation.fetchTarget != 0) frameUnpin(operation.fetchTarget);
		operation.fetchTarget = 0;
		return fetchTail(fetch, table);
	}
	const key = operation.key;
	const keyLength = operation.keyLength;
	const cover: u64 = table.ranges == 0 ? 0 : fragmentsCover(table.ranges, key, keyLength, operation.trailer, stretchOf(operation));
	if (table.filter != 0) {
		count(COUNTER_FILTER_CHECKS);
		if (!filterMayContain(table.filter, operation.hash)) {
			count(COUNTER_FILTER_REJECTS);
			return covered(cover);
		}
	}
	if (table.blocks == 0) return covered(cover);
	const block = blockSeek(table.index, key, keyLength, operation.trailer);
	if (block == table.blocks) return notHere(table, cover);
	let frame = operation.fetchTarget;
	if (frame != 0 && (operation.fetchTable != <u32>changetype<usize>(table) || operation.fetchBlock != block)) {
		frameUnpin(frame);
		operation.fetchTarget = 0;
		frame = 0;
	}
	if (frame == 0) {
		frame = tableFrame(table, block);
		if (frame == 0) {
			count(COUNTER_CACHE_MISSES);
			return fetchBlock(fetch, table, block);
		}
		count(COUNTER_CACHE_HITS);
		tableVisitFrame(table, block);
	}
	const bytes = frameBytes(frame);
	const slot = blockFind(bytes, key, keyLength, operation.trailer);
	if (slot == blockCount(bytes)) return notHere(table, cover);
	const entry = blockEntry(bytes, slot);
	const entryKey = entry + <u32>ENTRY_KEY;
	if (entryKeyLength(entry) != keyLength || compareKeys(entryKey, keyLength, key, keyLength) != 0) return notHere(table, cover);
	const value = entryKey + keyLength;
	if (entryTrailer(entry) < cover) return covered(cover);
	const end = blockEntry(bytes, slot + 1);
	// Only a reader that sees all that is in tables knows that this is the newest entry.
	const superversion = operation.superversion;
	if (operation.trailer >> 8 >= tablesNewest(superversion) && cache().rowSuperversion == superversion) {
		rowRemember(table, block, entry - bytes, end - entry, operation.hash);
	}
	return found(entryTrailer(entry), value, end - value);
}

function notHere(table: Table, cover: u64): u32 {
	if (table.filter != 0) count(COUNTER_FILTER_FALSE_POSITIVES);
	return covered(cover);
}

/** The table has no entry that counts; with a cover nothing that is older does. */
// @ts-ignore: decorator
@inline
function covered(cover: u64): u32 {
	return cover == 0 ? NOT_HERE : found(cover, 0, 0);
}
