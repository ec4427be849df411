import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import type { Database } from "../../../host/database.js";
import { CURRENT, manifestName, tableName, walName } from "../../../host/engine/files.js";
import type { OpenOptions } from "../../../host/index.js";
import { openSync, WlsmError } from "../../../host/index.js";
import { Violation } from "../ledger.js";

/** What a database holds: key-value pairs, and the rows of a table. */
export interface State {
	readonly pairs: Map<string, string>;
	readonly rows: Map<number, string>;
}

export const TABLE = "life";

export function emptyState(): State {
	return { pairs: new Map(), rows: new Map() };
}

export function copyState({ pairs, rows }: State): State {
	return { pairs: new Map(pairs), rows: new Map(rows) };
}

type Options = Omit<OpenOptions, "keyEncoding" | "valueEncoding">;
type Readable = Pick<Database, "entries" | "sql">;

export function readState(db: Readable): State {
	return { pairs: new Map(db.entries()), rows: readRows(db) };
}

function readRows({ sql }: Readable): Map<number, string> {
	// The first transaction that has rows makes the table.
	if (sql.prepare(`PRAGMA table_info('${TABLE}')`).all().length === 0) return new Map();
	return new Map(sql.prepare(`SELECT id, value FROM ${TABLE}`).raw().all() as [number, string][]);
}

/** The same for the same state, whatever it was read from. */
export function digestOf({ pairs, rows }: State): string {
	const lines = [...pairs].map(([key, value]) => `${key}=${value}`).sort();
	lines.push(...[...rows].map(([id, value]) => `${id}:${value}`).sort());
	return createHash("sha1").update(lines.join("\n")).digest("hex");
}

/** The first difference, undefined where there is none. */
export function difference(found: State, expected: State): string | undefined {
	return mapDifference("key", found.pairs, expected.pairs) ?? mapDifference<number>("row", found.rows, expected.rows);
}

function mapDifference<Key>(what: string, found: Map<Key, string>, expected: Map<Key, string>): string | undefined {
	for (const [key, value] of expected) {
		const there = found.get(key);
		if (there === undefined) return `${what} ${key} is not there`;
		if (there !== value) return `${what} ${key} has ${there.slice(0, 20)}, not ${value.slice(0, 20)}`;
	}
	for (const key of found.keys()) if (!expected.has(key)) return `${what} ${key} is there`;
	return undefined;
}

/** Opens a database that must be whole. */
export function openWhole(directory: string, options: Options): Database {
	try {
		return openSync(directory, { createIfMissing: false, ...options });
	} catch (error) {
		throw new Violation("refused", `${directory} does not open`, { cause: error });
	}
}

/** What a reader answers about the database; undefined where there is none. */
export function lookAt<Answer>(directory: string, look: (db: Database) => Answer): Answer | undefined {
	let db: Database;
	try {
		db = openSync(directory, { readOnly: true });
	} catch (error) {
		if (error instanceof WlsmError && error.code === "WLSM_NOT_FOUND") return undefined;
		throw new Violation("refused", `a reader cannot open ${directory}`, { cause: error });
	}
	try {
		return look(db);
	} finally {
		db.closeSync();
	}
}

/** What a reader sees; undefined where there is no database, or none yet. */
export function readIfThere(directory: string): State | undefined {
	return lookAt(directory, readState);
}

/**
 * Opens a database for writing, as the next process would, and looks at all of it: nothing damaged, no file that nothing
 * names. Answers what it holds.
 */
export async function examine(directory: string, options: Options = {}): Promise<State> {
	const db = openWhole(directory, { background: "inline", ...options });
	let state: State;
	try {
		checkFiles(db, directory);
		const { problems } = await db.verify();
		if (problems.length > 0) throw new Violation("wrong", `verify: ${JSON.stringify(problems)}`);
		state = readState(db);
	} finally {
		db.closeSync();
	}
	if (readdirSync(directory).includes("LOCK")) throw new Violation("wrong", "a closed database keeps its lock");
	return state;
}

/** Fails on files in the directory that the manifest does not name; the folder of a repair's lost files may be there. */
function checkFiles(db: Database, directory: string): void {
	// @ts-expect-error: the engine is not part of the public interface.
	const { number, state } = (db as Database).engine.manifest;
	const named = new Set([CURRENT, "LOCK", "lost", manifestName(number), ...[...state.tables.keys()].map(tableName)]);
	const there = readdirSync(directory);
	const stray = there.filter((name) => !named.has(name) && !(name.endsWith(".wal") && name >= walName(state.firstLog)));
	if (stray.length > 0) throw new Violation("wrong", `stray files after opening: ${stray.join(", ")}`);
}
