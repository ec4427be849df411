// What range deletions a scan has to mind: the newest one that covers the key where the scan stands, out of all its sources,
// and the stretch of keys around for which that stays so. It is looked for again only where the scan leaves the stretch.

import { Cursor, CURSOR_MEMTABLE } from "../cursor/cursor";
import { Merge, mergeAdvance, mergeCursor, mergeSkip, mergeTopPosition } from "../cursor/merge";
import { compareKeys, headOf } from "../key/compare";
import { Memtable } from "../memtable/memtable";
import { boundaryAfter, boundaryAt, boundaryCover } from "../memtable/ranges";
import { nodeKey, nodeKeyLength } from "../memtable/node";
import { fragmentsCover, Stretch } from "../table/ranges";
import { tableIsOpen } from "../table/table";
import { findTable, tableAt } from "../version/superversion";

@unmanaged
export class Cover {
	// As class Stretch: the keys of which this is said, from `low` on (beyond it where lowOpen is 1). Keys of the sources' own.
	low: u32;
	lowLength: u32;
	high: u32;
	highLength: u32;
	lowOpen: u32;
	/** Whether anything is said. */
	known: u32;
	/** Position of the newest source with such a deletion: what older ones hold of these keys is older too. */
	source: u32;
	/** Trailer of the newest deletion, 0 for none. */
	trailer: u64;
	/** Newest trailers that the scan sees, of all sources and of the first one, which may be a transaction's own writes. */
	seen: u64;
	seenOfFirst: u64;
	/** Hidden entries that came one after the other within one stretch. */
	hidden: u32;
	// What one source says: room for class Stretch.
	sourceLow: u32;
	sourceLowLength: u32;
	sourceHigh: u32;
	sourceHighLength: u32;
}

/** After so many hidden entries in a row a seek past the rest is worth its cost. */
const SEEK_AFTER: u32 = 8;

export function coverInitialize(cover: Cover, seen: u64, seenOfFirst: u64): void {
	cover.seen = seen;
	cover.seenOfFirst = seenOfFirst;
}

/** Whether a range deletion that the scan sees is newer than the entry of the cursor on top. */
export function coverHides(cover: Cover, merge: Merge, cursor: Cursor): bool {
	if (!holds(cover, cursor.key, cursor.keyLength)) {
		find(cover, merge, cursor.key, cursor.keyLength);
		cover.hidden = 0;
	}
	const hidden = cover.trailer > cursor.trailer;
	cover.hidden = hidden ? cover.hidden + 1 : 0;
	return hidden;
}

/** Whether the entry on top, which is hidden, is one of many. */
// @ts-ignore: decorator
@inline
export function coverIsLong(cover: Cover): bool {
	return cover.hidden > SEEK_AFTER;
}

/** Moves on from the hidden entry on top: past the stretch, where all that its source holds of that is older than the deletion. */
export function coverPass(cover: Cover, merge: Merge): u32 {
	if (mergeTopPosition(merge) <= cover.source) return mergeAdvance(merge);
	if (!merge.reverse) return mergeSkip(merge, cover.high, cover.highLength, u64.MAX_VALUE);
	// Before all versions of the lower end, or, where that is not within, the last of them.
	return mergeSkip(merge, cover.low, cover.lowLength, cover.lowOpen ? 0 : u64.MAX_VALUE);
}

/** Whether what is said holds for the key. */
// @ts-ignore: decorator
@inline
function holds(cover: Cover, key: u32, keyLength: u32): bool {
	return cover.known != 0 &&
		(cover.high == 0 || compareKeys(key, keyLength, cover.high, cover.highLength) < 0) &&
		(cover.low == 0 || compareKeys(key, keyLength, cover.low, cover.lowLength) >= <i32>cover.lowOpen);
}

function find(cover: Cover, merge: Merge, key: u32, keyLength: u32): void {
	cover.known = 1;
	cover.low = 0;
	cover.lowOpen = 0;
	cover.high = 0;
	cover.trailer = 0;
	for (let position: u32 = 0; position < merge.count; position++) {
		const cursor = mergeCursor(merge, position);
		const seen = position == 0 ? cover.seenOfFirst : cover.seen;
		const found = cursor.kind == CURSOR_MEMTABLE
			? memtableCover(cover, cursor.memtable, key, keyLength, seen)
			: runCover(cover, cursor, key, keyLength, seen);
		if (found <= cover.trailer) continue;
		if (cover.trailer == 0) cover.source = position;
		cover.trailer = found;
	}
}

function memtableCover(cover: Cover, memtable: u32, key: u32, keyLength: u32, trailer: u64): u64 {
	const ranges = changetype<Memtable>(memtable as usize).ranges;
	if (ranges == 0) return 0;
	const boundary = boundaryAt(ranges, key, keyLength);
	if (boundary != 0) raiseLow(cover, nodeKey(boundary), nodeKeyLength(boundary), 0);
	const next = boundaryAfter(ranges, boundary);
	if (next != 0) cutHigh(cover, nodeKey(next), nodeKeyLength(next));
	return boundaryCover(boundary, trailer);
}

function runCover(cover: Cover, cursor: Cursor, key: u32, keyLength: u32, trailer: u64): u64 {
	if (!cursor.ranged) return 0;
	const tables = cursor.tables;
	const tableCount = cursor.tableCount;
	const position = findTable(tables, tableCount, headOf(key, keyLength), key, keyLength);
	if (position > 0) {
		const before = tableAt(tables, position - 1);
		raiseLow(cover, before.largest, before.largestLength, 1);
	}
	if (position == tableCount) return 0;
	if (position + 1 < tableCount) {
		const after = tableAt(tables, position + 1);
		cutHigh(cover, after.smallest, after.smallestLength);
	}
	const table = tableAt(tables, position);
	if (!table.ranged) return 0;
	// The cursor opens every table on its way. Only one that holds keys beyond those it is said to leads elsewhere.
	if (!tableIsOpen(table)) return 0;
	const stretch = changetype<Stretch>(changetype<usize>(cover) + offsetof<Cover>("sourceLow"));
	const found = fragmentsCover(table.ranges, key, keyLength, trailer, stretch);
	if (stretch.low != 0) raiseLow(cover, stretch.low, stretch.lowLength, 0);
	if (stretch.high != 0) cutHigh(cover, stretch.high, stretch.highLength);
	return found;
}

function raiseLow(cover: Cover, key: u32, keyLength: u32, open: u32): void {
	if (cover.low != 0) {
		const order = compareKeys(key, keyLength, cover.low, cover.lowLength);
		if (order < 0 || (order == 0 && open <= cover.lowOpen)) return;
	}
	cover.low = key;
	cover.lowLength = keyLength;
	cover.lowOpen = open;
}

function cutHigh(cover: Cover, key: u32, keyLength: u32): void {
	if (cover.high != 0 && compareKeys(key, keyLength, cover.high, cover.highLength) >= 0) return;
	cover.high = key;
	cover.highLength = keyLength;
}
