import { Buffer } from "node:buffer";
import * as abi from "../../assembly/shared/abi.js";
import { KIND_DELETE, KIND_PUT, RECORD_HEADER_BYTES, RECORD_PAYLOAD_LENGTH } from "../../assembly/shared/format.js";
import { STATUS_ABSENT, STATUS_CORRUPT, STATUS_DONE, STATUS_NEED, STATUS_OUT_OF_MEMORY } from "../../assembly/shared/status.js";
import { WlsmError } from "../errors.js";
import type {
	Damage,
	GetOperation,
	Job,
	JobOptions,
	Kernel,
	KernelCounters,
	LogBuffer,
	Memtable,
	Need,
	Overlay,
	Page,
	RecordBuffer,
	Result,
	Scan,
	ScanOptions,
	Status,
	Superversion,
	Table,
	TableDescription,
	Word64,
} from "./contract.js";
import { instantiateKernel, type KernelExports } from "./load.js";
import { KernelMemory } from "./memory.js";

export interface WasmKernelOptions {
	/** Linear memory may not grow beyond this many bytes. */
	readonly memoryBytes: number;
	readonly blockCacheBytes: number;
}

function outOfMemory(): WlsmError {
	return new WlsmError(
		"WLSM_OUT_OF_MEMORY",
		"The kernel's memory is used up. Nothing was changed. Write in smaller batches, close iterators that are no longer needed, or lower blockCacheBytes.",
	);
}

function address(value: number): number {
	if (value === 0) throw outOfMemory();
	// Exports answer i32: addresses of the upper half come out negative.
	return value >>> 0;
}

/** The kernel contract over the WebAssembly module. */
export class WasmKernel implements Kernel {
	readonly name = "wasm";
	readonly memory: KernelMemory;
	readonly exports: KernelExports;
	readonly need: Need;
	readonly result: Result;
	readonly damage: Damage = { file: 0, offset: 0, reason: 0 };
	readonly page: Page;
	readonly record: WasmRecordBuffer;
	keyBytes: Buffer;
	readonly keyAt: number;
	/** Index of the scratch's first word, and of its first double. */
	readonly #words: number;
	readonly #doubles: number;

	constructor(options: WasmKernelOptions, memory = new KernelMemory()) {
		this.memory = memory;
		this.exports = instantiateKernel(memory.memory);
		const scratch = this.exports.attach(options.memoryBytes, options.blockCacheBytes) >>> 0;
		if (scratch === 0) throw outOfMemory();
		memory.refresh();
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

	word(at: number): number {
		return this.memory.words[this.#words + (at >>> 2)] as number;
	}

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
		return (
			this.word(abi.RESULT_TRAILER + 4) * 0x1000000 + (this.word(abi.RESULT_TRAILER) >>> 8)
		);
	}

	hash(bytes: Uint8Array, seed: Word64): Word64 {
		const at = this.copyIn(bytes);
		this.exports.hash(at, bytes.length, seed.low, seed.high);
		this.exports.free(at);
		return { low: this.word(abi.RESULT_TRAILER), high: this.word(abi.RESULT_TRAILER + 4) };
	}

	/** A copy of host bytes in linear memory, to be freed. */
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

	allocate(bytes: number): number {
		const at = address(this.exports.allocate(bytes));
		this.memory.reach(at + bytes);
		return at;
	}

	createLogBuffer(): LogBuffer {
		return new WasmLogBuffer(this);
	}

	createMemtable(filterBytes: number): WasmMemtable {
		return new WasmMemtable(this.exports, filterBytes);
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
		words[(at + abi.TABLE_SMALLEST_LENGTH) >>> 2] = smallest.length;
		words[(at + abi.TABLE_LARGEST_LENGTH) >>> 2] = largest.length;
		bytes.set(smallest, at + abi.TABLE_KEYS);
		bytes.set(largest, at + abi.TABLE_KEYS + smallest.length);
		const table = this.exports.tableCreate(at);
		this.exports.free(at);
		return new WasmTable(this.exports, address(table));
	}

	createSuperversion(memtables: readonly Memtable[], levels: readonly (readonly Table[])[]): WasmSuperversion {
		const words = [memtables.length];
		for (let level = 0; level < abi.LEVELS; level++) words.push(levels[level]?.length ?? 0);
		for (const memtable of memtables) words.push((memtable as WasmMemtable).address);
		for (const level of levels) for (const table of level) words.push((table as WasmTable).address);
		const at = this.copyWords(words);
		const superversion = this.exports.superversionCreate(at);
		this.exports.free(at);
		return new WasmSuperversion(this.exports, address(superversion));
	}

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

	createOverlay(): Overlay {
		return new WasmOverlay(this);
	}

	createJob(options: JobOptions): Job {
		return new WasmJob(this, options);
	}

	counters(): KernelCounters {
		const at = this.exports.countersAddress() >>> 0;
		const counter = (offset: number) =>
			(this.memory.words[(at + offset) >>> 2] as number) +
			(this.memory.words[(at + offset + 4) >>> 2] as number) * 0x100000000;
		return {
			cacheHits: counter(abi.COUNTER_CACHE_HITS),
			cacheMisses: counter(abi.COUNTER_CACHE_MISSES),
			filterChecks: counter(abi.COUNTER_FILTER_CHECKS),
			filterRejects: counter(abi.COUNTER_FILTER_REJECTS),
			filterFalsePositives: counter(abi.COUNTER_FILTER_FALSE_POSITIVES),
		};
	}

	memoryUse(): { allocatedBytes: number; cacheBytes: number; memoryBytes: number } {
		return {
			allocatedBytes: this.exports.allocatedBytes() >>> 0,
			cacheBytes: this.exports.cacheUsedBytes() >>> 0,
			memoryBytes: this.memory.memory.buffer.byteLength,
		};
	}
}

class WasmMemtable implements Memtable {
	readonly address: number;
	readonly #exports: KernelExports;

