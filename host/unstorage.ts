/** A driver for unstorage. Nothing of unstorage is loaded: this has the shape of its Driver. */

import { Buffer } from "node:buffer";
import { type Database, type OpenOptions, openSync } from "./index.js";

export interface WlsmDriverOptions extends Omit<OpenOptions, "keyEncoding" | "valueEncoding"> {
	/** The database's directory, or ":memory:". */
	readonly location: string;
}

interface WriteOptions {
	/** Seconds after which the item is absent, as other drivers have it. */
	readonly ttl?: number;
}

export interface WlsmDriver {
	readonly name: "wlsm";
	readonly options: WlsmDriverOptions;
	getInstance(): Database<string, Buffer>;
	hasItem(key: string): Promise<boolean>;
	getItem(key: string): Promise<string | null>;
	getItems(items: { key: string }[]): Promise<{ key: string; value: string | null }[]>;
	getItemRaw(key: string): Promise<Buffer | null>;
	setItem(key: string, value: string, options?: WriteOptions): Promise<void>;
	/** All of them or none. */
	setItems(items: { key: string; value: string; options?: WriteOptions }[], options?: WriteOptions): Promise<void>;
	setItemRaw(key: string, value: Uint8Array | string, options?: WriteOptions): Promise<void>;
	removeItem(key: string): Promise<void>;
	getKeys(base?: string): Promise<string[]>;
	clear(base?: string): Promise<void>;
	dispose(): Promise<void>;
}

/** Opens the database at the first use; `dispose` closes it. Text and raw items are the same bytes. */
export default function wlsmDriver(options: WlsmDriverOptions): WlsmDriver {
	const { location, ...openOptions } = options;
	let opened: Database<string, Buffer> | undefined;
	const db = () => {
		opened ??= openSync(location, { ...openOptions, valueEncoding: "buffer" });
		return opened;
	};
	const put = (key: string, value: Buffer, { ttl }: WriteOptions = {}) => db().put(key, value, ttlOf(ttl));
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
		setItemRaw: async (key, value, options) => put(key, Buffer.from(value as Uint8Array), options),
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

function ttlOf(seconds: number | undefined): { readonly ttlMs?: number } {
	return seconds === undefined ? {} : { ttlMs: 1000 * seconds };
}

function textOf(value: Buffer | undefined): string | null {
	return value === undefined ? null : value.toString();
}
