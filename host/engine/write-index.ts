import { KIND_DELETE_RANGE } from "../../assembly/shared/format.js";

/** What the index knows of the operations. */
export interface IndexedWrites {
	readonly bytes: Uint8Array;
	kind(number: number): number;
	keyAt(number: number): number;
	keyLength(number: number): number;
}

const FIRST_SLOTS = 128;
const NONE = -1;

/**
 * The last operation of a write set on each key: open addressing with linear probing, half full at most. Operations come in
 * their order and go in the opposite one, so that what is taken out leaves its slot as it was before.
 */
export class WriteIndex {
	/** Operations up to this one are in it. */
	count = 0;
	/** How many of them have a later one on the same key. */
	replaced = 0;
	/** Numbers of operations, and 1 more; 0 for an empty slot. */
	#slots = new Uint32Array(FIRST_SLOTS);
	#keys = 0;
	/** By operation: its key's hash, the operation on the key before it or NONE, and whether there is one after it. */
	#hashes = new Int32Array(FIRST_SLOTS / 2);
	#before = new Int32Array(FIRST_SLOTS / 2);
	#replaced = new Uint8Array(FIRST_SLOTS / 2);

	/** Takes in the operation that comes next. Range deletions are none of any key. */
	add(writes: IndexedWrites, number: number): void {
		if (number === this.#hashes.length) this.#widen();
		this.count = number + 1;
		this.#replaced[number] = 0;
		this.#before[number] = NONE;
		if (writes.kind(number) === KIND_DELETE_RANGE) return;
		if (2 * this.#keys >= this.#slots.length) this.#rehash(writes, number);
		const keyAt = writes.keyAt(number);
		const keyLength = writes.keyLength(number);
		const hash = hashOf(writes.bytes, keyAt, keyLength);
		this.#hashes[number] = hash;
		const slot = this.#slotOf(writes, hash, keyAt, keyLength);
		const before = (this.#slots[slot] as number) - 1; // slots are within their mask
		this.#before[number] = before;
		if (before === NONE) this.#keys += 1;
		else {
			this.#replaced[before] = 1;
			this.replaced += 1;
		}
		this.#slots[slot] = number + 1;
	}

	#widen(): void {
		const operations = 2 * this.#hashes.length;
		const hashes = new Int32Array(operations);
		const before = new Int32Array(operations);
		const replaced = new Uint8Array(operations);
		hashes.set(this.#hashes);
		before.set(this.#before);
		replaced.set(this.#replaced);
		this.#hashes = hashes;
		this.#before = before;
		this.#replaced = replaced;
	}

	#rehash(writes: IndexedWrites, count: number): void {
		const slots = new Uint32Array(2 * this.#slots.length);
		const mask = slots.length - 1;
		// In their order, so that taking out what came last works from here on too.
		for (let number = 0; number < count; number++) {
			if (this.#before[number] !== NONE || writes.kind(number) === KIND_DELETE_RANGE) continue;
			let slot = (this.#hashes[number] as number) & mask;
			while (slots[slot] !== 0) slot = (slot + 1) & mask;
			slots[slot] = this.#newest(writes, number) + 1;
		}
		this.#slots = slots;
	}

	/** The last operation on a key, given its first one. */
	#newest(writes: IndexedWrites, first: number): number {
		if (this.#replaced[first] === 0) return first;
		const slot = this.#slotOf(writes, this.#hashes[first] as number, writes.keyAt(first), writes.keyLength(first));
		return (this.#slots[slot] as number) - 1;
	}

	find(writes: IndexedWrites, keyAt: number, keyLength: number): number {
		const hash = hashOf(writes.bytes, keyAt, keyLength);
		return (this.#slots[this.#slotOf(writes, hash, keyAt, keyLength)] as number) - 1;
	}

	/** The slot of a key, or the empty one where it would go. */
	#slotOf(writes: IndexedWrites, hash: number, keyAt: number, keyLength: number): number {
		const slots = this.#slots;
		const mask = slots.length - 1;
		for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
			const number = (slots[slot] as number) - 1;
			if (number === NONE) return slot;
			if (this.#hashes[number] !== hash || writes.keyLength(number) !== keyLength) continue;
			if (sameBytes(writes.bytes, keyAt, writes.keyAt(number), keyLength)) return slot;
		}
	}

	before(number: number): number {
		return this.#before[number] as number;
	}

	/** A later operation is on the same key. */
	isReplaced(number: number): boolean {
		return this.#replaced[number] !== 0;
	}

	/** Takes out all operations from number `count` on, the last first. */
	truncate(writes: IndexedWrites, count: number): void {
		while (this.count > count) {
			const number = this.count - 1;
			if (writes.kind(number) !== KIND_DELETE_RANGE) {
				const slot = this.#slotOf(
					writes,
					this.#hashes[number] as number,
					writes.keyAt(number),
					writes.keyLength(number),
				);
				const before = this.#before[number] as number;
				this.#slots[slot] = before + 1;
				if (before === NONE) this.#keys -= 1;
				else {
					this.#replaced[before] = 0;
					this.replaced -= 1;
				}
			}
			this.count = number;
		}
	}

	clear(): void {
		if (this.#keys > 0) this.#slots.fill(0);
		this.#keys = 0;
		this.count = 0;
		this.replaced = 0;
	}
}

function sameBytes(bytes: Uint8Array, a: number, b: number, length: number): boolean {
	// Keys of one table differ at their ends.
	for (let i = length - 1; i >= 0; i--) if (bytes[a + i] !== bytes[b + i]) return false;
	return true;
}

/** FNV-1a, with its bits mixed once more for the mask. */
function hashOf(bytes: Uint8Array, at: number, length: number): number {
	let hash = 0x811c9dc5;
	const end = at + length;
	for (let i = at; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
	return hash ^ (hash >>> 15);
}
