import {
	EXPIRY_BYTES,
	KIND_DELETE,
	KIND_PUT,
	KIND_PUT_EXPIRING,
	OPERATION_HEADER_BYTES,
} from "../assembly/shared/format.js";
import { type BatchOperation, batchOperations } from "./batch.js";
import { codecs, kept } from "./encoding.js";
import { checkpointEngine } from "./engine/checkpoint.js";
import { deleteRange, deleteRangeSync } from "./engine/delete-range.js";
import type { Engine } from "./engine/engine.js";
import { MEMORY_LOCATION } from "./engine/open.js";
import { type OperationRoom, writeExpiry } from "./engine/operations.js";
import { storedBounds } from "./engine/range.js";
import { type DatabaseStats, databaseStats } from "./engine/stats.js";
import { Keyspace } from "./engine/store.js";
import { Transaction } from "./engine/transaction.js";
import { type VerifyReport, verifyEngine } from "./engine/verify.js";
import { WlsmError } from "./errors.js";
import { expiryOf } from "./expiry.js";
import { storedEntries } from "./ingest.js";
import { KeyValueTransaction, type PutOptions } from "./key-value-transaction.js";
import type { SqlOver } from "./opening.js";
import { describe, type ResolvedOptions } from "./options.js";
import { checkKeyLength, checkValueLength, limitOf, type Range, Reader } from "./reader.js";
import { Snapshot } from "./snapshot.js";
import type { SqlDatabase } from "./sql/index.js";
import { NodeStorage } from "./storage/index.js";
import type { PutWriteOptions, WriteOptions } from "./write-options.js";

export type { PutWriteOptions, WriteOptions } from "./write-options.js";

/**
 * An open database, as `open` and `openSync` make it. Keys and values are of the types that the encodings say; strings by default. A key has
 * 1 to 65,535 bytes, a value at most 256 MiB. Writes fail with `WLSM_READ_ONLY` where the database is open only for reading, or after a log
 * could not be written.
 */
export class Database<Key = string, Value = string> extends Reader<Key, Value> implements Disposable, AsyncDisposable {
	/** The directory that it was opened in, or ":memory:". */
	readonly location: string;
	readonly #options: ResolvedOptions;
	readonly #sqlOver: SqlOver;
	#sql: SqlDatabase | undefined;
	#closing: Promise<void> | undefined;

	/** SQL is handed in, so that who opens a database for its keys alone need not load it. @internal */
	constructor(location: string, engine: Engine, options: ResolvedOptions, sqlOver: SqlOver) {
		super(engine, codecs[options.keyEncoding], codecs[options.valueEncoding]);
		this.location = location;
		this.#options = options;
		this.#sqlOver = sqlOver;
	}

	/** SQL over the same data, in the shape of better-sqlite3's Database. */
	get sql(): SqlDatabase {
		this.engine.checkOpen();
		this.#sql ??= this.#sqlOver(this.engine, this.#options);
		return this.#sql;
	}

	/** What is below a database, undefined for anything else. @internal */
	static engineOf(db: unknown): Engine | undefined {
		return db instanceof Database ? db.engine : undefined;
	}

	/** "open", or "closed" from the call of `close` on. */
	get status(): "open" | "closed" {
		return this.engine.closed ? "closed" : "open";
	}

	protected override readSequence(): number {
		return this.engine.lastSequence;
	}

	// -- Writing -----------------------------------------------------------------------------------------------------

