import type { Contender } from "./contenders.js";
import { KEY_BYTES, VALUE_BYTES } from "./data.js";
import { check } from "./support.js";

const BATCH = 1000;
const MANY = 100;
/** Puts that wait for their sync at the same time. */
const WAVE = 64;

/** Keys in random order, and what belongs to each. */
export interface Dataset {
	readonly keys: readonly string[];
	readonly missingKeys: readonly string[];
	readonly values: readonly string[];
	/**
	 * What the first keys have before their `values`, for the workloads that put one at a time, which overwrite: a store
	 * that finds what it is given there already may leave it (SQLite does).
	 */
	readonly batched: readonly string[];
	readonly putSynchronously: readonly string[];
	/** Operations of a workload that syncs each; a multiple of 64, at most half of the entries. */
	readonly synced: number;
}

/** What is measured: a name, how many operations it does, and the work. */
export interface Workload {
	readonly name: string;
	readonly operations: number;
	/** How the store is opened. Workloads of one kind run on one store, in their order. */
	readonly sync: "none" | "commit";
	/** What not every contender has. */
	readonly needs?: keyof Contender;
	run(store: Contender): void | Promise<void>;
	/** What is checked outside of the time. */
	verify?(store: Contender): Promise<void>;
}

/** Counts entries that are of the right size. */
class Counter {
	count = 0;
	readonly entry = (key: string, value: string) => {
		this.count += key.length === KEY_BYTES && value.length === VALUE_BYTES ? 1 : 0;
	};
	readonly key = (key: string) => {
		this.count += key.length === KEY_BYTES ? 1 : 0;
	};
}

export function workloads(data: Dataset): readonly Workload[] {
	const { keys, missingKeys, values, batched, putSynchronously, synced } = data;
	const entries = keys.length;
	const single = batched.length;
	const key = (position: number) => keys[position] as string;
	const missingKey = (position: number) => missingKeys[position] as string;
	const value = (position: number) => values[position] as string;

	const getAllSync = (store: Contender) => {
		for (let position = 0; position < entries; position++) {
			check(store.getSync?.(key(position)) === value(position), "getSync");
		}
	};
	const put = async (store: Contender, count: number) => {
		for (let position = 0; position < count; position++) await store.put(key(position), value(position));
	};
	const get = async (store: Contender) => {
		for (let position = 0; position < single; position++) {
			check((await store.get(key(position))) === value(position), "get");
		}
	};
	const verify = async (store: Contender, from: number, to: number) => {
		for (let position = from; position < to; position++) {
			check((await store.get(key(position))) === value(position), "get of what was synced");
		}
	};

	return [
		{
			name: "batch of 1000, random keys",
			operations: entries,
			sync: "none",
			async run(store) {
				for (let start = 0; start < entries; start += BATCH) {
					const batch: { key: string; value: string }[] = [];
					for (let position = start; position < Math.min(start + BATCH, entries); position++) {
						batch.push({ key: key(position), value: batched[position] ?? value(position) });
					}
					await store.batch(batch);
				}
			},
		},
		{
			name: "putSync, random keys",
			needs: "putSync",
			operations: single,
			sync: "none",
			run(store) {
				for (let position = 0; position < single; position++) {
					store.putSync?.(key(position), putSynchronously[position] as string);
				}
			},
		},
		{
			name: "await put, random keys",
			operations: single,
			sync: "none",
			run: (store) => put(store, single),
		},
		{
			name: "await get, from disk",
			operations: single,
			sync: "none",
			run: (store) => get(store),
		},
		{
			name: "await get, missing key",
			operations: single,
			sync: "none",
			async run(store) {
				for (let position = 0; position < single; position++) {
					check((await store.get(missingKey(position))) === undefined, "get of a missing key");
				}
			},
		},
		{
			name: "getMany of 100, awaited",
			operations: entries - (entries % MANY),
			sync: "none",
			async run(store) {
				for (let start = 0; start + MANY <= entries; start += MANY) {
					const found = await store.getMany(keys.slice(start, start + MANY));
					check(found.length === MANY, "getMany");
					for (let at = 0; at < MANY; at++) check(found[at] === value(start + at), "getMany");
				}
			},
		},
		{
			name: "await get, warm",
			operations: single,
			sync: "none",
			run: (store) => get(store),
		},
		{
			name: "getSync, random, warm",
			needs: "getSync",
			operations: entries,
			sync: "none",
			run: getAllSync,
		},
		{
			name: "getSync, missing key",
			needs: "getSync",
			operations: entries,
			sync: "none",
			run(store) {
				for (let position = 0; position < entries; position++) {
					check(store.getSync?.(missingKey(position)) === undefined, "getSync of a missing key");
				}
			},
		},
		{
			name: "scan, for await",
			operations: entries,
			sync: "none",
			async run(store) {
				const counter = new Counter();
				await store.scan(counter.entry);
				check(counter.count === entries, "scan");
			},
		},
		{
			name: "scan, synchronous",
			needs: "scanSync",
			operations: entries,
			sync: "none",
			run(store) {
				const counter = new Counter();
				store.scanSync?.(counter.entry);
				check(counter.count === entries, "scanSync");
			},
		},
		{
			name: "scan of keys, for await",
			operations: entries,
			sync: "none",
			async run(store) {
				const counter = new Counter();
				await store.scanKeys(counter.key);
				check(counter.count === entries, "scanKeys");
			},
		},
		{
			name: "scan of keys, synchronous",
			needs: "scanKeysSync",
			operations: entries,
			sync: "none",
			run(store) {
				const counter = new Counter();
				store.scanKeysSync?.(counter.key);
				check(counter.count === entries, "scanKeysSync");
			},
		},
		{
			name: "await put with fsync",
			operations: synced,
			sync: "commit",
			run: (store) => put(store, synced),
			verify: (store) => verify(store, 0, synced),
		},
		{
			name: "64 concurrent puts with fsync",
			operations: synced,
			sync: "commit",
			async run(store) {
				for (let start = synced; start < 2 * synced; start += WAVE) {
					const wave: unknown[] = [];
					for (let position = start; position < start + WAVE; position++) {
						wave.push(store.put(key(position), value(position)));
					}
					await Promise.all(wave);
				}
			},
			verify: (store) => verify(store, synced, 2 * synced),
		},
	];
}
