/** A driver for unstorage. Nothing of unstorage is loaded: this has the shape of its Driver. */

import { Buffer } from "node:buffer";
import { resolve } from "node:path";
import { type Database, type OpenOptions, openSync, WlsmError } from "./index.js";

/** Those of `open`, and where. */
export interface WlsmDriverOptions extends Omit<OpenOptions, "keyEncoding" | "valueEncoding"> {
	/** The database's directory, or ":memory:". */
	readonly location: string;
}

/** How an item is written. */
export interface WlsmItemOptions {
	/** Seconds after which the item is absent; 0 is for good, as with other drivers. */
	readonly ttl?: number | null;
}

/** What unstorage calls. Keys are those that it makes, with colons between their parts. */
export interface WlsmDriver {
	/** What it is. */
	readonly name: "wlsm";
	/** As they were given. */
	readonly options: WlsmDriverOptions;
	/** The database, which it opens if it is not open. */
	getInstance(): Database<string, Buffer>;
	/** Whether the key is there. */
	hasItem(key: string): Promise<boolean>;
	/** The item as text, null where there is none. */
	getItem(key: string): Promise<string | null>;
	/** Several of them, in their order. */
	getItems(items: { key: string }[]): Promise<{ key: string; value: string | null }[]>;
	/** The item's bytes, null where there is none. */
	getItemRaw(key: string): Promise<Buffer | null>;
	/** Stores text, as UTF-8. */
	setItem(key: string, value: string, options?: WlsmItemOptions): Promise<void>;
	/** As `setItem`, all of them or none; `options` are for those that have none of their own. */
	setItems(
		items: { key: string; value: string; options?: WlsmItemOptions }[],
		options?: WlsmItemOptions,
	): Promise<void>;
	/** Stores bytes, those of a text as UTF-8. `WLSM_INVALID_ARGUMENT` for what has none. */
	setItemRaw(key: string, value: ArrayBufferView | ArrayBufferLike | string, options?: WlsmItemOptions): Promise<void>;
	/** Removes the item; no error where there is none. */
	removeItem(key: string): Promise<void>;
	/** All keys, or those that begin with `base`, in order. */
	getKeys(base?: string): Promise<string[]>;
	/** Removes all items, or those whose keys begin with `base`. */
	clear(base?: string): Promise<void>;
	/** Closes the database. */
	dispose(): Promise<void>;
}

/** Opens the database at the first use; `dispose` closes it. Text and raw items are the same bytes. */
export default function wlsmDriver(options: WlsmDriverOptions): WlsmDriver {
	// A location that is not there is an error of the first use.
	const { location, ...openOptions } = options ?? {};
	// Not where the program may have gone to by then.
	const place =
		location === ":memory:" || typeof location !== "string" || location === "" ? location : resolve(location);
	let opened: Database<string, Buffer> | undefined;
	const db = () => {
		opened ??= openSync(place, { ...openOptions, valueEncoding: "buffer" });
		return opened;
	};
	const put = (key: string, value: Buffer, { ttl }: WlsmItemOptions = {}) => db().put(key, value, ttlOf(ttl));
	return {
		name: "wlsm",
		options,
		getInstance: db,
		hasItem: async (key) => db().has(key),
		getItem: async (key) => textOf(await db().get(key)),
		getItems: async (items) => {
			const values = await db().getMany(items.map(({ key }) => key));
			return items.map(({ key }, index) => ({ key, value: textOf(values[index]) }));
		},
		getItemRaw: async (key) => (await db().get(key)) ?? null,
		setItem: async (key, value, options) => put(key, Buffer.from(value), options),
		setItems: async (items, common) =>
			db().batch(
				items.map(({ key, value, options }) => {
					const ttl = options?.ttl ?? common?.ttl;
					return { type: "put" as const, key, value: Buffer.from(value), ...ttlOf(ttl) };
				}),
			),
		setItemRaw: async (key, value, options) => put(key, bytesOf(value), options),
		removeItem: async (key) => db().delete(key),
		getKeys: async (base) => db().keys(rangeOf(base)).all(),
		clear: async (base) => db().deleteRange(rangeOf(base)),
		dispose: async () => {
			await opened?.close();
			opened = undefined;
		},
	};
}

function rangeOf(base: string | undefined): { readonly prefix?: string } {
	return base === undefined || base === "" ? {} : { prefix: base };
}

function ttlOf(seconds: number | null | undefined): { readonly ttlMs?: number } {
	return seconds === undefined || seconds === null || seconds === 0 ? {} : { ttlMs: 1000 * seconds };
}

function bytesOf(value: unknown): Buffer {
	if (typeof value === "string") return Buffer.from(value);
	// Copies. Buffer.from would take the elements of an array of other numbers for bytes.
	if (ArrayBuffer.isView(value)) return Buffer.from(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
	if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return Buffer.from(new Uint8Array(value));
	throw new WlsmError(
		"WLSM_INVALID_ARGUMENT",
		`A raw item is bytes or a string, not ${value === null ? "null" : `a ${typeof value}`}. setItem takes what JSON has.`,
	);
}

function textOf(value: Buffer | undefined): string | null {
	return value === undefined ? null : value.toString();
}
