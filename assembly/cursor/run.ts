// A cursor over a sorted run: one table of level 0, or all tables of a level below. Blocks come from the cache where they
// are there; otherwise the first one of a walk is read alone and kept in the cache, and the following ones are read ahead
// in growing stretches into memory of the cursor's own, so that a long scan does not wait often. They go into the cache
// as far as it has room as it is, so that a scan does not empty it.

import { BLOCK_TRAILER_BYTES, BLOCK_TRAILER_COMPRESSION, BLOCK_TYPE_DATA, COMPRESSION_LZ4, ENTRY_KEY } from "../shared/format";
import { CORRUPT_BLOCK, CORRUPT_COMPRESSION, CORRUPT_ORDER, STATUS_DONE, STATUS_OUT_OF_MEMORY } from "../shared/status";
import { lz4Decode } from "../block/lz4";
import { blockCount, blockIsSound, blockOffsets, blockSeek, entryKeyLength, entryTrailer } from "../block/reader";
import { storedBlockCheck, storedLength } from "../block/stored";
import { cacheInsert, cacheSpare, Frame, frameBytes, framePin, frameUnpin } from "../cache/cache";
import { headOf, sharedPrefix } from "../key/compare";
import { allocate, capacityOf, free } from "../memory/allocator";
import { answerCorrupt, answerNeed } from "../memory/scratch";
import { Fetch, FETCH_BLOCK, FETCH_NONE, FETCH_TAIL, fetchAbandon, fetchBlock, fetchBlockComplete, fetchTail, fetchTailComplete } from "../read/fetch";
import { Table, tableBlockLength, tableBlockOffset, tableFrame, tableIsOpen, tableVisitFrame } from "../table/table";
import { findTable, tableAt } from "../version/superversion";
import { Cursor, GO_BEFORE, GO_FIRST, GO_LAST, GO_NOWHERE, GO_SEEK } from "./cursor";

const BLOCK_UNKNOWN: u32 = 0xffffffff;
/** A fetch kind beside those of fetch.ts: a stretch of blocks into aheadBuffer. */
const FETCH_AHEAD: u32 = 3;
/** After a first block through the cache. */
const FIRST_WINDOW: u32 = 16 << 10;

// @ts-ignore: decorator
@inline
function fetchOf(cursor: Cursor): Fetch {
	return changetype<Fetch>(changetype<usize>(cursor));
}

/** Works on the pending move until it is done or needs bytes. `fresh`: the move starts now. */
export function runContinue(cursor: Cursor, fresh: bool): u32 {
	if (fresh) {
		abandonFetch(cursor);
		chooseTable(cursor);
	}
	let fetched: u32 = 0;
	if (cursor.fetchKind == FETCH_TAIL) {
		const status = fetchTailComplete(fetchOf(cursor));
		if (status != STATUS_DONE) return status;
	} else if (cursor.fetchKind == FETCH_BLOCK) {
		const status = fetchBlockComplete(fetchOf(cursor));
		if (status != STATUS_DONE) return status;
		fetched = cursor.fetchTarget;
	} else if (cursor.fetchKind == FETCH_AHEAD) {
		cursor.fetchKind = FETCH_NONE;
	}
	while (cursor.going != GO_NOWHERE) {
		if (cursor.position >= cursor.tableCount) {
			leaveBlock(cursor);
			cursor.valid = 0;
			cursor.going = GO_NOWHERE;
			return STATUS_DONE;
		}
		const table = tableAt(cursor.tables, cursor.position);
		if (!tableIsOpen(table)) return fetchTail(fetchOf(cursor), table);
		if (cursor.block == BLOCK_UNKNOWN && !chooseBlock(cursor, table)) continue;
		if (fetched != 0) {
			leaveBlock(cursor);
			cursor.frame = fetched;
			setBlock(cursor, frameBytes(fetched));
			fetched = 0;
		} else {
			const status = loadBlock(cursor, table);
			if (status != STATUS_DONE) return status;
		}
		if (cursor.shared != 0 && !keepsPrefix(cursor)) cursor.shared = 0;
		const status = chooseSlot(cursor, table);
		if (status != STATUS_DONE) return status;
	}
	return STATUS_DONE;
}

