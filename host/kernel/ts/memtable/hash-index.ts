import { allocated } from "../memory/bytes.js";
import { type Memtable, NO_NODE } from "./memtable.js";

/** A slot: a word of the key's hash and the node, NO_NODE where the slot is empty. */
const SLOT_WORDS = 2;
const SLOT_BYTES = 4 * SLOT_WORDS;

/**
 * Where in a memtable the newest version of a key is, by the key's hash: open addressing with linear probing, three quarters full
 * at most. Nothing is ever taken out.
 */
export class HashIndex {
	/** Whether keys are in the memtable that there was no room for here. */
	isOverflown = false;
	readonly #slots: Int32Array;
	readonly #mask: number;
	#keys = 0;

	/** `bytes`: what it may take. */
	constructor(bytes: number) {
		const slots = 2 ** Math.max(Math.floor(Math.log2(bytes / SLOT_BYTES)), 2);
		this.#slots = allocated(() => new Int32Array(SLOT_WORDS * slots));
		this.#mask = slots - 1;
	}

	get bytes(): number {
		return this.#slots.byteLength;
	}

	/** The slot of a key of the memtable, or the empty one where it would go. */
	slotOf(
		memtable: Memtable,
		hashLow: number,
		hashHigh: number,
		key: DataView,
		keyAt: number,
		keyLength: number,
	): number {
		const slots = this.#slots;
		const mask = this.#mask;
		for (let slot = hashHigh & mask; ; slot = (slot + 1) & mask) {
			const node = slots[SLOT_WORDS * slot + 1] as number;
			if (node === NO_NODE) return slot;
			if (slots[SLOT_WORDS * slot] === hashLow && memtable.hasKey(node, key, keyAt, keyLength)) return slot;
		}
	}

	/** The node of a slot, NO_NODE where it is empty: then the key is not here. */
	node(slot: number): number {
		return this.#slots[SLOT_WORDS * slot + 1] as number;
	}

	/** Puts a node into a slot that is empty, or that has its key. */
	set(slot: number, hashLow: number, node: number): void {
		const slots = this.#slots;
		const at = SLOT_WORDS * slot;
		if (slots[at + 1] === NO_NODE) {
			this.isOverflown ||= 4 * this.#keys >= 3 * this.#mask;
			if (this.isOverflown) return;
			this.#keys += 1;
		}
		slots[at] = hashLow;
		slots[at + 1] = node;
	}
}
