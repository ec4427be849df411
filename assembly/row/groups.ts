// Which group a row belongs to, by the values of its first columns: a hash table of those that were met so far. Groups are
// numbered in the order in which they come.

import { NO_GROUP, TAG_BLOB, TAG_INT64, TAG_NULL, TAG_REAL } from "../shared/row";
import { xxh64 } from "../hash/xxh64";
import { allocate, allocateZeroed, capacityOf, free, reallocate } from "../memory/allocator";
import { Arena, arenaInitialize, arenaRelease, arenaReserve, arenaTake } from "../memory/arena";
import { copyBytes } from "../memory/copy";
import { Cell } from "./cell";

@unmanaged
export class Groups {
	count: u32;
	/** Pairs of u32: an upper half of the key's hash, and the address of its record, 0 where there is none. */
	slots: u32;
	/** Number of slots less one: a power of two, less one. */
	mask: u32;
	/** What slots and records may take. */
	limitBytes: u32;
	takenBytes: u32;
	/** The key in the making. */
	key: u32;
	keyLength: u32;
}

/** An Arena lies behind it. */
const GROUPS_BYTES: u32 = (<u32>offsetof<Groups>() + 15) & ~15;
const FIRST_SLOTS: u32 = 256;
const FIRST_KEY_BYTES: u32 = 256;
// A record: u32 group, u32 length of the key, the key.
const RECORD_KEY: u32 = 8;
/** Parts of keys beside the tags: a REAL that is no integer of 64 bits. */
const KEY_TEXT: u8 = 9;

// @ts-ignore: decorator
@inline
function arenaOf(groups: Groups): Arena {
	return changetype<Arena>(changetype<usize>(groups) + GROUPS_BYTES);
}

/** 0 where memory is used up. */
export function groupsCreate(limitBytes: u32): u32 {
	const address = allocateZeroed(GROUPS_BYTES + <u32>offsetof<Arena>());
	if (address == 0) return 0;
	const groups = changetype<Groups>(address as usize);
	arenaInitialize(arenaOf(groups));
	groups.limitBytes = limitBytes;
	groups.slots = allocateZeroed(8 * FIRST_SLOTS);
	groups.mask = FIRST_SLOTS - 1;
	groups.key = allocate(FIRST_KEY_BYTES);
	if (groups.slots != 0 && groups.key != 0) return address;
	groupsFree(address);
	return 0;
}

export function groupsFree(address: u32): void {
	const groups = changetype<Groups>(address as usize);
	arenaRelease(arenaOf(groups));
	free(groups.slots);
	free(groups.key);
	free(address);
}

export function groupKeyBegin(groups: Groups): void {
	groups.keyLength = 0;
}

/** Adds a value to the key in the making: equal values in SQL are equal bytes. False where memory is used up. */
export function groupKeyAdd(groups: Groups, cell: Cell): bool {
	const tag = cell.tag;
	const length: u32 = tag == TAG_NULL ? 1 : tag == TAG_INT64 || tag == TAG_REAL ? 9 : 5 + cell.length;
	const used = groups.keyLength;
	if (capacityOf(groups.key) < used + length) {
		const wider = reallocate(groups.key, used, 2 * (used + length));
		if (wider == 0) return false;
		groups.key = wider;
	}
	const at = groups.key + used;
	groups.keyLength = used + length;
	if (tag == TAG_NULL) {
		store<u8>(at, TAG_NULL);
	} else if (tag == TAG_INT64) {
		store<u8>(at, TAG_INT64);
		store<i64>(at, cell.integer, 1);
	} else if (tag == TAG_REAL) {
		const real = cell.real;
		const whole = real >= -9223372036854775808.0 && real < 9223372036854775808.0 ? <i64>real : i64.MIN_VALUE;
		// A REAL that is an integer groups with that INTEGER, -0.0 with 0.
		const isWhole = <f64>whole == real;
		store<u8>(at, isWhole ? TAG_INT64 : TAG_REAL);
		if (isWhole) store<i64>(at, whole, 1);
		else store<f64>(at, real, 1);
	} else {
		store<u8>(at, tag == TAG_BLOB ? <u8>TAG_BLOB : KEY_TEXT);
		store<u32>(at, cell.length, 1);
		copyBytes(at + 5, cell.at, cell.length);
	}
	return true;
}

/** The group of the key in the making, a new one where it was not met before, NO_GROUP where there is no room for one. */
export function groupOf(groups: Groups): u32 {
	const key = groups.key;
	const length = groups.keyLength;
	const hash = xxh64(key, length, 0);
	const tag = <u32>(hash >> 32);
	const slots = groups.slots;
	let slot = <u32>hash & groups.mask;
	while (true) {
		const record = load<u32>(slots + 8 * slot, 4);
		if (record == 0) break;
		if (load<u32>(slots + 8 * slot) == tag && load<u32>(record, 4) == length && equal(record + RECORD_KEY, key, length)) {
			return load<u32>(record);
		}
		slot = (slot + 1) & groups.mask;
	}
	const bytes = (RECORD_KEY + length + 7) & ~7;
	if (<u64>groups.takenBytes + bytes + 16 > groups.limitBytes || !arenaReserve(arenaOf(groups), bytes)) return NO_GROUP;
	if (<u32>2 * groups.count >= groups.mask) {
		if (!widen(groups)) return NO_GROUP;
		slot = freeSlot(groups, hash);
	}
	const record = arenaTake(arenaOf(groups), bytes);
	const group = groups.count;
	store<u32>(record, group);
	store<u32>(record, length, 4);
	copyBytes(record + RECORD_KEY, key, length);
	store<u32>(groups.slots + 8 * slot, tag);
	store<u32>(groups.slots + 8 * slot, record, 4);
	groups.takenBytes += bytes + 16;
	groups.count = group + 1;
	return group;
}

function freeSlot(groups: Groups, hash: u64): u32 {
	let slot = <u32>hash & groups.mask;
	while (load<u32>(groups.slots + 8 * slot, 4) != 0) slot = (slot + 1) & groups.mask;
	return slot;
}

function widen(groups: Groups): bool {
	const old = groups.slots;
	const count = groups.mask + 1;
	const slots = allocateZeroed(16 * count);
	if (slots == 0) return false;
	groups.slots = slots;
	groups.mask = 2 * count - 1;
	for (let index: u32 = 0; index < count; index++) {
		const record = load<u32>(old + 8 * index, 4);
		if (record == 0) continue;
		const slot = freeSlot(groups, xxh64(record + RECORD_KEY, load<u32>(record, 4), 0));
		store<u32>(slots + 8 * slot, load<u32>(old + 8 * index));
		store<u32>(slots + 8 * slot, record, 4);
	}
	free(old);
	return true;
}

function equal(a: u32, b: u32, length: u32): bool {
	let at: u32 = 0;
	while (at + 8 <= length) {
		if (load<u64>(a + at) != load<u64>(b + at)) return false;
		at += 8;
	}
	while (at < length) {
		if (load<u8>(a + at) != load<u8>(b + at)) return false;
		at += 1;
	}
	return true;
}
