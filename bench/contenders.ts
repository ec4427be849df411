import { betterSqlite3 } from "./contenders/better-sqlite3.js";
import { classicLevel } from "./contenders/classic-level.js";
import { lmdb } from "./contenders/lmdb.js";
import { CONTENDERS, type ContenderName, OVER_LEVEL, OWN, PEERS } from "./contenders/names.js";
import { sqlJs } from "./contenders/sql-js.js";
import { wlsm, wlsmInline, wlsmTs } from "./contenders/wlsm.js";
import { wlsmLevel } from "./contenders/wlsm-level.js";
import { loadPeer, peersDirectory } from "./support.js";

export interface Entry {
	readonly key: string;
	readonly value: string;
}

/** What a scan looks at: `limit` entries from the key `from` on, all without it. */
export interface ScanRange {
	readonly from: string;
	readonly limit: number;
}

/** The table that a CSV file becomes. The types are given, so that no contender has to find them out. */
export interface CsvTable {
	readonly name: string;
	readonly primaryKey?: string;
	readonly columns: Readonly<Record<string, "integer" | "real" | "text">>;
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
	/** All entries, the last key first. */
	scanReverse(visit: Visit): Promise<void> | void;
	scanKeys(visit: (key: string) => void): Promise<void> | void;
	scanKeysSync?(visit: (key: string) => void): void;
	/** Moves to tables what is in memory and log alone, where there is such a thing. */
	flush?(): Promise<void>;
	/** Writes the content anew, without what was overwritten. */
	compact?(): Promise<void> | void;
	/** Makes a table of a CSV file whose first line names the columns; answers how many rows it has. */
	loadCsv?(file: string, table: CsvTable): Promise<number>;
	/** A query made ready; its answer are rows, each with its values in the order of the columns. */
	query?(sql: string): (...parameters: readonly (string | number)[]) => readonly (readonly unknown[])[];
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

const MAKERS: Readonly<Record<(typeof OWN)[number], ContenderMaker>> = {
	wlsm,
	"wlsm-inline": wlsmInline,
	"wlsm-ts": wlsmTs,
};

const PEER_MAKERS: Readonly<Record<(typeof PEERS)[number], (module: Record<string, unknown>) => ContenderMaker>> = {
	"classic-level": classicLevel,
	lmdb,
	"better-sqlite3": betterSqlite3,
	"sql.js": sqlJs,
};

/** What a benchmark takes where it is not told: the other kernel and sql.js would make it half as long again. */
const USUAL: readonly ContenderName[] = ["wlsm", "classic-level", "lmdb", "better-sqlite3"];

/** The contenders of these names, without peers that are not installed for a program in `directory`. */
export async function contenders(
	only: readonly string[] = USUAL,
	directory = peersDirectory,
): Promise<ContenderMaker[]> {
	const unknown = only.find((name) => !(CONTENDERS as readonly string[]).includes(name));
	if (unknown !== undefined) throw new Error(`contenders are ${CONTENDERS.join(", ")}, not ${unknown}`);
	const makers: ContenderMaker[] = OWN.filter((name) => only.includes(name)).map((name) => MAKERS[name]);
	if (only.includes(OVER_LEVEL)) makers.push(wlsmLevel);
	for (const name of PEERS) {
		if (!only.includes(name)) continue;
		const module = await loadPeer(name, directory);
		if (module !== undefined) makers.push(PEER_MAKERS[name](module));
	}
	if (makers.length === 0) throw new Error(`none of ${only.join(", ")} is there (npm ci --prefix bench/peers)`);
	return makers;
}

export async function contender(name: string, directory = peersDirectory): Promise<ContenderMaker> {
	const [maker] = await contenders([name], directory);
	return maker as ContenderMaker;
}