	/** Writes an operation to `room` at `at`; answers where the next one goes. @internal */
	protected encode(
		kind: number,
		key: Key,
		value?: Value,
		ttlMs?: number,
		at = 0,
		room: OperationRoom = this.engine.kernel.record,
	): number {
		const expiry = expiryOf(ttlMs, this.engine.now);
		const extra = expiry === undefined ? 0 : EXPIRY_BYTES;
		const { keyCodec, valueCodec } = this;
		// The only step that may run code of the user's comes before the room is looked at.
		const preparedKey = keyCodec.prepare(key, "key");
		const preparedValue = kind === KIND_PUT ? valueCodec.prepare(value, "value") : "";
		const keyBound = keyCodec.bound(preparedKey);
		const valueBound = kind === KIND_PUT ? extra + valueCodec.bound(preparedValue) : 0;
		room.reserve(at + OPERATION_HEADER_BYTES + 1 + keyBound + valueBound);
		const { bytes } = room;
		const start = room.at + at;
		const keyAt = start + OPERATION_HEADER_BYTES;
		bytes[keyAt] = Keyspace.keyValue;
		const keyLength = keyCodec.write(preparedKey, bytes, keyAt + 1, "key");
		checkKeyLength(keyLength, this.keyLeastBytes);
		const valueAt = keyAt + 1 + keyLength;
		let valueLength = kind === KIND_PUT ? valueCodec.write(preparedValue, bytes, valueAt + extra, "value") : 0;
		checkValueLength(valueLength);
		if (expiry !== undefined) {
			writeExpiry(expiry, bytes, valueAt);
			valueLength += extra;
		}
		const storedLength = keyLength + 1;
		bytes[start] = storedLength;
		bytes[start + 1] = storedLength >>> 8;
		bytes[start + 2] = storedLength >>> 16;
		bytes[start + 3] = expiry === undefined ? kind : KIND_PUT_EXPIRING;
		bytes[start + 4] = valueLength;
		bytes[start + 5] = valueLength >>> 8;
		bytes[start + 6] = valueLength >>> 16;
		bytes[start + 7] = valueLength >>> 24;
		return valueAt + valueLength - room.at;
	}

	/** @internal */
	protected syncOf(options: WriteOptions | undefined): boolean {
		const sync = options?.sync;
		if (sync === undefined) return this.#options.sync;
		if (typeof sync !== "boolean") throw new WlsmError("WLSM_INVALID_ARGUMENT", "Option sync is true or false.");
		return sync;
	}

	/** Stores the value under the key, in place of an earlier one; with `ttlMs` for so many milliseconds from now on. */
	putSync(key: Key, value: Value, options?: PutWriteOptions): void {
		const sync = this.syncOf(options);
		const ticket = this.engine.prepareCommit();
		this.engine.commitSync(ticket, this.encode(KIND_PUT, key, value, options?.ttlMs), 1, sync);
	}

	/** As `putSync`, as a promise: the calling thread waits neither for room nor for the disk. */
	put(key: Key, value: Value, options?: PutWriteOptions): Promise<void> {
		try {
			if (this.engine.queue.busy) return this.#enqueuePut(key, value, options);
			const sync = this.syncOf(options);
			const ticket = this.engine.prepareCommit();
			return this.commit(ticket, this.encode(KIND_PUT, key, value, options?.ttlMs), 1, sync);
		} catch (error) {
			return Promise.reject(error);
		}
	}

	/** Removes the key; no error where it is absent. */
	deleteSync(key: Key, options?: WriteOptions): void {
		const sync = this.syncOf(options);
		const ticket = this.engine.prepareCommit();
		this.engine.commitSync(ticket, this.encode(KIND_DELETE, key), 1, sync);
	}

	/** As `deleteSync`, as a promise. */
	delete(key: Key, options?: WriteOptions): Promise<void> {
		try {
			if (this.engine.queue.busy) return this.#enqueueDelete(key, options);
			const sync = this.syncOf(options);
			const ticket = this.engine.prepareCommit();
			return this.commit(ticket, this.encode(KIND_DELETE, key), 1, sync);
		} catch (error) {
			return Promise.reject(error);
		}
	}

	// A commit that waits for its turn keeps what it was given as it was then: callers reuse buffers and arrays.

