/** A ByteStore in sorted arrays, for tests of what is written against the interface. Simple before fast. */

import { Buffer } from "node:buffer";
import type {
	ByteRange,
	ByteSnapshot,
	ByteStore,
	ByteTransaction,
	EntryPage,
	FoundValue,
	PageCursor,
	RowCursor,
	RowLookup,
	RowProgram,
} from "../../host/engine/store.js";
import { Keyspace } from "../../host/engine/store.js";
import { WlsmError } from "../../host/errors.js";
import { emptyRowPage } from "../../host/kernel/row-page.js";
import { Rows } from "../../host/kernel/ts/row/rows.js";

interface Entry {
	readonly key: Uint8Array;
	readonly value: Uint8Array;
}

/** Entries in order of key. Never changed in place: a snapshot is a reference. */
type Entries = readonly Entry[];

const PAGE_ENTRIES = 7; // small, so that tests cross the edges of pages

/** Where `key` is or would be. */
function position(entries: Entries, key: Uint8Array): number {
	let low = 0;
	let high = entries.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if (Buffer.compare((entries[middle] as Entry).key, key) < 0) low = middle + 1;
		else high = middle;
	}
	return low;
}

function find(entries: Entries, key: Uint8Array): Uint8Array | undefined {
	const entry = entries[position(entries, key)];
	return entry !== undefined && Buffer.compare(entry.key, key) === 0 ? entry.value : undefined;
}

function select(entries: Entries, range: ByteRange): Entry[] {
	const selected = entries.filter(
		({ key }) =>
			(range.gte === undefined || Buffer.compare(key, range.gte) >= 0) &&
			(range.gt === undefined || Buffer.compare(key, range.gt) > 0) &&
			(range.lte === undefined || Buffer.compare(key, range.lte) <= 0) &&
			(range.lt === undefined || Buffer.compare(key, range.lt) < 0),
	);
	return range.reverse ? selected.reverse() : selected;
}

function page(entries: readonly Entry[]): EntryPage {
	const bounds = new Uint32Array(entries.length * 2 + 1);
	const parts: Uint8Array[] = [];
	let at = 0;
	for (const [i, { key, value }] of entries.entries()) {
		bounds[i * 2] = at;
		bounds[i * 2 + 1] = at + key.length;
		at += key.length + value.length;
		parts.push(key, value);
	}
	bounds[entries.length * 2] = at;
	return { count: entries.length, bytes: new Uint8Array(Buffer.concat(parts)), bounds };
}

export class MemoryStore implements ByteStore {
	readonly readOnly = false;
	/** Cursors and snapshots that nobody has closed yet: tests want 0 at their end. */
	open = 0;
	readonly pageEntries: number;
	/** Keys and rows need not fit each other. */
	isForged = false;
	#spaces = new Map<Keyspace, Entries>();

	constructor(pageEntries = PAGE_ENTRIES) {
		this.pageEntries = pageEntries;
	}

	entries(space: Keyspace): Entries {
		return this.#spaces.get(space) ?? [];
	}

	commit(spaces: ReadonlyMap<Keyspace, Entries>): void {
		this.#spaces = new Map([...this.#spaces, ...spaces]);
	}

	cursor(entries: Entries, range: ByteRange): PageCursor {
		const selected = select(entries, range);
		let at = 0;
		let closed = false;
		this.open++;
		return {
			next: () => {
				if (closed) throw new WlsmError("WLSM_CLOSED", "the cursor was closed");
				if (at >= selected.length) return undefined;
				const part = selected.slice(at, at + this.pageEntries);
				at += part.length;
				return page(part);
			},
			close: () => {
				if (!closed) this.open--;
				closed = true;
			},
		};
	}

