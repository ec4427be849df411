/**
 * What the engine asks of a kernel. Two implementations answer it: the WebAssembly module and its twin in pure TypeScript. How it is used
 * is said with `Kernel`.
 */
import type {
	STATUS_ABSENT,
	STATUS_CORRUPT,
	STATUS_DONE,
	STATUS_EMIT,
	STATUS_EXPIRING,
	STATUS_NEED,
} from "../../assembly/shared/status.js";
import type { WlsmError } from "../errors.js";
import type { CsvKernel } from "./csv-contract.js";
import type { LogBuffer, RecordBuffer } from "./log-contract.js";
import type { Lookup, LookupOptions, RowPage, RowProgram } from "./rows-contract.js";
import type { KernelThreads } from "./threads-contract.js";

export type * from "./log-contract.js";
export type * from "./rows-contract.js";

/** How a call has ended. */
export type Status =
	| typeof STATUS_DONE
	| typeof STATUS_ABSENT
	| typeof STATUS_EXPIRING
	| typeof STATUS_NEED
	| typeof STATUS_EMIT
	| typeof STATUS_CORRUPT;

/** What a kernel lacks: `length` bytes at `offset` of file `file`, to go to `target[at…]`. */
export interface Need {
	/** Number of the table's file. */
	file: number;
	/** Where in it, in bytes. */
	offset: number;
	/** How many bytes. */
	length: number;
	/** Where they go: memory of the kernel. */
	target: Buffer;
	/** Where in `target`. */
	at: number;
}

/** Bytes that a call answered with: `bytes[at, at + length)`, valid until the next call. */
export interface Result {
	/** Memory of the kernel. */
	bytes: Buffer;
	/** Where in `bytes` they begin. */
	at: number;
	/** How many they are. */
	length: number;
}

/** Where a CORRUPT answer found damage. */
export interface Damage {
	/** Number of the table's file. */
	file: number;
	/** Where in it, in bytes. */
	offset: number;
	/** `status.CORRUPT_…`. */
	reason: number;
}

/** A 64-bit number as two words: hashes and the seeds of checksums. */
export interface Word64 {
	/** Its lower 32 bits. */
	readonly low: number;
	/** Its upper 32 bits. */
	readonly high: number;
}

/** What has to be known of a table before its file is read. */
export interface TableDescription {
	/** Number of its file. */
	readonly file: number;
	/** Bytes of the file. */
	readonly size: number;
	/** Bytes of its tail: filter, index, range deletions, properties and footer. */
	readonly tailLength: number;
	/** Of its checksums. */
	readonly seed: Word64;
	/** How many, deletions among them. */
	readonly entries: number;
	/** How many of the entries are deletions. */
	readonly deletions: number;
	/** The lowest sequence number in it. */
	readonly minSequence: number;
	/** The highest. */
	readonly maxSequence: number;
	/** Earliest expiry of an entry in Unix milliseconds, 0 where none expires. */
	readonly firstExpiry: number;
	/** Range deletions, one for each stretch of keys that it covers; they count in minSequence and maxSequence too. */
	readonly rangeDeletions: number;
	/** The first key; a database's keys have their keyspace byte. Range deletions lie behind it too. */
	readonly smallest: Uint8Array;
	/** The last key. Range deletions lie before it too, or end with it. */
	readonly largest: Uint8Array;
}

/** Names a memtable to every kernel of the same database. */
export type MemtableHandle = number;

/** What has been written last, sorted, in memory: filled with batches, read through superversions. */
export interface Memtable {
	/** For another thread, once nothing is put into it any more. */
	readonly handle: MemtableHandle;
	/** Bytes of its entries and MEMTABLE_…_BYTES for each: what decides when it is full. The same with every kernel. */
	bytes(): number;
	/** How many operations have been put into it. */
	entries(): number;
	/** Gives it back. No superversion and no job uses it any more. */
	free(): void;
}

/** A table as reads know it; its file is read when it is needed. */
export interface Table {
	/** Gives it back, with its blocks in the cache. No superversion and no job uses it any more. */
	free(): void;
}

/** What reads look through: memtables and tables, which must outlive it. */
export interface Superversion {
	/** Gives it back, and nothing that it names. No read is under way in it. */
	free(): void;
}

/** A point read of the key that stands in `kernel.keyBytes`. DONE and EXPIRING: the value is in `result`. */
export interface GetOperation {
	/** Begins: the newest entry at or below `sequence` is found. DONE, EXPIRING, ABSENT, NEED or CORRUPT. */
	start(superversion: Superversion, keyLength: number, sequence: number): Status;
	/** Goes on when what `need` asked for has been read. */
	resume(): Status;
	/** Makes the operation independent of `kernel.keyBytes`. Called before the host waits. */
	detach(): void;
	/** Ends it wherever it stands; it can be started again. */
	reset(): void;
	/** Ends it for good. */
	free(): void;
}

