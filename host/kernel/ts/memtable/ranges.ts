// The range deletions of a memtable or of a job: the keys where they begin and end, in order. Each of these boundaries has a
// stack of the deletions that cover the keys from it up to the next one, newest first. Stacks are linked lists, and neighbours
// share their ends. The last boundary ends a deletion, so its stack is empty.

import { MEMTABLE_BOUNDARY_BYTES, MEMTABLE_CELL_BYTES } from "../../../../assembly/shared/abi.js";
import { KeyView } from "../key/key-view.js";
import { Bytes } from "../memory/bytes.js";

export interface Cell {
	/** Of the deletion. */
	readonly sequence: number;
	/** The next older one. */
	readonly next: Cell | undefined;
}

export interface Boundary {
	readonly key: KeyView;
	/** The newest deletion that covers the keys from here on. */
	stack: Cell | undefined;
	next: Boundary | undefined;
}

export class Ranges {
	/** As Memtable.bytes(). */
	bytes = 0;
	readonly #boundaries: Boundary[] = [];

	get first(): Boundary | undefined {
		return this.#boundaries[0];
	}

	/** The last boundary at or before the key. */
	at(key: KeyView): Boundary | undefined {
		return this.#boundaries[this.#positionAfter(key) - 1];
	}

	/** The boundary after this one, the first one after none. */
	after(boundary: Boundary | undefined): Boundary | undefined {
		return boundary === undefined ? this.first : boundary.next;
	}

	/** Sequence number of the newest deletion of the key that a reader at `sequence` sees, 0 for none. */
	cover(key: KeyView, sequence: number): number {
		return coverAt(this.at(key), sequence);
	}

	/** The deletion covers the keys from `start` up to, without, `end`. */
	add(start: KeyView, end: KeyView, sequence: number): void {
		let boundary: Boundary | undefined = this.addBoundary(start);
		const last = this.addBoundary(end);
		for (; boundary !== undefined && boundary !== last; boundary = boundary.next) {
			boundary.stack = this.#push(boundary.stack, sequence);
		}
	}

	/** Number of boundaries from one key on up to, without, another. */
	countBetween(start: KeyView, end: KeyView): number {
		return this.#positionAfter(end) - this.#positionAfter(start);
	}

	/** Makes the key a boundary, which changes what covers no key. */
	addBoundary(key: KeyView): Boundary {
		const position = this.#positionAfter(key);
		const before = this.#boundaries[position - 1];
		if (before !== undefined && before.key.compareTo(key) === 0) return before;
		const boundary: Boundary = {
			key: KeyView.over(Bytes.from(key.copy())),
			stack: before?.stack,
			next: this.#boundaries[position],
		};
		if (before !== undefined) before.next = boundary;
		this.#boundaries.splice(position, 0, boundary);
		this.bytes += MEMTABLE_BOUNDARY_BYTES + key.length;
		return boundary;
	}

	/** In a memtable the newest comes last; what a job gathers may come in any order, and twice. */
	#push(stack: Cell | undefined, sequence: number): Cell {
		const newer: Cell[] = [];
		let older = stack;
		for (; older !== undefined && older.sequence > sequence; older = older.next) newer.push(older);
		let cell = older?.sequence === sequence ? older : this.#cell(sequence, older);
		// Neighbours share the cells: those before the new one are copied.
		for (const { sequence: newest } of newer.reverse()) cell = this.#cell(newest, cell);
		return cell;
	}

	#cell(sequence: number, next: Cell | undefined): Cell {
		this.bytes += MEMTABLE_CELL_BYTES;
		return { sequence, next };
	}

	#positionAfter(key: KeyView): number {
		let low = 0;
		let high = this.#boundaries.length;
		while (low < high) {
			const middle = (low + high) >>> 1;
			if ((this.#boundaries[middle] as Boundary).key.compareTo(key) <= 0) low = middle + 1;
			else high = middle;
		}
		return low;
	}
}

/** Sequence number of the newest deletion at a boundary that a reader at `sequence` sees, 0 for none. */
export function coverAt(boundary: Boundary | undefined, sequence: number): number {
	let cell = boundary?.stack;
	while (cell !== undefined && cell.sequence > sequence) cell = cell.next;
	return cell?.sequence ?? 0;
}
