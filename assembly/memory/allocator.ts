// Two-level segregated fit (Masmano et al., "TLSF: a new dynamic memory allocator for real-time systems", 2004): constant
// time, little fragmentation, neighbours joined at once. All state is in linear memory, so that every thread sees it; a
// spin lock guards it, held for tens of nanoseconds.
//
//   block  ┌────────────────┬──────────────┬─────────────────────────────┐
//          │ u32 size | FREE│ u32 previous │ payload, or next/prev links │
//          └────────────────┴──────────────┴─────────────────────────────┘
//
// size counts the header and is a multiple of 16; previous is the address of the block before in memory. The heap ends
// with a header of size 0 that is never free.

import { evictOne } from "../cache/cache";
import { FREE_LISTS, HEAP, Root, ROOT_MAGIC, root } from "./root";

const HEADER: u32 = 8;
const FREE: u32 = 1;
const GRAIN: u32 = 16;
const MIN_BLOCK: u32 = 16;

// First level: powers of two from 256 up; list 0 holds the sizes below. Second level: 16 steps within a power.
const FIRST_LEVELS: u32 = 25;
const SECOND_BITS: u32 = 4;
const SECOND_LEVELS: u32 = 1 << SECOND_BITS;
const SMALL: u32 = 256;

// FREE_LISTS: u32 first-level bitmap, u32 second-level bitmaps[25], u32 heads[25 * 16].
const SECOND_MAPS: usize = FREE_LISTS + 4;
const HEADS: usize = SECOND_MAPS + 4 * (FIRST_LEVELS as usize);

const PAGE: u32 = 65536;
/** The heap grows by at least this much, so that growing stays rare. */
const GROW_BYTES: u32 = 1 << 20;

export function heapInitialize(limitBytes: u32): void {
	const state = root();
	if (state.magic == ROOT_MAGIC) return;
	const end = (<u32>memory.size() * PAGE) - HEADER;
	state.limitBytes = limitBytes;
	state.heapEnd = end;
	store<u32>(HEAP, 0);
	store<u32>(HEAP, 0, 4);
	setEnd(end, HEAP as u32);
	store<u32>(HEAP, end - (HEAP as u32));
	insertFree(HEAP as u32, end - (HEAP as u32));
	state.magic = ROOT_MAGIC;
}

/** The lock is held for nanoseconds: who waits for seconds waits for a thread that died with it. */
const SPIN_LIMIT: u32 = 1 << 28;

function lock(state: Root): void {
	let spins: u32 = 0;
	while (atomic.cmpxchg<u32>(changetype<usize>(state) + offsetof<Root>("allocatorLock"), 0, 1) != 0) {
		spins += 1;
		if (spins == SPIN_LIMIT) unreachable();
	}
}

function unlock(state: Root): void {
	atomic.store<u32>(changetype<usize>(state) + offsetof<Root>("allocatorLock"), 0);
}

/**
 * At least `bytes` bytes at a multiple of 8, contents undefined; 0 where there is no room. On the thread that owns the cache
 * cached blocks that nobody holds are evicted until there is: a block that was found in the cache and is not pinned is good
 * until the next allocation.
 */
export function allocate(bytes: u32): u32 {
	if (bytes > root().limitBytes) return 0;
	let address = allocateSpare(bytes);
	while (address == 0 && evictOne()) address = allocateSpare(bytes);
	return address;
}

/** As `allocate`, of the room there is: evicts nothing. */
export function allocateSpare(bytes: u32): u32 {
	if (bytes > 0xf0000000) return 0;
	let size = (bytes + HEADER + GRAIN - 1) & ~(GRAIN - 1);
	if (size < MIN_BLOCK) size = MIN_BLOCK;
	const state = root();
	lock(state);
	let block = takeFree(size);
	if (block == 0 && grow(state, size)) block = takeFree(size);
	if (block == 0) {
		unlock(state);
		return 0;
	}
	const have = load<u32>(block);
	if (have - size >= MIN_BLOCK) {
		const rest = block + size;
		store<u32>(block, size);
		store<u32>(rest, block, 4);
		store<u32>(rest + (have - size), rest, 4);
		insertFree(rest, have - size);
		state.allocatedBytes += size;
	} else {
		state.allocatedBytes += have;
	}
	if (state.allocatedBytes > state.peakBytes) state.peakBytes = state.allocatedBytes;
	unlock(state);
	return block + HEADER;
}

/** As `allocate`, filled with zeros. */
export function allocateZeroed(bytes: u32): u32 {
	const address = allocate(bytes);
	if (address != 0) memory.fill(address, 0, bytes);
	return address;
}

/** Gives back what `allocate` handed out; 0 is allowed. */
export function free(address: u32): void {
	if (address == 0) return;
	const state = root();
	lock(state);
	let block = address - HEADER;
	let size = load<u32>(block);
	if (size & FREE) unreachable();
	state.allocatedBytes -= size;
	const next = block + size;
	const nextSize = load<u32>(next);
	if (nextSize & FREE) {
		removeFree(next, nextSize & ~FREE);
		size += nextSize & ~FREE;
	}
	const previous = load<u32>(block, 4);
	if (previous != 0 && load<u32>(previous) & FREE) {
		const previousSize = load<u32>(previous) & ~FREE;
		removeFree(previous, previousSize);
		block = previous;
		size += previousSize;
	}
	store<u32>(block + size, block, 4);
	insertFree(block, size);
	unlock(state);
}

