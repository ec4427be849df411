// What a read looks through, newest first: memtables, then the tables of level 0, then the sorted runs of the levels below.
// Immutable; the host makes a new one for every change and frees the old one when nothing reads it any more.

import { LEVELS } from "../shared/abi";
import { allocate, free } from "../memory/allocator";
import { compareEntries, compareKeys, headOf, sharedPrefix } from "../key/compare";
import { memtableFirst, memtableShared } from "../memtable/memtable";
import { nodeKey, nodeKeyLength } from "../memtable/node";
import { Table } from "../table/table";

// u64 newest sequence number of its tables, u32 end of the levels that have tables, u32 memtables, u32 leading bytes that all
// keys of its tables share, u32 a key that shows them, for each level u32 address of its tables' addresses and u32 how many
// there are, u32 a bit for each level that has range deletions; then the addresses: memtables newest first, level 0 newest first,
// each further level by key; then for each table u64 heads of its smallest and its largest key behind the shared bytes.
const NEWEST: u32 = 0;
const LEVELS_END: u32 = 8;
const MEMTABLES: u32 = 12;
const SHARED: u32 = 16;
const SHARED_KEY: u32 = 20;
const HEADS: u32 = 24;
const LEVEL_TABLES: u32 = 28;
const LEVEL_COUNT: u32 = 32;
const RANGED: u32 = LEVEL_TABLES + 8 * LEVELS;
const ADDRESSES: u32 = RANGED + 4;

/** From the host's words: u32 memtables, u32 tables[LEVELS], then the addresses. 0 where memory is used up. */
export function superversionCreate(words: u32): u32 {
	const memtables = load<u32>(words);
	let tables: u32 = 0;
	for (let level: u32 = 0; level < <u32>LEVELS; level++) tables += load<u32>(words + 4 + 4 * level);
	const address = allocate(ADDRESSES + 4 * memtables + 20 * tables);
	if (address == 0) return 0;
	memory.copy(address + ADDRESSES, words + 4 + 4 * LEVELS, 4 * (memtables + tables));
	store<u32>(address, memtables, MEMTABLES);
	store<u32>(address, 0, LEVELS_END);
	let at = address + ADDRESSES + 4 * memtables;
	let newest: u64 = 0;
	let ranged: u32 = 0;
	for (let level: u32 = 0; level < <u32>LEVELS; level++) {
		const count = load<u32>(words + 4 + 4 * level);
		store<u32>(address + 8 * level, at, LEVEL_TABLES);
		store<u32>(address + 8 * level, count, LEVEL_COUNT);
		if (count != 0) store<u32>(address, level + 1, LEVELS_END);
		for (let position: u32 = 0; position < count; position++) {
			newest = max<u64>(newest, tableAt(at, position).maxSequence);
			ranged |= tableAt(at, position).ranged << level;
		}
		at += 4 * count;
	}
	store<u64>(address, newest, NEWEST);
	store<u32>(address, ranged, RANGED);
	store<u32>(address, at, HEADS);
	takeHeads(address, at - 4 * tables, tables);
	return address;
}

function takeHeads(superversion: u32, tables: u32, count: u32): void {
	let shared: u32 = 0;
	store<u32>(superversion, 0, SHARED_KEY);
	if (count != 0) {
		const first = tableAt(tables, 0);
		shared = first.smallestLength;
		store<u32>(superversion, first.smallest, SHARED_KEY);
		for (let position: u32 = 0; position < count; position++) {
			const table = tableAt(tables, position);
			shared = min<u32>(shared, sharedPrefix(first.smallest, shared, table.smallest, table.smallestLength));
			shared = min<u32>(shared, sharedPrefix(first.smallest, shared, table.largest, table.largestLength));
		}
	}
	store<u32>(superversion, shared, SHARED);
	let heads = load<u32>(superversion, HEADS);
	for (let position: u32 = 0; position < count; position++, heads += 16) {
		const table = tableAt(tables, position);
		store<u64>(heads, headOf(table.smallest + shared, table.smallestLength - shared));
		store<u64>(heads, headOf(table.largest + shared, table.largestLength - shared), 8);
	}
}

/** Leading bytes that all keys of its tables share. */
// @ts-ignore: decorator
@inline
export function tablesShared(superversion: u32): u32 {
	return load<u32>(superversion, SHARED);
}

