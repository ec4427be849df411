// The range deletions of a memtable or of a job: a skip list of the keys where they begin and end. It is a memtable without an
// index, whose entries are those boundaries. The value of each is the address of a stack of cells: the deletions that
// cover the keys from this boundary up to the next one, newest first. Stacks are linked lists, and neighbours share their ends.
//
//   cell   0  u64  trailer   sequence << 8 | KIND_DELETE_RANGE
//          8  u32  next      an older deletion, 0 at the end
//
// The last boundary ends a deletion, so its stack is empty.

import { MEMTABLE_CELL_BYTES } from "../shared/abi";
import { compareKeys } from "../key/compare";
import { Arena, arenaTake } from "../memory/arena";
import { Memtable, memtableCreate, memtableFirst, memtableInsert, memtableReserve, memtableSeekBefore } from "./memtable";
import { nodeKey, nodeKeyLength, nodeNext } from "./node";

const CELL_BYTES: u32 = 16;
const CELL_NEXT: u32 = 8;
/** Every boundary has this one version. */
const BOUNDARY_TRAILER: u64 = 1;

/** The ranges of a memtable that is to get a first one; 0 where memory is used up. */
export function rangesOf(memtable: u32): u32 {
	const table = changetype<Memtable>(memtable as usize);
	if (table.ranges == 0) table.ranges = memtableCreate(0);
	return table.ranges;
}

// @ts-ignore: decorator
@inline
function stackAddress(boundary: u32): u32 {
	return nodeKey(boundary) + nodeKeyLength(boundary);
}

/** The newest deletion that covers the keys from the boundary on, 0 where none does. */
// @ts-ignore: decorator
@inline
export function boundaryStack(boundary: u32): u32 {
	return load<u32>(stackAddress(boundary));
}

// @ts-ignore: decorator
@inline
export function cellTrailer(cell: u32): u64 {
	return load<u64>(cell);
}

// @ts-ignore: decorator
@inline
export function cellNext(cell: u32): u32 {
	return load<u32>(cell, CELL_NEXT);
}

/** The last boundary at or before the key, 0 where there is none. */
export function boundaryAt(ranges: u32, key: u32, keyLength: u32): u32 {
	return memtableSeekBefore(ranges, key, keyLength, 0);
}

/** The boundary after this one, the first after 0; 0 at the end. */
export function boundaryAfter(ranges: u32, boundary: u32): u32 {
	return boundary == 0 ? memtableFirst(ranges) : nodeNext(boundary, 0);
}

/** Trailer of the newest deletion at a boundary, or 0, that a reader at `trailer` sees. */
export function boundaryCover(boundary: u32, trailer: u64): u64 {
	let cell = boundary == 0 ? 0 : boundaryStack(boundary);
	while (cell != 0 && cellTrailer(cell) > trailer) cell = cellNext(cell);
	return cell == 0 ? 0 : cellTrailer(cell);
}

/** Trailer of the newest deletion of the key that a reader at `trailer` sees, 0 where there is none. */
export function rangesCover(ranges: u32, key: u32, keyLength: u32, trailer: u64): u64 {
	return boundaryCover(boundaryAt(ranges, key, keyLength), trailer);
}

/** Makes the key a boundary, which changes what covers no key. False where memory is used up. */
export function addBoundary(ranges: u32, key: u32, keyLength: u32): bool {
	const before = boundaryAt(ranges, key, keyLength);
	if (before != 0 && compareKeys(nodeKey(before), nodeKeyLength(before), key, keyLength) == 0) return true;
	if (!memtableReserve(ranges, 1, keyLength + 4)) return false;
	// There is no index: a word that is zero.
	const stack: u32 = before != 0 ? stackAddress(before) : ranges + <u32>offsetof<Memtable>("index");
	memtableInsert(ranges, key, keyLength, stack, 4, BOUNDARY_TRAILER);
	return true;
}

/** The first step of an insertion: both ends become boundaries. */
export function rangesBound(ranges: u32, start: u32, startLength: u32, end: u32, endLength: u32): bool {
	return addBoundary(ranges, start, startLength) && addBoundary(ranges, end, endLength);
}

/** The second step, when the ends of all that is to be inserted are boundaries: how many cells it takes at most. */
export function rangesCells(ranges: u32, start: u32, startLength: u32, end: u32, endLength: u32, trailer: u64): u64 {
	const last = boundaryAt(ranges, end, endLength);
	let cells: u64 = 0;
	for (let boundary = boundaryAt(ranges, start, startLength); boundary != last; boundary = nodeNext(boundary, 0)) {
		cells += 1;
		for (let cell = boundaryStack(boundary); cell != 0 && cellTrailer(cell) > trailer; cell = cellNext(cell)) cells += 1;
	}
	return cells;
}

/** The third step: makes room for cells. */
export function rangesReserve(ranges: u32, cells: u64): bool {
	return cells * CELL_BYTES <= 0xf0000000 && memtableReserve(ranges, 0, <u32>cells * CELL_BYTES);
}

/** The last step, which cannot fail: the deletion covers [start, end). */
export function rangesInsert(ranges: u32, start: u32, startLength: u32, end: u32, endLength: u32, trailer: u64): void {
	const last = boundaryAt(ranges, end, endLength);
	for (let boundary = boundaryAt(ranges, start, startLength); boundary != last; boundary = nodeNext(boundary, 0)) {
		push(ranges, boundary, trailer);
	}
}

/** All steps for one deletion; false where memory is used up. */
export function rangesAdd(ranges: u32, start: u32, startLength: u32, end: u32, endLength: u32, trailer: u64): bool {
	if (!rangesBound(ranges, start, startLength, end, endLength)) return false;
	if (!rangesReserve(ranges, rangesCells(ranges, start, startLength, end, endLength, trailer))) return false;
	rangesInsert(ranges, start, startLength, end, endLength, trailer);
	return true;
}

// @ts-ignore: decorator
@inline
function arenaOf(ranges: u32): Arena {
	return changetype<Arena>(ranges as usize);
}

/** In a memtable the newest comes last; what a job gathers may come in any order, and twice. */
function push(ranges: u32, boundary: u32, trailer: u64): void {
	let link = stackAddress(boundary);
	let cell = load<u32>(link);
	// Neighbours share the cells: those before the new one are copied.
	while (cell != 0 && cellTrailer(cell) > trailer) {
		link = addCell(ranges, link, cellTrailer(cell));
		cell = cellNext(cell);
	}
	if (cell == 0 || cellTrailer(cell) != trailer) link = addCell(ranges, link, trailer);
	store<u32>(link, cell);
}

/** Answers where the address of the cell after the new one goes. */
function addCell(ranges: u32, link: u32, trailer: u64): u32 {
	const cell = arenaTake(arenaOf(ranges), CELL_BYTES);
	changetype<Memtable>(ranges as usize).entryBytes += MEMTABLE_CELL_BYTES;
	store<u64>(cell, trailer);
	store<u32>(link, cell);
	return cell + CELL_NEXT;
}
