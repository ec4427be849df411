// The memtable: a skip list (Pugh, 1990) in an arena.
//
// The heads that most comparisons end at are taken behind the bytes that all keys of the table share, so that keys with a
// long common prefix are told apart by them too. A key that does not share them makes the prefix shorter and all heads be
// taken anew, which happens a few times while the table is small.

import { KIND_SEEK } from "../shared/format";
import { account } from "../cache/cache";
import { MEMTABLE_ENTRY_BYTES, REGION_MEMTABLES } from "../shared/abi";
import { compareEntries, compareKeys, headOf, sharedPrefix } from "../key/compare";
import { xxh64 } from "../hash/xxh64";
import { allocate, allocateZeroed, capacityOf, free } from "../memory/allocator";
import { Arena, arenaInitialize, arenaRelease, arenaReserve, arenaTake, arenaTakeBack } from "../memory/arena";
import { copyBytes } from "../memory/copy";
import { prefetch } from "../memory/prefetch";
import { indexAdd, indexFind, LINE_BYTES, lineOf, NODE_UNKNOWN } from "./hash-index";
import { Memtable } from "./layout";
import {
	MAX_HEIGHT, NODE_HEAD, NODE_KEY, NODE_KEY_LENGTH, NODE_LINKS, NODE_MAX_OVERHEAD, NODE_TRAILER, NODE_VALUE_LENGTH,
	nodeKey, nodeKeyLength, nodeNext, nodeSetNext, nodeTrailer,
} from "./node";

export { Memtable };

const LAST: u32 = <u32>offsetof<Memtable>("last0");
const PATH: u32 = <u32>offsetof<Memtable>("path0");

// @ts-ignore: decorator
@inline
function arenaOf(table: Memtable): Arena {
	return changetype<Arena>(changetype<usize>(table));
}

/** `indexBytes`: what the index over its keys takes, 0 for none. 0 where memory is used up. */
export function memtableCreate(indexBytes: u32): u32 {
	const address = allocateZeroed(offsetof<Memtable>() + NODE_LINKS + 4 * MAX_HEIGHT);
	if (address == 0) return 0;
	const table = changetype<Memtable>(address as usize);
	if (indexBytes != 0) {
		table.indexLines = max<u32>(indexBytes / LINE_BYTES, 1);
		table.indexMemory = allocateZeroed((table.indexLines + 1) * LINE_BYTES);
		if (table.indexMemory == 0) {
			free(address);
			return 0;
		}
		table.index = (table.indexMemory + LINE_BYTES - 1) & ~(LINE_BYTES - 1);
		account(REGION_MEMTABLES, <i32>capacityOf(table.indexMemory));
	}
	arenaInitialize(arenaOf(table));
	table.height = 1;
	table.random = 0x9e3779b9;
	table.first = address + <u32>offsetof<Memtable>();
	for (let level: u32 = 0; level < MAX_HEIGHT; level++) {
		store<u32>(address + LAST + 4 * level, table.first);
		store<u32>(address + PATH + 4 * level, table.first);
	}
	return address;
}

export function memtableFree(address: u32): void {
	const table = changetype<Memtable>(address as usize);
	account(REGION_MEMTABLES, -<i32>table.totalBytes);
	if (table.index != 0) account(REGION_MEMTABLES, -<i32>capacityOf(table.indexMemory));
	arenaRelease(arenaOf(table));
	if (table.ranges != 0) memtableFree(table.ranges);
	free(table.indexMemory);
	free(address);
}

export function memtableReserve(address: u32, entries: u32, bytes: u32): bool {
	const need: u64 = <u64>bytes + <u64>entries * NODE_MAX_OVERHEAD;
	if (need > 0xf0000000) return false;
	const table = changetype<Memtable>(address as usize);
	const before = table.totalBytes;
	const reserved = arenaReserve(arenaOf(table), <u32>need);
	account(REGION_MEMTABLES, <i32>(table.totalBytes - before));
	return reserved;
}

function randomHeight(table: Memtable): u32 {
	let x = table.random;
	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	table.random = x;
	// Each further level with probability 1/4.
	return min<u32>(1 + (<u32>ctz<u32>(x | 0x80000000) >> 1), MAX_HEIGHT);
}

