import type {
	AbstractBatchDelOperation,
	AbstractBatchOptions,
	AbstractBatchPutOperation,
	AbstractClearOptions,
	AbstractDatabaseOptions,
	AbstractDelOptions,
	AbstractOpenOptions,
	AbstractPutOptions,
	Transcoder,
} from "abstract-level";
import { OPTION_NAMES, type OpenOptions, type ResolvedOptions, resolveOptions } from "../options.js";

/** Of wlsm's own, what abstract-level does not have: see wlsm's OpenOptions. `compression` may be as classic-level has it. */
export interface LevelOpenOptions
	extends AbstractOpenOptions,
		Omit<OpenOptions, "createIfMissing" | "errorIfExists" | "keyEncoding" | "valueEncoding" | "compression"> {
	/** "lz4" or "none"; true and false are the same. Default "lz4". */
	readonly compression?: OpenOptions["compression"] | boolean;
}

/** Of the constructor: those of `open` are its defaults. */
export interface LevelDatabaseOptions<Key, Value>
	extends AbstractDatabaseOptions<Key, Value>,
		Omit<LevelOpenOptions, "passive"> {}

/** How a commit is made. */
export interface LevelWriteOptions {
	/** Resolve when it is on stable storage. Overrides the database's `sync`. */
	readonly sync?: boolean;
}

/** How long a value stays. */
export interface LevelExpiryOptions {
	/** Milliseconds after which the key is absent. */
	readonly ttlMs?: number;
}

/** Of `put`. */
export interface LevelPutOptions<Key, Value>
	extends AbstractPutOptions<Key, Value>,
		LevelWriteOptions,
		LevelExpiryOptions {}

/** Of `del`. */
export interface LevelDelOptions<Key> extends AbstractDelOptions<Key>, LevelWriteOptions {}

/** Of `clear`. */
export interface LevelClearOptions<Key> extends AbstractClearOptions<Key>, LevelWriteOptions {}

/** Of `batch`: `ttlMs` is for the puts that have none of their own. */
export interface LevelBatchOptions<Key, Value>
	extends AbstractBatchOptions<Key, Value>,
		LevelWriteOptions,
		LevelExpiryOptions {}

/** One operation of a batch. */
export type LevelBatchOperation<Db, Key, Value> =
	| (AbstractBatchPutOperation<Db, Key, Value> & LevelExpiryOptions)
	| AbstractBatchDelOperation<Db, Key>;

/** Of `approximateSize` and `compactRange`. */
export interface LevelRangeOptions<Key> {
	/** Of `start` and `end`, in place of the database's. */
	readonly keyEncoding?: string | Transcoder.PartialEncoder<Key> | undefined;
}

/** wlsm's options among those that abstract-level hands on, which also has those of others. */
export function openOptions(options: LevelOpenOptions): ResolvedOptions {
	const given = options as Readonly<Record<string, unknown>>;
	const own: Record<string, unknown> = {};
	for (const name of OPTION_NAMES) if (given[name] !== undefined) own[name] = given[name];
	if (typeof own.compression === "boolean") own.compression = own.compression ? "lz4" : "none";
	return resolveOptions(own);
}