/** Whether the keys of the block have what those of the merge share: a table may hold keys beyond those it is said to. */
function keepsPrefix(cursor: Cursor): bool {
	return slotKeepsPrefix(cursor, 0) && slotKeepsPrefix(cursor, cursor.slots - 1);
}

function slotKeepsPrefix(cursor: Cursor, slot: u32): bool {
	const shown = tableAt(cursor.tables, 0).smallest;
	const entry = cursor.bytes + load<u32>(cursor.offsets + 4 * slot);
	return sharedPrefix(shown, cursor.shared, entry + <u32>ENTRY_KEY, entryKeyLength(entry)) == cursor.shared;
}

export function runNext(cursor: Cursor): u32 {
	const slot = cursor.slot + 1;
	if (slot < cursor.slots) {
		setSlot(cursor, slot);
		return STATUS_DONE;
	}
	cursor.going = GO_FIRST;
	stepForward(cursor);
	return runContinue(cursor, false);
}

export function runPrevious(cursor: Cursor): u32 {
	if (cursor.slot > 0) {
		setSlot(cursor, cursor.slot - 1);
		return STATUS_DONE;
	}
	cursor.going = GO_LAST;
	stepBackward(cursor);
	return runContinue(cursor, false);
}

export function runRelease(cursor: Cursor): void {
	abandonFetch(cursor);
	leaveBlock(cursor);
	free(cursor.aheadBuffer);
	free(cursor.decodeBuffer);
	cursor.aheadBuffer = 0;
	cursor.decodeBuffer = 0;
	cursor.aheadCount = 0;
}

function abandonFetch(cursor: Cursor): void {
	if (cursor.fetchKind == FETCH_AHEAD) {
		cursor.fetchKind = FETCH_NONE;
		cursor.aheadCount = 0;
	} else {
		fetchAbandon(fetchOf(cursor));
	}
}

function leaveBlock(cursor: Cursor): void {
	if (cursor.frame != 0) frameUnpin(cursor.frame);
	cursor.frame = 0;
	cursor.bytes = 0;
}

function stepForward(cursor: Cursor): void {
	if (cursor.block + 1 < tableAt(cursor.tables, cursor.position).blocks) {
		cursor.block += 1;
	} else {
		cursor.position += 1;
		cursor.block = BLOCK_UNKNOWN;
	}
}

function stepBackward(cursor: Cursor): void {
	if (cursor.block > 0) {
		cursor.block -= 1;
	} else {
		// Before the first table the position wraps to beyond the last: the end in this direction too.
		cursor.position -= 1;
		cursor.block = BLOCK_UNKNOWN;
	}
}

function chooseTable(cursor: Cursor): void {
	cursor.block = BLOCK_UNKNOWN;
	const going = cursor.going;
	if (going == GO_FIRST) {
		cursor.position = 0;
	} else if (going == GO_LAST) {
		cursor.position = cursor.tableCount - 1;
	} else {
		const head = headOf(cursor.target, cursor.targetLength);
		cursor.position = findTable(cursor.tables, cursor.tableCount, head, cursor.target, cursor.targetLength);
		if (going == GO_BEFORE && cursor.position == cursor.tableCount) {
			cursor.position = cursor.tableCount - 1;
			cursor.going = GO_LAST;
		}
	}
}

