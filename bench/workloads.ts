import type { Contender } from "./contenders.js";
import { Counter, getEach, missEach, putBatches, putEach, type Workload } from "./operations.js";
import { check } from "./support.js";

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

export interface KeyValueWorkload extends Workload {
	/** How the store is opened. Workloads of one kind run on one store, in their order. */
	readonly sync: "none" | "commit";
}

export function workloads(data: Dataset): readonly KeyValueWorkload[] {
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
			run: (store) =>
				putBatches(store, entries, (position) => ({
					key: key(position),
					value: batched[position] ?? value(position),
				})),
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
			run: (store) => putEach(store, keys, values, single),
		},
		{
			name: "await get, from disk",
			operations: single,
			sync: "none",
			run: (store) => getEach(store, keys, values, single),
		},
		{
			name: "await get, missing key",
			operations: single,
			sync: "none",
			run: (store) => missEach(store, missingKeys, single),
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
			run: (store) => getEach(store, keys, values, single),
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
			run: (store) => putEach(store, keys, values, synced),
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
