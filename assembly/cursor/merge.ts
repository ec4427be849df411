// Many cursors as one: a tree of losers (Knuth, "The Art of Computer Programming" 3, 5.4.1) over their current entries, which
// finds the next one with one comparison per level of the tree. Walks in one direction for its lifetime.

import { CORRUPT_ORDER, STATUS_DONE, STATUS_NEED } from "../shared/status";
import { compareEntries, headOf } from "../key/compare";
import { answerCorrupt } from "../memory/scratch";
import { tableBlockOffset } from "../table/table";
import { tableAt } from "../version/superversion";
import { Cursor, cursorContinue, cursorGo, cursorNext, cursorPrevious, cursorRelease, CURSOR_RUN, GO_BEFORE, GO_SEEK } from "./cursor";

const CURSOR_BYTES: u32 = <u32>offsetof<Cursor>();
/** What a source takes in a merge: its cursor and its place in the tree. */
export const SOURCE_BYTES: u32 = CURSOR_BYTES + 4;

@unmanaged
export class Merge {
	/** Cursors one behind the other, newer sources first. */
	cursors: u32;
	count: u32;
	/** u32 addresses of cursors: the winner, then of each inner node of the tree who lost there. Leaf `i` is node `count + i`. */
	tree: u32;
	/** Cursors that have an entry. */
	size: u32;
	reverse: u32;
	/** Leading bytes that the keys of all cursors have in common: heads are taken behind them. Becomes 0 where one comes that differs. */
	shared: u32;
	/** While the cursors go to their start: the one whose turn it is. */
	starting: u32;
	/** Whether the cursor on top has a move to finish, and whether that is a skip. */
	moving: u32;
	skipping: u32;
}

/** `sources` has room for `count` times SOURCE_BYTES. */
export function mergeInitialize(merge: Merge, sources: u32, count: u32, reverse: bool): void {
	merge.cursors = sources;
	merge.count = count;
	merge.tree = sources + CURSOR_BYTES * count;
	merge.reverse = reverse ? 1 : 0;
}

// @ts-ignore: decorator
@inline
function cursorAt(merge: Merge, position: u32): Cursor {
	return changetype<Cursor>((merge.cursors + CURSOR_BYTES * position) as usize);
}

export function mergeCursor(merge: Merge, position: u32): Cursor {
	return cursorAt(merge, position);
}

/** The cursor with the next entry; only where `size` is not 0. */
// @ts-ignore: decorator
@inline
export function mergeTop(merge: Merge): Cursor {
	return changetype<Cursor>(load<u32>(merge.tree) as usize);
}

/** Sends every cursor to its start; goes on likewise after STATUS_NEED. */
export function mergeStart(merge: Merge, going: u32, target: u32, targetLength: u32, targetTrailer: u64): u32 {
	while (merge.starting < merge.count) {
		const cursor = cursorAt(merge, merge.starting);
		const status = cursor.fetchKind != 0 ? cursorContinue(cursor) : cursorGo(cursor, going, target, targetLength, targetTrailer);
		if (status != STATUS_DONE) return status;
		if (cursor.valid) merge.size += 1;
		merge.starting += 1;
	}
	build(merge);
	return STATUS_DONE;
}

function build(merge: Merge): void {
	const count = merge.count;
	for (let node: u32 = 0; node < count; node++) store<u32>(merge.tree + 4 * node, 0);
	for (let position: u32 = 0; position < count; position++) {
		const cursor = cursorAt(merge, position);
		if (cursor.shared != merge.shared) {
			forgetShared(merge);
			build(merge);
			return;
		}
		cursor.leaf = count + position;
		enter(merge, cursor);
	}
}

/** To be called before the cursors go to their start. */
export function mergeSetShared(merge: Merge, shared: u32): void {
	merge.shared = shared;
	for (let position: u32 = 0; position < merge.count; position++) cursorAt(merge, position).shared = shared;
}

function forgetShared(merge: Merge): void {
	mergeSetShared(merge, 0);
	for (let position: u32 = 0; position < merge.count; position++) {
		const cursor = cursorAt(merge, position);
		if (cursor.valid) cursor.head = headOf(cursor.key, cursor.keyLength);
	}
}

/** Moves on from the top entry; after STATUS_NEED the same call finishes the move. */
export function mergeAdvance(merge: Merge): u32 {
	const cursor = mergeTop(merge);
	if (merge.moving) {
		const status = cursorContinue(cursor);
		return moved(merge, cursor, merge.skipping ? skipped(merge, cursor, status) : status);
	}
	return moved(merge, cursor, merge.reverse ? cursorPrevious(cursor) : cursorNext(cursor));
}

