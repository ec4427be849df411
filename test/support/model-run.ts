import * as assert from "uvu/assert";
import type { Database, PutWriteOptions } from "../../host/database.js";
import { WlsmError } from "../../host/errors.js";
import type { EntryIterator } from "../../host/iterator.js";
import type { KeyValueTransaction } from "../../host/key-value-transaction.js";
import type { OpenOptions } from "../../host/options.js";
import type { Range, ReadOptions } from "../../host/reader.js";
import type { Snapshot } from "../../host/snapshot.js";
import { MemoryStorage, NodeStorage } from "../../host/storage/index.js";
import { openStorage, setClock, withDirectory } from "./database.js";
import { boundsOf, canonical, keyText, lookUp, type State, type Stored, select } from "./model.js";
import { type Change, type Listing, type Mode, type ModelCase, SLOTS, type Step } from "./model-case.js";

type Base = Database<unknown, unknown>;
type Entry = readonly [key: string, value: string];

class Rollback extends Error {}

/** Is told of each step that has been done, and of the closing at the end. */
export type Watcher = (done: Step["do"] | "end") => void;

/** Runs a case against the model; throws at the first difference. */
export async function runCase(testCase: ModelCase): Promise<void> {
	if (testCase.place === "memory") return runCaseIn(testCase, new MemoryStorage(), "");
	return withDirectory((directory) => runCaseIn(testCase, new NodeStorage(), directory));
}

/** The same where there may be a database already, an empty one: the case's own in `directory`/db, its checkpoints beside it. */
export async function runCaseIn(
	testCase: ModelCase,
	storage: MemoryStorage | NodeStorage,
	directory: string,
	watcher: Watcher = () => {},
): Promise<void> {
	return new Run(testCase, storage, directory, watcher).run();
}

class Run {
	readonly #case: ModelCase;
	readonly #storage: MemoryStorage | NodeStorage;
	readonly #directory: string;
	#db: Base;
	#state = new Map<string, Stored>();
	#now = 1e12;
	#checkpoints = 0;
	readonly #watcher: Watcher;
	readonly #snapshots: ({ snapshot: Snapshot<unknown, unknown>; state: State } | undefined)[] = [];
	readonly #iterators: ({ iterator: EntryIterator<[unknown, unknown]>; left: Entry[] } | undefined)[] = [];

	constructor(testCase: ModelCase, storage: MemoryStorage | NodeStorage, directory: string, watcher: Watcher) {
		this.#case = testCase;
		this.#watcher = watcher;
		this.#storage = storage;
		this.#directory = directory;
		this.#db = this.#open(testCase.options);
	}