	rowCursor(entries: Entries, range: ByteRange, program: RowProgram, through?: Uint8Array): RowCursor {
		let selected: readonly (Entry | undefined)[] = select(entries, range);
		if (through !== undefined) {
			selected = selected.map((entry) => {
				const key = Buffer.concat([through, (entry as Entry).value]); // selected are entries
				const value = find(entries, key);
				return value === undefined ? undefined : { key, value };
			});
		}
		const rows = new Rows(program);
		const page = emptyRowPage();
		let at = 0;
		let closed = false;
		this.open++;
		return {
			nextRows: () => {
				if (closed) throw new WlsmError("WLSM_CLOSED", "the cursor was closed");
				if (at >= selected.length) return undefined;
				rows.reset(this.pageEntries, 1024);
				let count = 0;
				const part = selected.slice(at, at + this.pageEntries);
				page.missing = part.includes(undefined);
				for (const { key, value } of part.filter((entry) => entry !== undefined)) {
					const bytes = Buffer.concat([key, value]);
					const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
					if (rows.append(count, view, 0, key.length, key.length, bytes.length)) count++;
				}
				at += this.pageEntries;
				rows.show(page, count);
				if (page.damaged)
					throw new WlsmError("WLSM_CORRUPTION", "a stored row is damaged: its header does not fit its length");
				return page;
			},
			read: (narrowed) => rows.narrow(narrowed),
			close: () => {
				if (!closed) this.open--;
				closed = true;
			},
		};
	}

	rowLookup(entries: Entries, prefix: Uint8Array, program: RowProgram): RowLookup {
		const rows = new Rows(program);
		const page = emptyRowPage();
		let closed = false;
		this.open++;
		return {
			rows: (rowIds, count) => {
				if (closed) throw new WlsmError("WLSM_CLOSED", "the lookup was closed");
				rows.reset(Math.max(count, 1), 1024);
				let found = 0;
				for (let i = 0; i < count; i++) {
					const key = Buffer.concat([prefix, rowIds.subarray(8 * i, 8 * i + 8)]);
					const value = find(entries, key);
					if (value === undefined) continue;
					const bytes = Buffer.concat([key, value]);
					const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
					if (rows.append(found, view, 0, key.length, key.length, bytes.length)) rows.number(found++, i);
				}
				rows.show(page, found);
				if (page.damaged)
					throw new WlsmError("WLSM_CORRUPTION", "a stored row is damaged: its header does not fit its length");
				return page;
			},
			close: () => {
				if (!closed) this.open--;
				closed = true;
			},
		};
	}

	look(space: Keyspace, key: Uint8Array): FoundValue | undefined {
		const found = find(this.#spaces.get(space) ?? [], key);
		return found && { bytes: Buffer.from(found), at: 0, length: found.length };
	}

	snapshot(): ByteSnapshot {
		const spaces = this.#spaces;
		const at = (space: Keyspace) => spaces.get(space) ?? [];
		let released = false;
		this.open++;
		return {
			get: (space, key) => find(at(space), key)?.slice(),
			scan: (space, range) => this.cursor(at(space), range),
			scanRows: (space, range, program, through) => this.rowCursor(at(space), range, program, through),
			lookUpRows: (space, prefix, program) => this.rowLookup(at(space), prefix, program),
			release: () => {
				if (!released) this.open--;
				released = true;
			},
		};
	}

	begin(): ByteTransaction {
		return new MemoryTransaction(this);
	}
}

class MemoryTransaction implements ByteTransaction {
	readonly #store: MemoryStore;
	readonly #own = new Map<Keyspace, Entry[]>();
	/** Puts back what was there before each write. */
	readonly #undo: (() => void)[] = [];
	#ended = false;
	bytes = Buffer.alloc(64);
	#space: Keyspace = Keyspace.sql;
	#at = 0;

	constructor(store: MemoryStore) {
		this.#store = store;
	}

	get view(): DataView {
		return new DataView(this.bytes.buffer, this.bytes.byteOffset);
	}

	#entries(space: Keyspace): Entries {
		return this.#own.get(space) ?? this.#store.entries(space);
	}

