// A range read: entries in order, one version of each key, a page per call.
//
// A page is a u32 array of bounds (key start, value start, next key start, …) and the bytes that they index, keys and
// values one behind the other. A page that is being filled survives STATUS_NEED: the next call goes on with it.

import { LEVELS, PAGE_ASCII, PAGE_BOUNDS, PAGE_COUNT } from "../shared/abi";
import { KIND_PUT, KIND_PUT_EXPIRING } from "../shared/format";
import { STATUS_ABSENT, STATUS_DONE, STATUS_OUT_OF_MEMORY } from "../shared/status";
import { aheadLimit, Cursor, cursorIsBefore, CURSOR_RUN, cursorOverMemtable, cursorOverRun, GO_BEFORE, GO_FIRST, GO_LAST, GO_SEEK } from "../cursor/cursor";
import { Merge, mergeAdvance, mergeCursor, mergeInitialize, mergeOvertaken, mergeRelease, mergeRunnerUp, mergeSetShared, mergeStart, mergeTop, SOURCE_BYTES } from "../cursor/merge";
import { compareFrom, compareKeys, headOf } from "../key/compare";
import { allocate, allocateZeroed, capacityOf, free, reallocate } from "../memory/allocator";
import { copyBytes } from "../memory/copy";
import { answerResult, scratch } from "../memory/scratch";
import { Memtable, memtableFirst } from "../memtable/memtable";
import { ROW_REFUSED, ROW_TAKEN, ROW_WITHOUT_MEMORY, Rows, rowsFree, rowsReset, rowsShow } from "../row/rows";
import { memtableAt, memtableCount, levelCount, levelRanged, levelTables, sharedBytes, tableAt } from "../version/superversion";
import { Cover, coverHides, coverInitialize, coverIsLong, coverPass } from "./cover";
import { pageHasRoom, pageReset } from "./page";
import { fillFromBlock, take } from "./rows";

/** Sequences from here on belong to a transaction's own writes, which no snapshot hides. */
export const OVERLAY_SEQUENCE: u64 = 1 << 55;

/** Entries that a page of rows looks at, more or less. */
const VISIT_LIMIT: u32 = 1 << 16;
const READ_AHEAD_LIMIT: u32 = 256 << 10;

@unmanaged
export class Scan {
	merge: u32;
	/** A Cover; 0 where no source has range deletions. */
	cover: u32;
	reverse: u32;
	started: u32;
	ended: u32;
	// Bounds of the range: copies, 0 where open. The lower one is inclusive, the upper one exclusive.
	lower: u32;
	lowerLength: u32;
	upper: u32;
	upperLength: u32;
	/** Keys with a lower head are within the upper bound. */
	upperHead: u64;
	/** As the merge's: that many leading bytes are left out of heads. */
	shared: u32;
	/** Newest trailer of committed entries that the scan sees, and the first overlay trailer that it does not. */
	trailer: u64;
	overlayEnd: u64;
	/** Unix milliseconds: what has expired by then is absent. */
	now: u64;
	/** Key of the entry taken last: its older versions are passed over. Reverse: of the candidate, which newer ones replace. */
	lastKey: u32;
	lastKeyLength: u32;
	lastHead: u64;
	hasLast: u32;
	/** Reverse: the candidate is a value and stands behind the page's last entry. */
	candidateLive: u32;
	/** Leading bytes of each key that the reader does not want. */
	skipKeyBytes: u32;
	/** SCAN_KEYS, SCAN_VALUES or both: what goes into pages. */
	parts: u32;
	/** What is read of rows (class Rows), 0 for pages of entries. */
	rows: u32;
	/** The page. */
	bounds: u32;
	// As class TextBytes.
	bytes: u32;
	bytesUsed: u32;
	/** Entries that were looked at for the page of rows. */
	visited: u32;
	/** What ended a block's rows before its end: that of the page, or an entry of another source that comes first. */
	full: u32;
	overtaken: u32;
	count: u32;
	filling: u32;
	maxEntries: u32;
	maxBytes: u32;
	/** OR of the page's bytes, folded: any bit of HIGH_BITS says that one of them is above 127. */
	folded: u64;
	/** Reverse: the same without the candidate, and the bytes used. */
	foldedBefore: u64;
	bytesUsedBefore: u32;
}

