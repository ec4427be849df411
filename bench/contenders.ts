import { betterSqlite3 } from "./contenders/better-sqlite3.js";
import { classicLevel } from "./contenders/classic-level.js";
import { lmdb } from "./contenders/lmdb.js";
import { wlsm } from "./contenders/wlsm.js";
import { loadPeer } from "./support.js";

export interface Entry {
	readonly key: string;
	readonly value: string;
}

/** What a scan looks at: `limit` entries from the key `from` on, all without it. */
export interface ScanRange {
	readonly from: string;
	readonly limit: number;
}

export type Visit = (key: string, value: string) => void;

/**
 * A key-value store under test. What a store only has synchronously is called so and then awaited; a method that is
 * missing is an operation that it has in no form.
 */
export interface Contender {
	put(key: string, value: string): Promise<unknown> | unknown;
	putSync?(key: string, value: string): void;
	/** All entries or none. */
	batch(entries: readonly Entry[]): Promise<unknown> | unknown;
	get(key: string): Promise<string | undefined> | string | undefined;
	getSync?(key: string): string | undefined;
	getMany(keys: readonly string[]): Promise<(string | undefined)[]> | (string | undefined)[];
	/** In the order of keys. */
	scan(visit: Visit, range?: ScanRange): Promise<void> | void;
	scanSync?(visit: Visit, range?: ScanRange): void;
	scanKeys(visit: (key: string) => void): Promise<void> | void;
	scanKeysSync?(visit: (key: string) => void): void;
	/** Moves to tables what is in memory and log alone, where there is such a thing. */
	flush?(): Promise<void>;
	/** Bytes by the store's own count: of tables written since the opening, and of the memory that it holds now. */
	ownFigures?(): Promise<{ readonly tableBytes: number; readonly memoryBytes: number }>;
	close(): Promise<void> | void;
}

export interface ContenderOptions {
	readonly cacheBytes: number;
	/** "commit": every commit is on stable storage before it is answered. "none": it is in the system's hands. */
	readonly sync: "none" | "commit";
}

export interface ContenderMaker {
	readonly name: string;
	open(directory: string, options: ContenderOptions): Promise<Contender>;
}

const PEERS: readonly (readonly [name: string, make: (module: Record<string, unknown>) => ContenderMaker])[] = [
	["classic-level", classicLevel],
	["lmdb", lmdb],
	["better-sqlite3", betterSqlite3],
];

/** wlsm first, then the peers that are installed; of these the ones named in `only`. */
export async function contenders(only?: readonly string[]): Promise<ContenderMaker[]> {
	const wanted = (name: string) => only === undefined || only.includes(name);
	const makers = wanted(wlsm.name) ? [wlsm] : [];
	for (const [name, make] of PEERS) {
		if (!wanted(name)) continue;
		const module = await loadPeer(name);
		if (module !== undefined) makers.push(make(module));
	}
	if (makers.length === 0) throw new Error(`none of ${only?.join(", ")} is there (npm ci --prefix bench/peers)`);
	return makers;
}

export async function contender(name: string): Promise<ContenderMaker> {
	const [maker] = await contenders([name]);
	return maker as ContenderMaker;
}
