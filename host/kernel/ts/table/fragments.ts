// The range deletions of a table: a block whose entries are fragments. A fragment's key is where it starts, its value the first
// key behind it. Fragments do not overlap; those of the same range are one per deletion, newest first.

import { BOUND_MAX_BYTES, ENTRY_KEY, KIND_DELETE_RANGE } from "../../../../assembly/shared/format.js";
import type { Block } from "../block/block.js";
import { KeyView } from "../key/key-view.js";

/** What range deletions say of a key and of those around it: from `low` on up to, without, `high`; undefined: to the end. */
export interface Stretch {
	readonly low: KeyView | undefined;
	readonly high: KeyView | undefined;
	/** Sequence number of the newest deletion that counts, 0 for none. */
	readonly cover: number;
}

export function fragmentStart(block: Block, slot: number): KeyView {
	const entry = block.entry(slot);
	return new KeyView(block.view, entry + ENTRY_KEY, block.keyLength(entry));
}

export function fragmentEnd(block: Block, slot: number): KeyView {
	const entry = block.entry(slot);
	const end = entry + ENTRY_KEY + block.keyLength(entry);
	return new KeyView(block.view, end, block.entry(slot + 1) - end);
}

/** Whether the fragments of a sound block are what is said above. */
export function fragmentsAreSound(block: Block): boolean {
	for (let slot = 0; slot < block.count; slot++) {
		const entry = block.entry(slot);
		const start = fragmentStart(block, slot);
		const end = fragmentEnd(block, slot);
		if (block.kind(entry) !== KIND_DELETE_RANGE || start.length === 0 || end.length > BOUND_MAX_BYTES) return false;
		if (start.compareTo(end) >= 0) return false;
		if (slot === 0) continue;
		const beforeEnd = fragmentEnd(block, slot - 1);
		if (beforeEnd.compareTo(start) <= 0) continue;
		const same = fragmentStart(block, slot - 1).compareTo(start) === 0 && beforeEnd.compareTo(end) === 0;
		if (!same || block.sequence(block.entry(slot - 1)) <= block.sequence(entry)) return false;
	}
	return true;
}

/** What a reader at `sequence` learns about a key. */
export function fragmentsAround(block: Block, key: KeyView, sequence: number): Stretch {
	const slot = block.seek(key.view, key.at, key.length, sequence);
	let high: KeyView | undefined;
	if (slot < block.count) {
		const start = fragmentStart(block, slot);
		if (start.compareTo(key) === 0) {
			return { low: start, high: fragmentEnd(block, slot), cover: block.sequence(block.entry(slot)) };
		}
		high = start;
	}
	if (slot === 0) return { low: undefined, high, cover: 0 };
	const end = fragmentEnd(block, slot - 1);
	if (end.compareTo(key) <= 0) return { low: end, high, cover: 0 };
	const low = fragmentStart(block, slot - 1);
	// The newest of those that start there which the reader sees.
	const first = block.seek(low.view, low.at, low.length, sequence);
	return { low, high: end, cover: first < slot ? block.sequence(block.entry(first)) : 0 };
}
