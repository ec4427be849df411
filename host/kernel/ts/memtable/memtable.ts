// The memtable: a skip list (Pugh, 1990). Its nodes lie in one growing array, seen as doubles and as words, and are named by
// their index among the doubles; keys and values lie in chunks apart, so that a search meets few cache lines.
//
//   double 0  head         first bytes of the key behind what all keys of the table share
//          1  sequence
//   word   4  offset       of the key in its chunk; the value stands behind it
//          5  keyLength | kind << 24
//          6  valueLength
//          7  chunk
//          8  link[height] next node on each level, 0 at the end
//
// A key that does not have the shared prefix makes it shorter and all heads be taken anew, which happens a few times while
// the table is small.

import { MEMTABLE_BOUNDARY_BYTES, MEMTABLE_CELL_BYTES, MEMTABLE_ENTRY_BYTES } from "../../../../assembly/shared/abi.js";
import type { Memtable as KernelMemtable, MemtableHandle } from "../../contract.js";
import type { Context } from "../context.js";
import { compareBytes, HEAD_BYTES, headOf, sharedPrefix } from "../key/compare.js";
import { KeyView } from "../key/key-view.js";
import { Bytes } from "../memory/bytes.js";
import { Chunks } from "../memory/chunks.js";
import { HashIndex } from "./hash-index.js";
import { Ranges } from "./ranges.js";

/** Where a list ends; the node before all others has the same index. */
export const NO_NODE = 0;

const OFFSET = 4;
const KEY_LENGTH = 5;
const VALUE_LENGTH = 6;
const CHUNK = 7;
const LINKS = 8;
/** 4^12 entries: more than a memtable ever holds. */
const MAX_HEIGHT = 12;
const NODE_MAX_DOUBLES = (LINKS + MAX_HEIGHT) / 2;
const FIRST_NODES = 64;
/** Newer versions of a key that are passed over before the list is searched instead. */
const MAX_NEWER = 8;
/** More shrinks of the prefix than this in a table that is not small mean that its keys have nothing in common. */
const MAX_SHRINKS = 8;
const SMALL_TABLE = 64;

export class Memtable implements KernelMemtable {
	readonly handle: MemtableHandle;
	/** Leading bytes that all keys share; becomes smaller only. */
	shared = 0;
	/** Its range deletions, where it has any. */
	ranges: Ranges | undefined;
	readonly #context: Context;
	#nodes = new ArrayBuffer(8 * FIRST_NODES);
	#doubles = new Float64Array(this.#nodes);
	#words = new Uint32Array(this.#nodes);
	/** Doubles taken. */
	#used = NODE_MAX_DOUBLES;
	#height = 1;
	#random = 0x9e3779b9 | 0;
	#entries = 0;
	#entryBytes = 0;
	#shrinks = 0;
	readonly #chunks = new Chunks();
	readonly #index: HashIndex | undefined;
	/** What it takes in memory, and of that its range deletions. */
	#memoryBytes = 0;
	#rangeBytes = 0;
	/** Last node of each level: appending in order needs no search. */
	readonly #last = new Uint32Array(MAX_HEIGHT);
	/** On each level the last node at or before the entry added last. */
	readonly #path = new Uint32Array(MAX_HEIGHT);

	/** `indexBytes`: what an index over its keys may take, 0 for none. Errors: WLSM_OUT_OF_MEMORY. */
	constructor(context: Context, indexBytes: number) {
		context.admit(indexBytes);
		this.#context = context;
		this.#index = indexBytes === 0 ? undefined : new HashIndex(indexBytes);
		this.handle = context.register(this);
		this.#account(this.#nodes.byteLength + (this.#index?.bytes ?? 0));
	}

	bytes(): number {
		return this.#entryBytes + (this.ranges?.bytes ?? 0);
	}

	entries(): number {
		return this.#entries;
	}

	free(): void {
		this.#context.forget(this.handle);
		this.#account(-this.#memoryBytes);
	}