const SCAN_BYTES: u32 = <u32>offsetof<Scan>();
const MERGE_BYTES: u32 = (<u32>offsetof<Merge>() + 7) & ~7;
const LAST_KEY_BYTES: u32 = 64;
const HIGH_BITS: u64 = 0x8080808080808080;
const COVER_BYTES: u32 = (<u32>offsetof<Cover>() + 7) & ~7;

// @ts-ignore: decorator
@inline
function mergeOf(scan: Scan): Merge {
	return changetype<Merge>(scan.merge as usize);
}

/**
 * A scan of [lower, upper), either 0 where open; the bounds are copied. `overlay` is a transaction's memtable or 0, of which
 * `overlayWrites` entries are seen. `now`: Unix milliseconds, by which expiry is judged. 0 where memory is used up.
 */
export function scanCreate(
	superversion: u32, overlay: u32, overlayWrites: u32, trailer: u64, now: u64,
	lower: u32, lowerLength: u32, upper: u32, upperLength: u32, reverse: bool, skipKeyBytes: u32, parts: u32,
): u32 {
	// What is empty now will hold nothing that the scan may see.
	const overlaid = overlay != 0 && holdsAnything(overlay);
	const memtables = memtableCount(superversion);
	let sources = levelCount(superversion, 0) + (overlaid ? 1 : 0);
	for (let index: u32 = 0; index < memtables; index++) sources += holdsAnything(memtableAt(superversion, index)) ? 1 : 0;
	for (let level: u32 = 1; level < <u32>LEVELS; level++) sources += levelCount(superversion, level) != 0 ? 1 : 0;
	const boundsStart = SCAN_BYTES + MERGE_BYTES + COVER_BYTES + SOURCE_BYTES * sources;
	const address = allocateZeroed(boundsStart + lowerLength + upperLength);
	if (address == 0) return 0;
	const scan = changetype<Scan>(address as usize);
	scan.lastKey = allocate(LAST_KEY_BYTES);
	if (scan.lastKey == 0) {
		free(address);
		return 0;
	}
	scan.merge = address + SCAN_BYTES;
	scan.reverse = reverse ? 1 : 0;
	scan.trailer = trailer;
	scan.overlayEnd = (OVERLAY_SEQUENCE + overlayWrites) << 8;
	scan.now = now;
	scan.skipKeyBytes = skipKeyBytes;
	scan.parts = parts;
	if (lower != 0) {
		scan.lower = address + boundsStart;
		scan.lowerLength = lowerLength;
		memory.copy(scan.lower, lower, lowerLength);
	}
	if (upper != 0) {
		scan.upper = address + boundsStart + lowerLength;
		scan.upperLength = upperLength;
		memory.copy(scan.upper, upper, upperLength);
	}
	const merge = mergeOf(scan);
	const cover = scan.merge + MERGE_BYTES;
	mergeInitialize(merge, cover + COVER_BYTES, sources, reverse);
	let ranged: u32 = 0;
	let position: u32 = 0;
	if (overlaid) {
		cursorOverMemtable(mergeCursor(merge, position++), overlay);
		ranged |= changetype<Memtable>(overlay as usize).ranges;
	}
	for (let index: u32 = 0; index < memtables; index++) {
		const memtable = memtableAt(superversion, index);
		if (!holdsAnything(memtable)) continue;
		cursorOverMemtable(mergeCursor(merge, position++), memtable);
		ranged |= changetype<Memtable>(memtable as usize).ranges;
	}
	const limit = aheadLimit(READ_AHEAD_LIMIT, sources);
	const newer = levelTables(superversion, 0);
	for (let index: u32 = 0; index < levelCount(superversion, 0); index++) {
		const table = newer + 4 * index;
		cursorOverRun(mergeCursor(merge, position++), table, 1, tableAt(table, 0).ranged, 0, limit);
		ranged |= tableAt(table, 0).ranged;
	}
	for (let level: u32 = 1; level < <u32>LEVELS; level++) {
		const tables = levelCount(superversion, level);
		if (tables == 0) continue;
		const levelIsRanged = levelRanged(superversion, level);
		cursorOverRun(mergeCursor(merge, position++), levelTables(superversion, level), tables, levelIsRanged, 0, limit);
		ranged |= levelIsRanged;
	}
	if (ranged != 0) {
		scan.cover = cover;
		coverInitialize(coverOf(scan), trailer, overlaid ? scan.overlayEnd - 1 : trailer);
	}
	mergeSetShared(merge, sharedBytes(superversion, overlaid ? overlay : 0));
	return address;
}

