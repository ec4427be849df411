import { Buffer } from "node:buffer";
import * as abi from "../../../assembly/shared/abi.js";
import {
	STATUS_ABSENT,
	STATUS_CORRUPT,
	STATUS_DONE,
	STATUS_EXPIRING,
	STATUS_NEED,
	STATUS_OUT_OF_MEMORY,
} from "../../../assembly/shared/status.js";
import type { WlsmError } from "../../errors.js";
import type {
	Damage,
	GetOperation,
	Job,
	JobOptions,
	Kernel,
	KernelCounters,
	LogBuffer,
	Lookup,
	LookupOptions,
	MemoryUse,
	Memtable,
	MemtableHandle,
	Need,
	Overlay,
	Page,
	RecordBuffer,
	Result,
	RowPage,
	Scan,
	ScanOptions,
	Status,
	Superversion,
	Table,
	TableDescription,
	Word64,
} from "../contract.js";
import type { CsvKernel } from "../csv-contract.js";
import type { KernelExports } from "../exports.js";
import { instantiateKernel } from "../load.js";
import { KernelMemory } from "../memory.js";
import { outOfMemory } from "../out-of-memory.js";
import { emptyRowPage } from "../row-page.js";
import type { KernelShare, KernelThreads } from "../threads-contract.js";
import { address } from "./address.js";
import { WasmCsv } from "./csv.js";
import { WasmMemtable, WasmSuperversion, WasmTable } from "./handles.js";
import { WasmJob } from "./job.js";
import { WasmLogBuffer, WasmRecordBuffer } from "./logs.js";
import { WasmGet, WasmLookup, WasmOverlay, WasmScan } from "./reads.js";
import { Traps } from "./traps.js";

/** What a kernel may take. */
export interface WasmKernelOptions {
	/** Linear memory may not grow beyond this many bytes. */
	readonly memoryBytes: number;
	/** Of that, what is for decoded blocks, and for filters and indexes of tables. */
	readonly blockCacheBytes: number;
}

/**
 * The kernel over the WebAssembly module: an instance, its memory, and the contract that the engine uses. What it has beside `Kernel` is for
 * calls of its exports.
 */
export class WasmKernel implements Kernel, KernelThreads {
	readonly name = "wasm";
	readonly threads: KernelThreads = this;
	/** Views on its memory. */
	readonly memory: KernelMemory;
	/** The module's exports, most of them wrapped so that a trap becomes an error; `instantiateKernel` answers them bare. */
	readonly exports: KernelExports;
	readonly need: Need;
	readonly result: Result;
	readonly damage: Damage = { file: 0, offset: 0, reason: 0 };
	readonly page: Page;
	readonly rows: RowPage = emptyRowPage();
	readonly record: RecordBuffer;
	keyBytes: Buffer;
	readonly keyAt: number;
	/** Index of the scratch's first word, and of its first double. */
	readonly #words: number;
	readonly #doubles: number;
	/** 0 for a background instance, which does not know it. */
	readonly #limitBytes: number;
	/** @internal */
	readonly traps = new Traps();
	#csv: WasmCsv | undefined;

	/** Errors: `WLSM_OUT_OF_MEMORY`. "background": an instance for another thread over the memory of an open database, to run jobs with. */
	constructor(options: WasmKernelOptions | "background", memory = new KernelMemory()) {
		this.memory = memory;
		this.exports = this.traps.guard(instantiateKernel(memory.memory));
		const scratch =
			(options === "background"
				? this.exports.attachBackground()
				: this.exports.attach(options.memoryBytes, options.blockCacheBytes)) >>> 0;
		if (scratch === 0) throw outOfMemory();
		memory.refresh();
		this.#limitBytes = options === "background" ? 0 : options.memoryBytes;
		this.#words = scratch >>> 2;
		this.#doubles = scratch >>> 3;
		this.keyAt = scratch + abi.KEY_BUFFER;
		this.keyBytes = memory.bytes;
		this.need = { file: 0, offset: 0, length: 0, target: memory.bytes, at: 0 };
		this.result = { bytes: memory.bytes, at: 0, length: 0 };
		this.page = { bytes: memory.bytes, at: 0, length: 0, bounds: memory.words, boundsAt: 0, count: 0, ascii: false };
		this.record = new WasmRecordBuffer(this);
	}