	#open(options: OpenOptions, name = "db"): Base {
		const { keyEncoding, valueEncoding } = this.#case;
		const directory = `${this.#directory}/${name}`;
		const db: Base = openStorage(this.#storage, directory, { ...options, keyEncoding, valueEncoding });
		setClock(db, () => this.#now);
		return db;
	}

	async run(): Promise<void> {
		try {
			for (const [index, step] of this.#case.steps.entries()) {
				try {
					await this.#step(step);
					this.#watcher(step.do);
				} catch (error) {
					throw new Error(`step ${index} (${step.do}): ${(error as Error).message}`, { cause: error });
				}
			}
			await this.#reopen("close", this.#case.options);
		} finally {
			this.#db.closeSync();
		}
		this.#watcher("end");
	}

	async #step(step: Step): Promise<void> {
		const db = this.#db;
		switch (step.do) {
			case "put": {
				const options = optionsOf(step);
				if (step.mode === "sync") db.putSync(step.key, step.value, options);
				else await db.put(step.key, step.value, options);
				return this.#apply([{ ...step, type: "put" }]);
			}
			case "delete":
				if (step.mode === "sync") db.deleteSync(step.key);
				else await db.delete(step.key);
				return this.#apply([{ type: "delete", key: step.key }]);
			case "batch": {
				const options = optionsOf(step);
				if (step.mode === "sync") db.batchSync(step.writes, options);
				else await db.batch(step.writes, options);
				const { ttlMs } = step;
				return this.#apply(ttlMs === undefined ? step.writes : step.writes.map((write) => ({ ttlMs, ...write })));
			}
			case "deleteRange": {
				if (step.mode === "sync") db.deleteRangeSync(step.range);
				else await db.deleteRange(step.range);
				for (const [key] of this.#select(this.#state, step.range)) this.#state.delete(key);
				return;
			}
			case "get":
			case "has":
				return this.#get(step.do, step.mode, step.key, step.slot);
			case "getMany": {
				const { options, state } = this.#view(step.slot);
				const got = step.mode === "sync" ? db.getManySync(step.keys, options) : await db.getMany(step.keys, options);
				same(
					got.map((value) => this.#valueText(value)),
					step.keys.map((key) => this.#lookUp(state, key)),
				);
				const there = step.mode === "sync" ? db.hasManySync(step.keys, options) : await db.hasMany(step.keys, options);
				same(
					there,
					step.keys.map((key) => this.#lookUp(state, key) !== undefined),
				);
				return;
			}
			case "scan": {
				const { options, state } = this.#view(step.slot);
				const got = await collect(db[step.list]({ ...step.range, ...options }), step.mode, step.take);
				this.#same(step.list, got, this.#select(state, step.range).slice(0, step.take));
				return;
			}
			case "together":
				return this.#together(step);
			case "snapshot":
				this.#closeSnapshot(step.slot);
				this.#snapshots[step.slot] = { snapshot: db.snapshot(), state: new Map(this.#state) };
				return;
			case "closeSnapshot":
				return this.#closeSnapshot(step.slot);
			case "iterate":
				this.#iterators[step.slot]?.iterator.close();
				this.#iterators[step.slot] = {
					iterator: db.entries(step.range),
					left: this.#select(this.#state, step.range),
				};
				return;
			case "advance":
				return this.#advance(step.slot, step.mode, step.count);
			case "transaction":
				return this.#transaction(step);
			case "ingest": {
				const entries = new Map(step.entries.map((entry) => [this.#keyText(entry[0]), entry]));
				const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
				assert.is(await db.ingest(sorted), sorted.length);
				return this.#apply(sorted.map(([key, value]) => ({ type: "put", key, value })));
			}
			case "tick":
				this.#now += step.milliseconds;
				return;
			case "flush":
				return db.flush();
			case "compact":
				return db.compact(step.range);
			case "verify": {
				assert.equal((await db.verify()).problems, []);
				JSON.stringify(await db.stats());
				return;
			}
			case "checkpoint":
				return this.#checkpoint(step.options);
			case "reopen":
				return this.#reopen(step.how, step.options);
		}
	}

	#keyText(key: unknown): string {
		return keyText(this.#case.keyEncoding, key);
	}

	#valueText(value: unknown): string | undefined {
		return value === undefined ? undefined : canonical(this.#case.valueEncoding, value);
	}

	#select(state: State, range: Range<unknown>): Entry[] {
		return select(state, this.#case.keyEncoding, range, this.#now);
	}

	#lookUp(state: State, key: unknown): string | undefined {
		return lookUp(state, this.#keyText(key), this.#now);
	}

	#apply(writes: readonly Change[], state = this.#state): void {
		for (const write of writes) {
			if (write.type === "deleteRange") {
				for (const [key] of this.#select(state, write.range)) state.delete(key);
				continue;
			}
			if (write.type === "put") {
				const text = canonical(this.#case.valueEncoding, write.value);
				const expiry = write.ttlMs === undefined ? Number.POSITIVE_INFINITY : Math.ceil(this.#now + write.ttlMs);
				state.set(this.#keyText(write.key), { text, expiry });
			} else state.delete(this.#keyText(write.key));
		}
	}

	#same(list: Listing, got: readonly unknown[], expected: readonly Entry[]): void {
		const texts = got.map((item) => {
			if (list === "keys") return this.#keyText(item);
			if (list === "values") return this.#valueText(item);
			const [key, value] = item as [unknown, unknown];
			return [this.#keyText(key), this.#valueText(value)];
		});
		const wanted = expected.map(([key, value]) => (list === "keys" ? key : list === "values" ? value : [key, value]));
		same(texts, wanted);
	}

	/** What a read sees, and with which options. */
	#view(slot: number | undefined): { options: ReadOptions | undefined; state: State } {
		const open = slot === undefined ? undefined : this.#snapshots[slot];
		return open === undefined
			? { options: undefined, state: this.#state }
			: { options: { snapshot: open.snapshot }, state: open.state };
	}

	async #get(what: "get" | "has", mode: Mode, key: unknown, slot: number | undefined): Promise<void> {
		const expected = this.#lookUp(this.#view(slot).state, key);
		// A snapshot is asked itself, or named as an option.
		const open = slot === undefined ? undefined : this.#snapshots[slot]?.snapshot;
		const reader = open ?? this.#db;
		const got = mode === "sync" ? reader[`${what}Sync`](key) : await reader[what](key);
		if (what === "has") assert.is(got, expected !== undefined);
		else same(this.#valueText(got), expected);
	}

	/** Reads that are under way when something is written, each over the state at its call. */
	async #together(step: Step & { do: "together" }): Promise<void> {
		const db = this.#db;
		const before = new Map(this.#state);
		const values = step.keys.map((key) => db.get(key));
		const scans = step.ranges.map((range) => collect(db.entries(range), "async", Number.POSITIVE_INFINITY));
		if (step.write.type === "put") db.putSync(step.write.key, step.write.value, step.write);
		else db.deleteSync(step.write.key);
		this.#apply([step.write]);
		if (step.flush) {
			await db.flush();
			await db.compact();
		}
		const got = (await Promise.all(values)).map((value) => this.#valueText(value));
		same(
			got,
			step.keys.map((key) => this.#lookUp(before, key)),
		);
		for (const [index, scan] of (await Promise.all(scans)).entries()) {
			this.#same("entries", scan, this.#select(before, step.ranges[index] as Range<unknown>));
		}
	}

	#closeSnapshot(slot: number): void {
		this.#snapshots[slot]?.snapshot.close();
		this.#snapshots[slot] = undefined;
	}

	async #advance(slot: number, mode: Mode, count: number): Promise<void> {
		const open = this.#iterators[slot];
		if (open === undefined) return;
		const iterator = mode === "sync" ? open.iterator[Symbol.iterator]() : open.iterator[Symbol.asyncIterator]();
		const got: unknown[] = [];
		while (got.length < count) {
			const result = await iterator.next();
			if (result.done === true) break;
			got.push(result.value);
		}
		this.#same("entries", got, open.left.splice(0, count));
	}

	async #transaction(step: Step & { do: "transaction" }): Promise<void> {
		const own = new Map(this.#state);
		const work = (tx: KeyValueTransaction<unknown, unknown>) => {
			const last = step.writes.at(-1);
			for (const write of step.writes) if (write !== last) change(tx, write);
			if (step.outside !== undefined) change(this.#db, step.outside);
			if (last !== undefined) change(tx, last);
			this.#apply(step.writes, own);
			for (const key of step.reads) same(this.#valueText(tx.getSync(key)), this.#lookUp(own, key));
			this.#same("entries", [...tx.entries(step.range)], this.#select(own, step.range));
		};
		const finish = () => {
			if (step.end === "throw") throw new Rollback();
		};
		let outcome = "commit";
		try {
			if (step.mode === "sync") {
				this.#db.transactionSync((tx) => {
					work(tx);
					finish();
				});
			} else {
				await this.#db.transaction(async (tx) => {
					work(tx);
					for (const key of step.reads) same(this.#valueText(await tx.get(key)), this.#lookUp(own, key));
					this.#same("entries", await tx.entries(step.range).all(), this.#select(own, step.range));
					finish();
				});
			}
		} catch (error) {
			if (error instanceof Rollback) outcome = "throw";
			else if (error instanceof WlsmError && error.code === "WLSM_CONFLICT") outcome = "conflict";
			else throw error;
		}
		const { outside } = step;
		const clash = outside !== undefined && step.writes.some((write) => this.#clash(write, outside));
		assert.is(outcome, step.end === "commit" && clash ? "conflict" : step.end);
		if (outside !== undefined) this.#apply([outside]);
		if (outcome === "commit") this.#apply(step.writes);
	}

	#clash(a: Change, b: Change): boolean {
		const [first, second] = [a, b].map((change): readonly [string, string] | undefined => {
			if (change.type === "deleteRange") return boundsOf(this.#case.keyEncoding, change.range);
			const key = this.#keyText(change.key);
			return [key, `${key}\0`];
		});
		return first !== undefined && second !== undefined && first[0] < second[1] && second[0] < first[1];
	}

	async #checkpoint(options: OpenOptions): Promise<void> {
		this.#checkpoints += 1;
		const name = `checkpoint ${this.#checkpoints}`;
		await this.#db.checkpoint(`${this.#directory}/${name}`);
		const copy = this.#open(options, name);
		this.#same("entries", [...copy.entries()], this.#select(this.#state, {}));
		copy.closeSync();
	}

	async #reopen(how: "close" | "closeSync" | "crash", options: OpenOptions): Promise<void> {
		const db = this.#db;
		// The lock of a handle that is only dropped stays, as it should: that is for a place without one.
		const crash = how === "crash" && this.#case.place === "memory";
		if (how === "close") await db.close();
		else if (!crash) db.closeSync();
		for (let slot = 0; slot < SLOTS; slot++) {
			this.#snapshots[slot] = undefined;
			this.#iterators[slot] = undefined;
		}
		this.#db = this.#open(options);
		this.#same("entries", [...this.#db.entries()], this.#select(this.#state, {}));
		this.#same(
			"entries",
			await this.#db.entries({ reverse: true }).all(),
			this.#select(this.#state, { reverse: true }),
		);
	}
}

function change(target: Base | KeyValueTransaction<unknown, unknown>, write: Change): void {
	if (write.type === "put") target.putSync(write.key, write.value, write);
	else if (write.type === "deleteRange") target.deleteRangeSync(write.range);
	else target.deleteSync(write.key);
}

function optionsOf({ sync, ttlMs }: { sync: boolean | undefined; ttlMs?: number }): PutWriteOptions | undefined {
	if (sync === undefined && ttlMs === undefined) return undefined;
	return { ...(sync === undefined ? {} : { sync }), ...(ttlMs === undefined ? {} : { ttlMs }) };
}

async function collect(iterator: EntryIterator<unknown>, mode: Mode, take: number): Promise<unknown[]> {
	const items: unknown[] = [];
	if (take === 0) iterator.close();
	else if (mode === "sync") {
		for (const item of iterator) if (items.push(item) >= take) break;
	} else {
		for await (const item of iterator) if (items.push(item) >= take) break;
	}
	return items;
}

/** As assert.equal for texts and lists of them, fast, and without printing megabytes. */
function same(got: unknown, expected: unknown): void {
	if (equal(got, expected)) return;
	const [a, b] = [got, expected].map((value) => JSON.stringify(value) ?? "undefined") as [string, string];
	let at = 0;
	while (a[at] === b[at]) at++;
	const around = (text: string) => text.slice(Math.max(0, at - 60), at + 100);
	throw new Error(`difference at ${at}: got …${around(a)}… expected …${around(b)}…`);
}

function equal(a: unknown, b: unknown): boolean {
	if (a === b) return true;
	if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
	return a.every((item, index) => equal(item, b[index]));
}