function holdsAnything(memtable: u32): bool {
	return memtableFirst(memtable) != 0 || changetype<Memtable>(memtable as usize).ranges != 0;
}

/** Takes the heads that those of cursors are compared with. */
function takeHeads(scan: Scan, merge: Merge): void {
	const shared = merge.shared;
	scan.shared = shared;
	if (scan.upper != 0 && merge.size != 0) {
		const order = compareKeys(mergeTop(merge).key, shared, scan.upper, min<u32>(scan.upperLength, shared));
		if (order == 0) scan.upperHead = headOf(scan.upper + shared, scan.upperLength - shared);
		else scan.upperHead = order < 0 ? u64.MAX_VALUE : 0;
	}
	if (scan.hasLast) scan.lastHead = headOf(scan.lastKey + shared, scan.lastKeyLength - shared);
}

/** May be called at any time, also while a read is under way that nothing waits for any more. */
export function scanFree(address: u32): void {
	const scan = changetype<Scan>(address as usize);
	mergeRelease(mergeOf(scan));
	free(scan.lastKey);
	rowsFree(scan.rows);
	free(scan.bounds);
	free(scan.bytes);
	free(address);
}

/**
 * Fills a page of at most `maxEntries` entries and about `maxBytes` bytes (one entry may be larger). STATUS_DONE: the page
 * stands in RESULT and PAGE words and has at least one entry. STATUS_ABSENT: the range is exhausted.
 */
export function scanFill(address: u32, maxEntries: u32, maxBytes: u32): u32 {
	const scan = changetype<Scan>(address as usize);
	if (!scan.filling) {
		if (!pageReset(scan, maxEntries, maxBytes)) return STATUS_OUT_OF_MEMORY;
		if (scan.rows != 0 && !rowsReset(changetype<Rows>(scan.rows as usize), maxEntries)) return STATUS_OUT_OF_MEMORY;
		scan.filling = 1;
	}
	const merge = mergeOf(scan);
	if (!scan.started) {
		const status = scanStart(scan, merge);
		if (status != STATUS_DONE) return status;
	}
	const status = scan.reverse ? fillReverse(scan, merge) : fillForward(scan, merge);
	if (status != STATUS_DONE) return status;
	scan.filling = 0;
	const words = scratch();
	store<u32>(words, scan.count, PAGE_COUNT);
	if (scan.rows != 0) {
		answerResult(scan.bytes, scan.bytesUsed);
		return rowsShow(changetype<Rows>(scan.rows as usize)) && scan.count == 0 && (scan.ended || merge.size == 0)
			? STATUS_ABSENT
			: STATUS_DONE;
	}
	if (scan.count == 0) return STATUS_ABSENT;
	store<u32>(scan.bounds + 8 * scan.count, scan.bytesUsed);
	store<u32>(words, scan.bounds, PAGE_BOUNDS);
	store<u32>(words, (scan.folded & HIGH_BITS) == 0 ? 1 : 0, PAGE_ASCII);
	answerResult(scan.bytes, scan.bytesUsed);
	return STATUS_DONE;
}