/** Whether the key lacks what all keys of its tables share. */
export function outsideTables(superversion: u32, key: u32, keyLength: u32): bool {
	const shared = tablesShared(superversion);
	return keyLength < shared || compareKeys(key, shared, load<u32>(superversion, SHARED_KEY), shared) != 0;
}

/**
 * Whether a table's range lacks the key. `slot` is where its address lies in the superversion; `head` is the key's, which is not
 * outside the tables, behind what they share.
 */
export function outsideTable(superversion: u32, slot: u32, head: u64, key: u32, keyLength: u32): bool {
	const heads = headsAt(superversion, slot);
	const smallest = load<u64>(heads);
	const largest = load<u64>(heads, 8);
	if (head < smallest || head > largest) return true;
	if (head != smallest && head != largest) return false;
	const table = changetype<Table>(load<u32>(slot) as usize);
	return compareKeys(key, keyLength, table.smallest, table.smallestLength) < 0 ||
		compareKeys(key, keyLength, table.largest, table.largestLength) > 0;
}

/** Where the address of the only table of a sorted run lies that may hold the key, 0 where none does. As outsideTable. */
export function tableWith(superversion: u32, level: u32, head: u64, key: u32, keyLength: u32): u32 {
	const tables = levelTables(superversion, level);
	const heads = headsAt(superversion, tables);
	const count = levelCount(superversion, level);
	let low: u32 = 0;
	let high = count;
	while (low < high) {
		const middle = (low + high) >> 1;
		const largest = load<u64>(heads + 16 * middle, 8);
		let before = largest < head;
		if (largest == head) {
			const table = tableAt(tables, middle);
			before = compareKeys(table.largest, table.largestLength, key, keyLength) < 0;
		}
		if (before) low = middle + 1;
		else high = middle;
	}
	if (low == count || outsideTable(superversion, tables + 4 * low, head, key, keyLength)) return 0;
	return tables + 4 * low;
}

/** Heads of the table whose address lies at `slot`. */
// @ts-ignore: decorator
@inline
function headsAt(superversion: u32, slot: u32): u32 {
	return load<u32>(superversion, HEADS) + 4 * (slot - levelTables(superversion, 0));
}

export function superversionFree(address: u32): void {
	free(address);
}

/** Whether a table of the level has range deletions. */
export function levelRanged(superversion: u32, level: u32): u32 {
	return (load<u32>(superversion, RANGED) >> level) & 1;
}

/** Newest sequence number of its tables. */
// @ts-ignore: decorator
@inline
export function tablesNewest(superversion: u32): u64 {
	return load<u64>(superversion, NEWEST);
}

// @ts-ignore: decorator
@inline
export function memtableCount(superversion: u32): u32 {
	return load<u32>(superversion, MEMTABLES);
}

// @ts-ignore: decorator
@inline
export function memtableAt(superversion: u32, position: u32): u32 {
	return load<u32>(superversion + ADDRESSES + 4 * position);
}

/** Behind the last level that has tables. */
// @ts-ignore: decorator
@inline
export function levelsEnd(superversion: u32): u32 {
	return load<u32>(superversion, LEVELS_END);
}

// @ts-ignore: decorator
@inline
export function levelCount(superversion: u32, level: u32): u32 {
	return load<u32>(superversion + 8 * level, LEVEL_COUNT);
}

/** Address of the level's u32 table addresses. */
// @ts-ignore: decorator
@inline
export function levelTables(superversion: u32, level: u32): u32 {
	return load<u32>(superversion + 8 * level, LEVEL_TABLES);
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

/**
 * Leading bytes that all keys of the superversion and the overlay have in common. A memtable may take in others later, which
 * shows in its own `shared`; what is empty now does not count.
 */
export function sharedBytes(superversion: u32, overlay: u32): u32 {
	let any = load<u32>(superversion, SHARED_KEY);
	let shared = tablesShared(superversion);
	for (let position: u32 = 0; position <= memtableCount(superversion); position++) {
		const memtable = position == 0 ? overlay : memtableAt(superversion, position - 1);
		const node = memtable == 0 ? 0 : memtableFirst(memtable);
		if (node == 0) continue;
		const inMemtable = memtableShared(memtable);
		if (any == 0) {
			any = nodeKey(node);
			shared = inMemtable;
		} else {
			shared = sharedPrefix(any, shared, nodeKey(node), inMemtable);
		}
	}
	return shared;
}
