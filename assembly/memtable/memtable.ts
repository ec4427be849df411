// The memtable: a skip list (Pugh, 1990) in an arena.

import { KIND_SEEK } from "../shared/format";
import { compareEntries, headOf } from "../key/compare";
import { allocateZeroed, free } from "../memory/allocator";
import { Arena, arenaInitialize, arenaRelease, arenaReserve, arenaTake } from "../memory/arena";
import { copyBytes } from "../memory/copy";
import {
	MAX_HEIGHT, NODE_HEAD, NODE_LENGTHS, NODE_LINKS, NODE_MAX_OVERHEAD, NODE_TRAILER, NODE_VALUE_LENGTH,
	nodeKey, nodeKeyLength, nodeNext, nodeSetNext, nodeTrailer,
} from "./node";

@unmanaged
export class Memtable {
	arenaChunk: u32;
	arenaAt: u32;
	arenaEnd: u32;
	arenaNextChunkBytes: u32;
	/** Bytes of the arena's chunks: what decides when the memtable is full. */
	totalBytes: u32;
	/** Levels in use. */
	height: u32;
	entries: u32;
	random: u32;
	/** Links of the imaginary node before the first one lie at `first + NODE_LINKS`. */
	first: u32;
	/** Last node of each level, `first` where the level is empty: appending in order needs no search. */
	last0: u32;
	lastMore0: u64;
	lastMore1: u64;
	lastMore2: u64;
	lastMore3: u64;
	lastMore4: u64;
	lastMore5: u64;
}

const LAST: u32 = <u32>offsetof<Memtable>("last0");

// @ts-ignore: decorator
@inline
function arenaOf(table: Memtable): Arena {
	return changetype<Arena>(changetype<usize>(table));
}

export function memtableCreate(): u32 {
	const address = allocateZeroed(offsetof<Memtable>() + NODE_LINKS + 4 * MAX_HEIGHT);
	if (address == 0) return 0;
	const table = changetype<Memtable>(address as usize);
	arenaInitialize(arenaOf(table));
	table.height = 1;
	table.random = 0x9e3779b9;
	table.first = address + <u32>offsetof<Memtable>();
	for (let level: u32 = 0; level < MAX_HEIGHT; level++) store<u32>(address + LAST + 4 * level, table.first);
	return address;
}

export function memtableFree(address: u32): void {
	arenaRelease(arenaOf(changetype<Memtable>(address as usize)));
	free(address);
}

export function memtableReserve(address: u32, entries: u32, bytes: u32): bool {
	const need: u64 = <u64>bytes + <u64>entries * NODE_MAX_OVERHEAD;
	if (need > 0xf0000000) return false;
	return arenaReserve(arenaOf(changetype<Memtable>(address as usize)), <u32>need);
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
function nodeBefore(node: u32, head: u64, key: u32, keyLength: u32, trailer: u64): bool {
	const nodeHead = load<u64>(node, NODE_HEAD);
	if (nodeHead != head) return nodeHead < head;
	return compareEntries(head, nodeKey(node), nodeKeyLength(node), nodeTrailer(node), head, key, keyLength, trailer) < 0;
}

/** Adds an entry whose (key, trailer) is not in the table yet. Room has been reserved. */
export function memtableInsert(address: u32, key: u32, keyLength: u32, value: u32, valueLength: u32, trailer: u64): void {
	const table = changetype<Memtable>(address as usize);
	const head = headOf(key, keyLength);
	const height = randomHeight(table);
	const node = arenaTake(arenaOf(table), NODE_LINKS + 4 * height + keyLength + valueLength);
	store<u64>(node, head, NODE_HEAD);
	store<u64>(node, trailer, NODE_TRAILER);
	store<u32>(node, keyLength | (height << 24), NODE_LENGTHS);
	store<u32>(node, valueLength, NODE_VALUE_LENGTH);
	copyBytes(nodeKey(node), key, keyLength);
	copyBytes(nodeKey(node) + keyLength, value, valueLength);
	if (height > table.height) table.height = height;
	table.entries += 1;

	const lasts: u32 = address + LAST;
	let previous = load<u32>(lasts);
	if (previous == table.first || nodeBefore(previous, head, key, keyLength, trailer)) {
		for (let level: u32 = 0; level < height; level++) {
			const last = load<u32>(lasts + 4 * level);
			nodeSetNext(node, level, 0);
			store<u32>(lasts + 4 * level, node);
			nodeSetNext(last, level, node);
		}
		return;
	}
	previous = table.first;
	let level = table.height - 1;
	let bound: u32 = 0;
	while (true) {
		const next = nodeNext(previous, level);
		if (next != bound && next != 0 && nodeBefore(next, head, key, keyLength, trailer)) {
			previous = next;
			continue;
		}
		// The node that ended this level's walk ends the next one's too: it need not be compared again.
		bound = next;
		if (level < height) {
			nodeSetNext(node, level, next);
			nodeSetNext(previous, level, node);
			if (next == 0) store<u32>(lasts + 4 * level, node);
		}
		if (level == 0) return;
		level -= 1;
	}
}

/** The last node before (key, trailer), `first` where there is none. */
function predecessor(table: Memtable, head: u64, key: u32, keyLength: u32, trailer: u64): u32 {
	let previous = table.first;
	let level = table.height - 1;
	let bound: u32 = 0;
	while (true) {
		const next = nodeNext(previous, level);
		if (next != bound && next != 0 && nodeBefore(next, head, key, keyLength, trailer)) {
			previous = next;
			continue;
		}
		if (level == 0) return previous;
		bound = next;
		level -= 1;
	}
}

/** The first node at or after (key, trailer), 0 where there is none. */
export function memtableSeek(address: u32, head: u64, key: u32, keyLength: u32, trailer: u64): u32 {
	return nodeNext(predecessor(changetype<Memtable>(address as usize), head, key, keyLength, trailer), 0);
}

/** The last node before (key, trailer), 0 where there is none. */
export function memtableSeekBefore(address: u32, head: u64, key: u32, keyLength: u32, trailer: u64): u32 {
	const table = changetype<Memtable>(address as usize);
	const node = predecessor(table, head, key, keyLength, trailer);
	return node == table.first ? 0 : node;
}

export function memtableFirst(address: u32): u32 {
	return nodeNext(changetype<Memtable>(address as usize).first, 0);
}

export function memtableLast(address: u32): u32 {
	const table = changetype<Memtable>(address as usize);
	let previous = table.first;
	let level = table.height - 1;
	while (true) {
		const next = nodeNext(previous, level);
		if (next != 0) previous = next;
		else if (level == 0) return previous == table.first ? 0 : previous;
		else level -= 1;
	}
}

/** The newest node of `key` that a reader at `trailer` may see, 0 where there is none. */
export function memtableFind(address: u32, head: u64, key: u32, keyLength: u32, trailer: u64): u32 {
	const node = memtableSeek(address, head, key, keyLength, trailer);
	if (node == 0 || load<u64>(node, NODE_HEAD) != head || nodeKeyLength(node) != keyLength) return 0;
	// The same head and length: only bytes beyond the eighth can differ.
	return compareEntries(head, nodeKey(node), keyLength, 0, head, key, keyLength, 0) == 0 ? node : 0;
}

/** The trailer that sorts before every entry a reader at `sequence` may see. */
// @ts-ignore: decorator
@inline
export function seekTrailer(sequence: u64): u64 {
	return (sequence << 8) | KIND_SEEK;
}
