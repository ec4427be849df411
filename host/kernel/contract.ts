/**
 * What the engine asks of a kernel. Two implementations answer it: the WebAssembly module and its twin in pure TypeScript. A kernel never does I/O: a call that lacks bytes answers NEED, the host reads them to where `need` says and
 * resumes; a call that has bytes for a file answers EMIT.
 *
 * Everything handed out (memtables, tables, superversions, operations) belongs to the host, which frees it when nothing
 * uses it any more. Memory that is used up throws `WLSM_OUT_OF_MEMORY` and changes nothing.
 */
import type { TAG_BLOB, TAG_INT64, TAG_NULL, TAG_REAL, TAG_TEXT_UTF8 } from "../../assembly/shared/row.js";
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
import type { KernelThreads } from "./threads-contract.js";

export type Status =
	| typeof STATUS_DONE
	| typeof STATUS_ABSENT
	| typeof STATUS_EXPIRING
	| typeof STATUS_NEED
	| typeof STATUS_EMIT
	| typeof STATUS_CORRUPT;

/** What a kernel lacks: `length` bytes at `offset` of file `file`, to go to `target[at…]`. */
export interface Need {
	file: number;
	offset: number;
	length: number;
	target: Buffer;
	at: number;
}

/** Bytes that a call answered with: `bytes[at, at + length)`, valid until the next call. */
export interface Result {
	bytes: Buffer;
	at: number;
	length: number;
}

/** Where a CORRUPT answer found damage. */
export interface Damage {
	file: number;
	offset: number;
	reason: number;
}

/** A 64-bit number as two words: hashes and the seeds of checksums. */
export interface Word64 {
	readonly low: number;
	readonly high: number;
}

export interface TableDescription {
	readonly file: number;
	/** Bytes of the file, and of its tail: filter, index, properties and footer. */
	readonly size: number;
	readonly tailLength: number;
	readonly seed: Word64;
	readonly entries: number;
	readonly deletions: number;
	readonly minSequence: number;
	readonly maxSequence: number;
	/** Earliest expiry of an entry in Unix milliseconds, 0 where none expires. */
	readonly firstExpiry: number;
	/** Range deletions, one for each stretch of keys that it covers; they count in minSequence and maxSequence too. */
	readonly rangeDeletions: number;
	/** Keys with their keyspace byte; range deletions lie between them too. */
	readonly smallest: Uint8Array;
	readonly largest: Uint8Array;
}

/** Names a memtable to every kernel of the same database. */
export type MemtableHandle = number;

export interface Memtable {
	readonly handle: MemtableHandle;
	/** Bytes of its entries and MEMTABLE_…_BYTES for each: what decides when it is full. The same with every kernel. */
	bytes(): number;
	entries(): number;
	free(): void;
}

export interface Table {
	free(): void;
}

export interface Superversion {
	free(): void;
}

/**
 * A record under construction: payload bytes go to `bytes[at…]` after `reserve`. One at a time per kernel; it is reused by
 * the next commit.
 */
export interface RecordBuffer {
	bytes: Buffer;
	/** Where the payload starts. */
	at: number;
	/** Makes room for a payload of `length` bytes; what was written before is kept. */
	reserve(length: number): void;
	/** Completes the record of a batch and makes room for it in the memtable; answers the record. */
	sealBatch(
		payloadLength: number,
		entries: number,
		memtable: Memtable,
		sequence: number,
		durableBytes: number,
		seed: Word64,
	): Result;
	/** Shows the sealed batch to readers of the memtable. */
	apply(payloadLength: number, memtable: Memtable, sequence: number): void;
	/** Completes a record that is not a batch: an edit of the manifest. */
	seal(payloadLength: number, sequence: number, durableBytes: number, seed: Word64): Result;
}

/** Log records as they were read from a file: `bytes[at…]` has room for what `reserve` asked for. */
export interface LogBuffer {
	bytes: Buffer;
	at: number;
	reserve(length: number): void;
	/** Whole length of the record at `offset` by its header, of which 32 bytes are there; 0 where no sound header stands. */
	measure(offset: number, seed: Word64): number;
	/** Whether the payload of the measured record at `offset`, which is there whole, is what was written. */
	sound(offset: number, seed: Word64): boolean;
	/** Number of operations of the batch in the record at `offset`, -1 where it is malformed. */
	batchCount(offset: number): number;
	/** Puts the batch of the record at `offset` into a memtable. */
	apply(offset: number, entries: number, memtable: Memtable, sequence: number): void;
	free(): void;
}