	constructor(exports: KernelExports, filterBytes: number) {
		this.#exports = exports;
		this.address = address(exports.memtableCreate(filterBytes));
	}

	bytes(): number {
		return this.#exports.memtableBytes(this.address) >>> 0;
	}

	entries(): number {
		return this.#exports.memtableEntries(this.address) >>> 0;
	}

	free(): void {
		this.#exports.memtableFree(this.address);
	}
}

class WasmTable implements Table {
	constructor(
		readonly exports: KernelExports,
		readonly address: number,
	) {}

	free(): void {
		this.exports.tableFree(this.address);
	}
}

class WasmSuperversion implements Superversion {
	constructor(
		readonly exports: KernelExports,
		readonly address: number,
	) {}

	free(): void {
		this.exports.superversionFree(this.address);
	}
}

/** The buffer shrinks back to this after a large commit. */
const RECORD_KEEP_BYTES = 1 << 20;

class WasmRecordBuffer implements RecordBuffer {
	bytes: Buffer;
	at: number;
	readonly #kernel: WasmKernel;
	#address: number;
	#capacity: number;

	constructor(kernel: WasmKernel) {
		this.#kernel = kernel;
		this.#capacity = 64 << 10;
		this.#address = kernel.allocate(this.#capacity);
		this.at = this.#address + RECORD_HEADER_BYTES;
		this.bytes = kernel.memory.bytes;
	}

	reserve(length: number): void {
		// The header in front, up to seven bytes of padding behind.
		const wanted = RECORD_HEADER_BYTES + length + 8;
		if (wanted > this.#capacity) this.#resize(this.#capacity, Math.max(wanted, Math.min(2 * this.#capacity, 2 ** 28)));
		this.bytes = this.#kernel.memory.bytes;
	}

	#resize(keep: number, capacity: number): void {
		const { exports, memory } = this.#kernel;
		if (capacity >= 2 ** 32) throw outOfMemory();
		this.#address = address(exports.reallocate(this.#address, keep, capacity));
		this.#capacity = capacity;
		this.at = this.#address + RECORD_HEADER_BYTES;
		memory.reach(this.#address + capacity);
	}

	sealBatch(
		payloadLength: number,
		entries: number,
		memtable: Memtable,
		sequence: number,
		durableBytes: number,
		seed: Word64,
	): Result {
		const table = (memtable as WasmMemtable).address;
		const { exports } = this.#kernel;
		const length = exports.batchSeal(
			this.#address,
			payloadLength,
			entries,
			table,
			sequence,
			durableBytes,
			seed.low,
			seed.high,
		);
		if (length === 0) throw outOfMemory();
		return this.#result(length >>> 0);
	}

	apply(payloadLength: number, memtable: Memtable, sequence: number): void {
		this.#kernel.exports.batchApply(this.at, payloadLength, (memtable as WasmMemtable).address, sequence);
		if (this.#capacity > RECORD_KEEP_BYTES) {
			this.#kernel.exports.free(this.#address);
			this.#address = this.#kernel.allocate(RECORD_KEEP_BYTES);
			this.#capacity = RECORD_KEEP_BYTES;
			this.at = this.#address + RECORD_HEADER_BYTES;
		}
	}

	seal(payloadLength: number, sequence: number, durableBytes: number, seed: Word64): Result {
		const { exports } = this.#kernel;
		const length = exports.recordSeal(this.#address, payloadLength, sequence, durableBytes, seed.low, seed.high);
		return this.#result(length >>> 0);
	}

	#result(length: number): Result {
		const { result, memory } = this.#kernel;
		result.bytes = memory.bytes;
		result.at = this.#address;
		result.length = length;
		return result;
	}
}

class WasmLogBuffer implements LogBuffer {
	bytes: Buffer;
	at = 0;
	readonly #kernel: WasmKernel;
	#capacity = 0;

