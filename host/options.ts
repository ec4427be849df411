import { WlsmError } from "./errors.js";

/** How keys or values cross the interface: "utf8" as strings, "view" as Uint8Array, "buffer" as Buffer, "json" as what JSON can say. */
export type Encoding = "utf8" | "view" | "buffer" | "json";

/** How much an event matters: "error" is what was lost or could not be done. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** `fields`: `event`, the channel's name, `level`, `location`, and the figures of the event. */
export type LogFunction = (message: string, fields: Readonly<Record<string, unknown>>) => unknown;

/** A function for all levels, or an object with one for each that is wanted. */
export type Logger = LogFunction | { readonly [Level in LogLevel]?: LogFunction };

/** How a database is opened. `WLSM_INVALID_ARGUMENT` for an option that there is not, or a value beyond its limits. */
export interface OpenOptions {
	/** Make the database where there is none. Default true. */
	readonly createIfMissing?: boolean;
	/** Fail with `WLSM_EXISTS` where there is one. Default false. */
	readonly errorIfExists?: boolean;
	/** Open without a lock and without writing anything. Default false. */
	readonly readOnly?: boolean;
	/** What keys are to the program. Default "utf8". In the database they are bytes, and may be read by another encoding. */
	readonly keyEncoding?: Encoding;
	/** What values are to the program. Default "utf8". */
	readonly valueEncoding?: Encoding;
	/** Every commit is on stable storage before it resolves. Default false: what survives a power cut is a prefix. */
	readonly sync?: boolean;
	/**
	 * What the hot path runs in: "wasm" (default), or "ts", the same in TypeScript: slower, with memory that the runtime collects
	 * and jobs on the calling thread. The files are the same.
	 */
	readonly kernel?: "wasm" | "ts";
	/**
	 * The kernel's memory does not grow beyond this: memtables, caches, open iterators and what is being written, not what the
	 * runtime takes for keys and values. What does not fit fails with `WLSM_OUT_OF_MEMORY` and leaves the database as it was. A
	 * value takes several times its size while it is written and merged: leave room for 32 of the largest. From 2 MiB; default
	 * 4 GiB, all that can be addressed.
	 */
	readonly memoryBytes?: number;
	/**
	 * A memtable this large is written to a table. Up to three are in memory at once. From 16 KiB to 1 GiB; default 8 MiB, or a 16th of
	 * `memoryBytes`.
	 */
	readonly memtableBytes?: number;
	/**
	 * Bytes for decoded blocks, and for filters and indexes of tables, which leave a quarter of it to blocks. Up to 2 GiB; default 32 MiB,
	 * or a quarter of `memoryBytes`.
	 */
	readonly blockCacheBytes?: number;
	/** Uncompressed bytes that data blocks are filled to. From 64 to 1 MiB; default 4096. */
	readonly blockBytes?: number;
	/** Bits of the tables' filters for each key, up to 32; 0 for no filters. Default 10: about 1 % false positives. */
	readonly bloomBitsPerKey?: number;
	/** Of data blocks, each by itself. Default "lz4"; "none" also for blocks that it would hardly make smaller. */
	readonly compression?: "lz4" | "none";
	/**
	 * Where flushes and compactions run: in a thread of their own ("worker", the default), or on the calling thread between commits
	 * ("inline"), as they always do with the kernel in TypeScript.
	 */
	readonly background?: "worker" | "inline";
	/**
	 * Table files that are open at once; the one least used is closed for another. Default 500. A flush or a compaction
	 * opens up to 64 more. A reader keeps all its tables open, up to 10,000: a writer may remove them.
	 */
	readonly maxOpenFiles?: number;
	/** Milliseconds after which a statement of `db.sql` fails with `WLSM_TIMEOUT`, unless it has a limit of its own. Default 0: none. */
	readonly sqlTimeoutMs?: number;
	/**
	 * What each sort, join, grouping and so on of a statement holds in memory, by estimate; what is more goes to temporary files in the
	 * database's directory, those of a reader to the system's. A database in memory has none, and holds all. Default 64 MiB.
	 */
	readonly sqlMemoryBytes?: number;
	/** Whether statements of `db.sql` may read files, by `read_csv`. Default true; false where they come from people not trusted. */
	readonly sqlReadsFiles?: boolean;
	/**
	 * Is told of what also goes to the channels `wlsm:…` of node:diagnostics_channel: openings, recoveries, flushes,
	 * compactions, waits, failures. Called in the middle of the work: it must not use the database. What it throws goes to
	 * `wlsm:error` and nowhere else. Default none.
	 */
	readonly logger?: Logger | undefined;
}

export type ResolvedOptions = Required<OpenOptions>;

/** Address space of a kernel, less the page that the heap's end needs. */
const MEMORY_LIMIT_BYTES = 0xffff0000;

