// The range deletions of a job. Those of all inputs are gathered first, one for each stripe and stretch of keys; then points
// are held against them, and at the end of each table what lies before the end is written into it.

import { LEVELS } from "../shared/abi";
import { STATUS_DONE, STATUS_OUT_OF_MEMORY } from "../shared/status";
import { blockCount, blockEntry, entryKeyLength, entryTrailer } from "../block/reader";
import { Cursor, CURSOR_MEMTABLE } from "../cursor/cursor";
import { Merge, mergeCursor } from "../cursor/merge";
import { compareKeys, headOf } from "../key/compare";
import { reallocate } from "../memory/allocator";
import { Memtable, memtableCreate, memtableFirst } from "../memtable/memtable";
import { nodeKey, nodeKeyLength } from "../memtable/node";
import { addBoundary, boundaryAfter, boundaryStack, cellNext, cellTrailer, rangesAdd } from "../memtable/ranges";
import { Fetch, FETCH_NONE, fetchTail, fetchTailComplete } from "../read/fetch";
import { TableBuilder, tableBuilderAddRange } from "../table/builder";
import { fragmentEnd, fragmentEndLength, fragmentStart } from "../table/ranges";
import { Table, tableIsOpen } from "../table/table";
import { findTable, levelCount, levelTables, tableAt } from "../version/superversion";
import { MergeJob, stripeOf } from "./job";

/** Gathers those of all inputs, the oldest first; goes on likewise after STATUS_NEED. */
export function gatherRanges(job: MergeJob, merge: Merge): u32 {
	const fetch = changetype<Fetch>(changetype<usize>(job));
	if (fetch.kind != FETCH_NONE) {
		const status = fetchTailComplete(fetch);
		if (status != STATUS_DONE) return status;
	}
	for (; job.gathered < merge.count; job.gathered += 1, job.gatheredTables = 0) {
		const cursor = mergeCursor(merge, merge.count - 1 - job.gathered);
		if (cursor.kind == CURSOR_MEMTABLE) {
			if (!gatherMemtable(job, changetype<Memtable>(cursor.memtable as usize).ranges)) return STATUS_OUT_OF_MEMORY;
			continue;
		}
		for (; job.gatheredTables < cursor.tableCount; job.gatheredTables += 1) {
			const table = tableAt(cursor.tables, job.gatheredTables);
			if (!table.ranged) continue;
			if (!tableIsOpen(table)) return fetchTail(fetch, table);
			if (!gatherTable(job, table)) return STATUS_OUT_OF_MEMORY;
		}
	}
	if (job.ranges != 0) job.unwritten = memtableFirst(job.ranges);
	return STATUS_DONE;
}

function gatherMemtable(job: MergeJob, ranges: u32): bool {
	if (ranges == 0) return true;
	for (let boundary = memtableFirst(ranges); boundary != 0; boundary = boundaryAfter(ranges, boundary)) {
		const end = boundaryAfter(ranges, boundary);
		for (let cell = boundaryStack(boundary); cell != 0; cell = olderStripe(job, cell)) {
			if (!gather(job, nodeKey(boundary), nodeKeyLength(boundary), nodeKey(end), nodeKeyLength(end), cellTrailer(cell))) return false;
		}
	}
	return true;
}

function gatherTable(job: MergeJob, table: Table): bool {
	const block = table.ranges;
	for (let slot: u32 = 0; slot < blockCount(block); slot++) {
		const entry = blockEntry(block, slot);
		const end = fragmentEnd(entry);
		const endLength = fragmentEndLength(block, slot);
		if (!gather(job, fragmentStart(entry), entryKeyLength(entry), end, endLength, entryTrailer(entry))) return false;
	}
	return true;
}

function gather(job: MergeJob, start: u32, startLength: u32, end: u32, endLength: u32, trailer: u64): bool {
	if (job.ranges == 0) job.ranges = memtableCreate(0);
	return job.ranges != 0 && rangesAdd(job.ranges, start, startLength, end, endLength, trailer);
}

/** The next older deletion that another reader may see instead: the newest of each stripe stands for all of it. */
function olderStripe(job: MergeJob, cell: u32): u32 {
	const stripe = stripeOf(job, cellTrailer(cell) >> 8);
	do cell = cellNext(cell);
	while (cell != 0 && stripeOf(job, cellTrailer(cell) >> 8) == stripe);
	return cell;
}