	constructor(kernel: WasmKernel) {
		this.#kernel = kernel;
		this.bytes = kernel.memory.bytes;
	}

	reserve(length: number): void {
		const { exports, memory } = this.#kernel;
		if (length > this.#capacity) {
			if (length >= 2 ** 32) throw outOfMemory();
			this.at = address(
				this.at === 0 ? exports.allocate(length) : exports.reallocate(this.at, this.#capacity, length),
			);
			this.#capacity = length;
			memory.reach(this.at + length);
		}
		this.bytes = memory.bytes;
	}

	measure(offset: number, seed: Word64): number {
		return this.#kernel.exports.recordMeasure(this.at + offset, seed.low, seed.high);
	}

	sound(offset: number, seed: Word64): boolean {
		return this.#kernel.exports.recordSound(this.at + offset, seed.low, seed.high) !== 0;
	}

	batchCount(offset: number): number {
		return this.#kernel.exports.batchCount(this.at + offset + RECORD_HEADER_BYTES, this.#payloadLength(offset));
	}

	apply(offset: number, entries: number, memtable: Memtable, sequence: number): void {
		const table = (memtable as WasmMemtable).address;
		const { exports } = this.#kernel;
		const length = this.#payloadLength(offset);
		if (exports.batchReserve(length, entries, table) === 0) throw outOfMemory();
		exports.batchApply(this.at + offset + RECORD_HEADER_BYTES, length, table, sequence);
	}

	#payloadLength(offset: number): number {
		return this.bytes.readUInt32LE(this.at + offset + RECORD_PAYLOAD_LENGTH);
	}

	free(): void {
		this.#kernel.exports.free(this.at);
		this.at = 0;
		this.#capacity = 0;
	}
}

class WasmGet implements GetOperation {
	readonly #kernel: WasmKernel;
	readonly #exports: KernelExports;
	readonly #address: number;

	constructor(kernel: WasmKernel) {
		this.#kernel = kernel;
		this.#exports = kernel.exports;
		this.#address = address(kernel.exports.getOperationCreate());
	}

	start(superversion: Superversion, keyLength: number, sequence: number): Status {
		return this.#answer(
			this.#exports.getStart(this.#address, (superversion as WasmSuperversion).address, keyLength, sequence),
		);
	}

	resume(): Status {
		return this.#answer(this.#exports.getContinue(this.#address));
	}

	#answer(status: number): Status {
		if (status === STATUS_DONE) this.#kernel.takeResult();
		return this.#kernel.answer(status);
	}

	detach(): void {
		this.#kernel.answer(this.#exports.getOperationDetach(this.#address));
	}

	reset(): void {
		this.#exports.getOperationReset(this.#address);
	}
}

class WasmScan implements Scan {
	readonly #kernel: WasmKernel;
	#address: number;

	constructor(kernel: WasmKernel, options: ScanOptions) {
		this.#kernel = kernel;
		const { lower, upper } = options;
		const overlay = options.overlay as WasmOverlay | undefined;
		const lowerAt = lower === undefined ? 0 : kernel.copyIn(lower);
		const upperAt = upper === undefined ? 0 : kernel.copyIn(upper);
		const scan = kernel.exports.scanCreate(
			(options.superversion as WasmSuperversion).address,
			overlay?.address ?? 0,
			overlay?.writes ?? 0,
			options.sequence,
			lowerAt,
			lower?.length ?? 0,
			upperAt,
			upper?.length ?? 0,
			options.reverse ? 1 : 0,
			options.skipKeyBytes,
		);
		kernel.exports.free(lowerAt);
		kernel.exports.free(upperAt);
		this.#address = address(scan);
	}

