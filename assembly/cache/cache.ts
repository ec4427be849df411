// The block cache: decoded blocks in frames of linear memory, evicted by SIEVE (Zhang et al., NSDI 2024): new frames enter
// at the head of a queue, a hand walks from its tail, passes over what was visited since its last round and evicts the
// rest. A scan's blocks are never visited again, so they go first. Looking a block up is one load: every open table has an
// array with the frame of each of its blocks.

import { allocate, allocateSpare, allocateZeroed, free, capacityOf } from "../memory/allocator";
import { root } from "../memory/root";
import { Table, tableForgetVisit, tableFrame, tableIsOpen, tableResidentBytes, tableSetFrame } from "../table/table";
import { COUNTERS_BYTES, REGION_TABLES } from "../shared/abi";

@unmanaged
export class Cache {
	budgetBytes: u32;
	usedBytes: u32;
	/** Queue of frames by age; `older` of the tail and `newer` of the head are 0. */
	head: u32;
	tail: u32;
	hand: u32;
	frames: u32;
	// The row cache (rows.ts).
	/** Superversion whose entries it holds. */
	rowSuperversion: u32;
	/** Its slots, 0 until there are any, their tags, and the number of sets less one. */
	rows: u32;
	rowTags: u32;
	rowMask: u32;
	/** Entries written since it was last empty or enlarged. */
	rowWrites: u32;
	/** Whether more of them were written than there is room for. */
	rowsFull: u32;
	/** What `rowTags` names until there are slots: the tags of one empty set. */
	noTags: u64;
}

@unmanaged
export class Frame {
	/** Table whose block this is; 0 where the frame is not in the cache and goes with its last pin. */
	table: u32;
	block: u32;
	pins: u32;
	/** Bytes of the decoded block. */
	length: u32;
	newer: u32;
	older: u32;
}

/** A multiple of 8. */
const FRAME_HEADER: u32 = <u32>offsetof<Frame>();

// @ts-ignore: decorator
@inline
function frameOf(address: u32): Frame {
	return changetype<Frame>(address as usize);
}

export function cache(): Cache {
	return changetype<Cache>(root().cache as usize);
}

export function cacheInitialize(budgetBytes: u32): bool {
	const address = allocateZeroed(<u32>offsetof<Cache>() + COUNTERS_BYTES);
	if (address == 0) return false;
	root().cache = address;
	cache().budgetBytes = budgetBytes;
	cache().rowTags = address + <u32>offsetof<Cache>("noTags");
	return true;
}

export function cacheUsedBytes(): u32 {
	return cache().usedBytes;
}

/** Address of the u64 counters (shared/abi.ts). */
export function countersAddress(): u32 {
	return root().cache + <u32>offsetof<Cache>();
}

// @ts-ignore: decorator
@inline
export function count(counter: u32): void {
	const address = countersAddress() + counter;
	store<u64>(address, load<u64>(address) + 1);
}

/** Where the block's bytes lie in its frame. */
// @ts-ignore: decorator
@inline
export function frameBytes(frame: u32): u32 {
	return frame + FRAME_HEADER;
}

/** A pinned frame outside the cache with room for `bytes`; what is cached makes way for it. 0 where there is no room. */
export function frameCreate(bytes: u32): u32 {
	return frameAt(allocate(FRAME_HEADER + bytes), bytes);
}

function frameAt(address: u32, bytes: u32): u32 {
	if (address == 0) return 0;
	memory.fill(address, 0, FRAME_HEADER);
	frameOf(address).pins = 1;
	frameOf(address).length = bytes;
	return address;
}

/** As `frameCreate` where the cache has room for the block as it is: nothing makes way for it. 0 where it has not. */
export function cacheSpare(bytes: u32): u32 {
	const budget = blockBudget(cache());
	const length = <u64>FRAME_HEADER + bytes;
	if (!ownsCache || cache().usedBytes + length > budget || length > budget >> 2) return 0;
	return frameAt(allocateSpare(FRAME_HEADER + bytes), bytes);
}

/** Per instance, hence per thread: whether this is the thread that reads through the cache. No other may touch it. */
let ownsCache: bool = false;

export function cacheOwn(): void {
	ownsCache = true;
}

