/** A store for Keyv. Nothing of Keyv is loaded: this has the shape of its KeyvStoreAdapter. */

import { EventEmitter } from "node:events";
import { type Database, type OpenOptions, openSync, WlsmError } from "./index.js";

/** Those of `open`; keys and values are strings. */
export type KeyvWlsmOptions = Omit<OpenOptions, "keyEncoding" | "valueEncoding">;

/** Keyv hands a key on as `namespace:key`, and removes what stands before the key again. */
const SEPARATOR = ":";

/** Values expire with wlsm's own `ttlMs`: they are absent from then on, and gone with a later compaction. */
export class KeyvWlsm extends EventEmitter {
	/** For Keyv, which iterates over stores of the dialects that it knows alone; that of wlsm is SQLite's. */
	readonly opts: Record<string, unknown> = { dialect: "sqlite" };
	/** Set by Keyv. */
	namespace: string | undefined;
	readonly #db: Database;
	readonly #isOwn: boolean;

	/** Over a database of strings that is open, or over the one in a directory, which `disconnect` closes. */
	constructor(database: Database | string, options?: KeyvWlsmOptions) {
		super();
		this.#isOwn = typeof database === "string";
		this.#db = typeof database === "string" ? (openSync(database, options) as Database) : database;
	}

	/** The database below. */
	get database(): Database {
		return this.#db;
	}

	// Keyv names the type of what it will have made of the string.

	/** The string under a key, undefined where there is none. */
	get<Value = string>(key: string): Promise<Value | undefined> {
		return this.#db.get(key) as Promise<Value | undefined>;
	}

	/** As `get`, in the keys' order. */
	getMany<Value = string>(keys: string[]): Promise<(Value | undefined)[]> {
		return this.#db.getMany(keys) as Promise<(Value | undefined)[]>;
	}

	/** Whether the key is there. */
	has(key: string): Promise<boolean> {
		return this.#db.has(key);
	}

	/** As `has`, in the keys' order. */
	hasMany(keys: string[]): Promise<boolean[]> {
		return this.#db.hasMany(keys);
	}

	/** Stores a string for `ttl` milliseconds, or for good without one or with 0, as Keyv has it. `WLSM_INVALID_ARGUMENT` for another value. */
	async set(key: string, value: unknown, ttl?: number): Promise<void> {
		await this.#db.put(key, textOf(value), ttlOf(ttl));
	}

	/** As `set`, all of them or none. */
	async setMany(entries: { key: string; value: unknown; ttl?: number }[]): Promise<void> {
		await this.#db.batch(
			entries.map(({ key, value, ttl }) => ({ type: "put" as const, key, value: textOf(value), ...ttlOf(ttl) })),
		);
	}

	/** Resolves with whether there was something to delete. */
	async delete(key: string): Promise<boolean> {
		return this.deleteMany([key]);
	}

	/** As `delete`, all of them or none: whether there was any. */
	async deleteMany(keys: string[]): Promise<boolean> {
		const there = await this.#db.hasMany(keys);
		await this.#db.batch(keys.map((key) => ({ type: "delete" as const, key })));
		return there.includes(true);
	}

	/** Deletes what is of the namespace; all there is without one. */
	async clear(): Promise<void> {
		await this.#db.deleteRange(rangeOf(this.namespace));
	}

	/** Entries as of now, of one namespace or of all. Their keys have the namespace before them. */
	async *iterator<Value = string>(namespace?: string): AsyncGenerator<(string | Awaited<Value> | undefined)[], void> {
		for await (const entry of this.#db.entries(rangeOf(namespace))) yield entry;
	}

	/** Closes the database that the store has opened itself. */
	async disconnect(): Promise<void> {
		if (this.#isOwn) await this.#db.close();
	}
}

export default KeyvWlsm;

function rangeOf(namespace: string | undefined): { readonly prefix?: string } {
	return namespace === undefined || namespace === "" ? {} : { prefix: `${namespace}${SEPARATOR}` };
}

function ttlOf(ttl: number | undefined): { readonly ttlMs?: number } {
	return ttl === undefined || ttl === 0 ? {} : { ttlMs: ttl };
}

function textOf(value: unknown): string {
	if (typeof value === "string") return value;
	throw new WlsmError(
		"WLSM_INVALID_ARGUMENT",
		`A value that Keyv has serialized is a string, not a ${typeof value}. Leave Keyv its serialize, or give it one that makes strings.`,
	);
}