const DEFAULTS: ResolvedOptions = {
	createIfMissing: true,
	errorIfExists: false,
	readOnly: false,
	keyEncoding: "utf8",
	valueEncoding: "utf8",
	sync: false,
	kernel: "wasm",
	memoryBytes: MEMORY_LIMIT_BYTES,
	memtableBytes: 8 << 20,
	blockCacheBytes: 32 << 20,
	blockBytes: 4096,
	bloomBitsPerKey: 10,
	compression: "lz4",
	background: "worker",
	maxOpenFiles: 500,
	sqlTimeoutMs: 0,
	sqlMemoryBytes: 64 << 20,
	sqlReadsFiles: true,
	logger: undefined,
};

const ENCODINGS: readonly Encoding[] = ["utf8", "view", "buffer", "json"];

const CHOICES: { readonly [Name in keyof OpenOptions]?: readonly unknown[] } = {
	createIfMissing: [true, false],
	errorIfExists: [true, false],
	readOnly: [true, false],
	keyEncoding: ENCODINGS,
	valueEncoding: ENCODINGS,
	sync: [true, false],
	kernel: ["wasm", "ts"],
	compression: ["lz4", "none"],
	background: ["worker", "inline"],
	sqlReadsFiles: [true, false],
};

const LIMITS: { readonly [Name in keyof OpenOptions]?: readonly [minimum: number, maximum: number] } = {
	memoryBytes: [2 << 20, MEMORY_LIMIT_BYTES],
	memtableBytes: [16 << 10, 1 << 30],
	blockCacheBytes: [0, 2 ** 31],
	blockBytes: [64, 1 << 20],
	bloomBitsPerKey: [0, 32],
	maxOpenFiles: [1, 1_000_000],
	sqlTimeoutMs: [0, Number.MAX_SAFE_INTEGER],
	sqlMemoryBytes: [1024, Number.MAX_SAFE_INTEGER],
};

export const OPTION_NAMES = Object.keys(DEFAULTS) as readonly (keyof OpenOptions)[];

/** Defaults filled in. `WLSM_INVALID_ARGUMENT` for an unknown option or a value out of its range. */
export function resolveOptions(options: OpenOptions | undefined): ResolvedOptions {
	if (options === undefined) return DEFAULTS;
	if (typeof options !== "object" || options === null)
		throw invalid(`Options are an object, not ${describe(options)}.`);
	const resolved: Record<string, unknown> = { ...DEFAULTS };
	for (const [name, value] of Object.entries(options)) {
		if (!Object.hasOwn(DEFAULTS, name)) {
			throw invalid(`There is no option "${name}". Options are ${OPTION_NAMES.join(", ")}.`);
		}
		if (value === undefined) continue;
		const choices = CHOICES[name as keyof OpenOptions];
		if (choices !== undefined && !choices.includes(value)) {
			throw invalid(
				`Option ${name} is one of ${choices.map((choice) => JSON.stringify(choice)).join(", ")}, not ${describe(value)}.`,
			);
		}
		const limits = LIMITS[name as keyof OpenOptions];
		if (
			limits !== undefined &&
			!(Number.isInteger(value) && (value as number) >= limits[0] && (value as number) <= limits[1])
		) {
			throw invalid(`Option ${name} is a whole number from ${limits[0]} to ${limits[1]}, not ${describe(value)}.`);
		}
		if (name === "logger") checkLogger(value);
		resolved[name] = value;
	}
	return withinMemory(resolved as unknown as ResolvedOptions, options);
}

/** What the caller left open is chosen so that it fits into the memory: there is to be room for reads and jobs too. */
function withinMemory(resolved: ResolvedOptions, given: OpenOptions): ResolvedOptions {
	const { memoryBytes, memtableBytes, blockCacheBytes } = resolved;
	return {
		...resolved,
		memtableBytes: given.memtableBytes ?? Math.min(memtableBytes, Math.floor(memoryBytes / 16)),
		blockCacheBytes: given.blockCacheBytes ?? Math.min(blockCacheBytes, Math.floor(memoryBytes / 4)),
	};
}

function checkLogger(logger: unknown): void {
	if (typeof logger === "function") return;
	const levels = ["debug", "info", "warn", "error"];
	const isFunction = (level: string) => typeof (logger as Record<string, unknown>)[level] === "function";
	const isAbsent = (level: string) => (logger as Record<string, unknown>)[level] === undefined;
	if (typeof logger === "object" && logger !== null) {
		const wrong = levels.find((level) => !isFunction(level) && !isAbsent(level));
		if (wrong === undefined && levels.some(isFunction)) return;
	}
	throw invalid(
		`Option logger is a function, or an object with functions for some of ${levels.join(", ")}, not ${describe(logger)}.`,
	);
}

function invalid(message: string): WlsmError {
	return new WlsmError("WLSM_INVALID_ARGUMENT", message);
}

/** A value as an error message shows it. */
export function describe(value: unknown): string {
	if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
	if (value === null || typeof value !== "object") return String(value);
	return Object.prototype.toString.call(value).slice(8, -1);
}
