// Bump allocation in chunks that are given back all at once. Chunks start small, so that a transaction of three keys
// stays cheap, and double up to a bound. A chunk is filled from both ends.

import { allocate, free } from "./allocator";

const FIRST_CHUNK: u32 = 4096;
const LAST_CHUNK: u32 = 1 << 20;
/** A chunk starts with the address of the one before it. */
const CHUNK_HEADER: u32 = 8;

@unmanaged
export class Arena {
	/** Newest chunk, 0 before the first allocation. */
	chunk: u32;
	/** What is left of the chunk. */
	at: u32;
	end: u32;
	nextChunkBytes: u32;
	/** Bytes of all chunks. */
	totalBytes: u32;
}

export function arenaInitialize(arena: Arena): void {
	arena.chunk = 0;
	arena.at = 0;
	arena.end = 0;
	arena.nextChunkBytes = FIRST_CHUNK;
	arena.totalBytes = 0;
}

/** Makes sure that allocations of `bytes` in all succeed; false where memory is used up. */
export function arenaReserve(arena: Arena, bytes: u32): bool {
	if (arena.end - arena.at >= bytes) return true;
	const size = max<u32>(arena.nextChunkBytes, bytes + CHUNK_HEADER);
	const chunk = allocate(size);
	if (chunk == 0) return false;
	store<u32>(chunk, arena.chunk);
	arena.chunk = chunk;
	arena.at = chunk + CHUNK_HEADER;
	arena.end = chunk + size;
	arena.totalBytes += size;
	arena.nextChunkBytes = min<u32>(arena.nextChunkBytes * 2, LAST_CHUNK);
	return true;
}

/** Bytes at a multiple of 8, behind those taken so before. The caller has reserved them. */
export function arenaTake(arena: Arena, bytes: u32): u32 {
	const address = arena.at;
	arena.at = address + ((bytes + 7) & ~7);
	if (arena.at > arena.end) unreachable();
	return address;
}

/** As `arenaTake` from the chunk's end, where what is looked at rarely stays out of the way of the rest. */
export function arenaTakeBack(arena: Arena, bytes: u32): u32 {
	const address = (arena.end - bytes) & ~7;
	if (address < arena.at) unreachable();
	arena.end = address;
	return address;
}

export function arenaRelease(arena: Arena): void {
	let chunk = arena.chunk;
	while (chunk != 0) {
		const before = load<u32>(chunk);
		free(chunk);
		chunk = before;
	}
	arenaInitialize(arena);
}
