import { setImmediate } from "node:timers";
import { LEVELS } from "../../assembly/shared/abi.js";
import { KIND_PUT } from "../../assembly/shared/format.js";
import { WlsmError } from "../errors.js";
import type { Kernel, TableDescription } from "../kernel/contract.js";
import { rangeChanged } from "./changes.js";
import type { Engine } from "./engine.js";
import { tableName } from "./files.js";
import type { PlacedTables } from "./job-planner.js";
import { removeQuietly } from "./job-run.js";
import { UnnamedTables } from "./made-tables.js";
import { compareBytes } from "./range.js";
import type { MadeTables } from "./store.js";
import { type TablePlace, TableSink } from "./table-sink.js";

/** A stored key and its value. Both are copied before the next entry is asked for. */
export type StoredEntry = readonly [key: Uint8Array, value: Uint8Array];

/**
 * Entries of an ingestion all have one sequence number, this far ahead of the last one at its beginning, so that commits made
 * meanwhile come before it. A database has room for four million ingestions.
 */
const SEQUENCES_AHEAD = 2 ** 31;

/** Of a memtable: what is flushed in a millisecond or two. */
const LITTLE_BYTES = 256 << 10;

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
		const ingestion = new EntryIngestion(new Entrance(engine, this.unnamed));
		try {
			for await (const [key, value] of turning(entries)) {
				engine.checkWritable();
				ingestion.add(key, value);
			}
			await ingestion.enter();
			return ingestion.entries;
		} catch (error) {
			ingestion.abandon();
			throw engine.trapped(error);
		} finally {
			ingestion.free();
		}
	}

	/** The way in for tables that are made elsewhere. Those of other ingestions wait until `free` has been called, and so does closing. */
	async begin(): Promise<Entrance> {
		const engine = this.#engine;
		engine.checkWritable();
		const before = this.#last;
		let over: () => void = () => {};
		this.#last = new Promise<void>((resolve) => {
			over = resolve;
		});
		engine.readStarted();
		const end = () => {
			engine.readEnded();
			over();
		};
		await before;
		try {
			engine.checkWritable();
			return new Entrance(engine, this.unnamed, { end });
		} catch (error) {
			end();
			throw error;
		}
	}

	/**
	 * As `begin`, for tables that enter before anything else is committed: their entries have the sequence numbers that come next, as
	 * those of a commit. They are made by `kernel`.
	 */
	beginNow(kernel: Kernel): Entrance {
		const engine = this.#engine;
		engine.checkWritable();
		engine.queue.flushSync();
		return new Entrance(engine, this.unnamed, { kernel, sequencesAhead: 1 });
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

interface EntranceOptions {
	/** Called in the end. */
	readonly end?: () => void;
	readonly kernel?: Kernel;
	readonly sequencesAhead?: number;
}

/** What tables of rows pass when they enter, of which there may be others already. */
export interface Gate {
	/** Whether they may, at the moment of entering. */
	mayEnter(outputs: readonly TableDescription[]): boolean;
	/** Whether they may take the place of entries between the least and the greatest of their keys. */
	readonly replaces: boolean;
	/** Commits a transaction that takes them; false where it has not. */
	commit(tables: MadeTables): boolean;
	/** They have, and nothing has come between. */
	entered?(outputs: readonly TableDescription[]): void;
}

/** Where tables of an ingestion are made, and how they become part of the database: all at the same moment. */
export class Entrance {
	/** Of all entries, or the first of those that they have. */
	readonly sequence: number;
	readonly place: TablePlace;
	readonly #engine: Engine;
	readonly #unnamed: Set<number>;
	readonly #numbers: number[] = [];
	readonly #end: () => void;
	#entered = false;

	constructor(engine: Engine, unnamed: Set<number>, options: EntranceOptions = {}) {
		const { end = () => {}, kernel = engine.kernel, sequencesAhead = SEQUENCES_AHEAD } = options;
		this.#engine = engine;
		this.#unnamed = unnamed;
		this.#end = end;
		this.sequence = engine.lastSequence + sequencesAhead;
		const { storage, directory, manifest } = engine;
		const { databaseId } = manifest.state;
		const setAside = (file: number) => this.#setAside(file);
		this.place = {
			storage,
			kernel,
			directory,
			databaseId,
			options: engine.options,
			get nextFile() {
				return manifest.state.nextFile;
			},
			set nextFile(number) {
				for (let file = manifest.state.nextFile; file < number; file++) setAside(file);
				manifest.state.nextFile = number;
			},
		};
	}

	#setAside(file: number): void {
		this.#unnamed.add(file);
		this.#numbers.push(file);
	}

	/** Sets so many numbers of files aside; answers the first. */
	takeFiles(count: number): number {
		const first = this.place.nextFile;
		this.place.nextFile = first + count;
		return first;
	}

	/** Fails where the database is closed or nothing can be written any more. */
	check(): void {
		this.#engine.checkWritable();
	}

	/**
	 * Tables in the order of their keys, complete and on stable storage. Through a gate only where it lets them at the moment of
	 * entering, and where nothing that is not to be replaced has been written to any key between the least and the greatest of theirs;
	 * false where they have not entered.
	 */
	async enter(outputs: readonly TableDescription[], gate?: Gate): Promise<boolean> {
		if (outputs.length === 0) return true;
		const engine = this.#engine;
		// What is much in memtables is flushed without blocking; what comes meanwhile is little, and takes less than a thread's start.
		if (engine.active.memtable.bytes() > LITTLE_BYTES || engine.superversion.memtables.length > 1)
			await engine.compactor.flush();
		engine.checkWritable();
		this.#readyNow();
		if (engine.lastSequence >= this.sequence) {
			throw new WlsmError(
				"WLSM_CONFLICT",
				`More than ${SEQUENCES_AHEAD} operations were committed while entries were ingested. Nothing of them was kept; ingest them again.`,
			);
		}
		if (gate === undefined) this.#enter([{ outputs, level: this.#level(outputs) }]);
		else if (gate.mayEnter(outputs) && (gate.replaces || this.#isFree(outputs))) this.#pass(gate, outputs);
		return this.#entered;
	}

	#pass(gate: Gate, outputs: readonly TableDescription[]): void {
		const tables = new UnnamedTables(this.#engine, outputs);
		try {
			this.#entered = gate.commit(tables);
		} finally {
			tables.free();
		}
		if (this.#entered) gate.entered?.(outputs);
	}

	/**
	 * As `enter`, in one go. Each of the runs is in the order of its keys, and none has keys between those of another;
	 * what of `newest` has the same keys was written after them.
	 */
	enterNow(runs: readonly (readonly TableDescription[])[], newest: readonly TableDescription[]): void {
		this.#engine.checkWritable();
		this.#readyNow();
		const placed = runs.map((outputs) => ({ outputs, level: this.#level(outputs) }));
		this.#enter([...placed, { outputs: newest, level: 0 }]);
	}

	/** Empties the memtables, since what is in them is older than what enters and is searched before all tables. No commit comes between. */
	#readyNow(): void {
		this.#engine.queue.flushSync();
		this.#engine.compactor.flushSync();
	}

	#enter(runs: readonly PlacedTables[]): void {
		const engine = this.#engine;
		const { planner, settler } = engine.compactor;
		const outputs = runs.flatMap((run) => run.outputs);
		const last = outputs.reduce((last, { maxSequence }) => Math.max(last, maxSequence), this.sequence);
		planner.enterTables(runs, last);
		this.#entered = true;
		engine.advance(last);
		// What is committed from now on counts on the edit: its log begins after it.
		settler.settleNow();
	}

	/** Whether there is nothing, not even a deletion, within their range of keys. */
	#isFree(outputs: readonly TableDescription[]): boolean {
		const { smallest, largest } = rangeOf(outputs);
		return !rangeChanged(this.#engine, { lower: smallest, upper: new Uint8Array([...largest, 0]) }, 0);
	}

	/**
	 * The lowest level whose tables lie elsewhere, provided that nothing is above it of what is older: where there are no such keys
	 * at all any level is below nothing. Level 0 is always right.
	 */
	#level(outputs: readonly TableDescription[]): number {
		if (outputs.length === 0) return 0;
		const { compacting } = this.#engine.compactor;
		const { smallest, largest } = rangeOf(outputs);
		const { levels } = this.#engine.superversion;
		const isTaken = (tables: (typeof levels)[number]) =>
			tables.some(
				({ description }) =>
					compareBytes(description.smallest, largest) <= 0 && compareBytes(smallest, description.largest) <= 0,
			);
		if (this.#isFree(outputs)) {
			// The output of a compaction may span keys that its inputs do not.
			for (let level = LEVELS - 1; level > 0; level--)
				if (level !== compacting && !isTaken(levels[level] ?? [])) return level;
			return 0;
		}
		if (compacting !== undefined) return 0;
		const taken = levels.findIndex(isTaken);
		return taken === -1 ? LEVELS - 1 : Math.max(0, taken - 1);
	}

	/**
	 * Removes what no manifest names. In a database that was closed meanwhile the next one to open it does that; also where the
	 * manifest has failed, and may name it.
	 */
	abandon(outputs: readonly TableDescription[]): void {
		const { storage, directory, finished, failed } = this.#engine;
		if (this.#entered || finished || failed) return;
		for (const { file } of outputs) removeQuietly(storage, storage.join(directory, tableName(file)));
	}

	free(): void {
		for (const file of this.#numbers) this.#unnamed.delete(file);
		this.#end();
	}
}

function rangeOf(outputs: readonly TableDescription[]): Pick<TableDescription, "smallest" | "largest"> {
	const smallest = outputs[0]?.smallest ?? new Uint8Array(0);
	return { smallest, largest: outputs.at(-1)?.largest ?? smallest };
}

class EntryIngestion {
	readonly #entrance: Entrance;
	readonly #sink: TableSink;
	#lastKey: Uint8Array | undefined;
	entries = 0;

	constructor(entrance: Entrance) {
		this.#entrance = entrance;
		this.#sink = new TableSink(entrance.place);
	}

	add(key: Uint8Array, value: Uint8Array): void {
		if (this.#lastKey !== undefined && compareBytes(this.#lastKey, key) >= 0) {
			throw new WlsmError(
				"WLSM_INVALID_ARGUMENT",
				`Entry ${this.entries} has a key that is not greater than the one before. Ingest entries in ascending order, each key once.`,
			);
		}
		this.#lastKey = key;
		this.#sink.addVersions([{ sequence: this.#entrance.sequence, kind: KIND_PUT, key, value }]);
		this.entries += 1;
	}

	enter(): Promise<boolean> {
		return this.#entrance.enter(this.#sink.finish());
	}

	abandon(): void {
		this.#entrance.abandon(this.#sink.outputs);
	}

	free(): void {
		this.#entrance.free();
		this.#sink.free();
	}
}