/** What of each entry a scan is for; the rest is empty in its pages. */
export type ScanParts = "entries" | "keys" | "values";

/** What a scan goes over, and how. */
export interface ScanOptions {
	/** Must outlive the scan. */
	readonly superversion: Superversion;
	/** Entries of later operations are not seen. */
	readonly sequence: number;
	/** Unix milliseconds: what has expired by then is absent. */
	readonly now: number;
	/** A transaction's own writes. */
	readonly overlay?: Overlay | undefined;
	/** Inclusive, with keyspace byte; absent: open. */
	readonly lower: Uint8Array | undefined;
	/** Exclusive. */
	readonly upper: Uint8Array | undefined;
	/** From the last entry to the first. */
	readonly reverse: boolean;
	/** Leading bytes of each key to leave out. */
	readonly skipKeyBytes: number;
	/** "entries" by default. */
	readonly parts?: ScanParts;
}

/**
 * A range read. `fill` answers DONE (the page stands in `page`, or in `rows`, where it may be empty), ABSENT (at the end), NEED
 * or CORRUPT.
 */
export interface Scan {
	/** The next page, of at most so many entries and about so many bytes; after NEED the same call goes on. */
	fill(maxEntries: number, maxBytes: number): Status;
	/** From the next page on the scan reads rows. May be called again, with the same columns and other constants. */
	read(program: RowProgram): void;
	/**
	 * DONE: something in the range was written or deleted after `sequence`. ABSENT: nothing was. For a scan with both bounds,
	 * forward and without overlay, that is used for nothing else.
	 */
	changed(sequence: number): Status;
	/** Ends it wherever it stands. */
	free(): void;
}

/**
 * A page of entries, valid until the next call: keys and values one behind the other from `bytes[at]` on. The key of entry `i` begins
 * `bounds[boundsAt + 2 * i]` bytes behind that, its value `bounds[boundsAt + 2 * i + 1]`, and ends where the next key begins.
 */
export interface Page {
	/** Memory of the kernel. */
	bytes: Buffer;
	/** Where in `bytes` the first key begins. */
	at: number;
	/** Bytes of all keys and values. */
	length: number;
	/** The same memory, or another part of it, by words. */
	bounds: Uint32Array;
	/** Where in `bounds` they begin; there are 2 * `count` + 1. */
	boundsAt: number;
	/** How many entries. */
	count: number;
	/** Every byte of it is below 128. */
	ascii: boolean;
}

/**
 * A write to a stored key, with its kind (`KIND_…` of the format) and the value as it is stored. A range deletion's key is
 * where the range starts, its value the first key behind it.
 */
export interface Operation {
	/** `format.KIND_…`. */
	readonly kind: number;
	/** At most 65,536 bytes, of a range deletion 65,537. */
	readonly key: Uint8Array;
	/** At most 256 MiB and what stands in front of a value that expires; empty for a deletion. */
	readonly value: Uint8Array;
}

/** A transaction's own writes, ordered, newest of a key first. */
export interface Overlay {
	/** How many there are. */
	readonly writes: number;
	/** Sequence numbers are the overlay's own. */
	write(operation: Operation): void;
	/** As of a get. ABSENT: deleted. undefined: not written by this transaction. */
	get(key: Uint8Array): typeof STATUS_DONE | typeof STATUS_EXPIRING | typeof STATUS_ABSENT | undefined;
	/** Gives it back. No scan uses it any more. */
	free(): void;
}

/** What a job is told beside its inputs: plain data. */
export interface JobSettings {
	/** Sequences of live snapshots, ascending. */
	readonly snapshots: readonly number[];
	/** Unix milliseconds: what has expired by then is taken for deleted. */
	readonly now: number;
	/** Uncompressed bytes after which a block ends. */
	readonly blockBytes: number;
	/** Of filters; 0 for none. */
	readonly bitsPerKey: number;
	/** Of data blocks; what it would hardly make smaller stays as it is. */
	readonly compression: "none" | "lz4";
	/** Bytes after which a table ends, at the next new key. */
	readonly tableBytes: number;
	/** Eight bytes that stand in every table. */
	readonly databaseId: Uint8Array;
}

/** What a job is told. */
export interface JobOptions extends JobSettings {
	/** Newer first. Nothing is put into them any more. */
	readonly memtables: readonly Memtable[];
	/** Sorted runs, newer first. */
	readonly runs: readonly (readonly Table[])[];
	/** Where it is known what lies below the output: the superversion, and the first level below. */
	readonly below: { readonly superversion: Superversion; readonly level: number } | undefined;
}

