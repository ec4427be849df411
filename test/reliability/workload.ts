import type { BatchOperation } from "../../host/batch.js";
import type { Database } from "../../host/database.js";
import { WlsmError } from "../../host/errors.js";
import type { Snapshot } from "../../host/snapshot.js";
import type { Storage } from "../../host/storage/storage.js";
import { Random } from "../support/random.js";
import type { History, Promised, State } from "./history.js";
import { openIn, type World } from "./world.js";

const STEPS = 45;

/** How a commit is made. */
const WAYS = ["batch", "batchSync", "transaction", "puts", "putSync", "deleteRange"] as const;

export interface WorkloadOptions {
	/** Is told of each database that is opened. */
	readonly opened?: (db: Database) => void;
	/** Looks at errors, after which the workload goes on, opening again where nothing more is written. Absent: it ends. */
	readonly failed?: (error: unknown) => void;
	/** What is there after an error. */
	readonly promised?: Promised;
}

/**
 * A sequence of commits with everything in between that touches files: flushes, compactions, checkpoints, reads, snapshots,
 * ingestions, closing, opening again. Most commits have several keys that belong together. The database is closed at the end as
 * far as that is possible.
 */
export async function runWorkload(
	world: World,
	storage: Storage,
	history: History,
	options: WorkloadOptions = {},
): Promise<void> {
	const workload = new Workload(world, storage, history, options);
	try {
		await workload.run();
	} finally {
		workload.giveUp();
	}
}

class Workload {
	readonly #world: World;
	readonly #storage: Storage;
	readonly #history: History;
	readonly #options: WorkloadOptions;
	readonly #random: Random;
	#db: Database | undefined;
	#snapshot: Snapshot<string, string> | undefined;
	#step = 0;

	constructor(world: World, storage: Storage, history: History, options: WorkloadOptions) {
		this.#world = world;
		this.#storage = storage;
		this.#history = history;
		this.#options = options;
		this.#random = new Random(world.seed);
	}

	async run(): Promise<void> {
		for (this.#step = 0; this.#step < STEPS; this.#step++) await this.#attempt((db) => this.#next(db));
		await this.#attempt((db) => this.#close(db));
	}

	giveUp(): void {
		try {
			this.#db?.closeSync();
		} catch {
			// The first error is the one to tell.
		}
	}

	/** Does something with the database, which is opened where it is not. */
	async #attempt(work: (db: Database) => Promise<unknown>): Promise<void> {
		const { failed } = this.#options;
		for (let opened = false; ; ) {
			try {
				opened = this.#db === undefined;
				await work(this.#opened());
				return;
			} catch (error) {
				if (failed === undefined) throw error;
				failed(error);
				this.#resume();
				// What the opening itself failed with says nothing of the step.
				if (!opened || this.#db === undefined) return;
			}
		}
	}

	#opened(): Database {
		if (this.#db === undefined) {
			this.#db = openIn(this.#world, this.#storage);
			this.#options.opened?.(this.#db);
		}
		return this.#db;
	}

	/** After a failure: goes on where writing goes on, otherwise opens again. Which of the last commits are there is looked up. */
	#resume(): void {
		this.#closeSnapshot();
		if (this.#db !== undefined && this.#goesOn(this.#db)) return;
		this.giveUp();
		this.#db = undefined;
		try {
			this.#opened();
		} catch (error) {
			if (!(error instanceof WlsmError)) throw error;
		}
		// A database that is being closed has told what it acknowledged; this one tells what there is of it.
		const db: Database | undefined = this.#db;
		if (db !== undefined)
			this.#history.resumed([...(db as Database).entries()], this.#options.promised ?? "acknowledged");
	}

	#goesOn(db: Database): boolean {
		try {
			this.#history.check([...db.entries()], "acknowledged");
			// Where nothing is written any more, what failed last may or may not be found at the next opening.
			db.deleteSync("absent");
			this.#history.resumed([...db.entries()], "acknowledged");
			return true;
		} catch (error) {
			if (!(error instanceof WlsmError)) throw error;
			return false;
		}
	}