	#account(bytes: number): void {
		this.#memoryBytes += bytes;
		this.#context.memtableBytes += bytes;
	}

	/** Makes room for entries with `bytes` bytes of keys and values in all. Errors: WLSM_OUT_OF_MEMORY, with nothing changed. */
	reserve(entries: number, bytes: number): void {
		this.#reserveNodes(entries);
		this.#account(this.#chunks.reserve(bytes, (least, wanted) => this.#context.grant(least, wanted)));
	}

	#reserveNodes(entries: number): void {
		const wanted = this.#used + entries * NODE_MAX_DOUBLES;
		if (wanted <= this.#doubles.length) return;
		const length = this.#context.grant(8 * wanted, 8 * Math.max(wanted, 2 * this.#doubles.length));
		const wider = new Bytes(length).buffer.buffer as ArrayBuffer;
		const doubles = new Float64Array(wider);
		doubles.set(this.#doubles);
		this.#account(wider.byteLength - this.#nodes.byteLength);
		this.#nodes = wider;
		this.#doubles = doubles;
		this.#words = new Uint32Array(wider);
	}

	/** Adds an entry whose key has no version of this sequence number yet. Room has been reserved. Fast behind the one added before it. */
	insert(
		key: DataView,
		keyAt: number,
		keyLength: number,
		value: DataView,
		valueAt: number,
		valueLength: number,
		sequence: number,
		kind: number,
	): void {
		this.admit(key, keyAt, keyLength);
		const height = this.#randomHeight();
		const node = this.#used;
		this.#used += (LINKS + height + 1) >>> 1;
		const at = this.#chunks.write(key, keyAt, keyLength);
		this.#chunks.write(value, valueAt, valueLength);
		const head = this.headOf(key, keyAt, keyLength);
		const words = this.#words;
		this.#doubles[node] = head;
		this.#doubles[node + 1] = sequence;
		words[2 * node + OFFSET] = at;
		words[2 * node + KEY_LENGTH] = keyLength | (kind << 24);
		words[2 * node + VALUE_LENGTH] = valueLength;
		words[2 * node + CHUNK] = this.#chunks.last;
		this.#entries += 1;
		this.#entryBytes += MEMTABLE_ENTRY_BYTES + keyLength + valueLength;
		if (this.#index !== undefined) this.#addToIndex(this.#index, node, key, keyAt, keyLength);
		if (height > this.#height) this.#height = height;
		const path = this.#path;
		const last = this.#last[0] as number;
		if (last === NO_NODE || this.#before(last, head, key, keyAt, keyLength, sequence)) {
			for (let level = 0; level < height; level++) path[level] = this.#last[level] as number;
		} else {
			this.#follow(head, key, keyAt, keyLength, sequence);
		}
		for (let level = 0; level < height; level++) {
			this.#link(path[level] as number, node, level);
			path[level] = node;
		}
	}

	/** The ends of a range deletion that is to be inserted become boundaries, which changes no answer. Errors: WLSM_OUT_OF_MEMORY. */
	addBoundaries(start: KeyView, end: KeyView): void {
		this.#context.admit(start.length + end.length + 2 * MEMTABLE_BOUNDARY_BYTES);
		this.ranges ??= new Ranges();
		this.ranges.addBoundary(start);
		this.ranges.addBoundary(end);
		this.#accountRanges();
	}

	/** Makes room for a range deletion between two boundaries. Errors: WLSM_OUT_OF_MEMORY. */
	reserveRange(start: KeyView, end: KeyView): void {
		const boundaries = this.ranges?.countBetween(start, end) ?? 0;
		this.#context.admit(boundaries * MEMTABLE_CELL_BYTES);
	}

	/** A range deletion, which counts as an entry. Room has been reserved. */
	insertRange(start: KeyView, end: KeyView, sequence: number): void {
		this.ranges?.add(start, end, sequence);
		this.#entries += 1;
		this.#accountRanges();
	}

	#accountRanges(): void {
		const bytes = this.ranges?.bytes ?? 0;
		this.#account(bytes - this.#rangeBytes);
		this.#rangeBytes = bytes;
	}

	#link(previous: number, node: number, level: number): void {
		const words = this.#words;
		const next = words[2 * previous + LINKS + level] as number;
		words[2 * node + LINKS + level] = next;
		words[2 * previous + LINKS + level] = node;
		if (next === NO_NODE) this.#last[level] = node;
	}

	/** xorshift32 (Marsaglia, 2003); each further level with probability 1/4. */
	#randomHeight(): number {
		let x = this.#random;
		x ^= x << 13;
		x ^= x >>> 17;
		x ^= x << 5;
		this.#random = x;
		const zeros = 31 - Math.clz32(x & -x);
		return Math.min(1 + (zeros >>> 1), MAX_HEIGHT);
	}

	/** Makes the prefix one that the new key has too: `headOf` answers the same from then on, until other keys come. */
	admit(key: DataView, keyAt: number, keyLength: number): void {
		const first = this.first();
		if (first === NO_NODE) {
			this.shared = keyLength;
			return;
		}
		const { shared } = this;
		if (shared === 0) return;
		const { view } = this.data(first);
		const common = sharedPrefix(view, this.key(first), shared, key, keyAt, keyLength);
		if (common === shared) return;
		this.#shrinks += 1;
		this.shared = this.#shrinks > MAX_SHRINKS && this.#entries > SMALL_TABLE ? 0 : common;
		for (let node = first; node !== NO_NODE; node = this.next(node)) {
			const data = this.data(node).view;
			this.#doubles[node] = headOf(data, this.key(node) + this.shared, this.keyLength(node) - this.shared);
		}
	}

	/** What an admitted key is ordered by first. */
	headOf(key: DataView, keyAt: number, keyLength: number): number {
		return headOf(key, keyAt + this.shared, keyLength - this.shared);
	}

	#before(node: number, head: number, key: DataView, keyAt: number, keyLength: number, sequence: number): boolean {
		const nodeHead = this.#doubles[node] as number;
		if (nodeHead !== head) return nodeHead < head;
		const nodeKeyLength = this.keyLength(node);
		const from = Math.min(this.shared + HEAD_BYTES, keyLength, nodeKeyLength);
		const order = compareBytes(
			this.data(node).view,
			this.key(node) + from,
			nodeKeyLength - from,
			key,
			keyAt + from,
			keyLength - from,
		);
		return order === 0 ? (this.#doubles[node + 1] as number) > sequence : order < 0;
	}

	/** Makes the path lead to the key's version: from where it leads now if that lies before it, else from the start. */
	#follow(head: number, key: DataView, keyAt: number, keyLength: number, sequence: number): void {
		const path = this.#path;
		const words = this.#words;
		const top = this.#height - 1;
		const start = path[0] as number;
		const follows = start === NO_NODE || this.#before(start, head, key, keyAt, keyLength, sequence);
		let level = follows ? 0 : top;
		// Up to the level that the way ahead leaves at its first node: above it the path is right already.
		for (; level < top; level++) {
			const next = words[2 * (path[level] as number) + LINKS + level] as number;
			if (next === NO_NODE || !this.#before(next, head, key, keyAt, keyLength, sequence)) break;
		}
		let previous = follows ? (path[level] as number) : NO_NODE;
		let passed = !follows;
		let bound = NO_NODE;
		for (;;) {
			const next = words[2 * previous + LINKS + level] as number;
			if (next !== bound && next !== NO_NODE && this.#before(next, head, key, keyAt, keyLength, sequence)) {
				previous = next;
				passed = true;
				continue;
			}
			// The node that ended this level's walk ends the next one's too: it need not be compared again.
			bound = next;
			path[level] = previous;
			if (level === 0) return;
			level -= 1;
			if (!passed) previous = path[level] as number;
		}
	}

	/** The last node before the key's version. */
	#search(head: number, key: DataView, keyAt: number, keyLength: number, sequence: number): number {
		const words = this.#words;
		const doubles = this.#doubles;
		let previous = NO_NODE;
		let bound = NO_NODE;
		for (let level = this.#height - 1; level >= 0; level--) {
			for (;;) {
				const next = words[2 * previous + LINKS + level] as number;
				// The node that ended the level above ends this one too: it need not be compared again.
				if (next === bound || next === NO_NODE) break;
				const nextHead = doubles[next] as number;
				if (nextHead > head || (nextHead === head && !this.#before(next, head, key, keyAt, keyLength, sequence))) {
					bound = next;
					break;
				}
				previous = next;
			}
		}
		return previous;
	}

	/** The last node before the key's version, NO_NODE where there is none. */
	seekBefore(key: DataView, keyAt: number, keyLength: number, sequence: number): number {
		const { shared } = this;
		if (shared !== 0) {
			const first = this.first();
			const prefix = this.data(first).view;
			const order = compareBytes(key, keyAt, Math.min(keyLength, shared), prefix, this.key(first), shared);
			if (order < 0) return NO_NODE;
			if (order > 0) return this.#last[0] as number;
		}
		return this.#search(headOf(key, keyAt + shared, keyLength - shared), key, keyAt, keyLength, sequence);
	}

	#addToIndex(index: HashIndex, node: number, key: DataView, keyAt: number, keyLength: number): void {
		const { xxh64 } = this.#context;
		xxh64.hash(key, keyAt, keyLength, 0, 0);
		const slot = index.slotOf(this, xxh64.low, xxh64.high, key, keyAt, keyLength);
		const there = index.node(slot);
		if (there === NO_NODE || this.sequence(there) < this.sequence(node)) index.set(slot, xxh64.low, node);
	}

	/** Whether the node's key is this one. */
	hasKey(node: number, key: DataView, keyAt: number, keyLength: number): boolean {
		if (this.keyLength(node) !== keyLength) return false;
		return compareBytes(this.data(node).view, this.key(node), keyLength, key, keyAt, keyLength) === 0;
	}

	/** As `find` with the key's hash (XXH64, seed 0), by which most keys are found without a search. */
	lookUp(key: DataView, keyAt: number, keyLength: number, hashLow: number, hashHigh: number, sequence: number): number {
		const index = this.#index;
		if (index === undefined) return this.find(key, keyAt, keyLength, sequence);
		let node = index.node(index.slotOf(this, hashLow, hashHigh, key, keyAt, keyLength));
		if (node === NO_NODE) return index.isOverflown ? this.find(key, keyAt, keyLength, sequence) : NO_NODE;
		for (let newer = 0; newer < MAX_NEWER; newer++) {
			if (this.sequence(node) <= sequence) return node;
			node = this.next(node);
			if (node === NO_NODE || !this.hasKey(node, key, keyAt, keyLength)) return NO_NODE;
		}
		return this.find(key, keyAt, keyLength, sequence);
	}

	/** The newest version of a key that a reader at `sequence` may see, NO_NODE where there is none. */
	find(key: DataView, keyAt: number, keyLength: number, sequence: number): number {
		const node = this.seek(key, keyAt, keyLength, sequence);
		return node !== NO_NODE && this.hasKey(node, key, keyAt, keyLength) ? node : NO_NODE;
	}

	/** The first node at or after the key's version, NO_NODE where there is none. */
	seek(key: DataView, keyAt: number, keyLength: number, sequence: number): number {
		return this.next(this.seekBefore(key, keyAt, keyLength, sequence));
	}

	first(): number {
		return this.next(NO_NODE);
	}

	last(): number {
		return this.#last[0] as number;
	}

	next(node: number): number {
		return this.#words[2 * node + LINKS] as number;
	}

	/** What all keys share; only where there is one. */
	prefix(): KeyView {
		const first = this.first();
		return new KeyView(this.data(first).view, this.key(first), this.shared);
	}

	/** The bytes that hold the key and the value of a node. */
	data(node: number): Bytes {
		return this.#chunks.at(this.#words[2 * node + CHUNK] as number);
	}

	/** Where the key of a node lies in its bytes; the value stands behind it. */
	key(node: number): number {
		return this.#words[2 * node + OFFSET] as number;
	}

	keyLength(node: number): number {
		return (this.#words[2 * node + KEY_LENGTH] as number) & 0xffffff;
	}

	valueLength(node: number): number {
		return this.#words[2 * node + VALUE_LENGTH] as number;
	}

	sequence(node: number): number {
		return this.#doubles[node + 1] as number;
	}

	kind(node: number): number {
		return (this.#words[2 * node + KEY_LENGTH] as number) >>> 24;
	}
}