	fill(maxEntries: number, maxBytes: number): Status {
		const kernel = this.#kernel;
		const status = kernel.answer(kernel.exports.scanFill(this.#address, maxEntries, maxBytes));
		if (status === STATUS_DONE) {
			const { at, length } = kernel.takeResult();
			const { page, memory } = kernel;
			page.at = at;
			page.length = length;
			page.count = kernel.word(abi.PAGE_COUNT);
			page.ascii = kernel.word(abi.PAGE_ASCII) !== 0;
			const bounds = kernel.word(abi.PAGE_BOUNDS);
			memory.reach(bounds + 8 * page.count + 4);
			page.bytes = memory.bytes;
			page.bounds = memory.words;
			page.boundsAt = bounds >>> 2;
		}
		return status;
	}

	free(): void {
		if (this.#address !== 0) this.#kernel.exports.scanFree(this.#address);
		this.#address = 0;
	}
}

class WasmOverlay implements Overlay {
	readonly address: number;
	writes = 0;
	readonly #kernel: WasmKernel;

	constructor(kernel: WasmKernel) {
		this.#kernel = kernel;
		this.address = address(kernel.exports.memtableCreate(0));
	}

	put(key: Uint8Array, value: Uint8Array): void {
		this.#write(key, value, KIND_PUT);
	}

	delete(key: Uint8Array): void {
		this.#write(key, new Uint8Array(0), KIND_DELETE);
	}

	#write(key: Uint8Array, value: Uint8Array, kind: number): void {
		const at = this.#kernel.copyIn(key, value);
		const { exports } = this.#kernel;
		const done = exports.overlayPut(this.address, at, key.length, at + key.length, value.length, kind, this.writes);
		exports.free(at);
		if (done === 0) throw outOfMemory();
		this.writes += 1;
	}

	get(key: Uint8Array): typeof STATUS_DONE | typeof STATUS_ABSENT | undefined {
		const kernel = this.#kernel;
		kernel.memory.bytes.set(key, kernel.keyAt);
		const status = kernel.exports.overlayGet(this.address, kernel.keyAt, key.length);
		if (status === STATUS_DONE) {
			kernel.takeResult();
			return STATUS_DONE;
		}
		return kernel.resultSequence() === 0 ? undefined : STATUS_ABSENT;
	}

	free(): void {
		this.#kernel.exports.memtableFree(this.address);
	}
}

class WasmJob implements Job {
	readonly #kernel: WasmKernel;
	readonly #address: number;
	#tableEnd = false;

	constructor(kernel: WasmKernel, options: JobOptions) {
		this.#kernel = kernel;
		const { memtables, runs, below, snapshots } = options;
		const words = [
			memtables.length,
			runs.length,
			below === undefined ? 0 : (below.superversion as WasmSuperversion).address,
			below === undefined ? abi.LEVELS : below.level,
			snapshots.length,
			options.blockBytes,
			options.bitsPerKey,
			options.compression === "lz4" ? 1 : 0,
			options.tableBytes,
		];
		for (const memtable of memtables) words.push((memtable as WasmMemtable).address);
		for (const run of runs) {
			words.push(run.length);
			for (const table of run) words.push((table as WasmTable).address);
		}
		const sequences = new Uint32Array(new Float64Array(snapshots).buffer);
		words.push(...sequences);
		const at = kernel.copyWords(words);
		const job = kernel.exports.jobCreate(at);
		kernel.exports.free(at);
		this.#address = address(job);
	}

	step(file: number, seed: Word64): Status {
		const kernel = this.#kernel;
		const status = kernel.answer(kernel.exports.jobStep(this.#address, file, seed.low, seed.high));
		this.#tableEnd = false;
		if (status !== STATUS_DONE && status !== STATUS_NEED && status !== STATUS_CORRUPT) {
			kernel.takeResult();
			this.#tableEnd = kernel.word(abi.EMIT_FLAG) === abi.EMIT_TABLE_END;
		}
		return status;
	}

	tableEnd(): TableDescription | undefined {
		if (!this.#tableEnd) return undefined;
		const { exports, memory } = this.#kernel;
		const at = exports.jobDescription(this.#address) >>> 0;
		memory.reach(at + abi.TABLE_KEYS);
		const word = (offset: number) => memory.words[(at + offset) >>> 2] as number;
		const double = (offset: number) => memory.doubles[(at + offset) >>> 3] as number;
		const smallestLength = word(abi.TABLE_SMALLEST_LENGTH);
		const keys = at + abi.TABLE_KEYS;
		const largestAt = keys + smallestLength;
		const end = largestAt + word(abi.TABLE_LARGEST_LENGTH);
		memory.reach(end);
		return {
			file: word(abi.TABLE_FILE),
			size: double(abi.TABLE_SIZE),
			tailLength: word(abi.TABLE_TAIL_LENGTH),
			seed: { low: word(abi.TABLE_SEED), high: word(abi.TABLE_SEED + 4) },
			entries: double(abi.TABLE_ENTRIES),
			deletions: double(abi.TABLE_DELETIONS),
			minSequence: double(abi.TABLE_MIN_SEQUENCE),
			maxSequence: double(abi.TABLE_MAX_SEQUENCE),
			smallest: new Uint8Array(memory.bytes.subarray(keys, largestAt)),
			largest: new Uint8Array(memory.bytes.subarray(largestAt, end)),
		};
	}

	free(): void {
		this.#kernel.exports.jobFree(this.#address);
	}
}
