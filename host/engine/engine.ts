import { KEY_MAX_BYTES } from "../../assembly/shared/format.js";
import { WlsmError } from "../errors.js";
import type { Kernel, RecordBuffer } from "../kernel/contract.js";
import type { ResolvedOptions } from "../options.js";
import type { Storage } from "../storage/storage.js";
import { Copies } from "./bytes.js";
import { CommitLog } from "./commit-log.js";
import { CommitQueue } from "./commit-queue.js";
import { Compactor } from "./compactor.js";
import type { EngineParts } from "./engine-parts.js";
import type { Events } from "./events.js";
import { closedError, ioError, reenteredError } from "./failure.js";
import { Figures } from "./figures.js";
import type { FileCache } from "./file-cache.js";
import { Ingestions } from "./ingestion.js";
import type { Lock } from "./lock.js";
import type { Manifest } from "./manifest.js";
import type { EncodedBatch } from "./operations.js";
import { type Place, PointReads } from "./point-reads.js";
import { OpenScans } from "./scan-cursor.js";
import { Snapshot, SnapshotRegistry } from "./snapshots.js";
import type { ByteSnapshot, ByteStore, ByteTransaction, FoundValue, Keyspace } from "./store.js";
import type { MemtableReference, Superversion } from "./superversion.js";
import { Transaction } from "./transaction.js";
import { Turns } from "./turns.js";
import { WriteSets } from "./write-set.js";

/**
 * An open database on the level of bytes: commits, point reads, scans, snapshots, transactions. One thread, one writer.
 *
 * A commit is encoded into `kernel.record` between `prepareCommit` and `commit`; a read's key into `kernel.keyBytes`.
 */
export class Engine implements ByteStore {
	readonly kernel: Kernel;
	readonly events: Events;
	readonly storage: Storage;
	/** Of its tables. */
	readonly files: FileCache;
	readonly directory: string;
	readonly options: ResolvedOptions;
	readonly manifest: Manifest;
	/** The time by which values expire, in Unix milliseconds: asked for once per operation. Tests put their own in its place. */
	now: () => number = Date.now;
	readonly snapshots = new SnapshotRegistry();
	readonly figures = new Figures();
	readonly writeSets = new WriteSets();
	readonly copies = new Copies();
	readonly compactor: Compactor;
	/** For answers to asynchronous callers that nothing was waited for. */
	readonly turns = new Turns();
	readonly #reads: PointReads;
	readonly #lock: Lock | undefined;
	readonly #log: CommitLog | undefined;
	#superversion: Superversion;
	#active: MemtableReference;
	#lastSequence: number;
	/** Reads under way that wait for the disk: closing waits for them. */
	#pendingReads = 0;
	#onIdle: (() => void) | undefined;
	/** Number of the last prepared commit. */
	#ticket = 0;
	/** A batch may be on its way into the record, which edits of the manifest would overwrite. */
	#encoding = false;
	/** Set by the first failure that leaves it unsure what is on disk: nothing is written any more. */
	#failure: unknown;
	#closed = false;
	/** When closing began. */
	#closedAt = 0;
	#finished = false;

	constructor(parts: EngineParts) {
		this.options = parts.options;
		this.events = parts.events;
		this.storage = parts.storage;
		this.files = parts.files;
		this.directory = parts.directory;
		this.kernel = parts.kernel;
		this.manifest = parts.manifest;
		this.#lock = parts.lock;
		this.#log = parts.log === undefined ? undefined : new CommitLog(this, parts.log);
		this.#superversion = parts.superversion;
		this.#active = parts.active;
		this.#lastSequence = parts.lastSequence;
		this.#reads = new PointReads(parts.kernel, () => this.now());
		this.compactor = new Compactor(this, parts.startBackground);
		this.queue = new CommitQueue(this.compactor);
	}

	get readOnly(): boolean {
		return this.options.readOnly;
	}

	readonly ingestions = new Ingestions(this);

	get closed(): boolean {
		return this.#closed;
	}

	get lastSequence(): number {
		return this.#lastSequence;
	}

	/** Of a database that is written to. */
	get log(): CommitLog {
		return this.#log as CommitLog;
	}

	/** Bytes of the log that commits go to, and syncs of all so far. */
	get logFigures(): { readonly bytes: number; readonly syncs: number } {
		return this.#log?.figures ?? { bytes: 0, syncs: 0 };
	}

	get superversion(): Superversion {
		return this.#superversion;
	}

	get active(): MemtableReference {
		return this.#active;
	}

