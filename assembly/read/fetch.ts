// A read that an operation waits for: the tail of a table or one block. Every operation fetches into memory of its own, so
// that two that want the same block never wait for each other; the one that comes second finds the block and drops its own.

import { BLOCK_TRAILER_BYTES, BLOCK_TRAILER_COMPRESSION, BLOCK_TYPE_DATA, COMPRESSION_LZ4 } from "../shared/format";
import { CORRUPT_BLOCK, CORRUPT_COMPRESSION, STATUS_DONE, STATUS_NEED, STATUS_OUT_OF_MEMORY } from "../shared/status";
import { blockIsSound } from "../block/reader";
import { storedBlockCheck, storedLength } from "../block/stored";
import { cacheInsert, cacheTableOpened, Frame, frameBytes, frameCreate, frameUnpin } from "../cache/cache";
import { lz4Decode } from "../block/lz4";
import { free } from "../memory/allocator";
import { answerCorrupt, answerNeed } from "../memory/scratch";
import { Table, tableBlockLength, tableBlockOffset, tableIsOpen, tableOpen, tailAllocate, tailStart } from "../table/table";

export const FETCH_NONE: u32 = 0;
export const FETCH_TAIL: u32 = 1;
export const FETCH_BLOCK: u32 = 2;

@unmanaged
export class Fetch {
	kind: u32;
	table: u32;
	block: u32;
	/** Tail allocation, or the frame read into. */
	target: u32;
}

export function fetchTail(fetch: Fetch, table: Table): u32 {
	const allocation = tailAllocate(table);
	if (allocation == 0) return STATUS_OUT_OF_MEMORY;
	fetch.kind = FETCH_TAIL;
	fetch.table = <u32>changetype<usize>(table);
	fetch.target = allocation;
	return answerNeed(table.file, table.size - table.tailLength, table.tailLength, tailStart(allocation));
}

export function fetchBlock(fetch: Fetch, table: Table, block: u32): u32 {
	const length = storedLength(tableBlockLength(table, block));
	const frame = frameCreate(length);
	if (frame == 0) return STATUS_OUT_OF_MEMORY;
	fetch.kind = FETCH_BLOCK;
	fetch.table = <u32>changetype<usize>(table);
	fetch.block = block;
	fetch.target = frame;
	return answerNeed(table.file, tableBlockOffset(table, block), length, frameBytes(frame));
}

/** The tail that was asked for has been read: opens its table. */
export function fetchTailComplete(fetch: Fetch): u32 {
	fetch.kind = FETCH_NONE;
	const table = changetype<Table>(fetch.table as usize);
	if (tableIsOpen(table)) {
		// Another operation was faster.
		free(fetch.target);
		return STATUS_DONE;
	}
	const status = tableOpen(table, fetch.target);
	if (status == STATUS_DONE) cacheTableOpened(table);
	return status;
}

/** The block that was asked for has been read: checks it and leaves its frame, pinned and in the cache, in `target`. */
export function fetchBlockComplete(fetch: Fetch): u32 {
	const table = changetype<Table>(fetch.table as usize);
	const block = fetch.block;
	fetch.kind = FETCH_NONE;
	const length = tableBlockLength(table, block);
	const offset = tableBlockOffset(table, block);
	const stored = frameBytes(fetch.target);
	let status = storedBlockCheck(table.file, table.seed, stored, length, offset, BLOCK_TYPE_DATA);
	if (status == STATUS_DONE && load<u8>(stored + length, BLOCK_TRAILER_COMPRESSION) == COMPRESSION_LZ4) {
		const decodedLength = load<u32>(stored + length);
		const frame = frameCreate(decodedLength);
		if (frame == 0) status = STATUS_OUT_OF_MEMORY;
		else {
			const sound = lz4Decode(stored, length, frameBytes(frame), decodedLength);
			frameUnpin(fetch.target);
			fetch.target = frame;
			if (!sound) status = answerCorrupt(table.file, offset, CORRUPT_COMPRESSION);
		}
	} else {
		changetype<Frame>(fetch.target as usize).length = length;
	}
	const frame = fetch.target;
	if (status == STATUS_DONE && !blockIsSound(frameBytes(frame), changetype<Frame>(frame as usize).length)) {
		status = answerCorrupt(table.file, offset, CORRUPT_BLOCK);
	}
	if (status != STATUS_DONE) {
		frameUnpin(frame);
		fetch.target = 0;
		return status;
	}
	fetch.target = cacheInsert(frame, table, block);
	return STATUS_DONE;
}

/** The operation is given up while its read is under way: nothing reads into the memory any more. */
export function fetchAbandon(fetch: Fetch): void {
	if (fetch.kind == FETCH_TAIL) free(fetch.target);
	else if (fetch.kind == FETCH_BLOCK) frameUnpin(fetch.target);
	fetch.kind = FETCH_NONE;
}