/** Sends the cursors to where the range begins; goes on likewise after STATUS_NEED. */
export function scanStart(scan: Scan, merge: Merge): u32 {
	const target = scan.reverse ? scan.upper : scan.lower;
	const targetLength = scan.reverse ? scan.upperLength : scan.lowerLength;
	const open = scan.reverse ? GO_LAST : GO_FIRST;
	const bounded = scan.reverse ? GO_BEFORE : GO_SEEK;
	const status = mergeStart(merge, target == 0 ? open : bounded, target, targetLength, u64.MAX_VALUE);
	if (status != STATUS_DONE) return status;
	scan.started = 1;
	takeHeads(scan, merge);
	return STATUS_DONE;
}

function fillForward(scan: Scan, merge: Merge): u32 {
	// A move that waited for bytes is finished first: the entry it leaves has been dealt with.
	if (merge.moving) {
		const status = mergeAdvance(merge);
		if (status != STATUS_DONE) return status;
	}
	while (merge.size != 0 && !scan.ended) {
		if (scan.shared != merge.shared) takeHeads(scan, merge);
		const cursor = mergeTop(merge);
		let passing = false;
		if (scan.rows != 0) {
			// The host is to get a word in, however few rows there are to be taken.
			if (scan.visited >= VISIT_LIMIT) break;
			scan.visited += 1;
			if (cursor.kind == CURSOR_RUN && scan.cover == 0) {
				const next = merge.size == 1 ? 0 : mergeRunnerUp(merge);
				if (next == 0 || cursorIsBefore(cursor, changetype<Cursor>(next as usize))) {
					let status = fillFromBlock(scan, cursor, next);
					if (status != STATUS_DONE || scan.full) return status;
					if (scan.overtaken) mergeOvertaken(merge);
					else if (!scan.ended) status = mergeAdvance(merge);
					if (status != STATUS_DONE) return status;
					continue;
				}
			}
		}
		if (isVisible(scan, cursor.trailer) && !isLast(scan, cursor)) {
			if (scan.upper != 0 && cursor.head >= scan.upperHead && compareKeys(cursor.key, cursor.keyLength, scan.upper, scan.upperLength) >= 0) {
				scan.ended = 1;
				break;
			}
			if (isCovered(scan, merge, cursor)) {
				passing = coverIsLong(coverOf(scan));
			} else if (isLive(scan, cursor)) {
				if (scan.count == scan.maxEntries || (scan.count != 0 && !pageHasRoom(scan, cursor))) break;
				if (!reserveLast(scan, cursor)) return STATUS_OUT_OF_MEMORY;
				const taken = take(scan, cursor);
				if (taken == ROW_WITHOUT_MEMORY) return STATUS_OUT_OF_MEMORY;
				if (taken == ROW_TAKEN) scan.count += 1;
			}
			if (!remember(scan, cursor)) return STATUS_OUT_OF_MEMORY;
		}
		const status = passing ? coverPass(coverOf(scan), merge) : mergeAdvance(merge);
		if (status != STATUS_DONE) return status;
	}
	return STATUS_DONE;
}