/** Counts bytes of a region of the memory (shared/abi.ts). Regions are those of the cache's own thread. */
export function account(region: u32, bytes: i32): void {
	if (!ownsCache) return;
	const address = countersAddress() + region;
	store<u64>(address, load<u64>(address) + <i64>bytes);
}

/** What blocks may take: filters and indexes of open tables take their share of the budget, and leave a quarter of it. */
function blockBudget(state: Cache): u32 {
	const least = state.budgetBytes >> 2;
	const tables = load<u64>(countersAddress() + REGION_TABLES);
	return tables < state.budgetBytes - least ? state.budgetBytes - <u32>tables : least;
}

/** The table's tail has come into memory: blocks make way for it. */
export function cacheTableOpened(table: Table): void {
	if (!ownsCache) return;
	account(REGION_TABLES, tableResidentBytes(table));
	cacheShrink();
}

/** Puts a pinned frame into the cache and answers the frame to use, pinned: an older one where another operation was faster. */
export function cacheInsert(address: u32, table: Table, block: u32): u32 {
	const state = cache();
	const there = tableFrame(table, block);
	if (there != 0) {
		frameUnpin(address);
		frameOf(there).pins += 1;
		return there;
	}
	const bytes = capacityOf(address);
	// A block that would push out most of the others is not worth keeping.
	if (bytes > blockBudget(state) >> 2) return address;
	const frame = frameOf(address);
	frame.table = <u32>changetype<usize>(table);
	frame.block = block;
	frame.newer = 0;
	frame.older = state.head;
	if (state.head != 0) frameOf(state.head).newer = address;
	state.head = address;
	if (state.tail == 0) state.tail = address;
	state.usedBytes += bytes;
	state.frames += 1;
	tableSetFrame(table, block, address);
	cacheShrink();
	return address;
}

/** Evicts blocks until the cache keeps to its budget. */
export function cacheShrink(): void {
	const state = cache();
	while (state.usedBytes > blockBudget(state) && evictOne()) {}
}

// @ts-ignore: decorator
@inline
export function framePin(address: u32): void {
	frameOf(address).pins += 1;
}

export function frameUnpin(address: u32): void {
	const frame = frameOf(address);
	if (frame.pins == 0) unreachable();
	frame.pins -= 1;
	if (frame.pins != 0) return;
	if (frame.table == 0) {
		free(address);
		return;
	}
	const state = cache();
	if (state.usedBytes > blockBudget(state)) evictOne();
}

/** Takes a frame out of the queue and its table; it is freed with its last pin. */
function detach(address: u32): void {
	const state = cache();
	const frame = frameOf(address);
	if (state.hand == address) state.hand = frame.newer;
	if (frame.newer != 0) frameOf(frame.newer).older = frame.older;
	else state.head = frame.older;
	if (frame.older != 0) frameOf(frame.older).newer = frame.newer;
	else state.tail = frame.newer;
	state.usedBytes -= capacityOf(address);
	state.frames -= 1;
	tableSetFrame(changetype<Table>(frame.table as usize), frame.block, 0);
	frame.table = 0;
	if (frame.pins == 0) free(address);
}

/** Frees the block that is missed least. False where every frame is pinned, and on a thread that does not own the cache. */
export function evictOne(): bool {
	if (!ownsCache) return false;
	const state = cache();
	let hand = state.hand != 0 ? state.hand : state.tail;
	// Two rounds: the first may do no more than clear the marks.
	let steps = 2 * state.frames;
	while (hand != 0 && steps != 0) {
		const frame = frameOf(hand);
		const next = frame.newer;
		const visited = tableForgetVisit(changetype<Table>(frame.table as usize), frame.block);
		if (frame.pins == 0 && !visited) {
			state.hand = hand;
			detach(hand);
			return true;
		}
		hand = next != 0 ? next : state.tail;
		steps -= 1;
	}
	state.hand = hand;
	return false;
}

/** Frees a table and takes its blocks out of the cache. */
export function tableFree(address: u32): void {
	const table = changetype<Table>(address as usize);
	for (let block: u32 = 0; block < table.blocks; block++) {
		const frame = tableFrame(table, block);
		if (frame != 0) detach(frame);
	}
	if (tableIsOpen(table)) account(REGION_TABLES, -tableResidentBytes(table));
	free(table.frames);
	free(table.tail);
	free(address);
}