	/** The transaction's own copy, to be changed. */
	#change(space: Keyspace): Entry[] {
		if (this.#ended) throw new WlsmError("WLSM_CLOSED", "the transaction has ended");
		let entries = this.#own.get(space);
		if (entries === undefined) {
			entries = [...this.#store.entries(space)];
			this.#own.set(space, entries);
		}
		return entries;
	}

	#set(space: Keyspace, key: Uint8Array, value: Uint8Array | undefined): void {
		const entries = this.#change(space);
		const i = position(entries, key);
		const found = entries[i] !== undefined && Buffer.compare((entries[i] as Entry).key, key) === 0;
		entries.splice(i, found ? 1 : 0, ...(value === undefined ? [] : [{ key, value }]));
	}

	get(space: Keyspace, key: Uint8Array): Uint8Array | undefined {
		return find(this.#entries(space), key)?.slice();
	}

	has(space: Keyspace, key: Uint8Array): boolean {
		return find(this.#entries(space), key) !== undefined;
	}

	mayHaveWritten(): boolean {
		return true;
	}

	holdsOfOthers(space: Keyspace, range: ByteRange): boolean {
		return select(this.#entries(space), range).length > 0;
	}

	scan(space: Keyspace, range: ByteRange): PageCursor {
		return this.#store.cursor(this.#entries(space), range);
	}

	scanRows(space: Keyspace, range: ByteRange, program: RowProgram, through?: Uint8Array): RowCursor {
		return this.#store.rowCursor(this.#entries(space), range, program, through);
	}

	lookUpRows(space: Keyspace, prefix: Uint8Array, program: RowProgram): RowLookup {
		return this.#store.rowLookup(this.#entries(space), prefix, program);
	}

	put(space: Keyspace, key: Uint8Array, value: Uint8Array): void {
		const own = copy(key);
		const before = find(this.#entries(space), own);
		this.#set(space, own, copy(value));
		this.#undo.push(() => this.#set(space, own, before));
	}

	/** Elsewhere each time, so that a place that is used for too long shows. */
	reserve(space: Keyspace, most: number): number {
		this.bytes = Buffer.alloc(this.#at + most + 3 + 64);
		this.#space = space;
		this.#at = (this.#at + 3) % 64;
		return this.#at;
	}

	putReserved(keyLength: number, valueLength: number, key: "new" | "known"): void {
		const end = this.#at + keyLength;
		const stored = this.bytes.subarray(this.#at, end);
		if (key === "new" && !this.#store.isForged && this.get(this.#space, stored) !== undefined) {
			throw new Error("the key is not new");
		}
		this.put(this.#space, stored, this.bytes.subarray(end, end + valueLength));
	}

	bulkSince(): undefined {
		return undefined;
	}

	take(): never {
		throw new Error("no tables are made beside this store");
	}

	delete(space: Keyspace, key: Uint8Array): void {
		const own = copy(key);
		const before = find(this.#entries(space), own);
		this.#set(space, own, undefined);
		this.#undo.push(() => this.#set(space, own, before));
	}

	deleteRange(space: Keyspace, range: ByteRange): void {
		const before = this.#change(space);
		const gone = new Set(select(before, range));
		this.#own.set(
			space,
			before.filter((entry) => !gone.has(entry)),
		);
		this.#undo.push(() => this.#own.set(space, before));
	}

	mark(): number {
		return this.#undo.length;
	}

	undoTo(mark: number): void {
		while (this.#undo.length > mark) this.#undo.pop()?.();
	}

	commit(): void {
		if (this.#ended) throw new WlsmError("WLSM_CLOSED", "the transaction has ended");
		this.#ended = true;
		this.#store.commit(this.#own);
	}

	rollback(): void {
		this.#ended = true;
	}
}

function copy(bytes: Uint8Array): Uint8Array {
	return new Uint8Array(bytes);
}
