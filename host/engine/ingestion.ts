import { setImmediate } from "node:timers";
import { LEVELS } from "../../assembly/shared/abi.js";
import { KIND_PUT } from "../../assembly/shared/format.js";
import { WlsmError } from "../errors.js";
import type { TableDescription } from "../kernel/contract.js";
import type { Engine } from "./engine.js";
import { tableName } from "./files.js";
import { removeQuietly } from "./job-run.js";
import { compareBytes } from "./range.js";
import { type TablePlace, TableSink } from "./table-sink.js";

/** A stored key and its value. Both are copied before the next entry is asked for. */
export type StoredEntry = readonly [key: Uint8Array, value: Uint8Array];

/**
 * Entries of an ingestion all have one sequence number, this far ahead of the last one at its beginning, so that commits made
 * meanwhile come before it. A database has room for four million ingestions.
 */
const SEQUENCES_AHEAD = 2 ** 31;

/** Entries between two turns of the event loop. */
const TURN_ENTRIES = 4096;

/** Bulk ingestion: sorted entries become tables beside log and memtable, and enter with one edit of the manifest. */
export class Ingestions {
	/** Numbers of tables that are being made and that no manifest names yet. */
	readonly unnamed = new Set<number>();
	readonly #engine: Engine;
	/** One at a time: the tables of each are newer than those of the one before. */
	#last: Promise<unknown> = Promise.resolve();

	constructor(engine: Engine) {
		this.#engine = engine;
	}

	/**
	 * Entries in strictly ascending order of their keys. Resolves with their number once all of them are on stable storage and are
	 * seen, all at the same moment; where it fails, none is. `WLSM_INVALID_ARGUMENT` where a key is not greater than the one before.
	 */
	async ingest(entries: Iterable<StoredEntry> | AsyncIterable<StoredEntry>): Promise<number> {
		const engine = this.#engine;
		engine.checkWritable();
		const before = this.#last;
		// Closing waits for it.
		engine.readStarted();
		const ingested = before.then(() => this.#ingest(entries)).finally(() => engine.readEnded());
		this.#last = ingested.catch(() => {});
		return ingested;
	}

	async #ingest(entries: Iterable<StoredEntry> | AsyncIterable<StoredEntry>): Promise<number> {
		const engine = this.#engine;
		engine.checkWritable();
		const ingestion = new Ingestion(engine, this.unnamed);
		try {
			for await (const [key, value] of turning(entries)) {
				engine.checkWritable();
				ingestion.add(key, value);
			}
			const outputs = ingestion.finish();
			if (outputs.length > 0) {
				// Most of what is in memtables is flushed without blocking; what comes meanwhile is little.
				await engine.compactor.flush();
				engine.checkWritable();
				ingestion.enter(outputs);
			}
			return ingestion.entries;
		} catch (error) {
			ingestion.abandon();
			throw engine.trapped(error);
		} finally {
			ingestion.free();
		}
	}
}

/** Lets the event loop turn now and then, also over entries that come without waiting. */
async function* turning<Entry>(entries: Iterable<Entry> | AsyncIterable<Entry>): AsyncGenerator<Entry> {
	let count = 0;
	for await (const entry of entries) {
		if (++count % TURN_ENTRIES === 0) await new Promise((resolve) => setImmediate(resolve));
		yield entry;
	}
}

class Ingestion {
	readonly #engine: Engine;
	readonly #unnamed: Set<number>;
	readonly #sequence: number;
	readonly #sink: TableSink;
	#lastKey: Uint8Array | undefined;
	#entered = false;
	entries = 0;

	constructor(engine: Engine, unnamed: Set<number>) {
		this.#engine = engine;
		this.#unnamed = unnamed;
		this.#sequence = engine.lastSequence + SEQUENCES_AHEAD;
		const { storage, kernel, directory, options, manifest } = engine;
		const { databaseId } = manifest.state;
		this.#sink = new TableSink({
			storage,
			kernel,
			directory,
			databaseId,
			options,
			get nextFile() {
				return manifest.state.nextFile;
			},
			set nextFile(number) {
				for (let file = manifest.state.nextFile; file < number; file++) unnamed.add(file);
				manifest.state.nextFile = number;
			},
		} satisfies TablePlace);
	}

	add(key: Uint8Array, value: Uint8Array): void {
		if (this.#lastKey !== undefined && compareBytes(this.#lastKey, key) >= 0) {
			throw new WlsmError(
				"WLSM_INVALID_ARGUMENT",
				`Entry ${this.entries} has a key that is not greater than the one before. Ingest entries in ascending order, each key once.`,
			);
		}
		this.#lastKey = key;
		this.#sink.addVersions([{ sequence: this.#sequence, kind: KIND_PUT, key, value }]);
		this.entries += 1;
	}

	finish(): readonly TableDescription[] {
		return this.#sink.finish();
	}

	/**
	 * In one go: no commit comes between. The memtables must be empty, since what is in them is older than what is ingested and
	 * is searched before all tables.
	 */
	enter(outputs: readonly TableDescription[]): void {
		const engine = this.#engine;
		const { compactor, queue } = engine;
		queue.flushSync();
		compactor.flushSync();
		if (engine.lastSequence >= this.#sequence) {
			throw new WlsmError(
				"WLSM_CONFLICT",
				`More than ${SEQUENCES_AHEAD} operations were committed while entries were ingested. Nothing of them was kept; ingest them again.`,
			);
		}
		compactor.planner.enterTables(outputs, this.#level(outputs), this.#sequence);
		this.#entered = true;
		engine.advance(this.#sequence);
		// What is committed from now on counts on the edit: its log begins after it.
		compactor.settler.settleNow();
	}

	/** The lowest level above which, and on which, no table has keys of theirs. Level 0 is always right. */
	#level(outputs: readonly TableDescription[]): number {
		// The output of a compaction may span keys that its inputs do not.
		if (this.#engine.compactor.compacting) return 0;
		const smallest = outputs[0]?.smallest ?? new Uint8Array(0);
		const largest = outputs.at(-1)?.largest ?? smallest;
		const taken = this.#engine.superversion.levels.findIndex((tables) =>
			tables.some(
				({ description }) =>
					compareBytes(description.smallest, largest) <= 0 && compareBytes(smallest, description.largest) <= 0,
			),
		);
		return taken === -1 ? LEVELS - 1 : Math.max(0, taken - 1);
	}

	/**
	 * Removes what no manifest names. In a database that was closed meanwhile the next one to open it does that; also where the
	 * manifest has failed, and may name it.
	 */
	abandon(): void {
		const { storage, directory, finished, failed } = this.#engine;
		if (this.#entered || finished || failed) return;
		for (const { file } of this.#sink.outputs) removeQuietly(storage, storage.join(directory, tableName(file)));
	}

	free(): void {
		for (const { file } of this.#sink.outputs) this.#unnamed.delete(file);
		this.#sink.free();
	}
}
