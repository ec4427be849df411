// The row cache: where in a cached block the newest entry of a key lies that was read before, by the hash of the key. A read
// that finds it there spares the filters, indexes and binary searches of every table, each of which costs misses of the
// processor's cache. It holds what the tables of one superversion say, and starts anew with the next one.
//
// Sets of eight slots. A slot is a tag, a byte of the hash or 0 where it is empty, and
//
//    0  u32  table
//    4  u32  number of the block
//    8  u32  offset of the entry in the block << 12 | length of the entry
//
// All tags lie together, so that a key that is not there is told by one load out of a small array. A slot keeps nothing
// alive: the block is found by way of its table, which lives as long as the superversion, or not at all.

import { ENTRY_KEY } from "../shared/format";
import { entryKeyLength } from "../block/reader";
import { compareKeys } from "../key/compare";
import { allocateSpare, free } from "../memory/allocator";
import { prefetch } from "../memory/prefetch";
import { Table, tableFrame, tableVisitFrame } from "../table/table";
import { cache, cacheShrink, frameBytes } from "./cache";

const SET_SLOTS: u32 = 8;
const SLOT_BYTES: u32 = 12;
const SLOT_TABLE: u32 = 0;
const SLOT_BLOCK: u32 = 4;
const SLOT_PLACE: u32 = 8;
const SET_BYTES: u32 = SET_SLOTS + SET_SLOTS * SLOT_BYTES;
const LENGTH_BITS: u32 = 12;
/** Entries that are known here are shorter. */
export const ROW_CACHE_BYTES: u32 = 1 << LENGTH_BITS;
const MAX_OFFSET: u32 = 1 << 20;

const FIRST_SETS: u32 = 1024;
/** Of what blocks take, rows take at most one part in so many. */
const SHARE: u32 = 5;

/** Makes the cache one of this superversion, with room for more: to be called before each read, since blocks may make way for it. */
// @ts-ignore: decorator
@inline
export function rowsOf(superversion: u32): void {
	if (cache().rowSuperversion != superversion || cache().rowsFull != 0) begin(superversion);
}

function begin(superversion: u32): void {
	const state = cache();
	if (state.rowSuperversion != superversion && state.rowWrites != 0) {
		memory.fill(state.rowTags, 0, (state.rowMask + 1) * SET_SLOTS);
		state.rowWrites = 0;
	}
	state.rowSuperversion = superversion;
	if (state.rowsFull != 0) grow();
}

/** Nothing is read through the superversion any more: what has its address next is another one. */
export function rowsForget(superversion: u32): void {
	if (cache().rowSuperversion == superversion) begin(0);
}

// @ts-ignore: decorator
@inline
function setOf(hash: u64): u32 {
	return <u32>(hash >> 20) & cache().rowMask;
}

// @ts-ignore: decorator
@inline
function tagOf(hash: u64): u32 {
	return max<u32>(<u32>hash & 255, 1);
}

/** The slot of the key with this hash, 0 where its entry is not known or its block not cached any more. */
// @ts-ignore: decorator
@inline
export function rowFind(key: u32, keyLength: u32, hash: u64): u32 {
	const set = setOf(hash);
	const tags = v128.load64_zero(cache().rowTags + SET_SLOTS * set);
	const matching = i8x16.bitmask(i8x16.eq(tags, i8x16.splat(<i8>tagOf(hash)))) & 255;
	return matching == 0 ? 0 : findAmong(matching, set, key, keyLength);
}

function findAmong(candidates: u32, set: u32, key: u32, keyLength: u32): u32 {
	for (let left = candidates; left != 0; left &= left - 1) {
		const slot = cache().rows + SLOT_BYTES * (SET_SLOTS * set + ctz<u32>(left));
		const table = changetype<Table>(load<u32>(slot, SLOT_TABLE) as usize);
		const block = load<u32>(slot, SLOT_BLOCK);
		if (tableFrame(table, block) == 0) continue;
		const entry = rowEntry(slot);
		// Brings the end of the value into the processor's cache while the key is looked at.
		prefetch(entry + rowLength(slot) - 1);
		if (entryKeyLength(entry) != keyLength || compareKeys(entry + <u32>ENTRY_KEY, keyLength, key, keyLength) != 0) continue;
		tableVisitFrame(table, block);
		return slot;
	}
	return 0;
}

