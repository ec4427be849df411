// What a read looks through, newest first: memtables, then the tables of level 0, then the sorted runs of the levels below.
// Immutable; the host makes a new one for every change and frees the old one when nothing reads it any more.

import { LEVELS } from "../shared/abi";
import { allocate, free } from "../memory/allocator";
import { compareEntries, sharedPrefix } from "../key/compare";
import { memtableFirst, memtableShared } from "../memtable/memtable";
import { nodeKey, nodeKeyLength } from "../memtable/node";
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

/**
 * Leading bytes that all keys of the superversion and the overlay have in common. A memtable may take in others later, which
 * shows in its own `shared`; what is empty now does not count.
 */
export function sharedBytes(superversion: u32, overlay: u32): u32 {
	let shared: u32 = u32.MAX_VALUE;
	let any: u32 = 0;
	let anyLength: u32 = 0;
	for (let position: u32 = 0; position <= memtableCount(superversion); position++) {
		const memtable = position == 0 ? overlay : memtableAt(superversion, position - 1);
		const node = memtable == 0 ? 0 : memtableFirst(memtable);
		if (node == 0) continue;
		shared = min<u32>(shared, memtableShared(memtable));
		if (any == 0) {
			any = nodeKey(node);
			anyLength = nodeKeyLength(node);
		}
		shared = min<u32>(shared, sharedPrefix(any, anyLength, nodeKey(node), nodeKeyLength(node)));
	}
	for (let level: u32 = 0; level < <u32>LEVELS; level++) {
		const tables = levelTables(superversion, level);
		const count = levelCount(superversion, level);
		for (let position: u32 = 0; position < count; position++) {
			const table = tableAt(tables, position);
			if (any == 0) {
				any = table.smallest;
				anyLength = table.smallestLength;
			}
			shared = min<u32>(shared, sharedPrefix(any, anyLength, table.smallest, table.smallestLength));
			shared = min<u32>(shared, sharedPrefix(any, anyLength, table.largest, table.largestLength));
			// Tables of a sorted run lie between its first and its last one.
			if (level != 0 && position == 0 && count > 2) position = count - 2;
		}
	}
	return any == 0 ? 0 : shared;
}
