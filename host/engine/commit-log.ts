import type { Engine } from "./engine.js";
import { ioError } from "./failure.js";
import { walName } from "./files.js";
import type { LogWriter } from "./log-writer.js";

/** The write-ahead log of an open database: the file that commits go to, and earlier ones that are still needed. */
export class CommitLog {
	readonly #engine: Engine;
	readonly #older = new Map<number, LogWriter>();
	#current: LogWriter;

	constructor(engine: Engine, current: LogWriter) {
		this.#engine = engine;
		this.#current = current;
	}

	/** Where commits go. */
	get current(): LogWriter {
		return this.#current;
	}

	/** Number of that file. */
	get number(): number {
		return this.#current.identity.number;
	}

	/** Bytes of that file, and syncs of all so far. */
	get figures(): { readonly bytes: number; readonly syncs: number } {
		let { syncs } = this.#engine.figures.log;
		for (const log of [this.#current, ...this.#older.values()]) syncs += log.syncs;
		return { bytes: this.#current.bytes, syncs };
	}

	/** Puts every commit so far on stable storage. */
	syncSync(): void {
		const log = this.#current;
		try {
			log.syncSync();
		} catch (error) {
			throw this.#engine.fail(ioError("sync", log.path, error));
		}
	}

	/** As `syncSync`, shared by those who wait at the same time. */
	async sync(): Promise<void> {
		const log = this.#current;
		try {
			await log.sync();
		} catch (error) {
			throw this.#engine.fail(ioError("sync", log.path, error));
		}
	}

	/** Goes on in a new file. The old one stays open for its sync until it is retired. */
	switchTo(log: LogWriter): void {
		const old = this.#current;
		log.follow(old, this.#engine.storage, this.#engine.directory);
		this.#older.set(old.identity.number, old);
		this.#current = log;
	}

	/** What the file holds is in tables, by an edit on stable storage. */
	retire(number: number): void {
		const { storage, directory, compactor } = this.#engine;
		const log = this.#older.get(number);
		log?.retire();
		this.#engine.figures.log.syncs += log?.syncs ?? 0;
		this.#older.delete(number);
		compactor.settler.discard(storage.join(directory, walName(number)));
	}

	/** Puts everything on stable storage and says so in the manifest. */
	complete(): void {
		const log = this.#current;
		const { manifest } = this.#engine;
		if (log.durableBytes !== log.bytes) log.syncSync();
		const { closedLog } = manifest.state;
		if (closedLog?.number === log.identity.number && closedLog.bytes === log.bytes) return;
		manifest.commit({ closedLog: { number: log.identity.number, bytes: log.bytes } });
	}

	/**
	 * As `complete`, after a failure of something else, which may have come in the background and be told to nobody. Where the
	 * log itself has failed, whoever wrote to it was told.
	 */
	keep(): void {
		const log = this.#current;
		if (!log.failed && log.durableBytes !== log.bytes) log.syncSync();
	}

	close(): void {
		for (const older of this.#older.values()) older.close();
		this.#current.close();
	}
}
