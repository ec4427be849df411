// Many cursors as one: a tree of losers (Knuth, "The Art of Computer Programming" 3, 5.4.1) over their current entries, which
// finds the next one with one comparison per level of the tree.

import { STATUS_DONE, STATUS_NEED } from "../../../../assembly/shared/status.js";
import type { Status } from "../../contract.js";
import { compareBytes } from "../key/compare.js";
import type { KeyView } from "../key/key-view.js";
import type { Cursor, Going } from "./cursor.js";
import { RunCursor } from "./run-cursor.js";

type Place = ReturnType<RunCursor["place"]>;

/** Walks in one direction for its lifetime. */
export class Merge {
	/** Newer sources first. */
	readonly cursors: readonly Cursor[];
	readonly direction: "forward" | "reverse";
	/** Cursors that have an entry. */
	size = 0;
	/** Leading bytes that all keys have in common: heads are taken behind them. Becomes 0 where a key comes that differs. */
	shared = 0;
	/** Whether the cursor on top has a move to finish. */
	moving = false;
	readonly #reverse: boolean;
	/** The winner, then of each inner node of the tree who lost there. Leaf `i` is node `count + i`. */
	readonly #tree: Cursor[];
	/** While the cursors go to their start: the one whose turn it is, and whether it waits for bytes. */
	#starting = 0;
	#waiting = false;
	/** Where the cursor stood before the skip that is not finished. */
	#skippedFrom: Place | undefined;
	#skipping = false;

	constructor(cursors: readonly Cursor[], direction: "forward" | "reverse") {
		this.cursors = cursors;
		this.direction = direction;
		this.#reverse = direction === "reverse";
		this.#tree = [...cursors];
		for (const [position, cursor] of cursors.entries()) cursor.leaf = cursors.length + position;
	}

	/** The cursor with the next entry; only where `size` is not 0. */
	get top(): Cursor {
		return this.#tree[0] as Cursor;
	}

	/** To be called before the cursors go to their start. */
	setShared(shared: number): void {
		this.shared = shared;
		for (const cursor of this.cursors) cursor.shared = shared;
	}

	/** Sends every cursor to its start; goes on likewise after NEED. */
	start(going: Going, target: KeyView | undefined, sequence: number): Status {
		for (; this.#starting < this.cursors.length; this.#starting++) {
			const cursor = this.cursors[this.#starting] as Cursor;
			const status = this.#waiting ? cursor.resume() : cursor.go(going, target, sequence);
			this.#waiting = status === STATUS_NEED;
			if (status !== STATUS_DONE) return status;
			if (cursor.valid) this.size += 1;
		}
		if (this.cursors.length > 0) this.#build();
		return STATUS_DONE;
	}

	/** Moves on from the top entry; after NEED the same call finishes the move, or the skip. */
	advance(): Status {
		const cursor = this.top;
		if (this.moving) {
			const status = cursor.resume();
			return this.#moved(cursor, this.#skipping ? this.#skipped(cursor, status) : status);
		}
		// Where it throws, it is finished by the next call.
		this.moving = true;
		return this.#moved(cursor, this.#reverse ? cursor.previous() : cursor.next());
	}

	/** As `advance`, but the cursor on top goes further. The target lives until the move is finished. */
	skip(target: KeyView, sequence: number): Status {
		const cursor = this.top;
		this.#skippedFrom = cursor instanceof RunCursor ? cursor.place() : undefined;
		this.#skipping = true;
		this.moving = true;
		const status = cursor.go(this.#reverse ? "before" : "seek", target, sequence);
		return this.#moved(cursor, this.#skipped(cursor, status));
	}

	release(): void {
		for (const cursor of this.cursors) cursor.release();
		this.size = 0;
	}

	/** A table with keys out of order must not make the cursor go round in circles. */
	#skipped(cursor: Cursor, status: Status): Status {
		if (status === STATUS_NEED) return status;
		this.#skipping = false;
		const from = this.#skippedFrom;
		if (status !== STATUS_DONE || !cursor.valid || from === undefined || !(cursor instanceof RunCursor)) return status;
		const order = comparePlaces(from, cursor.place());
		return (this.#reverse ? order > 0 : order < 0) ? status : cursor.outOfOrder();
	}

	#moved(cursor: Cursor, status: Status): Status {
		if (status !== STATUS_DONE) return status;
		this.moving = false;
		if (!cursor.valid) this.size -= 1;
		if (cursor.shared === this.shared) this.#replay(cursor);
		else this.#build();
		return STATUS_DONE;
	}

	#build(): void {
		if (this.cursors.some((cursor) => cursor.shared !== this.shared)) this.#forgetShared();
		const count = this.cursors.length;
		// Who waits at a node for the other one to come.
		const waiting = new Array<Cursor | undefined>(count).fill(undefined);
		for (const cursor of this.cursors) {
			let winner = cursor;
			let node = cursor.leaf >>> 1;
			for (; node !== 0; node >>>= 1) {
				const other = waiting[node];
				if (other === undefined) {
					waiting[node] = winner;
					break;
				}
				let loser = other;
				if (this.#before(other, winner)) {
					loser = winner;
					winner = other;
				}
				this.#tree[node] = loser;
			}
			if (node === 0) this.#tree[0] = winner;
		}
	}

	#forgetShared(): void {
		this.setShared(0);
		for (const cursor of this.cursors) if (cursor.valid) cursor.takeHead();
	}

	/** Lets the winner, which has moved on, play against those that lost to it. */
	#replay(cursor: Cursor): void {
		const tree = this.#tree;
		let winner = cursor;
		for (let node = cursor.leaf >>> 1; node !== 0; node >>>= 1) {
			const other = tree[node] as Cursor;
			if (this.#before(other, winner)) {
				tree[node] = winner;
				winner = other;
			}
		}
		tree[0] = winner;
	}

	#before(a: Cursor, b: Cursor): boolean {
		// One that is at its end may still show the head of its last entry.
		if (!a.valid) return false;
		if (!b.valid) return true;
		if (a.head !== b.head) return a.head < b.head !== this.#reverse;
		const { shared } = this;
		let order = compareBytes(
			a.view,
			a.key + shared,
			a.keyLength - shared,
			b.view,
			b.key + shared,
			b.keyLength - shared,
		);
		// The same entry in two sources cannot be: sequence numbers are given once.
		if (order === 0) order = b.sequence - a.sequence;
		return this.#reverse ? order > 0 : order < 0;
	}
}

function comparePlaces(a: Place, b: Place): number {
	return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