	#enqueuePut(key: Key, value: Value, options: PutWriteOptions | undefined): Promise<void> {
		const keptKey = kept(this.keyCodec, key, "key");
		const keptValue = kept(this.valueCodec, value, "value");
		const keptOptions = { ...options };
		return this.engine.queue.enqueue(() => this.put(keptKey, keptValue, keptOptions));
	}

	#enqueueDelete(key: Key, options: WriteOptions | undefined): Promise<void> {
		const keptKey = kept(this.keyCodec, key, "key");
		const keptOptions = { ...options };
		return this.engine.queue.enqueue(() => this.delete(keptKey, keptOptions));
	}

	#enqueueBatch(
		operations: readonly BatchOperation<Key, Value>[],
		options: PutWriteOptions | undefined,
	): Promise<void> {
		const keptOptions = { ...options };
		const keptOperations = batchOperations(operations).map((operation): BatchOperation<Key, Value> => {
			const key = kept(this.keyCodec, operation.key, "key");
			if (operation.type !== "put") return { type: "delete", key };
			return { ...operation, key, value: kept(this.valueCodec, operation.value, "value") };
		});
		return this.engine.queue.enqueue(() => this.batch(keptOperations, keptOptions));
	}

	/** @internal */
	protected commit(ticket: number, length: number, entries: number, sync: boolean): Promise<void> {
		if (sync) return this.engine.commitDurable(ticket, length, entries);
		this.engine.commitSync(ticket, length, entries, false);
		return this.engine.turns.answer(undefined);
	}

	#encodeBatch(operations: readonly BatchOperation<Key, Value>[], options: PutOptions | undefined): number {
		let at = 0;
		for (const operation of batchOperations(operations)) {
			if (operation.type === "put") {
				const ttlMs = operation.ttlMs === undefined ? options?.ttlMs : operation.ttlMs;
				at = this.encode(KIND_PUT, operation.key, operation.value, ttlMs, at);
			} else {
				at = this.encode(KIND_DELETE, operation.key, undefined, undefined, at);
			}
		}
		return at;
	}

	/** All operations or none, in their order: a later one on the same key wins. */
	batchSync(operations: readonly BatchOperation<Key, Value>[], options?: PutWriteOptions): void {
		const sync = this.syncOf(options);
		const ticket = this.engine.prepareCommit();
		const length = this.#encodeBatch(operations, options);
		if (length !== 0) this.engine.commitSync(ticket, length, operations.length, sync);
	}

	/** As `batchSync`, as a promise. */
	batch(operations: readonly BatchOperation<Key, Value>[], options?: PutWriteOptions): Promise<void> {
		try {
			if (this.engine.queue.busy) return this.#enqueueBatch(operations, options);
			const sync = this.syncOf(options);
			const ticket = this.engine.prepareCommit();
			const length = this.#encodeBatch(operations, options);
			return length === 0 ? Promise.resolve() : this.commit(ticket, length, operations.length, sync);
		} catch (error) {
			return Promise.reject(error);
		}
	}

	/**
	 * Removes every key of the range, all of them or, on failure, none. One operation however many keys that are, unless the range
	 * has a `limit`: then each key is a deletion of its own.
	 */
	deleteRangeSync(range: Range<Key>, options?: WriteOptions): void {
		const sync = this.syncOf(options);
		this.engine.checkWritable();
		deleteRangeSync(this.engine, Keyspace.keyValue, this.encodeRange(range), limitOf(range), sync);
	}

	/** As `deleteRangeSync`, as a promise. */
	async deleteRange(range: Range<Key>, options?: WriteOptions): Promise<void> {
		const sync = this.syncOf(options);
		this.engine.checkWritable();
		await deleteRange(this.engine, Keyspace.keyValue, this.encodeRange(range), limitOf(range), sync);
	}

	/**
	 * Stores many entries at once, past the log and the memtable, as `put` would: entries in strictly ascending order of their
	 * keys' bytes (`WLSM_INVALID_ARGUMENT` otherwise). Resolves with their number when all of them are on stable storage; they are
	 * seen from then on, all at the same moment. Where it fails, or the power goes, none of them is there.
	 */
	async ingest(entries: Iterable<readonly [Key, Value]> | AsyncIterable<readonly [Key, Value]>): Promise<number> {
		return this.engine.ingestions.ingest(storedEntries(entries, this.keyCodec, this.valueCodec));
	}

	// -- Snapshots and transactions ----------------------------------------------------------------------------------

	/** The database as it is now, for reads, until it is closed. */
	snapshot(): Snapshot<Key, Value> {
		this.engine.checkOpen();
		return new Snapshot(this.engine, this.keyCodec, this.valueCodec);
	}

	#begin(): { transaction: Transaction; handle: KeyValueTransaction<Key, Value> } {
		this.engine.checkWritable();
		const transaction = new Transaction(this.engine, this.engine.lastSequence);
		return {
			transaction,
			handle: new KeyValueTransaction<Key, Value>(this.engine, this.keyCodec, this.valueCodec, transaction),
		};
	}

	/**
	 * Runs `fn` and commits what it wrote when it returns; rolls back when it throws. Snapshot isolation: fails with
	 * `WLSM_CONFLICT` where another commit has meanwhile written one of the keys that it wrote.
	 */
	async transaction<Answer>(
		fn: (tx: KeyValueTransaction<Key, Value>) => Answer | Promise<Answer>,
		options?: WriteOptions,
	): Promise<Answer> {
		const sync = this.syncOf(options);
		const { transaction, handle } = this.#begin();
		try {
			const answer = await fn(handle);
			transaction.commit({ sync });
			return answer;
		} finally {
			transaction.rollback();
		}
	}

	/** As `transaction` for a function that does not wait; one that answers a promise is refused and rolled back. */
	transactionSync<Answer>(fn: (tx: KeyValueTransaction<Key, Value>) => Answer, options?: WriteOptions): Answer {
		const sync = this.syncOf(options);
		const { transaction, handle } = this.#begin();
		try {
			const answer = fn(handle);
			if (typeof (answer as { then?: unknown } | null | undefined)?.then === "function") {
				throw new WlsmError(
					"WLSM_INVALID_ARGUMENT",
					"transactionSync takes a function that does not return a promise. Use transaction for one that does.",
				);
			}
			transaction.commit({ sync });
			return answer;
		} finally {
			transaction.rollback();
		}
	}

	// -- Upkeep ------------------------------------------------------------------------------------------------------

	/** Writes what is in memory to tables. */
	async flush(): Promise<void> {
		this.engine.checkWritable();
		await this.engine.compactor.flush();
	}

	/** Merges the tables that hold keys of the range, all by default. */
	async compact(range?: Range<Key>): Promise<void> {
		this.engine.checkWritable();
		const bounds = range === undefined ? undefined : storedBounds(Keyspace.keyValue, this.encodeRange(range));
		if (range !== undefined && bounds === undefined) return;
		await this.engine.compactor.compactRange(bounds?.lower, bounds?.upper);
	}

	/**
	 * Makes a second database of all that is committed now in a directory, which must be absent or empty (`WLSM_EXISTS`). It
	 * shares its tables with this one where the file system has hard links, and is independent otherwise. Reads and commits go
	 * on meanwhile; commits made after the call may be in it. On a failure nothing stays in the directory.
	 */
	async checkpoint(directory: string): Promise<void> {
		this.engine.checkOpen();
		if (typeof directory !== "string" || directory === "" || directory === MEMORY_LOCATION) {
			throw new WlsmError(
				"WLSM_INVALID_ARGUMENT",
				`A checkpoint goes to a directory's path, not ${describe(directory)}.`,
			);
		}
		const storage = this.location === MEMORY_LOCATION ? new NodeStorage() : this.engine.storage;
		const target = storage.resolve(directory);
		// Closing waits for it.
		this.engine.readStarted();
		try {
			if (!this.engine.readOnly) await this.flush();
			this.engine.checkAlive();
			await checkpointEngine(this.engine, storage, target);
		} finally {
			this.engine.readEnded();
		}
	}

	/** Reads every file and checks every checksum and what the files say of each other. */
	async verify(): Promise<VerifyReport> {
		this.engine.checkOpen();
		return verifyEngine(this.engine);
	}

	/** Figures of the database as plain data. */
	async stats(): Promise<DatabaseStats> {
		this.engine.checkOpen();
		return databaseStats(this.engine);
	}

	// -- Closing -----------------------------------------------------------------------------------------------------

	/** Ends open iterators, waits for reads under way, puts the log on stable storage. Closing twice is harmless. */
	close(): Promise<void> {
		this.#closing ??= (async () => {
			if (this.engine.closed) return;
			this.engine.beginClose();
			await this.engine.idle();
			await this.engine.compactor.close();
			this.engine.finishClose();
		})();
		return this.#closing;
	}

	/** As `close`, at once: reads that wait for the disk are still answered. */
	closeSync(): void {
		if (this.engine.closed) return;
		this.engine.beginClose();
		this.engine.compactor.closeSync();
		this.engine.finishClose();
	}

	[Symbol.dispose](): void {
		this.closeSync();
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.close();
	}
}
