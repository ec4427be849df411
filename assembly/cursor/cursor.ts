// Cursors over sorted entries. The current entry stands in the common header, so that a merge compares cursors without
// knowing what they walk over; moving is one switch on the kind.
//
// A move answers STATUS_DONE (then `valid` tells whether there is an entry), STATUS_NEED (read, then `cursorContinue`),
// or an error. Key and value stay where they are until the cursor moves.

import { STATUS_DONE } from "../shared/status";
import { compareKeys, headOf } from "../key/compare";
import { memtableFirst, memtableLast, memtableSeek, memtableSeekBefore, memtableShared } from "../memtable/memtable";
import { nodeKey, nodeKeyLength, nodeNext, nodeTrailer, nodeValueLength } from "../memtable/node";
import { prefetch } from "../memory/prefetch";
import { root } from "../memory/root";
import { runContinue, runNext, runPrevious, runRelease } from "./run";

export const CURSOR_MEMTABLE: u32 = 1;
export const CURSOR_RUN: u32 = 2;

/** Where a cursor is to go. */
export const GO_NOWHERE: u32 = 0;
export const GO_FIRST: u32 = 1;
export const GO_LAST: u32 = 2;
/** The first entry at or after the target. */
export const GO_SEEK: u32 = 3;
/** The last entry before the target. */
export const GO_BEFORE: u32 = 4;

@unmanaged
export class Cursor {
	// A read that is under way: as class Fetch.
	fetchKind: u32;
	fetchTable: u32;
	fetchBlock: u32;
	fetchTarget: u32;
	kind: u32;
	valid: u32;
	key: u32;
	keyLength: u32;
	/** Of the key behind its first `shared` bytes. */
	head: u64;
	trailer: u64;
	value: u32;
	valueLength: u32;
	/** The move that is not finished yet. */
	going: u32;
	// Target of a seek: belongs to the cursor's owner and lives until the seek is finished.
	target: u32;
	targetTrailer: u64;
	targetLength: u32;
	memtable: u32;
	node: u32;
	/** Whether the memtable had no entry when the cursor was made: those that come in later are for others, and have other prefixes. */
	empty: u32;
	// A sorted run: tables in key order that do not overlap.
	tables: u32;
	tableCount: u32;
	/** Whether any of them has range deletions. */
	ranged: u32;
	/** Before a skip: table, block and slot. */
	skipPosition: u32;
	skipBlock: u32;
	skipSlot: u32;
	/** Table and block of the current entry; BLOCK_UNKNOWN until the table is open. */
	position: u32;
	block: u32;
	/** The current block's bytes, 0 where none is loaded, and the pinned frame they lie in, 0 where they lie elsewhere. */
	bytes: u32;
	frame: u32;
	slot: u32;
	/** How many entries the current block has, and where their offsets lie. */
	slots: u32;
	offsets: u32;
	// Blocks read ahead, in memory of the cursor's own.
	aheadBuffer: u32;
	aheadTable: u32;
	aheadFirst: u32;
	aheadCount: u32;
	/** Blocks decoded out of the read-ahead go here. */
	decodeBuffer: u32;
	/** Whether blocks that are read ahead go into the cache as far as it has room. */
	caching: u32;
	/** How many bytes to read at the next miss, and at most. */
	window: u32;
	windowLimit: u32;
	/** Leading bytes that the keys of all cursors of its merge have in common. */
	shared: u32;
	/** Its place in the tree of the merge that it belongs to. */
	leaf: u32;
}

export function cursorOverMemtable(cursor: Cursor, memtable: u32): void {
	cursor.kind = CURSOR_MEMTABLE;
	cursor.memtable = memtable;
	cursor.empty = memtableFirst(memtable) == 0 ? 1 : 0;
}

/** The read-aheads of a walk over so many sources take at most this part of the memory there may be. */
const AHEAD_PART: u32 = 16;
const LEAST_AHEAD: u32 = 16 << 10;

