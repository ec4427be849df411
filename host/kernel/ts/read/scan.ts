import { EXPIRY_BYTES, KIND_PUT, KIND_PUT_EXPIRING } from "../../../../assembly/shared/format.js";
import { STATUS_ABSENT, STATUS_DONE } from "../../../../assembly/shared/status.js";
import type {
	Page as KernelPage,
	Scan as KernelScan,
	RowPage,
	RowProgram,
	ScanOptions,
	Status,
} from "../../contract.js";
import type { Context } from "../context.js";
import type { Cursor } from "../cursor/cursor.js";
import { MemtableCursor } from "../cursor/memtable-cursor.js";
import { Merge } from "../cursor/merge.js";
import { type Readahead, RunCursor, sharedReadahead } from "../cursor/run-cursor.js";
import { compareBytes, HEAD_BYTES, headOf } from "../key/compare.js";
import { KeyView } from "../key/key-view.js";
import { Bytes, copyBytes, GrowingBytes, getCount } from "../memory/bytes.js";
import { type Memtable, NO_NODE } from "../memtable/memtable.js";
import { OVERLAY_SEQUENCE, type Overlay } from "../memtable/overlay.js";
import { Rows } from "../row/rows.js";
import { type Superversion, sharedBytes } from "../version/superversion.js";
import { changedSince } from "./changes.js";
import { Cover } from "./cover.js";
import { Page } from "./page.js";

/** Entries that a page of rows looks at at most. */
const VISIT_LIMIT = 1 << 16;
const READAHEAD: Readahead = { first: 0, limit: 256 << 10 };

/** A range read: entries in order, one version of each key, a page per call. A page that waits for bytes is gone on with. */
export class Scan implements KernelScan {
	readonly #merge: Merge;
	readonly #cover: Cover | undefined;
	readonly #options: ScanOptions;
	readonly #shown: KernelPage;
	readonly #lower: KeyView | undefined;
	readonly #upper: KeyView | undefined;
	/** Keys with a lower head are within the upper bound. */
	#upperHead = 0;
	/** As the merge's. */
	#shared = 0;
	/** The first of the overlay's sequence numbers that the scan does not see. */
	readonly #overlayEnd: number;
	/** Key of the entry taken last: its older versions are passed over. Reverse: of the candidate, which newer ones replace. */
	readonly #last = new GrowingBytes(64);
	/** -1: there is none. */
	#lastLength = -1;
	#lastHead = 0;
	/** Reverse: the candidate is a value and stands behind the page's last entry. */
	#candidateIsLive = false;
	readonly #shownRows: RowPage;
	/** Undefined for pages of entries. */
	#rows: Rows | undefined;
	/** Entries that were looked at for the page of rows. */
	#visited = 0;
	#started = false;
	#ended = false;
	#filling = false;
	readonly #page = new Page();
	#maxEntries = 0;
	#maxBytes = 0;

	constructor(context: Context, shown: KernelPage, shownRows: RowPage, options: ScanOptions) {
		const { superversion, overlay, lower, upper, reverse, sequence } = options;
		const { memtables, runs } = superversion as Superversion;
		const own = overlay as Overlay | undefined;
		this.#options = options;
		this.#shown = shown;
		this.#shownRows = shownRows;
		this.#lower = lower === undefined ? undefined : KeyView.over(Bytes.from(lower));
		this.#upper = upper === undefined ? undefined : KeyView.over(Bytes.from(upper));
		this.#overlayEnd = OVERLAY_SEQUENCE + (own?.writes ?? 0);
		// What is empty now will hold nothing that the scan may see.
		const overlaid = own !== undefined && holdsAnything(own.memtable);
		const sources = [...(overlaid ? [own.memtable] : []), ...memtables.filter(holdsAnything)];
		const readahead = sharedReadahead(context, READAHEAD, sources.length + runs.length);
		const cursors = [
			...sources.map((memtable) => new MemtableCursor(memtable)),
			...runs.map((run) => new RunCursor(context, run, readahead)),
		];
		this.#merge = new Merge(cursors, reverse ? "reverse" : "forward");
		this.#merge.setShared(sharedBytes(sources, runs));
		if (sources.some(({ ranges }) => ranges !== undefined) || runs.some(({ ranged }) => ranged)) {
			this.#cover = new Cover(this.#merge, sequence, overlaid ? this.#overlayEnd - 1 : sequence);
		}
	}

