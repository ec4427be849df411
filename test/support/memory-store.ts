/** A ByteStore in sorted arrays, for tests of what is written against the interface. Simple before fast. */

import { Buffer } from "node:buffer";
import type {
	ByteRange,
	ByteSnapshot,
	ByteStore,
	ByteTransaction,
	EntryPage,
	Keyspace,
	PageCursor,
	RowCursor,
	RowPage,
	RowProgram,
} from "../../host/engine/store.js";
import { WlsmError } from "../../host/errors.js";
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

const emptyPage: RowPage = {
	count: 0,
	capacity: 0,
	damaged: false,
	tags: new Uint8Array(0),
	tagsAt: 0,
	doubles: new Float64Array(0),
	words: new Uint32Array(0),
	valuesAt: 0,
	groups: new Uint32Array(0),
	groupsAt: 0,
	bytes: Buffer.alloc(0),
	at: 0,
};

export class MemoryStore implements ByteStore {
	readonly readOnly = false;
	/** Cursors and snapshots that nobody has closed yet: tests want 0 at their end. */
	open = 0;
	readonly pageEntries: number;
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

	rowCursor(entries: Entries, range: ByteRange, program: RowProgram): RowCursor {
		const selected = select(entries, range);
		const rows = new Rows(program);
		const page = { ...emptyPage };
		let at = 0;
		let closed = false;
		this.open++;
		return {
			nextRows: () => {
				if (closed) throw new WlsmError("WLSM_CLOSED", "the cursor was closed");
				if (at >= selected.length) return undefined;
				rows.reset(this.pageEntries, 1024);
				let count = 0;
				for (const { key, value } of selected.slice(at, at + this.pageEntries)) {
					const bytes = Buffer.concat([key, value]);
					const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
					if (rows.append(count, view, 0, key.length, key.length, bytes.length)) count++;
				}
				at += this.pageEntries;
				rows.show(page, count);
				if (page.damaged) throw new WlsmError("WLSM_CORRUPTION", "A stored row is damaged");
				return page;
			},
			read: (narrowed) => rows.narrow(narrowed),
			close: () => {
				if (!closed) this.open--;
				closed = true;
			},
		};
	}

	snapshot(): ByteSnapshot {
		const spaces = this.#spaces;
		const at = (space: Keyspace) => spaces.get(space) ?? [];
		let released = false;
		this.open++;
		return {
			get: (space, key) => find(at(space), key)?.slice(),
			scan: (space, range) => this.cursor(at(space), range),
			scanRows: (space, range, program) => this.rowCursor(at(space), range, program),
			release: () => {
				if (!released) this.open--;
				released = true;
			},
		};
	}

	begin(): ByteTransaction {
		const own = new Map<Keyspace, Entry[]>();
		const at = (space: Keyspace): Entries => own.get(space) ?? this.entries(space);
		const change = (space: Keyspace): Entry[] => {
			let entries = own.get(space);
			if (entries === undefined) {
				entries = [...this.entries(space)];
				own.set(space, entries);
			}
			return entries;
		};
		let ended = false;
		const live = () => {
			if (ended) throw new WlsmError("WLSM_CLOSED", "the transaction has ended");
		};
		return {
			get: (space, key) => find(at(space), key)?.slice(),
			scan: (space, range) => this.cursor(at(space), range),
			scanRows: (space, range, program) => this.rowCursor(at(space), range, program),
			put: (space, key, value) => {
				live();
				const entries = change(space);
				const i = position(entries, key);
				const found = entries[i] !== undefined && Buffer.compare((entries[i] as Entry).key, key) === 0;
				entries.splice(i, found ? 1 : 0, { key: key.slice(), value: value.slice() });
			},
			delete: (space, key) => {
				live();
				const entries = change(space);
				const i = position(entries, key);
				if (entries[i] !== undefined && Buffer.compare((entries[i] as Entry).key, key) === 0) entries.splice(i, 1);
			},
			deleteRange: (space, range) => {
				live();
				const gone = new Set(select(at(space), range));
				own.set(
					space,
					at(space).filter((entry) => !gone.has(entry)),
				);
			},
			commit: () => {
				live();
				ended = true;
				this.commit(own);
			},
			rollback: () => {
				ended = true;
			},
		};
	}
}