/** What each of the sources may read ahead: `most` of it, or its share where memory is small. */
export function aheadLimit(most: u32, sources: u32): u32 {
	return max<u32>(LEAST_AHEAD, min<u32>(most, root().limitBytes / AHEAD_PART / max<u32>(sources, 1)));
}

/**
 * `window` is what the first miss reads at most, and doubles up to `limit`. 0: the first miss reads one block through the cache,
 * and the following ones leave there what it has room for.
 */
export function cursorOverRun(cursor: Cursor, tables: u32, count: u32, ranged: u32, window: u32, limit: u32): void {
	cursor.kind = CURSOR_RUN;
	cursor.ranged = ranged;
	cursor.tables = tables;
	cursor.tableCount = count;
	cursor.window = window;
	cursor.windowLimit = limit;
	cursor.caching = window == 0 ? 1 : 0;
}

export function cursorRelease(cursor: Cursor): void {
	if (cursor.kind == CURSOR_RUN) runRelease(cursor);
	cursor.valid = 0;
}

export function cursorGo(cursor: Cursor, going: u32, target: u32, targetLength: u32, targetTrailer: u64): u32 {
	cursor.going = going;
	cursor.target = target;
	cursor.targetLength = targetLength;
	cursor.targetTrailer = targetTrailer;
	if (cursor.kind == CURSOR_RUN) return runContinue(cursor, true);
	memtableGo(cursor);
	return STATUS_DONE;
}

/** Goes on with a move that answered STATUS_NEED. */
export function cursorContinue(cursor: Cursor): u32 {
	return runContinue(cursor, false);
}

// @ts-ignore: decorator
@inline
export function cursorNext(cursor: Cursor): u32 {
	if (cursor.kind == CURSOR_RUN) return runNext(cursor);
	setNode(cursor, nodeNext(cursor.node, 0));
	return STATUS_DONE;
}

export function cursorPrevious(cursor: Cursor): u32 {
	if (cursor.kind == CURSOR_RUN) return runPrevious(cursor);
	setNode(cursor, memtableSeekBefore(cursor.memtable, cursor.key, cursor.keyLength, cursor.trailer));
	return STATUS_DONE;
}

function memtableGo(cursor: Cursor): void {
	const going = cursor.going;
	cursor.going = GO_NOWHERE;
	const memtable = cursor.memtable;
	if (cursor.empty) {
		setNode(cursor, 0);
		return;
	}
	if (going == GO_FIRST) {
		setNode(cursor, memtableFirst(memtable));
		return;
	}
	if (going == GO_LAST) {
		setNode(cursor, memtableLast(memtable));
		return;
	}
	setNode(
		cursor,
		going == GO_SEEK
			? memtableSeek(memtable, cursor.target, cursor.targetLength, cursor.targetTrailer)
			: memtableSeekBefore(memtable, cursor.target, cursor.targetLength, cursor.targetTrailer),
	);
}

function setNode(cursor: Cursor, node: u32): void {
	cursor.node = node;
	if (node == 0) {
		cursor.valid = 0;
		return;
	}
	const key = nodeKey(node);
	const keyLength = nodeKeyLength(node);
	cursor.valid = 1;
	// A key that lacks the prefix may have come in since.
	if (memtableShared(cursor.memtable) < cursor.shared) cursor.shared = 0;
	cursor.head = headOf(key + cursor.shared, keyLength - cursor.shared);
	cursor.trailer = nodeTrailer(node);
	cursor.key = key;
	cursor.keyLength = keyLength;
	cursor.value = key + keyLength;
	cursor.valueLength = nodeValueLength(node);
	// Neighbours lie anywhere in memory.
	prefetch(nodeNext(node, 0));
}

/** Whether the key of one cursor's entry is less than that of another's. */
// @ts-ignore: decorator
@inline
export function cursorIsBefore(cursor: Cursor, other: Cursor): bool {
	if (cursor.head != other.head) return cursor.head < other.head;
	return compareKeys(cursor.key, cursor.keyLength, other.key, other.keyLength) < 0;
}