/** A flush or compaction. EMIT: append `result` to the output; `tableEnd` then tells whether a table is complete. */
export interface Job {
	/** `file` and `seed` are those of the next table to start; `last`: this table takes all that is left. */
	step(file: number, seed: Word64, last: boolean): Status;
	/** After EMIT: the table that is complete with these bytes, undefined where more of it follows. */
	tableEnd(): TableDescription | undefined;
	/** Ends it wherever it stands. */
	free(): void;
}

/** What reads of keys have done since the kernel was made. */
export interface KernelCounters {
	/** Entries and blocks that were in the cache. */
	cacheHits: number;
	/** Blocks that had to be read. */
	cacheMisses: number;
	/** Tables whose filter was asked. */
	filterChecks: number;
	/** Tables that a filter spared. */
	filterRejects: number;
	/** Tables that had nothing although their filter let the read pass. */
	filterFalsePositives: number;
}

/** Bytes. */
export interface MemoryUse {
	/** In use, by everything. */
	allocatedBytes: number;
	/** Of those, of this thread: decoded blocks. */
	cacheBytes: number;
	/** Filters and indexes of tables that have been read from. */
	tableBytes: number;
	/** Memtables and overlays. */
	memtableBytes: number;
	/** What the memory has grown to. */
	memoryBytes: number;
	/** What it may grow to. */
	limitBytes: number;
}

/**
 * A kernel, of either kind. It never does I/O: a call that lacks bytes answers NEED, the host reads them to where `need` says and resumes; a
 * call that has bytes for a file answers EMIT. What is handed out belongs to the host, which frees it when nothing uses it any more. Memory
 * that is used up is `WLSM_OUT_OF_MEMORY`, and changes nothing.
 */
export interface Kernel {
	/** Which kind. */
	readonly name: "wasm" | "ts";
	/** The host puts the key of the next get at `keyBytes[keyAt…]`: room for the longest key. */
	keyBytes: Buffer;
	/** Where in `keyBytes`. */
	keyAt: number;
	/** After NEED, until the next call. */
	readonly need: Need;
	/** After DONE and EXPIRING of a get, and EMIT, until the next call. */
	readonly result: Result;
	/** After CORRUPT, until the next call. */
	readonly damage: Damage;
	/** After DONE of a scan, until the next call. */
	readonly page: Page;
	/** Where batches and edits are put together. */
	readonly record: RecordBuffer;
	/** Sequence number of the entry that the last get found, 0 where it found none. A deletion is found too. */
	resultSequence(): number;
	/** After EXPIRING: from when on the value is absent, in Unix milliseconds. */
	resultExpiry(): number;
	/** undefined where no other thread can join. */
	readonly threads: KernelThreads | undefined;
	/** XXH64. */
	hash(bytes: Uint8Array, seed: Word64): Word64;
	/** Room for records that are read from a log. */
	createLogBuffer(): LogBuffer;
	/** `indexBytes`: what an index over its keys may take, for point reads; 0 for none. */
	createMemtable(indexBytes: number): Memtable;
	/** A frozen memtable, perhaps of another thread, to be read by a job. Its owner frees it. */
	sharedMemtable(handle: MemtableHandle): Memtable;
	/** A table that a job has made, of this kernel or another one; nothing is read yet. */
	createTable(description: TableDescription): Table;
	/** Memtables newest first; level 0 newest first, the levels below by key. */
	createSuperversion(memtables: readonly Memtable[], levels: readonly (readonly Table[])[]): Superversion;
	/** For point reads, one at a time. */
	createGet(): GetOperation;
	/** For a range. */
	createScan(options: ScanOptions): Scan;
	/** For rows of SQL by their keys. */
	createLookup(options: LookupOptions): Lookup;
	/** What a scan that reads rows, or a lookup, was filled with last. */
	readonly rows: RowPage;
	/** For the writes of a transaction that is not committed. */
	createOverlay(): Overlay;
	/** A flush or a compaction. */
	createJob(options: JobOptions): Job;
	/** undefined where the kernel leaves CSV to others. */
	readonly csv: CsvKernel | undefined;
	/** Set once an invariant was found broken: what the kernel holds cannot be trusted any more. */
	readonly broken: WlsmError | undefined;
	/** What a call threw, as the error to throw where it says that an invariant is broken: `WLSM_CORRUPTION`. Else undefined. */
	trap(error: unknown): WlsmError | undefined;
	/** As they are now, copied. */
	counters(): KernelCounters;
	/** As it is now. */
	memoryUse(): MemoryUse;
}
