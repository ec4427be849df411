// A node of the skip list: what a search touches, two of them in a cache line. Key and value lie elsewhere, so that nodes stay
// close together and a search meets few lines and pages.
//
//    0  u64  head            8 bytes of the key behind what all keys of the table share, big-endian
//    8  u64  trailer         sequence << 8 | kind
//   16  u32  key             address of the key; the value stands behind it
//   20  u32  keyLength
//   24  u32  valueLength
//   28  u32  link[height]    address of the next node on each level, 0 at the end

export const NODE_HEAD: usize = 0;
export const NODE_TRAILER: usize = 8;
export const NODE_KEY: usize = 16;
export const NODE_KEY_LENGTH: usize = 20;
export const NODE_VALUE_LENGTH: usize = 24;
export const NODE_LINKS: u32 = 28;

/** 4^12 entries: more than a memtable ever holds. */
export const MAX_HEIGHT: u32 = 12;
/** The most that a node takes beside its key and value, rounding included. */
export const NODE_MAX_OVERHEAD: u32 = NODE_LINKS + 4 * MAX_HEIGHT + 7 + 7;

// @ts-ignore: decorator
@inline
export function nodeKeyLength(node: u32): u32 {
	return load<u32>(node, NODE_KEY_LENGTH);
}

// @ts-ignore: decorator
@inline
export function nodeKey(node: u32): u32 {
	return load<u32>(node, NODE_KEY);
}

// @ts-ignore: decorator
@inline
export function nodeTrailer(node: u32): u64 {
	return load<u64>(node, NODE_TRAILER);
}

// @ts-ignore: decorator
@inline
export function nodeValueLength(node: u32): u32 {
	return load<u32>(node, NODE_VALUE_LENGTH);
}

// Plain loads and stores: one thread inserts and reads; another sees a memtable only once it is frozen and handed over by
// an atomic store, which orders all that was written before it.

// @ts-ignore: decorator
@inline
export function nodeNext(node: u32, level: u32): u32 {
	return load<u32>(node + NODE_LINKS + 4 * level);
}

// @ts-ignore: decorator
@inline
export function nodeSetNext(node: u32, level: u32, next: u32): void {
	store<u32>(node + NODE_LINKS + 4 * level, next);
}