// @ts-ignore: decorator
@inline
function nodeBefore(node: u32, shared: u32, head: u64, key: u32, keyLength: u32, trailer: u64): bool {
	const nodeHead = load<u64>(node, NODE_HEAD);
	if (nodeHead != head) return nodeHead < head;
	return compareEntries(
		head, nodeKey(node) + shared, nodeKeyLength(node) - shared, nodeTrailer(node), head, key + shared, keyLength - shared, trailer,
	) < 0;
}

/** More shrinks than this in a table that is not small mean that its keys have nothing in common. */
const MAX_SHRINKS: u32 = 8;
const SMALL_TABLE: u32 = 64;

/** Order of a key's first bytes and the shared prefix: 0 where the key has it. */
function comparePrefix(table: Memtable, key: u32, keyLength: u32): i32 {
	const shared = table.shared;
	const prefix = nodeKey(nodeNext(table.first, 0));
	return compareKeys(key, min<u32>(keyLength, shared), prefix, shared);
}

/** Makes the prefix one that the new key has too. */
function admitKey(table: Memtable, key: u32, keyLength: u32): void {
	const first = nodeNext(table.first, 0);
	if (first == 0) {
		table.shared = keyLength;
		return;
	}
	if (table.shared == 0 || comparePrefix(table, key, keyLength) == 0) return;
	let shared = sharedPrefix(nodeKey(first), table.shared, key, keyLength);
	table.shrinks += 1;
	if (table.shrinks > MAX_SHRINKS && table.entries > SMALL_TABLE) shared = 0;
	table.shared = shared;
	for (let node = first; node != 0; node = nodeNext(node, 0)) {
		store<u64>(node, headOf(nodeKey(node) + shared, nodeKeyLength(node) - shared), NODE_HEAD);
	}
}

/** Readies the table for keys that are about to come: what is known of their order stays until others come. */
export function memtableAdmit(address: u32, key: u32, keyLength: u32): void {
	admitKey(changetype<Memtable>(address as usize), key, keyLength);
}

/** Adds an entry whose (key, trailer) is not in the table yet. Room has been reserved. */
export function memtableInsert(address: u32, key: u32, keyLength: u32, value: u32, valueLength: u32, trailer: u64): void {
	const table = changetype<Memtable>(address as usize);
	admitKey(table, key, keyLength);
	const height = randomHeight(table);
	const node = addNode(table, height, key, keyLength, value, valueLength, trailer);
	if (appendNode(table, node, height, key, keyLength)) return;
	if (table.index != 0) addToIndex(table, node);
	descend(table, node, height, key, keyLength, table.height - 1, table.first);
}

/** As `memtableInsert` of an admitted key: fast where it comes shortly behind the key inserted before it. */
export function memtableInsertNext(address: u32, key: u32, keyLength: u32, value: u32, valueLength: u32, trailer: u64): void {
	const table = changetype<Memtable>(address as usize);
	const height = randomHeight(table);
	const node = addNode(table, height, key, keyLength, value, valueLength, trailer);
	if (appendNode(table, node, height, key, keyLength)) return;
	if (table.index != 0) addToIndex(table, node);
	const path: u32 = address + PATH;
	const head = load<u64>(node, NODE_HEAD);
	const start = load<u32>(path);
	if (start != table.first && !nodeBefore(start, table.shared, head, key, keyLength, trailer)) {
		descend(table, node, height, key, keyLength, table.height - 1, table.first);
		return;
	}
	// Up to the level that the way ahead leaves at its first node.
	const top = table.height - 1;
	let level: u32 = 0;
	while (level < top) {
		const next = nodeNext(load<u32>(path + 4 * level), level);
		if (next == 0 || !nodeBefore(next, table.shared, head, key, keyLength, trailer)) break;
		level += 1;
	}
	for (let higher = level + 1; higher < height; higher++) linkAfter(table, load<u32>(path + 4 * higher), node, higher);
	descend(table, node, height, key, keyLength, level, 0);
}

