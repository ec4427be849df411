// The range deletions of a job. Those of all inputs are gathered first, one for each stripe and stretch of keys; then points
// are held against them, and at the end of each table what lies before the end is written into it.

import { STATUS_DONE } from "../../../../assembly/shared/status.js";
import type { Status } from "../../contract.js";
import type { Context } from "../context.js";
import type { Cursor } from "../cursor/cursor.js";
import { MemtableCursor } from "../cursor/memtable-cursor.js";
import type { RunCursor } from "../cursor/run-cursor.js";
import { KeyView } from "../key/key-view.js";
import { Bytes } from "../memory/bytes.js";
import { type Boundary, type Cell, Ranges } from "../memtable/ranges.js";
import { Fetch } from "../read/fetch.js";
import type { TableBuilder } from "../table/builder.js";
import { fragmentEnd, fragmentStart } from "../table/fragments.js";
import type { Table } from "../table/table.js";
import type { Run } from "../version/run.js";

export class RangeMerge {
	readonly #snapshots: readonly number[];
	readonly #below: readonly Run[] | undefined;
	readonly #fetch: Fetch;
	/** What is left to gather from, the oldest input first. */
	readonly #sources: (Ranges | Table)[];
	readonly #ranges = new Ranges();
	#isGathered = false;
	/** The last boundary at or before the current key. */
	#current: Boundary | undefined;
	/** From where on range deletions are to be written. */
	#unwritten: Boundary | undefined;

	/** `below`: as the job's. Cursors: of its inputs, the newest first. */
	constructor(
		context: Context,
		cursors: readonly (MemtableCursor | RunCursor)[],
		snapshots: readonly number[],
		below: readonly Run[] | undefined,
	) {
		this.#snapshots = snapshots;
		this.#below = below;
		this.#fetch = new Fetch(context);
		this.#sources = cursors.toReversed().flatMap((cursor): (Ranges | Table)[] => {
			if (cursor instanceof MemtableCursor) return cursor.memtable.ranges === undefined ? [] : [cursor.memtable.ranges];
			return cursor.run.tables.filter(({ ranged }) => ranged);
		});
	}

	/** Gathers those of all inputs; goes on likewise after NEED. */
	gather(): Status {
		if (this.#isGathered) return STATUS_DONE;
		if (this.#fetch.pending === "tail") {
			const status = this.#fetch.completeTail();
			if (status !== STATUS_DONE) return status;
		}
		for (let source = this.#sources[0]; source !== undefined; source = this.#sources[0]) {
			if (source instanceof Ranges) {
				this.#gatherRanges(source);
			} else {
				if (!source.isOpen) return this.#fetch.askTail(source);
				this.#gatherTable(source);
			}
			this.#sources.shift();
		}
		this.#unwritten = this.#ranges.first;
		this.#isGathered = true;
		return STATUS_DONE;
	}

	release(): void {
		this.#fetch.abandon();
	}

	/** Versions of a key between two neighbouring snapshots look the same to every reader: the number of snapshots older than this. */
	stripeOf(sequence: number): number {
		const snapshots = this.#snapshots;
		let stripe = 0;
		while (stripe < snapshots.length && (snapshots[stripe] as number) < sequence) stripe += 1;
		return stripe;
	}

	/** Whether every reader that would see the entry sees a range deletion instead. Keys come in their order. */
	hides(cursor: Cursor, stripe: number): boolean {
		const ranges = this.#ranges;
		if (ranges.first === undefined) return false;
		let next = ranges.after(this.#current);
		while (next !== undefined && cursor.compareKey(next.key) >= 0) {
			this.#current = next;
			next = next.next;
		}
		let cell = this.#current?.stack;
		while (cell !== undefined && cell.sequence > cursor.sequence) {
			if (this.stripeOf(cell.sequence) === stripe) return true;
			cell = cell.next;
		}
		return false;
	}

	/** Whether any wait to be written. */
	get areLeft(): boolean {
		return this.#unwritten !== undefined;
	}

	/**
	 * Before a table ends: writes what lies up to the last key that was looked at. What reaches further is cut behind that key, so
	 * that the table spans no key beyond it, and goes on in the next table.
	 */
	writeUpTo(builder: TableBuilder, last: KeyView): void {
		if (this.#ranges.first === undefined) return;
		const end = Bytes.from(Uint8Array.of(...last.copy(), 0));
		this.#write(builder, this.#ranges.addBoundary(KeyView.over(end)));
	}

	writeAll(builder: TableBuilder): void {
		this.#write(builder, undefined);
	}

	#gatherRanges(from: Ranges): void {
		for (let boundary = from.first; boundary?.next !== undefined; boundary = boundary.next) {
			for (let cell = boundary.stack; cell !== undefined; cell = this.#olderStripe(cell)) {
				this.#ranges.add(boundary.key, boundary.next.key, cell.sequence);
			}
		}
	}

	#gatherTable({ ranges }: Table): void {
		for (let slot = 0; ranges !== undefined && slot < ranges.count; slot++) {
			this.#ranges.add(fragmentStart(ranges, slot), fragmentEnd(ranges, slot), ranges.sequence(ranges.entry(slot)));
		}
	}

	/** The next older deletion that another reader may see instead: the newest of each stripe stands for all of it. */
	#olderStripe({ sequence, next }: Cell): Cell | undefined {
		const stripe = this.stripeOf(sequence);
		let cell = next;
		while (cell !== undefined && this.stripeOf(cell.sequence) === stripe) cell = cell.next;
		return cell;
	}

	/** Writes what lies before the boundary `end`, all that is left without one. */
	#write(builder: TableBuilder, end: Boundary | undefined): void {
		let boundary = this.#unwritten;
		// What is left may all lie behind that.
		if (boundary === undefined || (end !== undefined && boundary.key.compareTo(end.key) >= 0)) return;
		while (boundary !== undefined && boundary !== end) {
			let next: Boundary | undefined = boundary.next;
			// What was cut up for no reader's sake becomes one again.
			while (next !== undefined && next !== end && this.#sameStripes(boundary.stack, next.stack)) next = next.next;
			if (next !== undefined) this.#writeStack(builder, boundary, next);
			boundary = next;
		}
		this.#unwritten = boundary;
	}

	/** Whether two stacks look the same to every reader. */
	#sameStripes(a: Cell | undefined, b: Cell | undefined): boolean {
		let [one, other] = [a, b];
		while (one !== other) {
			if (one === undefined || one.sequence !== other?.sequence) return false;
			one = this.#olderStripe(one);
			other = this.#olderStripe(other);
		}
		return true;
	}

	#writeStack(builder: TableBuilder, start: Boundary, end: Boundary): void {
		for (let cell = start.stack; cell !== undefined; cell = this.#olderStripe(cell)) {
			if (this.stripeOf(cell.sequence) === 0 && !this.#isNeeded(start.key, end.key)) continue;
			builder.addRange(start.key, end.key, cell.sequence);
		}
	}

	/** Whether a level below the output, or one that nothing is known of, may hold a key from `start` up to `end`. */
	#isNeeded(start: KeyView, end: KeyView): boolean {
		if (this.#below === undefined) return true;
		return this.#below.some((run) => {
			const table = run.tables[run.find(start.view, start.at, start.length)];
			return table !== undefined && table.smallest.compareTo(end) < 0;
		});
	}
}