/** Whether every reader that would see the entry sees a range deletion instead. Keys come in their order. */
export function isRangeDeleted(job: MergeJob, cursor: Cursor, stripe: u32): bool {
	const ranges = job.ranges;
	let next = boundaryAfter(ranges, job.boundary);
	while (next != 0 && compareKeys(nodeKey(next), nodeKeyLength(next), cursor.key, cursor.keyLength) <= 0) {
		job.boundary = next;
		next = boundaryAfter(ranges, next);
	}
	if (job.boundary == 0) return false;
	let cell = boundaryStack(job.boundary);
	while (cell != 0 && cellTrailer(cell) > cursor.trailer) {
		if (stripeOf(job, cellTrailer(cell) >> 8) == stripe) return true;
		cell = cellNext(cell);
	}
	return false;
}

/**
 * Before a table ends: writes what lies up to the last key that was looked at. What reaches further is cut behind that key,
 * so that the table spans no key beyond it, and goes on in the next table.
 */
export function writeRangesUpToLast(job: MergeJob, builder: TableBuilder): bool {
	const length = job.lastKeyLength;
	const end = reallocate(job.lastKey, length, length + 1);
	if (end == 0) return false;
	job.lastKey = end;
	store<u8>(end + length, 0);
	return addBoundary(job.ranges, end, length + 1) && writeRanges(job, builder, end, length + 1);
}

/** Writes what lies before the boundary `end`, all that is left where that is 0. */
export function writeRanges(job: MergeJob, builder: TableBuilder, end: u32, endLength: u32): bool {
	const ranges = job.ranges;
	let boundary = job.unwritten;
	while (boundary != 0 && isBefore(boundary, end, endLength)) {
		let next = boundaryAfter(ranges, boundary);
		// What was cut up for no reader's sake becomes one again.
		while (next != 0 && isBefore(next, end, endLength) && sameStripes(job, boundaryStack(boundary), boundaryStack(next))) {
			next = boundaryAfter(ranges, next);
		}
		if (boundaryStack(boundary) != 0 && !writeStack(job, builder, boundary, next)) return false;
		boundary = next;
	}
	job.unwritten = boundary;
	return true;
}

function isBefore(boundary: u32, end: u32, endLength: u32): bool {
	return end == 0 || compareKeys(nodeKey(boundary), nodeKeyLength(boundary), end, endLength) < 0;
}

/** Whether two stacks look the same to every reader. */
function sameStripes(job: MergeJob, a: u32, b: u32): bool {
	while (a != b) {
		if (a == 0 || b == 0 || cellTrailer(a) != cellTrailer(b)) return false;
		a = olderStripe(job, a);
		b = olderStripe(job, b);
	}
	return true;
}

function writeStack(job: MergeJob, builder: TableBuilder, start: u32, end: u32): bool {
	for (let cell = boundaryStack(start); cell != 0; cell = olderStripe(job, cell)) {
		const trailer = cellTrailer(cell);
		if (stripeOf(job, trailer >> 8) == 0 && !isNeeded(job, start, end)) continue;
		const added = tableBuilderAddRange(builder, nodeKey(start), nodeKeyLength(start), nodeKey(end), nodeKeyLength(end), trailer);
		if (!added) return false;
	}
	return true;
}

/** Whether a level below the output, or one that nothing is known of, may hold a key from `start` up to `end`. */
function isNeeded(job: MergeJob, start: u32, end: u32): bool {
	if (job.below > <u32>LEVELS) return true;
	const key = nodeKey(start);
	const keyLength = nodeKeyLength(start);
	for (let level = job.below; level < <u32>LEVELS; level++) {
		const tables = levelTables(job.superversion, level);
		const count = levelCount(job.superversion, level);
		const position = findTable(tables, count, headOf(key, keyLength), key, keyLength);
		if (position == count) continue;
		const table = tableAt(tables, position);
		if (compareKeys(table.smallest, table.smallestLength, nodeKey(end), nodeKeyLength(end)) < 0) return true;
	}
	return false;
}
