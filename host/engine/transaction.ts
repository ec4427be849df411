import type { Buffer } from "node:buffer";
import {
	EXPIRY_BYTES,
	KEY_MAX_BYTES,
	KIND_DELETE,
	KIND_DELETE_RANGE,
	KIND_PUT,
	KIND_PUT_EXPIRING,
} from "../../assembly/shared/format.js";
import { STATUS_ABSENT, STATUS_EXPIRING } from "../../assembly/shared/status.js";
import { WlsmError } from "../errors.js";
import type { Overlay } from "../kernel/contract.js";
import { rangeChanged } from "./changes.js";
import type { Engine } from "./engine.js";
import type { UnnamedTables } from "./made-tables.js";
import { checkLengths, writeExpiry } from "./operations.js";
import { storedBounds } from "./range.js";
import type {
	BulkEntries,
	ByteRange,
	ByteTransaction,
	Keyspace,
	MadeTables,
	PageCursor,
	RowCursor,
	RowLookup,
	RowProgram,
} from "./store.js";
import { TransactionOverlay } from "./transaction-overlay.js";
import { TransactionTables } from "./transaction-tables.js";
import type { WriteSet } from "./write-set.js";

/** Answers of a look among a transaction's own writes, beside the numbers of these. */
const NOT_WRITTEN = -1;
const DELETED = -2;
/** The value is the kernel's result. */
const IN_RESULT = -3;

/**
 * Snapshot isolation with first-committer-wins. Writes are encoded one behind the other as the batch that they become at
 * the commit. Its reads look among them first: a get by their index, a scan through an overlay, both made at first need.
 */
export class Transaction implements ByteTransaction {
	readonly #engine: Engine;
	/** What its reads see of others: everything up to this. */
	readonly sequence: number;
	readonly #writes: WriteSet;
	#overlay: TransactionOverlay | undefined;
	#tables: TransactionTables | undefined;
	#ended = false;

	constructor(engine: Engine, sequence: number) {
		this.#engine = engine;
		this.sequence = sequence;
		this.#writes = engine.writeSets.take();
		engine.snapshots.add(sequence);
	}

	/** Its own writes so far, for a scan. */
	get overlay(): Overlay | undefined {
		if (this.#writes.count === 0) return undefined;
		this.#overlay ??= new TransactionOverlay(this.#engine, this.#writes, this.sequence);
		return this.#overlay.upToDate();
	}

	/** Throws where the transaction has ended or the database is closed. */
	check(): void {
		this.#engine.checkOpen();
		if (this.#ended) throw new WlsmError("WLSM_CLOSED", "The transaction has ended.");
	}

	get(space: Keyspace, key: Uint8Array): Uint8Array | undefined {
		const own = this.#find(space, key);
		if (own === NOT_WRITTEN) return this.#engine.getAt(space, key, this.sequence);
		if (own === IN_RESULT) return this.#engine.copyResult();
		if (own === DELETED) return undefined;
		const writes = this.#writes;
		const at = writes.valueAt(own) + (writes.kind(own) === KIND_PUT_EXPIRING ? EXPIRY_BYTES : 0);
		return this.#engine.copies.take(writes.bytes, at, writes.valueEnd(own));
	}

	has(space: Keyspace, key: Uint8Array): boolean {
		const own = this.#find(space, key);
		return own === NOT_WRITTEN ? this.#engine.hasAt(space, key, this.sequence) : own !== DELETED;
	}

	mayHaveWritten(space: Keyspace, key: Uint8Array): boolean {
		if (this.#writes.lastRange >= 0) return true;
		return this.#find(space, key) !== NOT_WRITTEN;
	}

	holdsOfOthers(space: Keyspace, range: ByteRange): boolean {
		this.check();
		const cursor = this.#engine.scans.open(space, range, { sequence: this.sequence });
		try {
			return cursor.fillSync(1);
		} finally {
			cursor.close();
		}
	}

	/** What it wrote to the key: the number of the operation, or one of the answers below. */
	#find(space: Keyspace, key: Uint8Array): number {
		this.check();
		const writes = this.#writes;
		if (writes.count === 0 || key.length >= KEY_MAX_BYTES) return NOT_WRITTEN;
		const at = this.#reserve(space, key.length);
		writes.bytes.set(key, at);
		const found = writes.find(at - 1, key.length + 1);
		if (found > writes.lastRange) return this.#isGone(found) ? DELETED : found;
		// The overlay knows what a range deletion covers.
		return writes.lastRange < 0 ? NOT_WRITTEN : this.#findInOverlay(writes.bytes.subarray(at - 1, at + key.length));
	}

	#isGone(number: number): boolean {
		const writes = this.#writes;
		const kind = writes.kind(number);
		if (kind === KIND_PUT_EXPIRING)
			return Number(writes.view.getBigUint64(writes.valueAt(number), true)) <= this.#engine.now();
		return kind === KIND_DELETE;
	}

	#findInOverlay(key: Uint8Array): number {
		const status = this.overlay?.get(key);
		if (status === undefined) return NOT_WRITTEN;
		const { kernel } = this.#engine;
		const isExpired = status === STATUS_EXPIRING && kernel.resultExpiry() <= this.#engine.now();
		return status === STATUS_ABSENT || isExpired ? DELETED : IN_RESULT;
	}

	scan(space: Keyspace, range: ByteRange): PageCursor {
		this.check();
		return this.#engine.scans.open(space, range, { sequence: this.sequence, transaction: this });
	}

	scanRows(space: Keyspace, range: ByteRange, rows: RowProgram, through?: Uint8Array): RowCursor {
		this.check();
		return this.#engine.scans.open(space, range, { sequence: this.sequence, transaction: this, rows, through });
	}