/** False where the entry lies in another table, to which the cursor has moved. */
function chooseBlock(cursor: Cursor, table: Table): bool {
	if (table.blocks == 0) {
		// Range deletions alone.
		const backward = cursor.going == GO_LAST || cursor.going == GO_BEFORE;
		cursor.position += backward ? -1 : 1;
		cursor.going = backward ? GO_LAST : GO_FIRST;
		return false;
	}
	if (cursor.going == GO_FIRST) {
		cursor.block = 0;
	} else if (cursor.going == GO_LAST) {
		cursor.block = table.blocks - 1;
	} else {
		const block = blockSeek(table.index, cursor.target, cursor.targetLength, cursor.targetTrailer);
		if (block < table.blocks) {
			cursor.block = block;
		} else if (cursor.going == GO_BEFORE) {
			cursor.block = table.blocks - 1;
			cursor.going = GO_LAST;
		} else {
			cursor.position += 1;
			cursor.going = GO_FIRST;
			return false;
		}
	}
	return true;
}

/** Ends the move within the loaded block, or sends it on to a neighbour. */
function chooseSlot(cursor: Cursor, table: Table): u32 {
	const slots = cursor.slots;
	const going = cursor.going;
	let slot: u32 = 0;
	if (going == GO_LAST) {
		slot = slots - 1;
	} else if (going != GO_FIRST) {
		slot = blockSeek(cursor.bytes, cursor.target, cursor.targetLength, cursor.targetTrailer);
		if (going == GO_BEFORE) {
			if (slot == 0) {
				cursor.going = GO_LAST;
				stepBackward(cursor);
				return STATUS_DONE;
			}
			slot -= 1;
		} else if (slot == slots) {
			// The index promised an entry at or after the target in this block.
			return answerCorrupt(table.file, tableBlockOffset(table, cursor.block), CORRUPT_ORDER);
		}
	}
	cursor.going = GO_NOWHERE;
	setSlot(cursor, slot);
	return STATUS_DONE;
}

function setBlock(cursor: Cursor, bytes: u32): void {
	cursor.bytes = bytes;
	cursor.slots = blockCount(bytes);
	cursor.offsets = blockOffsets(bytes);
}

// @ts-ignore: decorator
@inline
export function setSlot(cursor: Cursor, slot: u32): void {
	const bytes = cursor.bytes;
	const offset = cursor.offsets + 4 * slot;
	const entry = bytes + load<u32>(offset);
	const keyLength = entryKeyLength(entry);
	const key = entry + <u32>ENTRY_KEY;
	const value = key + keyLength;
	cursor.slot = slot;
	cursor.valid = 1;
	cursor.trailer = entryTrailer(entry);
	cursor.key = key;
	cursor.keyLength = keyLength;
	cursor.head = headOf(key + cursor.shared, keyLength - cursor.shared);
	cursor.value = value;
	cursor.valueLength = bytes + load<u32>(offset, 4) - value;
}

// -- Blocks ----------------------------------------------------------------------------------------------------------

/** Makes `block` of the table the current one. */
function loadBlock(cursor: Cursor, table: Table): u32 {
	leaveBlock(cursor);
	const block = cursor.block;
	if (cursor.aheadCount != 0 && cursor.aheadTable == <u32>changetype<usize>(table) && block - cursor.aheadFirst < cursor.aheadCount) {
		return takeAhead(cursor, table);
	}
	const frame = tableFrame(table, block);
	if (frame != 0) {
		framePin(frame);
		tableVisitFrame(table, block);
		cursor.frame = frame;
		setBlock(cursor, frameBytes(frame));
		return STATUS_DONE;
	}
	if (cursor.window == 0) {
		cursor.window = min<u32>(FIRST_WINDOW, cursor.windowLimit);
		return fetchBlock(fetchOf(cursor), table, block);
	}
	return readAhead(cursor, table);
}