/** Backwards the oldest version of a key comes first: each visible one is a candidate until a newer one or another key comes. */
function fillReverse(scan: Scan, merge: Merge): u32 {
	if (merge.moving) {
		const status = mergeAdvance(merge);
		if (status != STATUS_DONE) return status;
	}
	while (merge.size != 0 && !scan.ended) {
		if (scan.shared != merge.shared) takeHeads(scan, merge);
		const cursor = mergeTop(merge);
		let passing = false;
		if (isVisible(scan, cursor.trailer)) {
			if (isLast(scan, cursor)) {
				if (scan.candidateLive) {
					scan.bytesUsed = scan.bytesUsedBefore;
					scan.folded = scan.foldedBefore;
				}
			} else {
				if (scan.candidateLive) {
					scan.count += 1;
					scan.candidateLive = 0;
					scan.hasLast = 0;
				}
				if (scan.lower != 0 && compareKeys(cursor.key, cursor.keyLength, scan.lower, scan.lowerLength) < 0) {
					scan.ended = 1;
					break;
				}
				if (scan.count == scan.maxEntries || (scan.count != 0 && !pageHasRoom(scan, cursor))) return STATUS_DONE;
			}
			const covered = isCovered(scan, merge, cursor);
			passing = covered && coverIsLong(coverOf(scan));
			scan.foldedBefore = scan.folded;
			scan.bytesUsedBefore = scan.bytesUsed;
			if (!reserveLast(scan, cursor)) return STATUS_OUT_OF_MEMORY;
			const taken = !covered && isLive(scan, cursor) ? take(scan, cursor) : ROW_REFUSED;
			if (taken == ROW_WITHOUT_MEMORY) return STATUS_OUT_OF_MEMORY;
			scan.candidateLive = taken == ROW_TAKEN ? 1 : 0;
			if (!remember(scan, cursor)) return STATUS_OUT_OF_MEMORY;
		}
		const status = passing ? coverPass(coverOf(scan), merge) : mergeAdvance(merge);
		if (status != STATUS_DONE) return status;
	}
	if (scan.candidateLive) {
		scan.count += 1;
		scan.candidateLive = 0;
	}
	return STATUS_DONE;
}

// @ts-ignore: decorator
@inline
function isVisible(scan: Scan, trailer: u64): bool {
	return trailer <= scan.trailer || (trailer >= OVERLAY_SEQUENCE << 8 && trailer < scan.overlayEnd);
}

/** Whether a range deletion that the scan sees is newer than the entry. */
// @ts-ignore: decorator
@inline
function isCovered(scan: Scan, merge: Merge, cursor: Cursor): bool {
	return scan.cover != 0 && coverHides(coverOf(scan), merge, cursor);
}

// @ts-ignore: decorator
@inline
function coverOf(scan: Scan): Cover {
	return changetype<Cover>(scan.cover as usize);
}

/** Whether the entry is a value at the time of the scan. */
// @ts-ignore: decorator
@inline
function isLive(scan: Scan, cursor: Cursor): bool {
	const kind = <u32>cursor.trailer & 255;
	return kind == KIND_PUT || (kind == KIND_PUT_EXPIRING && load<u64>(cursor.value) > scan.now);
}

// @ts-ignore: decorator
@inline
export function isLast(scan: Scan, cursor: Cursor): bool {
	return scan.hasLast != 0 && scan.lastHead == cursor.head && scan.lastKeyLength == cursor.keyLength &&
		compareFrom(scan.lastKey, scan.lastKeyLength, cursor.key, cursor.keyLength, min<u32>(cursor.keyLength, scan.shared + 8)) == 0;
}

/** Makes room for the key before the entry is taken: a page that runs out of memory can be asked for again. */
function reserveLast(scan: Scan, cursor: Cursor): bool {
	const length = cursor.keyLength;
	if (capacityOf(scan.lastKey) >= length) return true;
	const wider = reallocate(scan.lastKey, scan.lastKeyLength, length);
	if (wider == 0) return false;
	scan.lastKey = wider;
	return true;
}

export function remember(scan: Scan, cursor: Cursor): bool {
	if (!reserveLast(scan, cursor)) return false;
	const length = cursor.keyLength;
	copyBytes(scan.lastKey, cursor.key, length);
	scan.lastKeyLength = length;
	scan.lastHead = cursor.head;
	scan.hasLast = 1;
	return true;
}
