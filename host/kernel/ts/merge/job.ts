// A flush or a compaction: entries of memtables and sorted runs, merged into new tables. What it may drop:
//   - a version that a newer one shadows for every snapshot;
//   - a version that a range deletion shadows for every snapshot;
//   - a deletion that every snapshot sees, where no level below the output holds its key.
// What has expired becomes a deletion: it is absent for every reader, snapshots or not, but older versions must stay hidden.

import { KIND_DELETE, KIND_PUT_EXPIRING } from "../../../../assembly/shared/format.js";
import { STATUS_DONE, STATUS_EMIT } from "../../../../assembly/shared/status.js";
import type { JobOptions, Job as KernelJob, Status, TableDescription, Word64 } from "../../contract.js";
import type { Context } from "../context.js";
import type { Cursor } from "../cursor/cursor.js";
import { MemtableCursor } from "../cursor/memtable-cursor.js";
import { Merge } from "../cursor/merge.js";
import { type Readahead, RunCursor, sharedReadahead } from "../cursor/run-cursor.js";
import { compareBytes } from "../key/compare.js";
import { KeyView } from "../key/key-view.js";
import { copyBytes, GrowingBytes, getCount } from "../memory/bytes.js";
import type { Memtable } from "../memtable/memtable.js";
import { TableBuilder } from "../table/builder.js";
import type { Table } from "../table/table.js";
import { Run } from "../version/run.js";
import { type Superversion, sharedBytes } from "../version/superversion.js";
import { RangeMerge } from "./ranges.js";

const READAHEAD: Readahead = { first: 128 << 10, limit: 1 << 20 };
const EMIT_BYTES = 512 << 10;

export class Job implements KernelJob {
	readonly #merge: Merge;
	readonly #builder: TableBuilder;
	readonly #ranges: RangeMerge;
	readonly #options: JobOptions;
	/** Sorted runs below the output; undefined where nothing is known of what lies there, so that every deletion is kept. */
	readonly #below: readonly Run[] | undefined;
	#started = false;
	/** Whether the builder has a table that is not complete. */
	#building = false;
	#tableEnd: TableDescription | undefined;
	/** Key of the entry looked at last, its stripe, and whether a version of it was written. */
	readonly #last = new GrowingBytes(64);
	/** -1: there is none. */
	#lastLength = -1;
	#lastStripe = 0;
	#lastWasWritten = false;

	constructor(context: Context, options: JobOptions) {
		const memtables = options.memtables as readonly Memtable[];
		const runs = options.runs.map((tables) => new Run(tables as readonly Table[]));
		this.#options = options;
		const { below } = options;
		this.#below = below === undefined ? undefined : (below.superversion as Superversion).below(below.level);
		const readahead = sharedReadahead(context, READAHEAD, memtables.length + runs.length);
		const cursors = [
			...memtables.map((memtable) => new MemtableCursor(memtable)),
			...runs.map((run) => new RunCursor(context, run, readahead)),
		];
		this.#merge = new Merge(cursors, "forward");
		this.#merge.setShared(sharedBytes(memtables, runs));
		this.#builder = new TableBuilder(context, options);
		this.#ranges = new RangeMerge(context, cursors, options.snapshots, this.#below);
	}

	tableEnd(): TableDescription | undefined {
		return this.#tableEnd;
	}

	free(): void {
		this.#merge.release();
		this.#ranges.release();
	}

	step(file: number, seed: Word64, last: boolean): Status {
		const merge = this.#merge;
		const builder = this.#builder;
		const ranges = this.#ranges;
		if (this.#tableEnd !== undefined) this.#building = false;
		this.#tableEnd = undefined;
		const ready = this.#prepare();
		if (ready !== STATUS_DONE) return ready;
		while (merge.size !== 0) {
			const cursor = merge.top;
			if (cursor.kind === KIND_PUT_EXPIRING && getCount(cursor.view, cursor.value) <= this.#options.now) {
				// In the cursor's view of the entry alone. Sequence numbers are given once, so its place among others stays.
				cursor.kind = KIND_DELETE;
				cursor.valueLength = 0;
			}
			const order = this.#orderAfterLast(cursor);
			// Of tables that are out of order none must be made that no search can be trusted in.
			if (order < 0 && cursor instanceof RunCursor) return cursor.outOfOrder();
			const newKey = order !== 0;
			const stripe = ranges.stripeOf(cursor.sequence);
			if (newKey || stripe !== this.#lastStripe) {
				if (newKey && this.#building && !last && builder.size() >= this.#options.tableBytes) {
					ranges.writeUpTo(builder, new KeyView(this.#last.view, 0, this.#lastLength));
					return this.#endTable();
				}
				this.#remember(cursor, stripe);
				if (newKey) this.#lastWasWritten = false;
				if (!this.#isDead(cursor, stripe) && !ranges.hides(cursor, stripe)) {
					if (!this.#building) builder.start(file, seed);
					this.#building = true;
					const { view, key, keyLength, valueLength, sequence, kind } = cursor;
					builder.add(this.#lastWasWritten ? "older" : "first", view, key, keyLength, valueLength, sequence, kind);
					this.#lastWasWritten = true;
				}
			}
			const status = merge.advance();
			if (status !== STATUS_DONE) return status;
			if (builder.outputUsed >= EMIT_BYTES) {
				builder.takeOutput();
				return STATUS_EMIT;
			}
		}
		if (ranges.areLeft) {
			if (!this.#building) builder.start(file, seed);
			ranges.writeAll(builder);
			if (builder.rangeDeletions !== 0) this.#building = true;
		}
		return this.#building ? this.#endTable() : STATUS_DONE;
	}

	/** Brings range deletions and cursors to where they begin, and finishes a move that waited for bytes. */
	#prepare(): Status {
		const gathered = this.#ranges.gather();
		if (gathered !== STATUS_DONE) return gathered;
		if (!this.#started) {
			const status = this.#merge.start("first", undefined, 0);
			if (status !== STATUS_DONE) return status;
			this.#started = true;
		}
		return this.#merge.moving ? this.#merge.advance() : STATUS_DONE;
	}

	#endTable(): typeof STATUS_EMIT {
		this.#tableEnd = this.#builder.finish();
		this.#builder.takeOutput();
		return STATUS_EMIT;
	}

	/** As a comparison: the key against that of the entry looked at last. */
	#orderAfterLast({ view, key, keyLength }: Cursor): number {
		const length = this.#lastLength;
		if (length < 0) return 1;
		return compareBytes(view, key, keyLength, this.#last.view, 0, length);
	}

	#remember(cursor: Cursor, stripe: number): void {
		this.#last.reserve(0, cursor.keyLength);
		copyBytes(cursor.view, cursor.key, this.#last.view, 0, cursor.keyLength);
		this.#lastLength = cursor.keyLength;
		this.#lastStripe = stripe;
	}

	/** Whether it is a deletion that every snapshot sees and that hides nothing below. */
	#isDead({ kind, view, key, keyLength }: Cursor, stripe: number): boolean {
		if (kind !== KIND_DELETE || stripe !== 0 || this.#below === undefined) return false;
		return this.#below.every((run) => run.tableWith(view, key, keyLength) === undefined);
	}
}
