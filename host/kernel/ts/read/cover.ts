// What range deletions a scan has to mind: the newest one that covers the key where the scan stands, out of all its sources,
// and the stretch of keys around for which that stays so. It is looked for again only where the scan leaves the stretch.

import type { Status } from "../../contract.js";
import type { Cursor } from "../cursor/cursor.js";
import { MemtableCursor } from "../cursor/memtable-cursor.js";
import type { Merge } from "../cursor/merge.js";
import { RunCursor } from "../cursor/run-cursor.js";
import { KeyView } from "../key/key-view.js";
import { coverAt } from "../memtable/ranges.js";
import { fragmentsAround, type Stretch } from "../table/fragments.js";

/** After so many hidden entries in a row a seek past the rest is worth its cost. */
const SEEK_AFTER = 8;

export class Cover {
	readonly #merge: Merge;
	/** Newest sequence numbers that the scan sees, of all sources and of the first one, which may be a transaction's own writes. */
	readonly #seen: number;
	readonly #seenOfFirst: number;
	/** The keys of which this is said, from `low` on (beyond it where it is open) up to, without, `high`. */
	#low: KeyView | undefined;
	#lowIsOpen = false;
	#high: KeyView | undefined;
	#known = false;
	/** Position of the newest source with such a deletion: what older ones hold of these keys is older too. */
	#source = 0;
	/** Sequence number of the newest deletion, 0 for none. */
	#sequence = 0;
	/** Hidden entries that came one after the other within one stretch. */
	#hidden = 0;

	constructor(merge: Merge, seen: number, seenOfFirst: number) {
		this.#merge = merge;
		this.#seen = seen;
		this.#seenOfFirst = seenOfFirst;
	}

	/** Whether a range deletion that the scan sees is newer than the entry of the cursor on top. */
	hides(cursor: Cursor): boolean {
		if (!this.#holds(cursor)) {
			this.#find(new KeyView(cursor.view, cursor.key, cursor.keyLength));
			this.#hidden = 0;
		}
		const hidden = this.#sequence > cursor.sequence;
		this.#hidden = hidden ? this.#hidden + 1 : 0;
		return hidden;
	}

	/** Whether the entry on top, which is hidden, is one of many. */
	get isLong(): boolean {
		return this.#hidden > SEEK_AFTER;
	}

	/** Moves on from the hidden entry on top: past the stretch, where all that its source holds of that is older than the deletion. */
	pass(): Status {
		const merge = this.#merge;
		const reverse = merge.direction === "reverse";
		const end = reverse ? this.#low : this.#high;
		if (end === undefined || merge.cursors.indexOf(merge.top) <= this.#source) return merge.advance();
		// Backwards: before all versions of the lower end, or, where that is not within, to the last of them.
		return merge.skip(end, reverse && this.#lowIsOpen ? -1 : Number.POSITIVE_INFINITY);
	}

	/** Whether what is said holds for the key of the cursor. */
	#holds(cursor: Cursor): boolean {
		if (!this.#known) return false;
		if (this.#high !== undefined && cursor.compareKey(this.#high) >= 0) return false;
		if (this.#low === undefined) return true;
		const order = cursor.compareKey(this.#low);
		return this.#lowIsOpen ? order > 0 : order >= 0;
	}

	#find(key: KeyView): void {
		this.#known = true;
		this.#low = undefined;
		this.#lowIsOpen = false;
		this.#high = undefined;
		this.#sequence = 0;
		for (const [position, cursor] of this.#merge.cursors.entries()) {
			const seen = position === 0 ? this.#seenOfFirst : this.#seen;
			const found = this.#coverOf(cursor, key, seen);
			if (found <= this.#sequence) continue;
			if (this.#sequence === 0) this.#source = position;
			this.#sequence = found;
		}
	}

	#coverOf(cursor: Cursor, key: KeyView, seen: number): number {
		if (cursor instanceof MemtableCursor) return this.#memtableCover(cursor, key, seen);
		return cursor instanceof RunCursor ? this.#runCover(cursor, key, seen) : 0;
	}

	#memtableCover({ memtable: { ranges } }: MemtableCursor, key: KeyView, seen: number): number {
		if (ranges === undefined) return 0;
		const boundary = ranges.at(key);
		if (boundary !== undefined) this.#raiseLow(boundary.key, "closed");
		const next = ranges.after(boundary);
		if (next !== undefined) this.#cutHigh(next.key);
		return coverAt(boundary, seen);
	}

	#runCover({ run }: RunCursor, key: KeyView, seen: number): number {
		if (!run.ranged) return 0;
		const position = run.find(key.view, key.at, key.length);
		const before = run.tables[position - 1];
		const table = run.tables[position];
		const after = run.tables[position + 1];
		if (before !== undefined) this.#raiseLow(before.largest, "open");
		if (table === undefined) return 0;
		if (after !== undefined) this.#cutHigh(after.smallest);
		// The cursor opens every table on its way. Only one that holds keys beyond those it is said to leads elsewhere.
		if (table.ranges === undefined) return 0;
		const { low, high, cover }: Stretch = fragmentsAround(table.ranges, key, seen);
		if (low !== undefined) this.#raiseLow(low, "closed");
		if (high !== undefined) this.#cutHigh(high);
		return cover;
	}

	#raiseLow(key: KeyView, end: "open" | "closed"): void {
		if (this.#low !== undefined) {
			const order = key.compareTo(this.#low);
			if (order < 0 || (order === 0 && (end === "closed" || this.#lowIsOpen))) return;
		}
		this.#low = key;
		this.#lowIsOpen = end === "open";
	}

	#cutHigh(key: KeyView): void {
		if (this.#high === undefined || key.compareTo(this.#high) < 0) this.#high = key;
	}
}
