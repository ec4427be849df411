import {
	type AbstractChainedBatch,
	type AbstractChainedBatchWriteOptions,
	type AbstractDatabaseHooks,
	AbstractLevel,
	type AbstractSnapshot,
	type Transcoder,
} from "abstract-level";
import type { BatchOperation } from "../batch.js";
import type { Database, PutWriteOptions, WriteOptions } from "../database.js";
import { destroy } from "../destroy.js";
import { MEMORY_LOCATION } from "../engine/open.js";
import type { RepairReport } from "../engine/repair/repair.js";
import type { ScanParts } from "../kernel/contract.js";
import type { Range, ReadOptions } from "../reader.js";
import { type RepairOptions, repair } from "../repair.js";
import { MemoryStorage, NodeStorage } from "../storage/index.js";
import { LevelChainedBatch } from "./chained-batch.js";
import { levelError, notOpen, rethrow } from "./errors.js";
import type { Facade } from "./facade.js";
import { Facades } from "./facades.js";
import type { Format, Formats } from "./formats.js";
import { LevelIterator, LevelKeyIterator, LevelValueIterator } from "./iterators.js";
import {
	type LevelBatchOperation,
	type LevelBatchOptions,
	type LevelClearOptions,
	type LevelDatabaseOptions,
	type LevelDelOptions,
	type LevelOpenOptions,
	type LevelPutOptions,
	type LevelRangeOptions,
	type LevelWriteOptions,
	openOptions,
} from "./options.js";
import { decodings, Scan } from "./scan.js";
import { LevelSnapshot, type SnapshotOptions } from "./snapshot.js";
import { WriteBuffer } from "./write-buffer.js";

/** Keys that a clear as of a snapshot deletes with one commit. */
const CLEARED_AT_ONCE = 1000;

interface ViewOptions {
	readonly snapshot?: AbstractSnapshot | undefined;
}

/** What abstract-level hands on for iterators and clear: bounds are in the key's encoding. */
interface ScanOptions extends ViewOptions, Range<unknown> {
	readonly keyEncoding: Format;
	readonly valueEncoding: Format;
	readonly keys?: boolean;
	readonly values?: boolean;
	readonly signal?: AbortSignal | null;
}

type PrivateOperation = BatchOperation<unknown, unknown> & Formats;

// Methods of abstract-level that take options of wlsm's as well.
export interface WlsmLevel<KDefault = string, VDefault = string> {
	// Not of this class alone: whether it then is an AbstractLevel depends on the order in which TypeScript looks at things.
	/** As abstract-level has them. */
	// biome-ignore lint/suspicious/noExplicitAny: as abstract-level has it where any database will do
	hooks: AbstractDatabaseHooks<any, LevelOpenOptions, any>;
	/** As abstract-level has it; `LEVEL_DATABASE_NOT_OPEN` with what failed as its cause where it fails. */
	open(): Promise<void>;
	open(options: LevelOpenOptions): Promise<void>;
	/** As abstract-level has it, with wlsm's `sync` and `ttlMs`. */
	put(key: KDefault, value: VDefault): Promise<void>;
	put<K = KDefault, V = VDefault>(key: K, value: V, options: LevelPutOptions<K, V>): Promise<void>;
	/** As abstract-level has it, with wlsm's `sync`. */
	del(key: KDefault): Promise<void>;
	del<K = KDefault>(key: K, options: LevelDelOptions<K>): Promise<void>;
	/** As abstract-level has it, with wlsm's `sync`; one operation, but with a `limit` or a `snapshot`. */
	clear(): Promise<void>;
	clear<K = KDefault>(options: LevelClearOptions<K>): Promise<void>;
	/** As abstract-level has it, with wlsm's `sync` and `ttlMs`: all or nothing. */
	batch(operations: LevelBatchOperation<this, KDefault, VDefault>[]): Promise<void>;
	batch<K = KDefault, V = VDefault>(
		operations: LevelBatchOperation<this, K, V>[],
		options: LevelBatchOptions<K, V>,
	): Promise<void>;
	batch(): WlsmChainedBatch<this, KDefault, VDefault>;
	/** About how many bytes of tables hold keys from `start` to before `end`. What is only in memory does not count. */
	approximateSize(start: KDefault, end: KDefault): Promise<number>;
	approximateSize<K = KDefault>(start: K, end: K, options: LevelRangeOptions<K>): Promise<number>;
	/** Writes what is in memory to tables and merges those that hold keys from `start` to `end`. */
	compactRange(start: KDefault, end: KDefault): Promise<void>;
	compactRange<K = KDefault>(start: K, end: K, options: LevelRangeOptions<K>): Promise<void>;
}

/** A batch that is put together call by call. */
export interface WlsmChainedBatch<Db, KDefault, VDefault> extends AbstractChainedBatch<Db, KDefault, VDefault> {
	/** Commits it, all or nothing. */
	write(): Promise<void>;
	write(options: AbstractChainedBatchWriteOptions & LevelWriteOptions): Promise<void>;
}

