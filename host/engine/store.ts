/**
 * The engine as its users inside the library see it: byte keys, byte values, keyspaces, transactions.
 * The public key-value API, the SQL engine and the loader are all written against these interfaces and nothing below.
 */

import type { Buffer } from "node:buffer";
import type { RowPage, RowProgram } from "../kernel/contract.js";

export type { RowPage, RowProgram, RowTerm, RowValue } from "../kernel/contract.js";

/** The data of different users lives side by side in one ordered store; the keyspace is the first byte of a stored key. */
export const Keyspace = {
	/** What `db.put` wrote. */
	keyValue: 0x6b,
	/** The SQL catalog, tables and indexes. */
	sql: 0x73,
} as const;
export type Keyspace = (typeof Keyspace)[keyof typeof Keyspace];

/** A range of keys in bytewise order. An absent bound is open; `reverse` walks from the upper end to the lower. */
export interface ByteRange {
	readonly gte?: Uint8Array | undefined;
	readonly gt?: Uint8Array | undefined;
	readonly lte?: Uint8Array | undefined;
	readonly lt?: Uint8Array | undefined;
	readonly reverse?: boolean | undefined;
}

/** The first key after all that start with `prefix`, undefined where there is none. */
export function prefixEnd(prefix: Uint8Array): Uint8Array | undefined {
	for (let last = prefix.length - 1; last >= 0; last--) {
		const byte = prefix[last] as number;
		if (byte === 0xff) continue;
		// Not the method of the prefix itself: a Buffer's answers a view.
		const end = Uint8Array.prototype.slice.call(prefix, 0, last + 1);
		end[last] = byte + 1;
		return end;
	}
	return undefined;
}

/**
 * Consecutive entries of a scan. Key `i` is `bytes[bounds[2*i], bounds[2*i+1])`, its value is
 * `bytes[bounds[2*i+1], bounds[2*i+2])`; keys come without the keyspace byte. `bytes` and `bounds` are the
 * reader's to keep: the next page is written elsewhere.
 */
export interface EntryPage {
	readonly count: number;
	readonly bytes: Uint8Array;
	readonly bounds: Uint32Array;
}

/** A scan over a fixed snapshot. Must be closed; closing twice is harmless. */
export interface PageCursor {
	/** The next page (never an empty one), or undefined at the end of the range. */
	next(): EntryPage | undefined;
	close(): void;
}

/** A scan over rows of SQL that reads what a program says. Must be closed; closing twice is harmless. */
export interface RowCursor {
	/**
	 * The next page, which may be empty, or undefined at the end of the range. It is good until the next call of the cursor.
	 * `wanted`: how many rows there is a use for; the first pages are small where nothing is said.
	 */
	nextRows(wanted?: number): RowPage | undefined;
	/** From the next page on other constants count: see the kernel's Scan. */
	read(program: RowProgram): void;
	close(): void;
}

/** Rows of SQL by their rowids. Must be closed; closing twice is harmless. */
export interface RowLookup {
	/**
	 * The rows that are there of the first `count` rowids, as keys have them, in that order: number `groups[groupsAt + i]` of the
	 * rowids is that of row `i`. The page is good until the next call.
	 */
	rows(rowIds: Uint8Array, count: number): RowPage;
	close(): void;
}

/** Something that can be read: a snapshot or a transaction. */
export interface ByteView {
	/** The value as a copy of the caller's own, or undefined. */
	get(space: Keyspace, key: Uint8Array): Uint8Array | undefined;
	scan(space: Keyspace, range: ByteRange): PageCursor;
	/** With `through`, rows that the entries of the range point to: what stands before each entry's value in the key of its row. */
	scanRows(space: Keyspace, range: ByteRange, program: RowProgram, through?: Uint8Array): RowCursor;
	/** `prefix`: what stands before the rowids in the keys of their rows. */
	lookUpRows(space: Keyspace, prefix: Uint8Array, program: RowProgram): RowLookup;
}

export interface ByteSnapshot extends ByteView {
	release(): void;
}

/** Where entries are put in place. */
export interface EntryRoom {
	/**
	 * Makes room for an entry: a key and behind it a value, of `most` bytes in all. Answers where in `bytes` the key goes. It is
	 * `bytes`, and `view`, that have the room then, until something else is put.
	 */
	reserve(space: Keyspace, most: number): number;
	readonly bytes: Buffer;
	/** Of `bytes`. */
	readonly view: DataView;
	/** Puts the entry that was written where `reserve` said. "new": nothing is under its key, as far as a transaction sees. */
	putReserved(keyLength: number, valueLength: number, key: "new" | "known"): void;
}

/** See ByteTransaction. */
export interface BulkEntries extends EntryRoom {
	/** Must be called when all are put. `look` is called now and then, and may throw. False where several have the same key. */
	finish(look: () => void): boolean;
}

/** Tables of rows that were made beside the database. */
export interface MadeTables {
	scanRows(space: Keyspace, range: ByteRange, program: RowProgram): RowCursor;
}

/**
 * Reads see the snapshot taken at `begin` plus the transaction's own writes; a cursor sees the writes made before
 * it was opened. `commit` makes all writes visible at once, or throws `WLSM_CONFLICT` where another commit since the
 * snapshot wrote one of the same keys or, in whole or in part, deleted one of the same ranges. Exactly one of `commit` and `rollback` ends it; `rollback` after an end is harmless.
 */
export interface ByteTransaction extends ByteView, EntryRoom {
	/** Whether `get` would answer with a value. */
	has(space: Keyspace, key: Uint8Array): boolean;
	/** False where none of its own writes is on the key; a range deletion may be. */
	mayHaveWritten(space: Keyspace, key: Uint8Array): boolean;
	/** Whether there is any key in the range, its own writes aside. */
	holdsOfOthers(space: Keyspace, range: ByteRange): boolean;
	put(space: Keyspace, key: Uint8Array, value: Uint8Array): void;
	delete(space: Keyspace, key: Uint8Array): void;
	/** Deletes every key of the range at once, in any number; conflicts with whatever else was written in the range. */
	deleteRange(space: Keyspace, range: ByteRange): void;
	/** How far it has come, for `undoTo`, which takes back every write since. */
	mark(): number;
	undoTo(mark: number): void;
	/**
	 * For entries in any number, none of whose keys is in the database: those that were put since the mark, which are taken back as
	 * by `undoTo`, and all that are put into what it answers. They go past the transaction's writes, in about so much memory, and are
	 * committed with these; until then no read sees them. undefined where there is no such way, and nothing was done.
	 */
	bulkSince(mark: number, memoryBytes: number): BulkEntries | undefined;
	/** They become part of the database with its writes; until then no read of it sees them. */
	take(tables: MadeTables): void;
	commit(options?: { readonly sync?: boolean }): void;
	rollback(): void;
}

/** Bytes [at, at + length). */
export interface FoundValue {
	readonly bytes: Buffer;
	readonly at: number;
	readonly length: number;
}

export interface ByteStore {
	readonly readOnly: boolean;
	/** The newest value of a key, where it lies: good until the store is used again. */
	look(space: Keyspace, key: Uint8Array): FoundValue | undefined;
	snapshot(): ByteSnapshot;
	begin(): ByteTransaction;
}
