// What a read looks through, newest first: memtables, then the tables of level 0, then the sorted runs of the levels below.
// Immutable; the host makes a new one for every change and frees the old one when nothing reads it any more.

import { LEVELS } from "../shared/abi";
import { allocate, free } from "../memory/allocator";
import { compareEntries } from "../key/compare";
import { Table } from "../table/table";

// u32 memtables, u32 tables[LEVELS], then the addresses: memtables newest first, level 0 newest first, each further level
// by key. The host passes the same words.
const SUPERVERSION_ADDRESSES: u32 = 4 + 4 * LEVELS;

/** A copy of the words at `words`; 0 where memory is used up. */
export function superversionCreate(words: u32): u32 {
	let addresses = load<u32>(words);
	for (let level: u32 = 0; level < <u32>LEVELS; level++) addresses += load<u32>(words + 4 + 4 * level);
	const bytes = SUPERVERSION_ADDRESSES + 4 * addresses;
	const address = allocate(bytes);
	if (address != 0) memory.copy(address, words, bytes);
	return address;
}

export function superversionFree(address: u32): void {
	free(address);
}

// @ts-ignore: decorator
@inline
export function memtableCount(superversion: u32): u32 {
	return load<u32>(superversion);
}

// @ts-ignore: decorator
@inline
export function memtableAt(superversion: u32, position: u32): u32 {
	return load<u32>(superversion + SUPERVERSION_ADDRESSES + 4 * position);
}

// @ts-ignore: decorator
@inline
export function levelCount(superversion: u32, level: u32): u32 {
	return load<u32>(superversion + 4 + 4 * level);
}

/** Address of the level's u32 table addresses. */
export function levelTables(superversion: u32, level: u32): u32 {
	let before = memtableCount(superversion);
	for (let above: u32 = 0; above < level; above++) before += levelCount(superversion, above);
	return superversion + SUPERVERSION_ADDRESSES + 4 * before;
}

// @ts-ignore: decorator
@inline
export function tableAt(tables: u32, position: u32): Table {
	return changetype<Table>(load<u32>(tables + 4 * position) as usize);
}

/** In a sorted run, the first table whose largest key is at or after `key`; the count where there is none. */
export function findTable(tables: u32, count: u32, head: u64, key: u32, keyLength: u32): u32 {
	let low: u32 = 0;
	let high = count;
	while (low < high) {
		const middle = (low + high) >> 1;
		const table = tableAt(tables, middle);
		if (compareEntries(table.largestHead, table.largest, table.largestLength, 0, head, key, keyLength, 0) < 0) low = middle + 1;
		else high = middle;
	}
	return low;
}

// @ts-ignore: decorator
@inline
export function tableStartsAfter(table: Table, head: u64, key: u32, keyLength: u32): bool {
	return compareEntries(head, key, keyLength, 0, table.smallestHead, table.smallest, table.smallestLength, 0) < 0;
}

// @ts-ignore: decorator
@inline
export function tableEndsBefore(table: Table, head: u64, key: u32, keyLength: u32): bool {
	return compareEntries(table.largestHead, table.largest, table.largestLength, 0, head, key, keyLength, 0) < 0;
}
