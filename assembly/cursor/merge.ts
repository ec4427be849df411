// Many cursors as one: a binary heap of cursor addresses, the next entry on top. Walks in one direction for its lifetime.

import { STATUS_DONE } from "../shared/status";
import { compareEntries } from "../key/compare";
import { Cursor, cursorContinue, cursorGo, cursorNext, cursorPrevious, cursorRelease } from "./cursor";

export const CURSOR_BYTES: u32 = <u32>offsetof<Cursor>();

@unmanaged
export class Merge {
	/** Cursors one behind the other, newer sources first. */
	cursors: u32;
	count: u32;
	/** u32 addresses of the valid ones, as a heap. */
	heap: u32;
	size: u32;
	reverse: u32;
	/** While the cursors go to their start: the one whose turn it is. */
	starting: u32;
	/** Whether the cursor on top has a move to finish. */
	moving: u32;
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
	return changetype<Cursor>(load<u32>(merge.heap) as usize);
}

/** Sends every cursor to its start; goes on likewise after STATUS_NEED. */
export function mergeStart(merge: Merge, going: u32, target: u32, targetLength: u32, targetTrailer: u64): u32 {
	while (merge.starting < merge.count) {
		const cursor = cursorAt(merge, merge.starting);
		const status = cursor.fetchKind != 0 ? cursorContinue(cursor) : cursorGo(cursor, going, target, targetLength, targetTrailer);
		if (status != STATUS_DONE) return status;
		if (cursor.valid) {
			store<u32>(merge.heap + 4 * merge.size, <u32>changetype<usize>(cursor));
			merge.size += 1;
		}
		merge.starting += 1;
	}
	for (let slot = merge.size >> 1; slot > 0; slot--) siftDown(merge, slot - 1);
	return STATUS_DONE;
}

/** Moves on from the top entry; after STATUS_NEED the same call finishes the move. */
export function mergeAdvance(merge: Merge): u32 {
	const cursor = mergeTop(merge);
	let status: u32;
	if (merge.moving) status = cursorContinue(cursor);
	else status = merge.reverse ? cursorPrevious(cursor) : cursorNext(cursor);
	if (status != STATUS_DONE) {
		merge.moving = 1;
		return status;
	}
	merge.moving = 0;
	if (!cursor.valid) {
		merge.size -= 1;
		store<u32>(merge.heap, load<u32>(merge.heap + 4 * merge.size));
	}
	if (merge.size > 1) siftDown(merge, 0);
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
	if (a.head != b.head) return a.head < b.head != <bool>merge.reverse;
	const order = compareEntries(a.head, a.key, a.keyLength, a.trailer, b.head, b.key, b.keyLength, b.trailer);
	// The same entry in two sources cannot be: sequence numbers are given once.
	return merge.reverse ? order > 0 : order < 0;
}

function siftDown(merge: Merge, from: u32): void {
	const heap = merge.heap;
	const size = merge.size;
	const address = load<u32>(heap + 4 * from);
	const cursor = changetype<Cursor>(address as usize);
	let slot = from;
	while (true) {
		let child: u32 = 2 * slot + 1;
		if (child >= size) break;
		let candidate = load<u32>(heap + 4 * child);
		if (child + 1 < size) {
			const other = load<u32>(heap + 4 * child + 4);
			if (before(merge, changetype<Cursor>(other as usize), changetype<Cursor>(candidate as usize))) {
				child += 1;
				candidate = other;
			}
		}
		if (!before(merge, changetype<Cursor>(candidate as usize), cursor)) break;
		store<u32>(heap + 4 * slot, candidate);
		slot = child;
	}
	store<u32>(heap + 4 * slot, address);
}