	lookUpRows(space: Keyspace, through: Uint8Array, rows: RowProgram): RowLookup {
		this.check();
		return this.#engine.scans.open(space, undefined, { sequence: this.sequence, transaction: this, rows, through });
	}

	get bytes(): Buffer {
		return this.#writes.bytes;
	}

	get view(): DataView {
		return this.#writes.view;
	}

	reserve(space: Keyspace, most: number): number {
		this.check();
		this.#engine.checkWritable();
		return this.#reserve(space, most);
	}

	#reserve(space: Keyspace, most: number): number {
		const at = this.#writes.reserve(most + 1, this.#engine.options.memoryBytes);
		this.#writes.bytes[at] = space;
		return at + 1;
	}

	putReserved(keyLength: number, valueLength: number, key: "new" | "known"): void {
		checkLengths(keyLength, valueLength);
		this.#writes.append(KIND_PUT, keyLength + 1, valueLength, key === "new");
	}

	/** `expiry`: when the value is gone, in Unix milliseconds. */
	put(space: Keyspace, key: Uint8Array, value: Uint8Array, expiry?: number): void {
		checkLengths(key.length, value.length);
		const extra = expiry === undefined ? 0 : EXPIRY_BYTES;
		const at = this.reserve(space, key.length + extra + value.length);
		const { bytes } = this.#writes;
		bytes.set(key, at);
		if (expiry !== undefined) writeExpiry(expiry, bytes, at + key.length);
		bytes.set(value, at + key.length + extra);
		const kind = expiry === undefined ? KIND_PUT : KIND_PUT_EXPIRING;
		this.#writes.append(kind, key.length + 1, extra + value.length, false);
	}

	delete(space: Keyspace, key: Uint8Array): void {
		checkLengths(key.length, 0);
		const at = this.reserve(space, key.length);
		this.#writes.bytes.set(key, at);
		this.#writes.append(KIND_DELETE, key.length + 1, 0, false);
	}

	deleteRange(space: Keyspace, range: ByteRange): void {
		this.check();
		this.#engine.checkWritable();
		const bounds = storedBounds(space, range);
		if (bounds === undefined) return;
		const { lower, upper } = bounds;
		const at = this.#writes.reserve(lower.length + upper.length, this.#engine.options.memoryBytes);
		this.#writes.bytes.set(lower, at);
		this.#writes.bytes.set(upper, at + lower.length);
		this.#writes.append(KIND_DELETE_RANGE, lower.length, upper.length, false);
	}

	/** Deletes the first keys of a range, one by one. */
	deleteFirst(space: Keyspace, range: ByteRange, limit: number): void {
		let left = limit;
		const cursor = this.scan(space, range);
		try {
			for (let page = cursor.next(); page !== undefined && left > 0; page = cursor.next()) {
				for (let index = 0; index < page.count && left > 0; index++, left--) {
					this.delete(space, page.bytes.subarray(page.bounds[2 * index], page.bounds[2 * index + 1]));
				}
			}
		} finally {
			cursor.close();
		}
	}

	mark(): number {
		return this.#writes.count;
	}

	undoTo(mark: number): void {
		this.check();
		this.#overlay?.undoTo(mark);
		this.#writes.truncate(mark);
	}

	bulkSince(mark: number, memoryBytes: number): BulkEntries {
		this.check();
		const writes = this.#writes;
		const entries = this.#ownTables().open(memoryBytes);
		entries.putEncoded(writes.encodedFrom(mark), writes.count - mark);
		this.undoTo(mark);
		return entries;
	}

	take(tables: MadeTables): void {
		this.check();
		// Whoever has such tables has them of the engine.
		this.#ownTables().take((tables as UnnamedTables).descriptions);
	}

	#ownTables(): TransactionTables {
		this.#tables ??= new TransactionTables(this.#engine);
		return this.#tables;
	}

	commit(options: { readonly sync?: boolean } = {}): void {
		this.check();
		const writes = this.#writes;
		try {
			// Commits that were asked for before this one come before it, and may conflict with it.
			if (writes.count !== 0) this.#engine.queue.flushSync();
			this.#findConflict();
			if (this.#tables !== undefined) this.#tables.enter(writes);
			else if (writes.count !== 0)
				this.#engine.commitBatch((record) => writes.encode(record), options.sync ?? this.#engine.options.sync);
		} finally {
			this.#end();
		}
	}

	#findConflict(): void {
		// Nothing was committed since the snapshot: nothing can conflict.
		if (this.#engine.lastSequence === this.sequence) return;
		const writes = this.#writes;
		for (let number = 0; number < writes.count; number++) {
			const { kind, key, value } = writes.operation(number);
			if (kind === KIND_DELETE_RANGE) {
				if (!rangeChanged(this.#engine, { lower: key, upper: value }, this.sequence)) continue;
			} else {
				const { keyBytes, keyAt } = this.#engine.kernel;
				keyBytes.set(key, keyAt);
				if (this.#engine.newestSequence(key.length) <= this.sequence) continue;
			}
			throw new WlsmError(
				"WLSM_CONFLICT",
				"Another commit has written a key of this transaction since it began. Run the transaction again.",
			);
		}
	}

	rollback(): void {
		if (!this.#ended) this.#end();
	}

	#end(): void {
		this.#ended = true;
		this.#engine.scans.endOf(this);
		this.#engine.snapshots.remove(this.sequence);
		this.#overlay?.free();
		this.#overlay = undefined;
		this.#tables?.end();
		this.#engine.writeSets.giveBack(this.#writes);
	}
}
