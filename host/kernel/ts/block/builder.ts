import {
	BLOCK_COUNT,
	BLOCK_HEADS,
	BLOCK_PREFIX,
	ENTRY_KEY,
	ENTRY_KEY_LENGTH,
} from "../../../../assembly/shared/format.js";
import { sharedPrefix, wordOf } from "../key/compare.js";
import { allocated, copyBytes, GrowingBytes } from "../memory/bytes.js";

/** A block in the making: entries are appended in order; heads and offsets are laid in front of them at the end. */
export class BlockBuilder {
	count = 0;
	/** Of the entries so far, which lie one behind the other in `view`. */
	entriesBytes = 0;
	#entries = new GrowingBytes(8192);
	#offsets = new Uint32Array(256);

	get view(): DataView {
		return this.#entries.view;
	}

	reset(): void {
		this.count = 0;
		this.entriesBytes = 0;
	}

	/** Bytes of the block if it were finished now. */
	length(): number {
		return BLOCK_HEADS + 12 * this.count + 4 + this.entriesBytes;
	}

	/** Where an entry lies in `view`. */
	entry(slot: number): number {
		return this.#offsets[slot] as number;
	}

	keyLength(entry: number): number {
		return this.#entries.view.getUint32(entry + ENTRY_KEY_LENGTH, true);
	}

	trailer(entry: number): { sequence: number; kind: number } {
		const { view } = this.#entries;
		const sequence = view.getUint32(entry + 4, true) * 0x1000000 + (view.getUint32(entry, true) >>> 8);
		return { sequence, kind: view.getUint8(entry) };
	}

	add(
		key: DataView,
		keyAt: number,
		keyLength: number,
		sequence: number,
		kind: number,
		value: DataView,
		valueAt: number,
		valueLength: number,
	): void {
		const at = this.entriesBytes;
		const size = ENTRY_KEY + keyLength + valueLength;
		this.#entries.reserve(at, at + size);
		if (this.count === this.#offsets.length) {
			const wider = allocated(() => new Uint32Array(2 * this.count));
			wider.set(this.#offsets);
			this.#offsets = wider;
		}
		const { view } = this.#entries;
		// sequence * 256 + kind
		view.setUint32(at, (sequence % 0x1000000) * 256 + kind, true);
		view.setUint32(at + 4, sequence / 0x1000000, true);
		view.setUint32(at + ENTRY_KEY_LENGTH, keyLength, true);
		copyBytes(key, keyAt, view, at + ENTRY_KEY, keyLength);
		copyBytes(value, valueAt, view, at + ENTRY_KEY + keyLength, valueLength);
		this.#offsets[this.count] = at;
		this.count += 1;
		this.entriesBytes = at + size;
	}

	/** Writes the block, which has an entry, to where there is room for its length. */
	finish(target: DataView, at: number): void {
		const { count } = this;
		const { view } = this.#entries;
		const last = this.entry(count - 1);
		const shared = sharedPrefix(view, ENTRY_KEY, this.keyLength(0), view, last + ENTRY_KEY, this.keyLength(last));
		const heads = at + BLOCK_HEADS;
		const offsets = heads + 8 * count;
		const base = BLOCK_HEADS + 12 * count + 4;
		target.setUint32(at + BLOCK_COUNT, count, true);
		target.setUint32(at + BLOCK_PREFIX, shared, true);
		for (let slot = 0; slot < count; slot++) {
			const entry = this.entry(slot);
			const key = entry + ENTRY_KEY + shared;
			const length = this.keyLength(entry) - shared;
			target.setUint32(heads + 8 * slot, wordOf(view, key + 4, length - 4), true);
			target.setUint32(heads + 8 * slot + 4, wordOf(view, key, length), true);
			target.setUint32(offsets + 4 * slot, base + entry, true);
		}
		target.setUint32(offsets + 4 * count, base + this.entriesBytes, true);
		copyBytes(view, 0, target, at + base, this.entriesBytes);
	}
}