	async #next(db: Database): Promise<unknown> {
		const random = this.#random;
		const kind = random.below(100);
		if (kind < 50) return this.#commit(db);
		if (kind < 54) return this.#fillLog(db);
		if (kind < 58) return this.#pileUp(db);
		if (kind < 66) return db.flush();
		if (kind < 71) return db.compact();
		if (kind < 76) return this.#checkpoint(db);
		if (kind < 82) return this.#close(db);
		if (kind < 88) return this.#read(db);
		if (kind < 90) return this.#holdSnapshot(db);
		if (kind < 92) return this.#growManifest(db);
		if (kind < 94) return db.verify();
		return this.#ingest(db);
	}

	async #commit(db: Database): Promise<void> {
		const random = this.#random;
		const history = this.#history;
		const sync = random.once(3);
		const way = random.pick(WAYS);
		const [low, high] = this.#range();
		const operations = this.#operations();
		const deleteRange = (state: Map<string, string>) => {
			for (const key of [...state.keys()]) if (key >= low && key < high) state.delete(key);
		};
		const range = { gte: low, lt: high };
		switch (way) {
			case "batchSync":
			case "batch": {
				const done = history.tried((state) => apply(state, operations));
				if (way === "batch") await db.batch(operations, { sync });
				else db.batchSync(operations, { sync });
				return done(sync);
			}
			case "transaction": {
				const done = history.tried((state) => {
					deleteRange(state);
					apply(state, operations);
				});
				await db.transaction(
					async (tx) => {
						tx.deleteRangeSync(range);
						await tx.batch(operations);
					},
					{ sync },
				);
				return done(sync);
			}
			case "deleteRange": {
				const done = history.tried(deleteRange);
				await db.deleteRange(range, { sync });
				return done(sync);
			}
			case "puts": {
				// At the same time: those that are synced share a sync.
				const before = history.latest;
				const commits = operations.map(async (operation) => {
					const done = history.tried((state) => apply(state, [operation]));
					if (operation.type === "put") await db.put(operation.key, operation.value, { sync, ttlMs: 1e9 });
					else await db.delete(operation.key, { sync });
					done(sync);
				});
				const outcomes = await Promise.allSettled(commits);
				const failed = outcomes.find((outcome) => outcome.status === "rejected");
				if (failed === undefined) return;
				history.branched(branches(before, operations, outcomes));
				throw failed.reason;
			}
			case "putSync":
				for (const operation of operations) {
					const done = history.tried((state) => apply(state, [operation]));
					if (operation.type === "put") db.putSync(operation.key, operation.value, { sync });
					else db.deleteSync(operation.key, { sync });
					done(sync);
				}
		}
	}

	/** Until another log has begun, whose first commit is synced while the flush of what is in the one before is due. */
	async #fillLog(db: Database): Promise<void> {
		for (let commit = 0; commit < 8; commit++) {
			const value = `${this.#step}/${commit} `.repeat(600);
			const done = this.#history.tried((state) => void state.set("full", value).set(`full ${commit}`, value));
			const sync = commit > 3 && this.#random.once(3);
			db.batchSync(
				[
					{ type: "put", key: "full", value },
					{ type: "put", key: `full ${commit}`, value },
				],
				{ sync },
			);
			done(sync);
		}
	}

	/** Tables of level 0, until they are merged with what they overlap on the next level, and that alone. */
	async #pileUp(db: Database): Promise<void> {
		for (let table = 0; table < 5; table++) {
			await this.#commit(db);
			await db.flush();
		}
	}

	/** Keys that come again and again, and some that are written once and deleted later. */
	#operations(): BatchOperation<string, string>[] {
		const random = this.#random;
		const step = this.#step;
		const value = `${step} `.repeat(random.pick([1, 5, 5, 500]));
		const key = random.below(9);
		return [
			{ type: "put", key: `a${key}`, value },
			// What is deleted may lie on a low level: ingested there, or compacted.
			random.once(3) ? { type: "delete", key: `b${key}` } : { type: "put", key: `b${key}`, value },
			random.once(3) ? { type: "delete", key: `only ${step}` } : { type: "put", key: `only ${step}`, value },
			{ type: "delete", key: `only ${step - random.between(1, 9)}` },
		];
	}

	#range(): [low: string, high: string] {
		const random = this.#random;
		const key = () => `${random.pick(["a", "b", "only "])}${random.below(9)}`;
		const [low, high] = [key(), key()].sort() as [string, string];
		return [low, low === high ? `${high}\0` : high];
	}

	/** Sorted entries, of which all come in at once. */
	async #ingest(db: Database): Promise<void> {
		const random = this.#random;
		const first = random.below(9);
		const value = `ingested ${this.#step} `.repeat(random.pick([1, 60]));
		const entries = Array.from({ length: random.pick([1, 8, 60]) }, (_, index): [string, string] => [
			`${random.once(30) ? "" : "b"}${first + index}`,
			value,
		]).sort(([a], [b]) => (a < b ? -1 : 1));
		const unique = entries.filter(([key], index) => key !== entries[index - 1]?.[0]);
		const done = this.#history.tried((state) => {
			for (const [key, text] of unique) state.set(key, text);
		});
		await db.ingest(unique);
		done(true);
	}

	async #checkpoint(db: Database): Promise<void> {
		const copy = { directory: `/parent/copy ${this.#step}`, state: this.#history.latest, whole: false };
		this.#history.copies.push(copy);
		await db.checkpoint(copy.directory);
		copy.whole = true;
	}

	/** Edits name the longest keys: soon the manifest is written anew. */
	async #growManifest(db: Database): Promise<void> {
		for (let table = 0; table < 2; table++) {
			const key = `long ${table} `.padEnd(20_000, "x");
			const done = this.#history.tried((state) => void state.set(key, "1"));
			await db.put(key, "1");
			done(false);
			await db.flush();
		}
		const done = this.#history.tried((state) => {
			for (const key of [...state.keys()]) if (key.startsWith("long ")) state.delete(key);
		});
		await db.deleteRange({ prefix: "long " });
		done(false);
	}

	/** A clean close makes everything durable. */
	async #close(db: Database): Promise<void> {
		this.#closeSnapshot();
		this.#db = undefined;
		if (this.#random.once(2)) await db.close();
		else db.closeSync();
		this.#history.settled();
	}

	async #read(db: Database): Promise<void> {
		await db.get(`a${this.#random.below(9)}`);
		for (const _ of db.entries({ reverse: true, limit: 20 }));
	}

	/** Compactions keep what it sees. */
	async #holdSnapshot(db: Database): Promise<void> {
		this.#closeSnapshot();
		this.#snapshot = db.snapshot();
	}

	#closeSnapshot(): void {
		this.#snapshot?.close();
		this.#snapshot = undefined;
	}
}

/** The states that may be there: each commit that failed was made or was not. */
function branches(
	before: State,
	operations: readonly BatchOperation<string, string>[],
	outcomes: readonly PromiseSettledResult<void>[],
): State[] {
	let states = [new Map(before)];
	for (const [index, operation] of operations.entries()) {
		const made = states.map((state) => new Map(state));
		for (const state of made) apply(state, [operation]);
		states = outcomes[index]?.status === "rejected" ? states.concat(made) : made;
	}
	return states;
}

function apply(state: Map<string, string>, operations: readonly BatchOperation<string, string>[]): void {
	for (const operation of operations) {
		if (operation.type === "put") state.set(operation.key, operation.value);
		else state.delete(operation.key);
	}
}
