// Where in a memtable the newest version of a key is, by the hash of the key: a point read touches one line here and then the
// entry, instead of a line for every step of a search through the skip list. A line is one of the processor's cache:
//
//    0  u8   tag[12]     a byte of the hash, 0 where the slot is empty
//   12  u32  overflown   not 0: more keys fell to this line than it has slots, so a key may be in the table and not here
//   16  u32  node[12]
//
// Nothing is ever taken out: a memtable only grows.

import { compareKeys } from "../key/compare";
import { nodeKey, nodeKeyLength, nodeTrailer } from "./node";

export const LINE_BYTES: u32 = 64;
const SLOTS: u32 = 12;
const LINE_OVERFLOWN: usize = 12;
const LINE_NODES: usize = 16;
/** Answer of indexFind alone: the key may be in the table all the same. */
export const NODE_UNKNOWN: u32 = 1;

/** The line that a hash falls to; `lines` of them lie at `index`. */
// @ts-ignore: decorator
@inline
export function lineOf(index: u32, lines: u32, hash: u64): u32 {
	return index + <u32>(((hash >> 32) * lines) >> 32) * LINE_BYTES;
}

// @ts-ignore: decorator
@inline
function tagOf(hash: u64): u32 {
	return max<u32>(<u32>hash & 255, 1);
}

/** A bit for each slot of the line with this tag. */
// @ts-ignore: decorator
@inline
function slotsWith(line: u32, tag: u32): u32 {
	return i8x16.bitmask(i8x16.eq(v128.load(line), i8x16.splat(<i8>tag))) & ((1 << SLOTS) - 1);
}

/** Address in the line of the node that has this key, 0 where there is none. */
// @ts-ignore: decorator
@inline
function slotOf(line: u32, tag: u32, key: u32, keyLength: u32): u32 {
	for (let matching = slotsWith(line, tag); matching != 0; matching &= matching - 1) {
		const slot = line + 4 * ctz<u32>(matching);
		const node = load<u32>(slot, LINE_NODES);
		if (nodeKeyLength(node) != keyLength) continue;
		if (compareKeys(nodeKey(node), keyLength, key, keyLength) == 0) return slot;
	}
	return 0;
}

/** The newest node of the key, 0 where the table has none, or NODE_UNKNOWN. */
// @ts-ignore: decorator
@inline
export function indexFind(line: u32, hash: u64, key: u32, keyLength: u32): u32 {
	const slot = slotOf(line, tagOf(hash), key, keyLength);
	if (slot != 0) return load<u32>(slot, LINE_NODES);
	return load<u32>(line, LINE_OVERFLOWN) != 0 ? NODE_UNKNOWN : 0;
}

/** Takes in a node, unless a newer one of its key is there. */
export function indexAdd(line: u32, hash: u64, node: u32): void {
	const tag = tagOf(hash);
	const there = slotOf(line, tag, nodeKey(node), nodeKeyLength(node));
	if (there != 0) {
		if (nodeTrailer(load<u32>(there, LINE_NODES)) < nodeTrailer(node)) store<u32>(there, node, LINE_NODES);
		return;
	}
	const empty = slotsWith(line, 0);
	if (empty == 0) {
		store<u32>(line, 1, LINE_OVERFLOWN);
		return;
	}
	const position = ctz<u32>(empty);
	store<u8>(line + position, tag);
	store<u32>(line + 4 * position, node, LINE_NODES);
}