/** A point read of the key that stands in `kernel.keyBytes`. DONE and EXPIRING: the value is in `result`. */
export interface GetOperation {
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

export interface ScanOptions {
	readonly superversion: Superversion;
	readonly sequence: number;
	/** Unix milliseconds: what has expired by then is absent. */
	readonly now: number;
	/** A transaction's own writes. */
	readonly overlay?: Overlay | undefined;
	/** Inclusive, with keyspace byte; absent: open. */
	readonly lower: Uint8Array | undefined;
	/** Exclusive. */
	readonly upper: Uint8Array | undefined;
	readonly reverse: boolean;
	/** Leading bytes of each key to leave out. */
	readonly skipKeyBytes: number;
	/** "entries" by default. */
	readonly parts?: ScanParts;
}

/** A constant that a column is compared with. */
export type RowValue =
	| { readonly tag: typeof TAG_NULL }
	| { readonly tag: typeof TAG_INT64; readonly integer: bigint }
	| { readonly tag: typeof TAG_REAL; readonly real: number }
	| { readonly tag: typeof TAG_TEXT_UTF8 | typeof TAG_BLOB; readonly bytes: Uint8Array };

export interface RowTerm {
	readonly column: number;
	/** TERM_… of assembly/shared/row.ts. */
	readonly operator: number;
	/** Of TERM_LIKE: the pattern. */
	readonly value: RowValue;
	/** Whether it holds for NULL too. */
	readonly nullHolds: boolean;
}

/** What a scan reads of rows of SQL (host/sql/ROW_FORMAT.md): which of them, and which of their columns. */
export interface RowProgram {
	/** Their numbers, ROWID_COLUMN for the rowid in the key. */
	readonly columns: readonly number[];
	/** A row is taken where all of them hold. */
	readonly terms: readonly RowTerm[];
	/** How many of the columns, from the first on, say which group a row belongs to; 0: rows have no groups. */
	readonly grouped: number;
	/** What the keys of groups may take. */
	readonly groupBytes: number;
}

/**
 * A range read. `fill` answers DONE (the page stands in `page`, or in `rows`, where it may be empty), ABSENT (at the end), NEED
 * or CORRUPT.
 */
export interface Scan {
	fill(maxEntries: number, maxBytes: number): Status;
	/** From the next page on the scan reads rows. May be called again, with the same columns and other constants. */
	read(program: RowProgram): void;
	/**
	 * DONE: something in the range was written or deleted after `sequence`. ABSENT: nothing was. For a scan with both bounds,
	 * forward and without overlay, that is used for nothing else.
	 */
	changed(sequence: number): Status;
	free(): void;
}

/**
 * Rows by their keys. `fill` takes those that the values of the entries in `page` point to, as a scan has just left it: DONE (the
 * rows stand in `rows`), ABSENT (one of them is not there), NEED or CORRUPT.
 */
export interface Lookup {
	fill(): Status;
	/**
	 * As `fill` by the first `count` pointers of eight bytes in `pointers`. Rows that are not there are passed over: to which
	 * pointer a row belongs stands in the place of its group.
	 */
	fillGiven(pointers: Uint8Array, count: number): Status;
	/** After NEED, when the bytes have been read. */
	resume(): Status;
	/** As a scan's; to be called before the first page. */
	read(program: RowProgram): void;
	free(): void;
}

/** What is seen of rows, as by a scan. `prefix`: what stands before each pointer in a row's stored key, at most KEY_MAX_BYTES. */
export interface LookupOptions extends Pick<ScanOptions, "superversion" | "overlay" | "sequence" | "now"> {
	readonly prefix: Uint8Array;
}

/** A page of entries, valid until the next call: see EntryPage. */
export interface Page {
	bytes: Buffer;
	at: number;
	length: number;
	bounds: Uint32Array;
	boundsAt: number;
	count: number;
	/** Every byte of it is below 128. */
	ascii: boolean;
}

/**
 * A page of rows, valid until its scan is filled again or freed. Of row `r` and column `c`, the tag (assembly/shared/row.ts) is
 * `tags[tagsAt + c * capacity + r]`, a REAL is number `valuesAt + c * capacity + r` of `doubles`, all else the two words there: the
 * lower and the upper half of an INTEGER, or where the bytes lie behind `at` and how many there are.
 */
export interface RowPage {
	count: number;
	capacity: number;
	/** A row was not as rows are: what else there is on the page is not to be used. */
	damaged: boolean;
	/** An entry of an index points to a row that is not there; nothing else is on the page. */
	missing: boolean;
	tags: Uint8Array;
	tagsAt: number;
	doubles: Float64Array;
	/** The same memory as `doubles`. */
	words: Uint32Array;
	valuesAt: number;
	/** Numbers of rows' groups, from 0 in the order in which groups come; NO_GROUP where there is no room for one more. */
	groups: Uint32Array;
	groupsAt: number;
	bytes: Buffer;
	at: number;
}

/**
 * A write to a stored key, with its kind (`KIND_…` of the format) and the value as it is stored. A range deletion's key is
 * where the range starts, its value the first key behind it.
 */
export interface Operation {
	readonly kind: number;
	readonly key: Uint8Array;
	readonly value: Uint8Array;
}

/** A transaction's own writes, ordered, newest of a key first. */
export interface Overlay {
	readonly writes: number;
	/** Sequence numbers are the overlay's own. */
	write(operation: Operation): void;
	/** As of a get. ABSENT: deleted. undefined: not written by this transaction. */
	get(key: Uint8Array): typeof STATUS_DONE | typeof STATUS_EXPIRING | typeof STATUS_ABSENT | undefined;
	free(): void;
}

/** What a job is told beside its inputs: plain data. */
export interface JobSettings {
	/** Sequences of live snapshots, ascending. */
	readonly snapshots: readonly number[];
	/** Unix milliseconds: what has expired by then is taken for deleted. */
	readonly now: number;
	readonly blockBytes: number;
	readonly bitsPerKey: number;
	readonly compression: "none" | "lz4";
	readonly tableBytes: number;
	/** Eight bytes that stand in every table. */
	readonly databaseId: Uint8Array;
}

export interface JobOptions extends JobSettings {
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
	tableEnd(): TableDescription | undefined;
	free(): void;
}

export interface KernelCounters {
	cacheHits: number;
	cacheMisses: number;
	filterChecks: number;
	filterRejects: number;
	filterFalsePositives: number;
}

/** Bytes. */
export interface MemoryUse {
	/** In use, by everything. */
	allocatedBytes: number;
	/** Of those: decoded blocks; filters and indexes of open tables; memtables and overlays. Of this thread. */
	cacheBytes: number;
	tableBytes: number;
	memtableBytes: number;
	/** What the memory has grown to, and may grow to. */
	memoryBytes: number;
	limitBytes: number;
}

export interface Kernel {
	readonly name: "wasm" | "ts";
	/** The host puts the key of the next get at `keyBytes[keyAt…]`: room for the longest key. */
	keyBytes: Buffer;
	keyAt: number;
	readonly need: Need;
	readonly result: Result;
	readonly damage: Damage;
	readonly page: Page;
	readonly record: RecordBuffer;
	/** Sequence number of the entry that the last get found, 0 where it found none. A deletion is found too. */
	resultSequence(): number;
	/** After EXPIRING: from when on the value is absent, in Unix milliseconds. */
	resultExpiry(): number;
	/** undefined where no other thread can join. */
	readonly threads: KernelThreads | undefined;
	hash(bytes: Uint8Array, seed: Word64): Word64;
	createLogBuffer(): LogBuffer;
	/** `indexBytes`: what an index over its keys may take, for point reads; 0 for none. */
	createMemtable(indexBytes: number): Memtable;
	/** A frozen memtable, perhaps of another thread, to be read by a job. Its owner frees it. */
	sharedMemtable(handle: MemtableHandle): Memtable;
	createTable(description: TableDescription): Table;
	/** Memtables newest first; level 0 newest first, the levels below by key. */
	createSuperversion(memtables: readonly Memtable[], levels: readonly (readonly Table[])[]): Superversion;
	createGet(): GetOperation;
	createScan(options: ScanOptions): Scan;
	createLookup(options: LookupOptions): Lookup;
	/** What a scan that reads rows, or a lookup, was filled with last. */
	readonly rows: RowPage;
	createOverlay(): Overlay;
	createJob(options: JobOptions): Job;
	/** undefined where the kernel leaves CSV to others. */
	readonly csv: CsvKernel | undefined;
	/** Set once an invariant was found broken: what the kernel holds cannot be trusted any more. */
	readonly broken: WlsmError | undefined;
	/** What a call threw, as the error to throw where it says that an invariant is broken: WLSM_CORRUPTION. Else undefined. */
	trap(error: unknown): WlsmError | undefined;
	counters(): KernelCounters;
	memoryUse(): MemoryUse;
}