/** A node that nothing links to yet. */
function addNode(table: Memtable, height: u32, key: u32, keyLength: u32, value: u32, valueLength: u32, trailer: u64): u32 {
	const shared = table.shared;
	const node = arenaTake(arenaOf(table), NODE_LINKS + 4 * height);
	const data = arenaTakeBack(arenaOf(table), keyLength + valueLength);
	store<u64>(node, headOf(key + shared, keyLength - shared), NODE_HEAD);
	store<u64>(node, trailer, NODE_TRAILER);
	store<u32>(node, data, NODE_KEY);
	store<u32>(node, keyLength, NODE_KEY_LENGTH);
	store<u32>(node, valueLength, NODE_VALUE_LENGTH);
	copyBytes(data, key, keyLength);
	copyBytes(data + keyLength, value, valueLength);
	if (height > table.height) table.height = height;
	table.entries += 1;
	table.entryBytes += MEMTABLE_ENTRY_BYTES + keyLength + valueLength;
	return node;
}

/** Links a node that comes behind all others; false where it does not. */
function appendNode(table: Memtable, node: u32, height: u32, key: u32, keyLength: u32): bool {
	const previous = table.last0;
	if (
		previous != table.first &&
		!nodeBefore(previous, table.shared, load<u64>(node, NODE_HEAD), key, keyLength, nodeTrailer(node))
	) return false;
	const lasts: u32 = <u32>changetype<usize>(table) + LAST;
	for (let level: u32 = 0; level < height; level++) linkAfter(table, load<u32>(lasts + 4 * level), node, level);
	if (table.unindexed == 0 && table.index != 0) table.unindexed = node;
	return true;
}

// @ts-ignore: decorator
@inline
function addToIndex(table: Memtable, node: u32): void {
	const hash = xxh64(nodeKey(node), nodeKeyLength(node), 0);
	indexAdd(lineOf(table.index, table.indexLines, hash), hash, node);
}

/** Nodes that one look takes into the index: more of them would let it wait. */
const INDEX_STEP: u32 = 256;

/** Takes some of the nodes at the end into the index; whether it knows of all keys up to this one then. */
function indexSome(table: Memtable, key: u32, keyLength: u32): bool {
	let node = table.unindexed;
	for (let count: u32 = 0; node != 0 && count < INDEX_STEP; count++) {
		addToIndex(table, node);
		node = nodeNext(node, 0);
	}
	table.unindexed = node;
	return node == 0 || compareKeys(key, keyLength, nodeKey(node), nodeKeyLength(node)) < 0;
}

// @ts-ignore: decorator
@inline
function linkAfter(table: Memtable, previous: u32, node: u32, level: u32): void {
	const next = nodeNext(previous, level);
	nodeSetNext(node, level, next);
	nodeSetNext(previous, level, node);
	store<u32>(<u32>changetype<usize>(table) + PATH + 4 * level, node);
	if (next == 0) store<u32>(<u32>changetype<usize>(table) + LAST + 4 * level, node);
}

/** Links a node on `level` and those below, searching from `from` or, where that is 0, along the path of the last node. */
function descend(table: Memtable, node: u32, height: u32, key: u32, keyLength: u32, from: u32, previous: u32): void {
	const path: u32 = <u32>changetype<usize>(table) + PATH;
	const shared = table.shared;
	const head = load<u64>(node, NODE_HEAD);
	const trailer = nodeTrailer(node);
	let level = from;
	let follow = previous == 0;
	if (follow) previous = load<u32>(path + 4 * level);
	let bound: u32 = 0;
	while (true) {
		const next = nodeNext(previous, level);
		if (next != bound && next != 0 && nodeBefore(next, shared, head, key, keyLength, trailer)) {
			previous = next;
			follow = false;
			continue;
		}
		// The node that ended this level's walk ends the next one's too: it need not be compared again.
		bound = next;
		if (level < height) linkAfter(table, previous, node, level);
		else store<u32>(path + 4 * level, previous);
		if (level == 0) return;
		level -= 1;
		if (follow) previous = load<u32>(path + 4 * level);
	}
}