// What a read that comes soon looks at, to be touched for several of them together.

// @ts-ignore: decorator
@inline
export function rowTouchTags(hash: u64): void {
	prefetch(cache().rowTags + SET_SLOTS * setOf(hash));
}

/** The slot that may be the key's with this hash, 0 where there is none. */
export function rowOf(hash: u64): u32 {
	const set = setOf(hash);
	const tags = v128.load64_zero(cache().rowTags + SET_SLOTS * set);
	const matching = i8x16.bitmask(i8x16.eq(tags, i8x16.splat(<i8>tagOf(hash)))) & 255;
	if (matching == 0) return 0;
	const slot = cache().rows + SLOT_BYTES * (SET_SLOTS * set + ctz<u32>(matching));
	prefetch(slot);
	return slot;
}

/** The entry that a slot names, 0 for none. */
export function rowTouch(slot: u32): void {
	if (slot == 0 || tableFrame(changetype<Table>(load<u32>(slot, SLOT_TABLE) as usize), load<u32>(slot, SLOT_BLOCK)) == 0) return;
	const entry = rowEntry(slot);
	prefetch(entry);
	prefetch(entry + rowLength(slot) - 1);
}

/** Address of the entry that a slot names. */
// @ts-ignore: decorator
@inline
export function rowEntry(slot: u32): u32 {
	const table = changetype<Table>(load<u32>(slot, SLOT_TABLE) as usize);
	return frameBytes(tableFrame(table, load<u32>(slot, SLOT_BLOCK))) + (load<u32>(slot, SLOT_PLACE) >> LENGTH_BITS);
}

// @ts-ignore: decorator
@inline
export function rowLength(slot: u32): u32 {
	return load<u32>(slot, SLOT_PLACE) & ((1 << LENGTH_BITS) - 1);
}

/** Remembers that the newest entry of the key with this hash lies at `offset` of a cached block of the current superversion. */
export function rowRemember(table: Table, block: u32, offset: u32, length: u32, hash: u64): void {
	if (offset >= MAX_OFFSET || length >> LENGTH_BITS != 0 || tableFrame(table, block) == 0) return;
	const state = cache();
	state.rowWrites += 1;
	if (state.rowWrites > SET_SLOTS * state.rowMask) state.rowsFull = 1;
	if (state.rows == 0) return;
	const set = setOf(hash);
	const tags = state.rowTags + SET_SLOTS * set;
	let way: u32 = 0;
	while (way < SET_SLOTS && load<u8>(tags + way) != 0) way += 1;
	// Where all are taken, any.
	if (way == SET_SLOTS) way = state.rowWrites % SET_SLOTS;
	store<u8>(tags + way, tagOf(hash));
	const slot = state.rows + SLOT_BYTES * (SET_SLOTS * set + way);
	store<u32>(slot, <u32>changetype<usize>(table), SLOT_TABLE);
	store<u32>(slot, block, SLOT_BLOCK);
	store<u32>(slot, (offset << LENGTH_BITS) | length, SLOT_PLACE);
}

/** Twice as many sets, empty, where the blocks that they point into have become many; what the blocks may take becomes less. */
function grow(): void {
	const state = cache();
	state.rowsFull = 0;
	state.rowWrites = 1;
	const sets = state.rows == 0 ? 0 : state.rowMask + 1;
	const wanted = sets == 0 ? FIRST_SETS : 2 * sets;
	if (wanted * SET_BYTES > (state.usedBytes - sets * SET_BYTES) / SHARE) return;
	// No block may go for it: the entry that is remembered lies in one that is not pinned.
	const rows = allocateSpare(wanted * SET_BYTES);
	if (rows == 0) return;
	memory.fill(rows, 0, wanted * SET_BYTES);
	free(state.rows);
	state.rows = rows;
	state.rowTags = rows + wanted * SET_SLOTS * SLOT_BYTES;
	state.rowMask = wanted - 1;
	state.usedBytes += (wanted - sets) * SET_BYTES;
	cacheShrink();
}