/** Asks for the stretch of blocks that starts (going backwards: ends) with the current one. */
function readAhead(cursor: Cursor, table: Table): u32 {
	const backward = cursor.going == GO_LAST || cursor.going == GO_BEFORE;
	let first = cursor.block;
	let last = first;
	let length = storedLength(tableBlockLength(table, first));
	while (true) {
		const next = backward ? first - 1 : last + 1;
		if (next >= table.blocks) break;
		const more = storedLength(tableBlockLength(table, next));
		if (length + more > cursor.window || length + more < length) break;
		length += more;
		if (backward) first = next;
		else last = next;
	}
	cursor.window = min<u32>(cursor.window * 2, cursor.windowLimit);
	cursor.aheadCount = 0;
	const buffer = cursor.aheadBuffer;
	// A buffer that one huge block made grow is not kept for the small ones after it.
	if (buffer == 0 || capacityOf(buffer) < length || capacityOf(buffer) > 4 * max<u32>(cursor.windowLimit, length)) {
		free(buffer);
		cursor.aheadBuffer = allocate(max<u32>(length, min<u32>(cursor.window, cursor.windowLimit)));
		if (cursor.aheadBuffer == 0) return STATUS_OUT_OF_MEMORY;
	}
	cursor.aheadTable = <u32>changetype<usize>(table);
	cursor.aheadFirst = first;
	cursor.aheadCount = last - first + 1;
	cursor.fetchKind = FETCH_AHEAD;
	return answerNeed(table.file, tableBlockOffset(table, first), length, cursor.aheadBuffer);
}

/** Checks the current block where it lies in the read-ahead, decodes it if need be, and makes it current. */
function takeAhead(cursor: Cursor, table: Table): u32 {
	const block = cursor.block;
	const offset = tableBlockOffset(table, block);
	const length = tableBlockLength(table, block);
	const stored = cursor.aheadBuffer + <u32>(offset - tableBlockOffset(table, cursor.aheadFirst));
	const status = storedBlockCheck(table.file, table.seed, stored, length, offset, BLOCK_TYPE_DATA);
	if (status != STATUS_DONE) return status;
	const decodedLength = load<u32>(stored + length);
	const compressed = load<u8>(stored + length, BLOCK_TRAILER_COMPRESSION) == COMPRESSION_LZ4;
	if (cursor.caching) {
		const frame = cacheSpare(decodedLength);
		if (frame != 0) return keepAhead(cursor, table, frame, stored, length, compressed);
	}
	let bytes = stored;
	if (compressed) {
		const buffer = cursor.decodeBuffer;
		if (buffer == 0 || capacityOf(buffer) < decodedLength) {
			free(buffer);
			cursor.decodeBuffer = allocate(decodedLength);
			if (cursor.decodeBuffer == 0) return STATUS_OUT_OF_MEMORY;
		}
		bytes = cursor.decodeBuffer;
		if (!lz4Decode(stored, length, bytes, decodedLength)) return answerCorrupt(table.file, offset, CORRUPT_COMPRESSION);
	}
	if (!blockIsSound(bytes, decodedLength)) return answerCorrupt(table.file, offset, CORRUPT_BLOCK);
	setBlock(cursor, bytes);
	return STATUS_DONE;
}

/** As `takeAhead` for a checked block that goes into a frame of the cache, which has room for it. */
function keepAhead(cursor: Cursor, table: Table, frame: u32, stored: u32, length: u32, compressed: bool): u32 {
	const block = cursor.block;
	const bytes = frameBytes(frame);
	const decodedLength = changetype<Frame>(frame as usize).length;
	let reason: u32 = 0;
	if (!compressed) memory.copy(bytes, stored, decodedLength);
	else if (!lz4Decode(stored, length, bytes, decodedLength)) reason = CORRUPT_COMPRESSION;
	if (reason == 0 && !blockIsSound(bytes, decodedLength)) reason = CORRUPT_BLOCK;
	if (reason != 0) {
		frameUnpin(frame);
		return answerCorrupt(table.file, tableBlockOffset(table, block), reason);
	}
	cursor.frame = cacheInsert(frame, table, block);
	setBlock(cursor, frameBytes(cursor.frame));
	return STATUS_DONE;
}