/** A database of wlsm behind the interface of abstract-level. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: overloads of methods that abstract-level implements
export class WlsmLevel<KDefault = string, VDefault = string> extends AbstractLevel<
	string | Buffer | Uint8Array,
	KDefault,
	VDefault
> {
	readonly #location: string;
	/** Where that is, whatever the working directory is by the time it is opened. */
	readonly #place: string;
	/** What ":memory:" keeps while it is closed. */
	readonly #memory = new MemoryStorage();
	#facades: Facades | undefined;

	/** `location`: a directory's path, or ":memory:" for what is gone with this object. */
	constructor(location: string, options?: LevelDatabaseOptions<KDefault, VDefault>) {
		super(manifestOf(location), options as LevelDatabaseOptions<KDefault, VDefault>);
		checkLocation(location);
		this.#location = location;
		this.#place = location === MEMORY_LOCATION ? location : new NodeStorage().resolve(location);
	}

	/** The directory that it is in, or ":memory:". */
	get location(): string {
		return this.#location;
	}

	/** The same data as wlsm has it: SQL, transactions, statistics, checkpoints. Throws while this is not open. */
	get database(): Database<string, string> {
		if (this.status !== "open") throw notOpen("database");
		return this.#of({}) as Database<unknown, unknown> as Database<string, string>;
	}

	/** Removes the database's files, and its directory where nothing else is in it. */
	static async destroy(location: string): Promise<void> {
		checkLocation(location);
		await destroy(location).catch(rethrow);
	}

	/** Makes a damaged database one that opens again, and tells what of it is lost. */
	static async repair(location: string, options?: RepairOptions): Promise<RepairReport> {
		checkLocation(location);
		return repair(location, options).catch(rethrow);
	}

	#of(formats: Formats): Facade<unknown, unknown> {
		// abstract-level calls nothing while it is closed.
		return (this.#facades as Facades).of(formats);
	}

	/** @internal */
	protected async _open(options: LevelOpenOptions): Promise<void> {
		try {
			this.#facades = new Facades(this.#place, openOptions(options), this.#memory);
		} catch (error) {
			throw levelError(error);
		}
	}

	/** @internal */
	protected async _close(): Promise<void> {
		const facade = this.#of({});
		// A first attempt that failed has given everything up all the same.
		const again = facade.status === "closed";
		await facade.close().catch((error: unknown) => {
			if (!again) rethrow(error);
		});
	}

	/** @internal */
	protected _get(key: unknown, options: Formats & ViewOptions): Promise<unknown> {
		return this.#of(options).read(key, viewOf(options));
	}

	/** @internal */
	protected _getSync(key: unknown, options: Formats & ViewOptions): unknown {
		return this.#of(options).readSync(key, viewOf(options));
	}

	/** @internal */
	protected _getMany(keys: unknown[], options: Formats & ViewOptions): Promise<unknown[]> {
		return this.#of(options).getMany(keys, viewOf(options)).catch(rethrow);
	}

	/** @internal */
	protected _has(key: unknown, options: Formats & ViewOptions): Promise<boolean> {
		return this.#of(options).has(key, viewOf(options)).catch(rethrow);
	}

	/** @internal */
	protected _hasMany(keys: unknown[], options: Formats & ViewOptions): Promise<boolean[]> {
		return this.#of(options).hasMany(keys, viewOf(options)).catch(rethrow);
	}

	/** @internal */
	protected _put(key: unknown, value: unknown, options: Formats & PutWriteOptions): Promise<void> {
		return this.#of(options).write(key, value, options);
	}

	/** @internal */
	protected _del(key: unknown, options: Formats & WriteOptions): Promise<void> {
		return this.#of(options).remove(key, options);
	}

	/** @internal */
	protected async _batch(operations: readonly PrivateOperation[], options: WriteOptions): Promise<void> {
		const buffer = new WriteBuffer();
		for (const operation of operations) {
			const facade = this.#of(operation);
			if (operation.type === "put") facade.addPut(buffer, operation.key, operation.value, operation);
			else facade.addDelete(buffer, operation.key);
		}
		return this.#of({}).commitBuffer(buffer, options);
	}

	/** @internal */
	protected _chainedBatch(): LevelChainedBatch<this, KDefault, VDefault> {
		return new LevelChainedBatch<this, KDefault, VDefault>(this, (this.#facades as Facades).of);
	}

	/** @internal */
	protected async _clear(options: ScanOptions & WriteOptions): Promise<void> {
		const range = rangeOf(options);
		try {
			if ((options.snapshot ?? undefined) !== undefined) await this.#clearAsOf(options);
			else await this.#of(options).deleteRange({ ...range, limit: options.limit ?? -1 }, options);
		} catch (error) {
			throw levelError(error);
		}
	}

	/** Deletes what was there when the snapshot was taken, many keys with one commit. */
	async #clearAsOf(options: ScanOptions & WriteOptions): Promise<void> {
		const facade = this.#of({ keyEncoding: "view" });
		const scan = this.#scan(options, "keys", decodings.keys("view"));
		let left = options.limit === undefined || options.limit < 0 ? Number.POSITIVE_INFINITY : options.limit;
		try {
			for (;;) {
				const keys = await scan.nextMany(Math.min(left, CLEARED_AT_ONCE));
				if (keys.length === 0) break;
				const buffer = new WriteBuffer();
				for (const key of keys) facade.addDelete(buffer, key);
				await facade.commitBuffer(buffer, options);
				left -= keys.length;
			}
		} finally {
			scan.close();
		}
	}

	#scan<Item>(
		options: ScanOptions,
		parts: ScanParts,
		decoding: ConstructorParameters<typeof Scan<Item>>[2],
	): Scan<Item> {
		const { snapshot } = options;
		// Throws where it is closed.
		snapshot?.ref();
		try {
			const facade = this.#of(options);
			const range = facade.bytesOf(rangeOf(options));
			const cursor = facade.scan(range, parts, viewOf(options));
			return new Scan(cursor, range, decoding, options.signal ?? undefined);
		} catch (error) {
			throw levelError(error);
		} finally {
			snapshot?.unref();
		}
	}

	/** @internal */
	protected _iterator(options: ScanOptions): object {
		const { keyEncoding, valueEncoding, keys = true, values = true } = options;
		const parts = keys === values && keys ? "entries" : values ? "values" : "keys";
		const decoding = decodings.entries(keyEncoding, valueEncoding, { keys, values });
		return new LevelIterator(this, options, this.#scan(options, parts, decoding));
	}

	/** @internal */
	protected _keys(options: ScanOptions): object {
		return new LevelKeyIterator(this, options, this.#scan(options, "keys", decodings.keys(options.keyEncoding)));
	}

	/** @internal */
	protected _values(options: ScanOptions): object {
		const scan = this.#scan(options, "values", decodings.values(options.valueEncoding));
		return new LevelValueIterator(this, options, scan);
	}

	/** @internal */
	protected _snapshot(options: SnapshotOptions): LevelSnapshot {
		return new LevelSnapshot(this.#of({}).snapshot(), options);
	}

	async approximateSize(...range: unknown[]): Promise<number> {
		return this.#overRange("approximateSize", range, (facade, start, end) => facade.approximateBytes(start, end));
	}

	async compactRange(...range: unknown[]): Promise<void> {
		return this.#overRange("compactRange", range, (facade, start, end) => facade.compact({ gte: start, lte: end }));
	}

	async #overRange<Answer>(
		method: string,
		[...range]: unknown[],
		run: (facade: Facade<unknown, unknown>, start: unknown, end: unknown) => Answer | Promise<Answer>,
	): Promise<Answer> {
		if (range.length < 2) throw new TypeError("The arguments 'start' and 'end' are required");
		if (this.status === "opening") return this.deferAsync(() => this.#overRange(method, range, run));
		if (this.status !== "open") throw notOpen(method);
		const [start, end, options] = range as [KDefault, KDefault, LevelRangeOptions<KDefault> | undefined];
		const encoding =
			options?.keyEncoding === undefined
				? this.keyEncoding()
				: this.keyEncoding(options.keyEncoding as Transcoder.MixedEncoding<KDefault, unknown, KDefault>);
		try {
			const facade = this.#of({ keyEncoding: encoding.format });
			return await run(facade, encoding.encode(start), encoding.encode(end));
		} catch (error) {
			throw levelError(error);
		}
	}
}

/** What is supported, in abstract-level's words. */
function manifestOf(location: string) {
	return {
		encodings: { utf8: true, view: true, buffer: true },
		has: true,
		getSync: true,
		implicitSnapshots: true,
		explicitSnapshots: true,
		createIfMissing: true,
		errorIfExists: true,
		permanence: location !== MEMORY_LOCATION,
		additionalMethods: { approximateSize: true, compactRange: true },
		signals: { iterators: true },
	};
}

function checkLocation(location: unknown): void {
	if (typeof location === "string" && location !== "") return;
	throw new TypeError("The first argument 'location' must be a non-empty string");
}

/** As of when a read is. */
function viewOf({ snapshot }: ViewOptions): ReadOptions | undefined {
	if (snapshot === undefined || snapshot === null) return undefined;
	if (!(snapshot instanceof LevelSnapshot)) throw new TypeError("The snapshot is not one of this database");
	return { snapshot: snapshot.view };
}

/** Of two bounds on one side abstract-level takes the inclusive one. */
function rangeOf({ gt, gte, lt, lte, reverse = false }: ScanOptions): Range<unknown> {
	return { ...(gte === undefined ? { gt } : { gte }), ...(lte === undefined ? { lt } : { lte }), reverse };
}
