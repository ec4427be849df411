// A decoded block of data, of an index or of range deletions (host/FORMAT.md). It starts at a multiple of eight in a buffer of
// its own, so that its numbers in front, count, heads and offsets, are read as elements of one array.

import type { Buffer } from "node:buffer";
import {
	BLOCK_HEADS,
	ENTRY_KEY,
	ENTRY_KEY_LENGTH,
	EXPIRY_BYTES,
	KEY_MAX_BYTES,
	KIND_PUT_EXPIRING,
} from "../../../../assembly/shared/format.js";
import { compareBytes, HEAD_BYTES, headOf, wordOf } from "../key/compare.js";
import { Bytes } from "../memory/bytes.js";

/** Words of the array before the heads: the count and the length of the shared prefix. */
const HEADS = BLOCK_HEADS / 4;

export class Block {
	readonly buffer: Buffer;
	readonly view: DataView;
	/** What it was given room for; a block that is in it may be shorter. */
	readonly capacity: number;
	count = 0;
	/** Leading bytes that all keys share; heads start behind them. */
	shared = 0;
	readonly #words: Uint32Array;
	/** Index of the first entry's offset in the words. */
	#offsets = 0;

	/** Errors: WLSM_OUT_OF_MEMORY. */
	constructor(capacity: number) {
		// Whole words, though the last entry may end within one.
		const bytes = new Bytes((capacity + 3) & ~3);
		this.buffer = bytes.buffer;
		this.view = bytes.view;
		this.capacity = bytes.length;
		this.#words = new Uint32Array(bytes.buffer.buffer, bytes.buffer.byteOffset, bytes.length >>> 2);
	}

	/**
	 * Takes the first `length` bytes for a block. False where an offset or a length leads out of it or heads are not those of the
	 * keys in order; after true no read needs a check.
	 */
	accept(length: number, longestKey = KEY_MAX_BYTES): boolean {
		if (length < BLOCK_HEADS + 4) return false;
		const words = this.#words;
		const view = this.view;
		const count = words[0] as number;
		const shared = words[1] as number;
		if (count === 0 || BLOCK_HEADS + 12 * count + 4 > length) return false;
		const offsets = HEADS + 2 * count;
		let at = BLOCK_HEADS + 12 * count + 4;
		if (words[offsets] !== at || words[offsets + count] !== length) return false;
		let high = 0;
		let low = 0;
		for (let slot = 0; slot < count; slot++) {
			const next = words[offsets + slot + 1] as number;
			if (next > length || next < at || next - at < ENTRY_KEY) return false;
			const keyLength = view.getUint32(at + ENTRY_KEY_LENGTH, true);
			const valueLength = next - at - ENTRY_KEY - keyLength;
			if (keyLength > longestKey || valueLength < 0 || keyLength < shared) return false;
			if (view.getUint8(at) === KIND_PUT_EXPIRING && valueLength < EXPIRY_BYTES) return false;
			const nextLow = words[HEADS + 2 * slot] as number;
			const nextHigh = words[HEADS + 2 * slot + 1] as number;
			if (nextHigh < high || (nextHigh === high && nextLow < low)) return false;
			const key = at + ENTRY_KEY + shared;
			const rest = keyLength - shared;
			if (nextHigh !== wordOf(view, key, rest) || nextLow !== wordOf(view, key + 4, rest - 4)) return false;
			high = nextHigh;
			low = nextLow;
			at = next;
		}
		this.count = count;
		this.shared = shared;
		this.#offsets = offsets;
		return true;
	}

	/** Where an entry starts; for the count, where the last one ends. */
	entry(slot: number): number {
		return this.#words[this.#offsets + slot] as number;
	}

	sequence(entry: number): number {
		return this.view.getUint32(entry + 4, true) * 0x1000000 + (this.view.getUint32(entry, true) >>> 8);
	}

	kind(entry: number): number {
		return this.view.getUint8(entry);
	}

	keyLength(entry: number): number {
		return this.view.getUint32(entry + ENTRY_KEY_LENGTH, true);
	}

	/** The first slot at or after the key's version of this sequence number, newest first; the count where there is none. */
	seek(view: DataView, key: number, keyLength: number, sequence: number): number {
		const { shared } = this;
		if (shared !== 0) {
			// Any entry shows the prefix.
			const shown = this.entry(0) + ENTRY_KEY;
			const order = compareBytes(view, key, Math.min(keyLength, shared), this.view, shown, shared);
			if (order < 0) return 0;
			if (order > 0) return this.count;
		}
		return this.#search(view, key, keyLength, sequence);
	}

	/** As `seek` for one who compares the key with what is found: where the key lacks the prefix the slot means nothing. */
	find(view: DataView, key: number, keyLength: number, sequence: number): number {
		return keyLength < this.shared ? this.count : this.#search(view, key, keyLength, sequence);
	}

	#search(view: DataView, key: number, keyLength: number, sequence: number): number {
		const words = this.#words;
		const offsets = this.#offsets;
		const { shared } = this;
		const head = headOf(view, key + shared, keyLength - shared);
		let low = 0;
		let high = this.count;
		while (low < high) {
			const middle = (low + high) >>> 1;
			// Six bytes of the eight, as headOf has them.
			const word = HEADS + 2 * middle;
			const middleHead = (words[word + 1] as number) * 0x10000 + ((words[word] as number) >>> 16);
			const before =
				middleHead === head
					? this.#before(words[offsets + middle] as number, view, key, keyLength, sequence)
					: middleHead < head;
			if (before) low = middle + 1;
			else high = middle;
		}
		return low;
	}

	/** Whether an entry whose head is the key's sorts before the key's version. */
	#before(entry: number, view: DataView, key: number, keyLength: number, sequence: number): boolean {
		const entryKeyLength = this.keyLength(entry);
		const from = Math.min(this.shared + HEAD_BYTES, keyLength, entryKeyLength);
		const at = entry + ENTRY_KEY + from;
		const order = compareBytes(this.view, at, entryKeyLength - from, view, key + from, keyLength - from);
		return order === 0 ? this.sequence(entry) > sequence : order < 0;
	}
}