/** The last node before (key, trailer), `first` where there is none. */
function predecessor(table: Memtable, key: u32, keyLength: u32, trailer: u64): u32 {
	const shared = table.shared;
	if (shared != 0) {
		const order = comparePrefix(table, key, keyLength);
		if (order < 0) return table.first;
		if (order > 0) return table.last0;
	}
	const head = headOf(key + shared, keyLength - shared);
	let previous = table.first;
	let level = table.height - 1;
	let bound: u32 = 0;
	while (true) {
		const next = nodeNext(previous, level);
		if (next != bound && next != 0 && nodeBefore(next, shared, head, key, keyLength, trailer)) {
			previous = next;
			continue;
		}
		if (level == 0) return previous;
		bound = next;
		level -= 1;
	}
}

/** The first node at or after (key, trailer), 0 where there is none. */
export function memtableSeek(address: u32, key: u32, keyLength: u32, trailer: u64): u32 {
	return nodeNext(predecessor(changetype<Memtable>(address as usize), key, keyLength, trailer), 0);
}

/** The last node before (key, trailer), 0 where there is none. */
export function memtableSeekBefore(address: u32, key: u32, keyLength: u32, trailer: u64): u32 {
	const table = changetype<Memtable>(address as usize);
	const node = predecessor(table, key, keyLength, trailer);
	return node == table.first ? 0 : node;
}

/** Leading bytes that all keys share; becomes smaller only. */
// @ts-ignore: decorator
@inline
export function memtableShared(address: u32): u32 {
	return changetype<Memtable>(address as usize).shared;
}

export function memtableFirst(address: u32): u32 {
	return nodeNext(changetype<Memtable>(address as usize).first, 0);
}

export function memtableLast(address: u32): u32 {
	const table = changetype<Memtable>(address as usize);
	return table.last0 == table.first ? 0 : table.last0;
}

/** Newer versions of a key that are passed over before the list is searched instead. */
const MAX_NEWER: u32 = 8;

/** Touches what `memtableLookUp` of a key with this hash looks at first. */
// @ts-ignore: decorator
@inline
export function memtableTouch(address: u32, hash: u64): void {
	const table = changetype<Memtable>(address as usize);
	if (table.index != 0) prefetch(lineOf(table.index, table.indexLines, hash));
}

/** As memtableFind with the key's hash (XXH64, seed 0), by which most keys are found without a search. */
// @ts-ignore: decorator
@inline
export function memtableLookUp(address: u32, key: u32, keyLength: u32, hash: u64, trailer: u64): u32 {
	const table = changetype<Memtable>(address as usize);
	if (table.index == 0) return memtableFind(address, key, keyLength, trailer);
	if (table.unindexed != 0 && !indexSome(table, key, keyLength)) return memtableFind(address, key, keyLength, trailer);
	const node = indexFind(lineOf(table.index, table.indexLines, hash), hash, key, keyLength);
	if (node == 0 || (node != NODE_UNKNOWN && nodeTrailer(node) <= trailer)) return node;
	return findOlder(address, node, key, keyLength, trailer);
}

/** The newest version at or before `trailer` of the key that has `node` as its newest, which may be unknown. */
function findOlder(address: u32, node: u32, key: u32, keyLength: u32, trailer: u64): u32 {
	if (node == NODE_UNKNOWN) return memtableFind(address, key, keyLength, trailer);
	for (let newer: u32 = 0; newer < MAX_NEWER; newer++) {
		node = nodeNext(node, 0);
		if (node == 0 || nodeKeyLength(node) != keyLength || compareKeys(nodeKey(node), keyLength, key, keyLength) != 0) return 0;
		if (nodeTrailer(node) <= trailer) return node;
	}
	return memtableFind(address, key, keyLength, trailer);
}

/** The newest node of `key` that a reader at `trailer` may see, 0 where there is none. */
export function memtableFind(address: u32, key: u32, keyLength: u32, trailer: u64): u32 {
	const node = memtableSeek(address, key, keyLength, trailer);
	if (node == 0 || nodeKeyLength(node) != keyLength) return 0;
	return compareKeys(nodeKey(node), keyLength, key, keyLength) == 0 ? node : 0;
}

/** The trailer that sorts before every entry a reader at `sequence` may see. */
// @ts-ignore: decorator
@inline
export function seekTrailer(sequence: u64): u64 {
	return (sequence << 8) | KIND_SEEK;
}
