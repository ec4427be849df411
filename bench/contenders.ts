import { open } from "../host/index.js";
import { loadPeer } from "./support.js";

/** A key-value store under test. */
export interface Contender {
	put(key: string, value: string): Promise<void>;
	batch(entries: readonly { readonly key: string; readonly value: string }[]): Promise<void> | void;
	get(key: string): Promise<string | undefined>;
	getSync(key: string): string | undefined;
	/** Number of entries seen; every key and value is looked at. */
	scan(): Promise<number>;
	scanSync(): number;
	close(): Promise<void> | void;
}

export interface ContenderMaker {
	readonly name: string;
	/** Synchronous operations that it has. */
	readonly has: readonly ("getSync" | "scanSync")[];
	open(directory: string): Promise<Contender>;
}

/** The same for every contender, and enough for the 300 k entries: reads are warm. */
export const CACHE_BYTES = 64 << 20;

function seen(key: string, value: string): number {
	return key.length === 16 && value.length === 100 ? 1 : 0;
}

const wlsm: ContenderMaker = {
	name: "wlsm",
	has: ["getSync", "scanSync"],
	async open(directory) {
		const db = await open(directory, { blockCacheBytes: CACHE_BYTES });
		return {
			put: (key, value) => db.put(key, value),
			batch: (entries) => db.batch(entries.map(({ key, value }) => ({ type: "put", key, value }))),
			get: (key) => db.get(key),
			getSync: (key) => db.getSync(key),
			async scan() {
				let count = 0;
				for await (const [key, value] of db.entries()) count += seen(key, value);
				return count;
			},
			scanSync() {
				let count = 0;
				for (const [key, value] of db.entries()) count += seen(key, value);
				return count;
			},
			close: () => db.close(),
		};
	},
};

interface ClassicLevel {
	open(): Promise<void>;
	put(key: string, value: string): Promise<void>;
	batch(operations: readonly { type: "put"; key: string; value: string }[]): Promise<void>;
	get(key: string): Promise<string | undefined>;
	getSync(key: string): string | undefined;
	iterator(): AsyncIterable<[string, string]>;
	close(): Promise<void>;
}

function classicLevel(module: Record<string, unknown>): ContenderMaker {
	const Level = module.ClassicLevel as new (directory: string, options: object) => ClassicLevel;
	return {
		name: "classic-level",
		has: ["getSync"],
		async open(directory) {
			const db = new Level(directory, { cacheSize: CACHE_BYTES });
			await db.open();
			return {
				put: (key, value) => db.put(key, value),
				batch: (entries) => db.batch(entries.map(({ key, value }) => ({ type: "put", key, value }))),
				get: (key) => db.get(key),
				getSync: (key) => db.getSync(key),
				async scan() {
					let count = 0;
					for await (const [key, value] of db.iterator()) count += seen(key, value);
					return count;
				},
				scanSync: () => Number.NaN,
				close: () => db.close(),
			};
		},
	};
}

interface Lmdb {
	put(key: string, value: string): Promise<boolean>;
	transaction(work: () => void): Promise<void>;
	get(key: string): string | undefined;
	getRange(): Iterable<{ key: string; value: string }>;
	close(): Promise<void>;
}

function lmdb(module: Record<string, unknown>): ContenderMaker {
	const openStore = module.open as (options: object) => Lmdb;
	return {
		name: "lmdb",
		has: ["getSync", "scanSync"],
		async open(directory) {
			// Without a sync per commit, as the others; its cache is the system's page cache.
			const db = openStore({ path: directory, encoding: "string", noSync: true });
			const scanSync = () => {
				let count = 0;
				for (const { key, value } of db.getRange()) count += seen(key, value);
				return count;
			};
			return {
				put: async (key, value) => {
					await db.put(key, value);
				},
				batch: (entries) =>
					db.transaction(() => {
						for (const { key, value } of entries) void db.put(key, value);
					}),
				get: async (key) => db.get(key),
				getSync: (key) => db.get(key),
				scan: async () => scanSync(),
				scanSync,
				close: () => db.close(),
			};
		},
	};
}

/** wlsm first, then the peers that are installed. */
export async function contenders(): Promise<ContenderMaker[]> {
	const makers = [wlsm];
	const classic = await loadPeer("classic-level");
	if (classic !== undefined) makers.push(classicLevel(classic));
	const store = await loadPeer("lmdb");
	if (store !== undefined) makers.push(lmdb(store));
	return makers;
}