/** Usable bytes of an allocation. */
export function capacityOf(address: u32): u32 {
	return load<u32>(address - HEADER) - HEADER;
}

/** An allocation of at least `bytes` that starts with the first `keep` bytes of the old one; 0 leaves the old one as it was. */
export function reallocate(address: u32, keep: u32, bytes: u32): u32 {
	if (address != 0 && capacityOf(address) >= bytes) return address;
	const wider = allocate(bytes);
	if (wider == 0) return 0;
	if (address != 0) {
		memory.copy(wider, address, keep);
		free(address);
	}
	return wider;
}

// -- Free lists ------------------------------------------------------------------------------------------------------

function listOf(size: u32): u32 {
	if (size < SMALL) return size >> 4;
	const first = 31 - clz(size);
	const second = (size >> (first - SECOND_BITS)) & (SECOND_LEVELS - 1);
	return (first - 7) * SECOND_LEVELS + second;
}

function insertFree(block: u32, size: u32): void {
	store<u32>(block, size | FREE);
	const list = listOf(size);
	const head: usize = HEADS + 4 * (list as usize);
	const next = load<u32>(head);
	store<u32>(block, next, 8);
	store<u32>(block, 0, 12);
	if (next != 0) store<u32>(next, block, 12);
	store<u32>(head, block);
	const first = list >> SECOND_BITS;
	const map: usize = SECOND_MAPS + 4 * (first as usize);
	store<u32>(map, load<u32>(map) | (1 << (list & (SECOND_LEVELS - 1))));
	store<u32>(FREE_LISTS, load<u32>(FREE_LISTS) | (1 << first));
}

function removeFree(block: u32, size: u32): void {
	const next = load<u32>(block, 8);
	const previous = load<u32>(block, 12);
	if (next != 0) store<u32>(next, previous, 12);
	if (previous != 0) {
		store<u32>(previous, next, 8);
		return;
	}
	const list = listOf(size);
	store<u32>(HEADS + 4 * (list as usize), next);
	if (next != 0) return;
	const first = list >> SECOND_BITS;
	const map: usize = SECOND_MAPS + 4 * (first as usize);
	const left = load<u32>(map) & ~(1 << (list & (SECOND_LEVELS - 1)));
	store<u32>(map, left);
	if (left == 0) store<u32>(FREE_LISTS, load<u32>(FREE_LISTS) & ~(1 << first));
}

/** Removes a free block of at least `size` from its list and marks it used; 0 where there is none. */
function takeFree(size: u32): u32 {
	// Rounded up to the next list, so that the first block of any non-empty list found is large enough.
	let wanted = size;
	if (size >= SMALL) wanted += (1 << (31 - clz(size) - SECOND_BITS)) - 1;
	if (wanted < size) return 0;
	const list = listOf(wanted);
	let first = list >> SECOND_BITS;
	if (first >= FIRST_LEVELS) return 0;
	let map = load<u32>(SECOND_MAPS + 4 * (first as usize)) & (~0 << (list & (SECOND_LEVELS - 1)));
	if (map == 0) {
		const firstMap = load<u32>(FREE_LISTS) & (~0 << (first + 1));
		if (firstMap == 0) return 0;
		first = ctz(firstMap);
		map = load<u32>(SECOND_MAPS + 4 * (first as usize));
	}
	const block = load<u32>(HEADS + 4 * ((first * SECOND_LEVELS + ctz(map)) as usize));
	const have = load<u32>(block) & ~FREE;
	removeFree(block, have);
	store<u32>(block, have);
	return block;
}

function setEnd(end: u32, previous: u32): void {
	store<u32>(end, 0);
	store<u32>(end, previous, 4);
}

/** Extends the heap so that a block of `size` fits; false where the limit or the machine forbids it. */
function grow(state: Root, size: u32): bool {
	const end = state.heapEnd;
	// takeFree rounds up by at most 1/16.
	const wanted: u64 = <u64>size + (size >> SECOND_BITS) + GRAIN;
	let bytes: u64 = max<u64>(wanted, GROW_BYTES);
	const room: u64 = <u64>state.limitBytes > <u64>end + HEADER ? <u64>state.limitBytes - end - HEADER : 0;
	if (bytes > room) bytes = wanted;
	if (bytes > room) return false;
	const pages = <i32>((bytes + PAGE - 1) / PAGE);
	if (memory.grow(pages) < 0) return false;
	// The old end header becomes the header of the new free block.
	const added = <u32>pages * PAGE;
	const newEnd = end + added;
	setEnd(newEnd, end);
	state.heapEnd = newEnd;
	let block = end;
	let blockSize = added;
	const previous = load<u32>(block, 4);
	if (previous != 0 && load<u32>(previous) & FREE) {
		const previousSize = load<u32>(previous) & ~FREE;
		removeFree(previous, previousSize);
		block = previous;
		blockSize += previousSize;
		store<u32>(newEnd, block, 4);
	}
	insertFree(block, blockSize);
	return true;
}