/** As mergeAdvance, but the cursor on top goes further, in the merge's direction. The target lives until the move is finished. */
export function mergeSkip(merge: Merge, target: u32, targetLength: u32, targetTrailer: u64): u32 {
	const cursor = mergeTop(merge);
	cursor.skipPosition = cursor.position;
	cursor.skipBlock = cursor.block;
	cursor.skipSlot = cursor.slot;
	merge.skipping = 1;
	const status = cursorGo(cursor, merge.reverse ? GO_BEFORE : GO_SEEK, target, targetLength, targetTrailer);
	return moved(merge, cursor, skipped(merge, cursor, status));
}

/** A table with keys out of order must not make the cursor go round in circles. */
function skipped(merge: Merge, cursor: Cursor, status: u32): u32 {
	if (status == STATUS_NEED) return status;
	merge.skipping = 0;
	if (status != STATUS_DONE || !cursor.valid || cursor.kind != CURSOR_RUN) return status;
	let from: u64 = cursor.skipPosition;
	let to: u64 = cursor.position;
	if (from == to) {
		from = (<u64>cursor.skipBlock << 32) | cursor.skipSlot;
		to = (<u64>cursor.block << 32) | cursor.slot;
	}
	return (merge.reverse ? to < from : to > from) ? status : outOfOrder(cursor);
}

/** The damage of entries out of order where a cursor over a run stands. */
export function outOfOrder(cursor: Cursor): u32 {
	const table = tableAt(cursor.tables, cursor.position);
	return answerCorrupt(table.file, tableBlockOffset(table, cursor.block), CORRUPT_ORDER);
}

/** The cursor whose entry comes next after the one on top, 0 where all others are at their end. */
export function mergeRunnerUp(merge: Merge): u32 {
	let first: u32 = 0;
	// Whoever comes next has lost to the top itself.
	for (let node = mergeTop(merge).leaf >> 1; node != 0; node >>= 1) {
		const loser = load<u32>(merge.tree + 4 * node);
		const cursor = changetype<Cursor>(loser as usize);
		if (cursor.valid && (first == 0 || before(merge, cursor, changetype<Cursor>(first as usize)))) first = loser;
	}
	return first;
}

/** To be called where the cursor on top has moved on by itself, within its block. */
export function mergeOvertaken(merge: Merge): void {
	replay(merge, mergeTop(merge));
}

/** Position of the cursor on top among all: newer sources have lower ones. */
export function mergeTopPosition(merge: Merge): u32 {
	return (load<u32>(merge.tree) - merge.cursors) / CURSOR_BYTES;
}

// @ts-ignore: decorator
@inline
function moved(merge: Merge, cursor: Cursor, status: u32): u32 {
	if (status != STATUS_DONE) {
		merge.moving = 1;
		return status;
	}
	merge.moving = 0;
	if (!cursor.valid) merge.size -= 1;
	if (cursor.shared == merge.shared) replay(merge, cursor);
	else build(merge);
	return STATUS_DONE;
}

export function mergeRelease(merge: Merge): void {
	for (let position: u32 = 0; position < merge.count; position++) cursorRelease(cursorAt(merge, position));
	merge.count = 0;
	merge.size = 0;
}

// @ts-ignore: decorator
@inline
function before(merge: Merge, a: Cursor, b: Cursor): bool {
	// One that is at its end may still show the head of its last entry.
	if (!a.valid) return false;
	if (!b.valid) return true;
	if (a.head != b.head) return a.head < b.head != <bool>merge.reverse;
	const shared = merge.shared;
	const order = compareEntries(
		a.head, a.key + shared, a.keyLength - shared, a.trailer, b.head, b.key + shared, b.keyLength - shared, b.trailer,
	);
	// The same entry in two sources cannot be: sequence numbers are given once.
	return merge.reverse ? order > 0 : order < 0;
}

/** Lets a cursor play its way up while the tree is built: the first of two that come to a node waits there for the other. */
function enter(merge: Merge, cursor: Cursor): void {
	let winner = cursor;
	for (let node = cursor.leaf >> 1; node != 0; node >>= 1) {
		const slot = merge.tree + 4 * node;
		const waiting = load<u32>(slot);
		if (waiting == 0) {
			store<u32>(slot, <u32>changetype<usize>(winner));
			return;
		}
		const other = changetype<Cursor>(waiting as usize);
		if (before(merge, other, winner)) {
			store<u32>(slot, <u32>changetype<usize>(winner));
			winner = other;
		}
	}
	store<u32>(merge.tree, <u32>changetype<usize>(winner));
}

/** Lets the winner, which has moved on, play against those that lost to it. */
function replay(merge: Merge, cursor: Cursor): void {
	let winner = cursor;
	for (let node = cursor.leaf >> 1; node != 0; node >>= 1) {
		const slot = merge.tree + 4 * node;
		const other = changetype<Cursor>(load<u32>(slot) as usize);
		if (before(merge, other, winner)) {
			store<u32>(slot, <u32>changetype<usize>(winner));
			winner = other;
		}
	}
	store<u32>(merge.tree, <u32>changetype<usize>(winner));
}