	/** For what closing waits for: throws where `closeSync`, which cannot wait, gave everything up meanwhile. */
	checkAlive(): void {
		if (this.#finished) throw closedError();
	}

	get finished(): boolean {
		return this.#finished;
	}

	/** Nothing is written any more. */
	get failed(): boolean {
		return this.#failure !== undefined || this.kernel.broken !== undefined;
	}

	checkOpen(): void {
		if (this.#closed) throw closedError();
	}

	/** Everything that is there has a sequence number up to this one, and is in tables. */
	advance(sequence: number): void {
		this.#lastSequence = sequence;
	}

	/** Replaces what reads look through. The old one lives on with its readers. */
	install(superversion: Superversion, active: MemtableReference): void {
		this.#superversion.release();
		this.#superversion = superversion;
		this.#active = active;
	}

	/** Stops all writing until the database is opened again, and answers the error to throw. */
	fail(error: unknown): unknown {
		if (this.#failure === undefined) this.events.error("writing", error);
		this.#failure ??= error;
		return error;
	}

	/** Where an invariant of the kernel is broken, no state of it can be trusted for writing any more. */
	trapped(error: unknown): unknown {
		const broken = this.kernel.trap(error);
		return broken === undefined ? error : this.fail(broken);
	}

	// -- Commits -----------------------------------------------------------------------------------------------------

	/**
	 * Checks that writing is possible and makes room in the memtable. Must come before the batch is encoded. The ticket that it
	 * answers shows at the commit that no other one came in between and overwrote the record.
	 */
	prepareCommit(): number {
		this.queue.flushSync();
		this.checkWritable();
		try {
			this.compactor.makeRoom();
		} catch (error) {
			throw this.trapped(error);
		}
		this.#encoding = true;
		this.#ticket += 1;
		return this.#ticket;
	}

	/** Commits of asynchronous callers that wait for the background. */
	readonly queue: CommitQueue;

	checkWritable(): void {
		this.checkOpen();
		if (this.readOnly) throw new WlsmError("WLSM_READ_ONLY", "The database was opened read-only.");
		this.checkSound();
	}

	/** Throws where an earlier failure has stopped all writing. */
	checkSound(): void {
		const { broken } = this.kernel;
		if (broken !== undefined) this.fail(broken);
		if (this.#failure === undefined) return;
		throw new WlsmError(
			this.#failure instanceof WlsmError ? this.#failure.code : "WLSM_IO",
			`Nothing is written since an earlier failure (${(this.#failure as Error).message}). Close the database and open it again.`,
			{ cause: this.#failure },
		);
	}

	/** Logs the batch of `entries` operations in `kernel.record`, then shows it to readers. */
	commitSync(ticket: number, payloadLength: number, entries: number, sync: boolean): void {
		this.#write(ticket, payloadLength, entries);
		if (sync) this.log.syncSync();
		this.compactor.relieve();
	}

	/** As `commitSync`; resolves when the batch is on stable storage, which commits made meanwhile share. */
	async commitDurable(ticket: number, payloadLength: number, entries: number): Promise<void> {
		this.#write(ticket, payloadLength, entries);
		await this.log.sync();
	}

	#write(ticket: number, payloadLength: number, entries: number): void {
		if (ticket !== this.#ticket) throw reenteredError();
		this.#encoding = false;
		const log = this.log.current;
		const { record } = this.kernel;
		const { memtable } = this.#active;
		const sequence = this.#lastSequence + 1;
		try {
			const sealed = record.sealBatch(payloadLength, entries, memtable, sequence, log.durableBytes, log.identity.seed);
			try {
				log.append(sealed);
			} catch (error) {
				throw this.fail(ioError("write", log.path, error));
			}
			record.apply(payloadLength, memtable, sequence);
			this.figures.committed(entries, payloadLength, sealed.length);
		} catch (error) {
			throw this.trapped(error);
		}
		this.#lastSequence = sequence + entries - 1;
	}

	/** Commits a batch that is encoded when its turn has come; nothing where it is empty. */
	commitBatch(encode: (record: RecordBuffer) => EncodedBatch, sync: boolean): void {
		const ticket = this.prepareCommit();
		const { length, entries } = encode(this.kernel.record);
		if (entries !== 0) this.commitSync(ticket, length, entries, sync);
	}

	// -- Point reads -------------------------------------------------------------------------------------------------

	/** Reads the stored key of `keyLength` bytes in `kernel.keyBytes`. True: the value is in `kernel.result`. */
	findSync(keyLength: number, sequence = this.#lastSequence): boolean {
		try {
			return this.#reads.findSync(this.#superversion, keyLength, sequence);
		} catch (error) {
			throw this.trapped(error);
		}
	}

	/** As `findSync` of what is in memory; otherwise where on the disk it would go on. */
	peek(keyLength: number, sequence: number): boolean | Place {
		try {
			return this.#reads.peek(this.#superversion, keyLength, sequence);
		} catch (error) {
			throw this.trapped(error);
		}
	}

	/** As `findSync`, but what is not in memory is read without blocking; `take` turns the result into the answer. */
	find<Answer>(keyLength: number, sequence: number, take: () => Answer): Promise<Answer | undefined> {
		try {
			const answer = this.#reads.find(this.#superversion, keyLength, sequence, take);
			if (!(answer instanceof Promise)) return this.turns.answer(answer);
			this.readStarted();
			return answer.then(this.#answered, this.#failed) as Promise<Answer | undefined>;
		} catch (error) {
			return Promise.reject(this.trapped(error));
		}
	}

	readonly #answered = <Answer>(answer: Answer): Answer => {
		this.readEnded();
		return answer;
	};

	readonly #failed = (error: unknown): never => {
		this.readEnded();
		throw this.trapped(error);
	};

	/** Puts a stored key of at most KEY_MAX_BYTES where the next read looks for it. */
	stageKey(space: Keyspace, key: Uint8Array): number {
		const { keyBytes, keyAt } = this.kernel;
		keyBytes[keyAt] = space;
		keyBytes.set(key, keyAt + 1);
		return key.length + 1;
	}

	/** The result of the last read as a copy. */
	copyResult(): Uint8Array {
		const { bytes, at, length } = this.kernel.result;
		return this.copies.take(bytes, at, at + length);
	}

	/** Newest sequence number that wrote or deleted the staged key, 0 where it is not known to the database. */
	newestSequence(keyLength: number): number {
		this.findSync(keyLength);
		return this.kernel.resultSequence();
	}

	readStarted(): void {
		this.#pendingReads += 1;
	}

	readEnded(): void {
		this.#pendingReads -= 1;
		if (this.#pendingReads === 0) this.#onIdle?.();
	}

	// -- Scans, snapshots, transactions ------------------------------------------------------------------------------

	readonly scans = new OpenScans(this);

	getAt(space: Keyspace, key: Uint8Array, sequence: number): Uint8Array | undefined {
		return this.hasAt(space, key, sequence) ? this.copyResult() : undefined;
	}

	hasAt(space: Keyspace, key: Uint8Array, sequence: number): boolean {
		this.checkOpen();
		return key.length < KEY_MAX_BYTES && this.findSync(this.stageKey(space, key), sequence);
	}

	snapshot(): ByteSnapshot {
		this.#collect();
		return new Snapshot(this, this.#lastSequence);
	}

	look(space: Keyspace, key: Uint8Array): FoundValue | undefined {
		this.#collect();
		return this.hasAt(space, key, this.#lastSequence) ? this.kernel.result : undefined;
	}

	/** Statements that read take what the background has finished, also where the event loop never turns. */
	#collect(): void {
		this.checkOpen();
		if (!this.#encoding && !this.compactor.quiet) this.compactor.collect();
	}

	begin(): ByteTransaction {
		this.checkOpen();
		return new Transaction(this, this.#lastSequence);
	}

	// -- Closing -----------------------------------------------------------------------------------------------------

	/** Resolves when no read waits for the disk. */
	async idle(): Promise<void> {
		if (this.#pendingReads === 0) return;
		await new Promise<void>((resolve) => {
			this.#onIdle = resolve;
		});
	}

	/** Refuses everything from now on; what is under way goes on. */
	beginClose(): void {
		this.#closed = true;
		this.#closedAt = performance.now();
	}

	/** Puts the log on stable storage and gives everything up. Reads that wait have ended. Closing goes on after a failure. */
	finishClose(): void {
		this.#finished = true;
		let failure: unknown;
		const attempt = (action: () => void) => {
			try {
				action();
			} catch (error) {
				failure ??= error;
			}
		};
		for (const cursor of this.scans.all()) attempt(() => cursor.close());
		const log = this.#log;
		if (log !== undefined) attempt(() => (this.failed ? log.keep() : log.complete()));
		attempt(() => log?.close());
		attempt(() => this.compactor.settler.finish());
		attempt(() => this.#superversion.release());
		attempt(() => this.manifest.close());
		attempt(() => this.#lock?.release());
		this.events.tell("close", () => ({ milliseconds: performance.now() - this.#closedAt }));
		if (failure !== undefined) throw ioError("close", this.directory, failure);
	}
}