	read(program: RowProgram): void {
		if (this.#rows === undefined) this.#rows = new Rows(program);
		else this.#rows.narrow(program);
	}

	fill(maxEntries: number, maxBytes: number): Status {
		const page = this.#page;
		const rows = this.#rows;
		if (!this.#filling) {
			page.reset(maxEntries, maxBytes);
			rows?.reset(maxEntries, maxBytes);
			this.#visited = 0;
			this.#maxEntries = maxEntries;
			this.#maxBytes = maxBytes;
			this.#filling = true;
		}
		let status = this.#start();
		// A move that waited for bytes is finished first: the entry it leaves has been dealt with.
		if (status === STATUS_DONE && this.#merge.moving) status = this.#merge.advance();
		if (status === STATUS_DONE) status = this.#options.reverse ? this.#fillReverse() : this.#fillForward();
		if (status !== STATUS_DONE) return status;
		this.#filling = false;
		if (rows !== undefined) {
			rows.show(this.#shownRows, page.count);
			const isLast = page.count === 0 && (this.#ended || this.#merge.size === 0);
			return isLast && !rows.isDamaged ? STATUS_ABSENT : STATUS_DONE;
		}
		if (page.count === 0) return STATUS_ABSENT;
		page.show(this.#shown);
		return STATUS_DONE;
	}

	changed(sequence: number): Status {
		const status = this.#start();
		if (status !== STATUS_DONE) return status;
		// A scan that is asked this has both bounds.
		return changedSince(this.#merge, this.#lower as KeyView, this.#upper as KeyView, sequence);
	}

	free(): void {
		this.#merge.release();
	}

	/** Sends the cursors to where the range begins; goes on likewise after NEED. */
	#start(): Status {
		if (this.#started) return STATUS_DONE;
		const { reverse } = this.#options;
		const target = reverse ? this.#upper : this.#lower;
		const bounded = reverse ? "before" : "seek";
		const open = reverse ? "last" : "first";
		const status = this.#merge.start(target === undefined ? open : bounded, target, Number.POSITIVE_INFINITY);
		if (status !== STATUS_DONE) return status;
		this.#started = true;
		this.#takeHeads();
		return STATUS_DONE;
	}

	/** Takes the heads that those of cursors are compared with. */
	#takeHeads(): void {
		const { shared, size, top } = this.#merge;
		const upper = this.#upper;
		this.#shared = shared;
		if (upper !== undefined && size !== 0) {
			const shown = Math.min(top.keyLength, shared);
			const order = compareBytes(top.view, top.key, shown, upper.view, upper.at, Math.min(upper.length, shared));
			if (order === 0) this.#upperHead = headOf(upper.view, upper.at + shared, upper.length - shared);
			else this.#upperHead = order < 0 ? Number.POSITIVE_INFINITY : 0;
		}
		if (this.#lastLength >= 0) this.#lastHead = headOf(this.#last.view, shared, this.#lastLength - shared);
	}

	#fillForward(): Status {
		const merge = this.#merge;
		const page = this.#page;
		const upper = this.#upper;
		while (merge.size !== 0 && !this.#ended) {
			if (this.#shared !== merge.shared) this.#takeHeads();
			const cursor = merge.top;
			let passing: Cover | undefined;
			if (this.#rows !== undefined) {
				// The host is to get a word in, however few rows there are to be taken.
				if (this.#visited >= VISIT_LIMIT) break;
				this.#visited += 1;
			}
			if (this.#isVisible(cursor.sequence) && !this.#isLast(cursor)) {
				if (upper !== undefined && cursor.head >= this.#upperHead && cursor.compareKey(upper) >= 0) {
					this.#ended = true;
					break;
				}
				const cover = this.#cover;
				if (cover?.hides(cursor)) {
					if (cover.isLong) passing = cover;
				} else if (this.#isLive(cursor)) {
					if (!this.#hasRoom(cursor)) break;
					this.#reserve(cursor);
					if (this.#append(cursor)) page.count += 1;
				}
				this.#remember(cursor);
			}
			const status = passing === undefined ? merge.advance() : passing.pass();
			if (status !== STATUS_DONE) return status;
		}
		return STATUS_DONE;
	}

	/** Backwards the oldest version of a key comes first: each visible one is a candidate until a newer one or another key comes. */
	#fillReverse(): Status {
		const merge = this.#merge;
		const page = this.#page;
		const lower = this.#lower;
		while (merge.size !== 0 && !this.#ended) {
			if (this.#shared !== merge.shared) this.#takeHeads();
			const cursor = merge.top;
			let passing: Cover | undefined;
			if (this.#isVisible(cursor.sequence)) {
				if (this.#isLast(cursor)) {
					if (this.#candidateIsLive) this.#retract();
				} else {
					if (this.#candidateIsLive) {
						page.count += 1;
						this.#candidateIsLive = false;
						this.#lastLength = -1;
					}
					if (lower !== undefined && cursor.compareKey(lower) < 0) {
						this.#ended = true;
						break;
					}
					if (!this.#hasRoom(cursor)) return STATUS_DONE;
				}
				const cover = this.#cover;
				const covered = cover?.hides(cursor) ?? false;
				if (covered && cover?.isLong) passing = cover;
				this.#reserve(cursor);
				this.#candidateIsLive = !covered && this.#isLive(cursor) && this.#append(cursor);
				this.#remember(cursor);
			}
			const status = passing === undefined ? merge.advance() : passing.pass();
			if (status !== STATUS_DONE) return status;
		}
		if (this.#candidateIsLive) {
			page.count += 1;
			this.#candidateIsLive = false;
		}
		return STATUS_DONE;
	}

	#isVisible(sequence: number): boolean {
		return sequence <= this.#options.sequence || (sequence >= OVERLAY_SEQUENCE && sequence < this.#overlayEnd);
	}

	/** Whether the entry is a value at the time of the scan. */
	#isLive(cursor: Cursor): boolean {
		if (cursor.kind === KIND_PUT) return true;
		return cursor.kind === KIND_PUT_EXPIRING && getCount(cursor.view, cursor.value) > this.#options.now;
	}

	/** Whether it is a version of the key taken last. */
	#isLast(cursor: Cursor): boolean {
		const length = this.#lastLength;
		if (length !== cursor.keyLength || this.#lastHead !== cursor.head) return false;
		const from = Math.min(length, this.#shared + HEAD_BYTES);
		return compareBytes(this.#last.view, from, length - from, cursor.view, cursor.key + from, length - from) === 0;
	}

	/** Makes room for the key before the entry is taken: what runs out of memory can be asked again. */
	#reserve(cursor: Cursor): void {
		this.#last.reserve(Math.max(this.#lastLength, 0), cursor.keyLength);
	}

	#remember(cursor: Cursor): void {
		this.#reserve(cursor);
		copyBytes(cursor.view, cursor.key, this.#last.view, 0, cursor.keyLength);
		this.#lastLength = cursor.keyLength;
		this.#lastHead = cursor.head;
	}

	#hasRoom(cursor: Cursor): boolean {
		const { count } = this.#page;
		const used = this.#rows?.used ?? this.#page.used;
		if (count === this.#maxEntries) return false;
		return count === 0 || used + cursor.keyLength + cursor.valueLength <= this.#maxBytes;
	}

	/** Puts the entry behind the page's last one, without counting it; false where it is a row that is not to be taken. */
	#append(cursor: Cursor): boolean {
		const { skipKeyBytes, parts = "entries" } = this.#options;
		const skipped = cursor.kind === KIND_PUT_EXPIRING ? EXPIRY_BYTES : 0;
		const rows = this.#rows;
		if (rows !== undefined) {
			const { view, key, keyLength, value, valueLength } = cursor;
			const at = key + skipKeyBytes;
			return rows.append(this.#page.count, view, at, keyLength - skipKeyBytes, value + skipped, value + valueLength);
		}
		const keyLength = parts === "values" ? 0 : cursor.keyLength - skipKeyBytes;
		const valueLength = parts === "keys" ? 0 : cursor.valueLength - skipped;
		this.#page.append(cursor.view, cursor.key + skipKeyBytes, keyLength, cursor.value + skipped, valueLength);
		return true;
	}

	#retract(): void {
		if (this.#rows === undefined) this.#page.retract();
		else this.#rows.retract();
	}
}

function holdsAnything(memtable: Memtable): boolean {
	return memtable.first() !== NO_NODE || memtable.ranges !== undefined;
}