	/** Turns what an export answered into a status, with `result`, `need` and `damage` filled in. */
	answer(status: number): Status {
		switch (status) {
			case STATUS_DONE:
			case STATUS_ABSENT:
			case STATUS_EXPIRING:
				return status;
			case STATUS_NEED: {
				const { memory, need } = this;
				const words = this.#words;
				need.file = this.word(abi.NEED_FILE);
				need.length = this.word(abi.NEED_LENGTH);
				need.offset = this.double(abi.NEED_OFFSET);
				need.at = memory.words[words + (abi.NEED_ADDRESS >>> 2)] as number;
				memory.reach(need.at + need.length);
				need.target = memory.bytes;
				return status;
			}
			case STATUS_CORRUPT:
				this.damage.file = this.word(abi.ERROR_FILE);
				this.damage.reason = this.word(abi.ERROR_REASON);
				this.damage.offset = this.double(abi.ERROR_OFFSET);
				return status;
			case STATUS_OUT_OF_MEMORY:
				throw outOfMemory();
			default:
				return status as Status;
		}
	}

	/** A u32 of the scratch (`abi.…`). */
	word(at: number): number {
		return this.memory.words[this.#words + (at >>> 2)] as number;
	}

	/** An f64 of the scratch. */
	double(at: number): number {
		return this.memory.doubles[this.#doubles + (at >>> 3)] as number;
	}

	/** Reads RESULT into `result`. */
	takeResult(): Result {
		const { memory, result } = this;
		result.at = this.word(abi.RESULT_ADDRESS);
		result.length = this.word(abi.RESULT_LENGTH);
		memory.reach(result.at + result.length);
		result.bytes = memory.bytes;
		return result;
	}

	resultSequence(): number {
		// trailer = sequence * 256 + kind
		return this.word(abi.RESULT_TRAILER + 4) * 0x1000000 + (this.word(abi.RESULT_TRAILER) >>> 8);
	}

	resultExpiry(): number {
		return this.word(abi.RESULT_EXPIRY + 4) * 2 ** 32 + this.word(abi.RESULT_EXPIRY);
	}

	get share(): KernelShare {
		return { memory: this.memory.memory };
	}

	publish(bytes: Uint8Array): number {
		return this.copyIn(bytes);
	}

	collect(handle: number, length: number): Buffer {
		this.memory.reach(handle + length);
		const bytes = Buffer.from(this.memory.bytes.subarray(handle, handle + length));
		this.exports.free(handle);
		return bytes;
	}

	hash(bytes: Uint8Array, seed: Word64): Word64 {
		const at = this.copyIn(bytes);
		this.exports.hash(at, bytes.length, seed.low, seed.high);
		this.exports.free(at);
		return { low: this.word(abi.RESULT_TRAILER), high: this.word(abi.RESULT_TRAILER + 4) };
	}

	/** A copy of host bytes in linear memory, one behind the other, to be freed by `exports.free`. Errors: `WLSM_OUT_OF_MEMORY`. */
	copyIn(...parts: readonly Uint8Array[]): number {
		let length = 0;
		for (const part of parts) length += part.length;
		const start = this.allocate(Math.max(length, 1));
		let at = start;
		for (const part of parts) {
			this.memory.bytes.set(part, at);
			at += part.length;
		}
		return start;
	}

	/** Room for so many bytes, to be freed by `exports.free`; the views reach it. Errors: `WLSM_OUT_OF_MEMORY`. */
	allocate(bytes: number): number {
		const at = address(this.exports.allocate(bytes));
		this.memory.reach(at + bytes);
		return at;
	}

	createLogBuffer(): LogBuffer {
		return new WasmLogBuffer(this);
	}

	createMemtable(indexBytes: number): Memtable {
		return new WasmMemtable(this.exports, address(this.exports.memtableCreate(indexBytes)));
	}

	sharedMemtable(handle: MemtableHandle): Memtable {
		return new WasmMemtable(this.exports, handle);
	}

	createTable(description: TableDescription): Table {
		const { smallest, largest, seed } = description;
		const at = this.allocate(abi.TABLE_KEYS + smallest.length + largest.length);
		const { words, doubles, bytes } = this.memory;
		words[(at + abi.TABLE_FILE) >>> 2] = description.file;
		words[(at + abi.TABLE_TAIL_LENGTH) >>> 2] = description.tailLength;
		doubles[(at + abi.TABLE_SIZE) >>> 3] = description.size;
		words[(at + abi.TABLE_SEED) >>> 2] = seed.low;
		words[(at + abi.TABLE_SEED + 4) >>> 2] = seed.high;
		doubles[(at + abi.TABLE_MAX_SEQUENCE) >>> 3] = description.maxSequence;
		doubles[(at + abi.TABLE_RANGE_DELETIONS) >>> 3] = description.rangeDeletions;
		words[(at + abi.TABLE_SMALLEST_LENGTH) >>> 2] = smallest.length;
		words[(at + abi.TABLE_LARGEST_LENGTH) >>> 2] = largest.length;
		bytes.set(smallest, at + abi.TABLE_KEYS);
		bytes.set(largest, at + abi.TABLE_KEYS + smallest.length);
		const table = this.exports.tableCreate(at);
		this.exports.free(at);
		return new WasmTable(this.exports, address(table));
	}

	createSuperversion(memtables: readonly Memtable[], levels: readonly (readonly Table[])[]): Superversion {
		const words = [memtables.length];
		for (let level = 0; level < abi.LEVELS; level++) words.push(levels[level]?.length ?? 0);
		for (const memtable of memtables) words.push((memtable as WasmMemtable).address);
		for (const level of levels) for (const table of level) words.push((table as WasmTable).address);
		const at = this.copyWords(words);
		const superversion = this.exports.superversionCreate(at);
		this.exports.free(at);
		return new WasmSuperversion(this.exports, address(superversion));
	}

	/** As `copyIn`, u32 each. */
	copyWords(words: readonly number[]): number {
		const at = this.allocate(4 * words.length);
		this.memory.words.set(words, at >>> 2);
		return at;
	}

	createGet(): GetOperation {
		return new WasmGet(this);
	}

	createScan(options: ScanOptions): Scan {
		return new WasmScan(this, options);
	}

	createLookup(options: LookupOptions): Lookup {
		return new WasmLookup(this, options);
	}

	createOverlay(): Overlay {
		return new WasmOverlay(this);
	}

	createJob(options: JobOptions): Job {
		return new WasmJob(this, options);
	}

	get csv(): CsvKernel {
		this.#csv ??= new WasmCsv(this);
		return this.#csv;
	}

	get broken(): WlsmError | undefined {
		return this.traps.broken;
	}

	trap(error: unknown): WlsmError | undefined {
		return this.traps.of(error);
	}

	/** A u64 of the counters. */
	#counter(offset: number): number {
		const at = (this.exports.countersAddress() + offset) >>> 2;
		const { words } = this.memory;
		return (words[at] as number) + (words[at + 1] as number) * 0x100000000;
	}

	counters(): KernelCounters {
		return {
			cacheHits: this.#counter(abi.COUNTER_CACHE_HITS),
			cacheMisses: this.#counter(abi.COUNTER_CACHE_MISSES),
			filterChecks: this.#counter(abi.COUNTER_FILTER_CHECKS),
			filterRejects: this.#counter(abi.COUNTER_FILTER_REJECTS),
			filterFalsePositives: this.#counter(abi.COUNTER_FILTER_FALSE_POSITIVES),
		};
	}

	memoryUse(): MemoryUse {
		// Shows what another thread has made it grow to.
		this.memory.refresh();
		return {
			allocatedBytes: this.exports.allocatedBytes() >>> 0,
			cacheBytes: this.exports.cacheUsedBytes() >>> 0,
			tableBytes: this.#counter(abi.REGION_TABLES),
			memtableBytes: this.#counter(abi.REGION_MEMTABLES),
			memoryBytes: this.memory.size,
			limitBytes: this.#limitBytes,
		};
	}
}
