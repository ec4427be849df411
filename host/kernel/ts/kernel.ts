import type { Buffer } from "node:buffer";
import { KEY_MAX_BYTES } from "../../../assembly/shared/format.js";
import type { WlsmError } from "../../errors.js";
import { brokenKernel } from "../broken.js";
import type {
	Damage,
	GetOperation,
	JobOptions,
	Kernel,
	KernelCounters,
	Job as KernelJob,
	LogBuffer as KernelLogBuffer,
	Lookup as KernelLookup,
	Memtable as KernelMemtable,
	Overlay as KernelOverlay,
	RecordBuffer as KernelRecordBuffer,
	Scan as KernelScan,
	Superversion as KernelSuperversion,
	Table as KernelTable,
	LookupOptions,
	MemoryUse,
	MemtableHandle,
	Need,
	Page,
	Result,
	ScanOptions,
	TableDescription,
	Word64,
} from "../contract.js";
import { emptyRowPage } from "../row-page.js";
import { Context } from "./context.js";
import { LogBuffer, RecordBuffer } from "./log/buffers.js";
import { Bytes, NO_BYTES } from "./memory/bytes.js";
import { Memtable } from "./memtable/memtable.js";
import { Overlay } from "./memtable/overlay.js";
import { Job } from "./merge/job.js";
import { Get } from "./read/get.js";
import { Lookup } from "./read/lookup.js";
import { Scan } from "./read/scan.js";
import { Table } from "./table/table.js";
import { Superversion } from "./version/superversion.js";

export interface TsKernelOptions {
	/** Memtables, cached blocks and tails of open tables may not take more than this. */
	readonly memoryBytes: number;
	readonly blockCacheBytes: number;
}

/** Buffers as long as any key, and the least that reads of four and six bytes want behind it. */
const KEY_BUFFER_BYTES = KEY_MAX_BYTES + 64;

/**
 * The kernel contract in TypeScript alone: the same bytes on disk as those of the WebAssembly module. Memory is the runtime's;
 * what is freed goes when the garbage collector finds it. One thread has it to itself.
 */
export class TsKernel implements Kernel {
	readonly name = "ts";
	broken: WlsmError | undefined;
	readonly need: Need;
	readonly result: Result;
	readonly damage: Damage;
	readonly page: Page = {
		bytes: NO_BYTES.buffer,
		at: 0,
		length: 0,
		bounds: new Uint32Array(0),
		boundsAt: 0,
		count: 0,
		ascii: false,
	};
	readonly rows = emptyRowPage();
	readonly record: KernelRecordBuffer;
	readonly keyBytes: Buffer;
	readonly keyAt = 0;
	/** Threads share nothing: jobs run on the calling one. */
	readonly threads = undefined;
	readonly #context: Context;
	readonly #key = new Bytes(KEY_BUFFER_BYTES);

	constructor({ memoryBytes, blockCacheBytes }: TsKernelOptions) {
		this.#context = new Context(memoryBytes, blockCacheBytes);
		const { need, result, damage } = this.#context.answers;
		this.need = need;
		this.result = result;
		this.damage = damage;
		this.keyBytes = this.#key.buffer;
		this.record = new RecordBuffer(this.#context);
	}

	resultSequence(): number {
		return this.#context.answers.sequence;
	}

	resultExpiry(): number {
		return this.#context.answers.expiry;
	}

	hash(bytes: Uint8Array, seed: Word64): Word64 {
		const { xxh64 } = this.#context;
		const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
		xxh64.hash(view, 0, bytes.length, seed.low, seed.high);
		return { low: xxh64.low >>> 0, high: xxh64.high >>> 0 };
	}

	createLogBuffer(): KernelLogBuffer {
		return new LogBuffer(this.#context);
	}

	createMemtable(indexBytes: number): KernelMemtable {
		return new Memtable(this.#context, indexBytes);
	}

	sharedMemtable(handle: MemtableHandle): KernelMemtable {
		return this.#context.memtable(handle);
	}

	createTable(description: TableDescription): KernelTable {
		return new Table(this.#context.cache, description);
	}

	createSuperversion(
		memtables: readonly KernelMemtable[],
		levels: readonly (readonly KernelTable[])[],
	): KernelSuperversion {
		return new Superversion(memtables as readonly Memtable[], levels as readonly (readonly Table[])[]);
	}

	createGet(): GetOperation {
		return new Get(this.#context, this.#key.view);
	}

	createScan(options: ScanOptions): KernelScan {
		return new Scan(this.#context, this.page, this.rows, options);
	}

	createLookup(options: LookupOptions): KernelLookup {
		return new Lookup(this.#context, this.page, this.rows, this.createGet(), this.#key, options);
	}

	createOverlay(): KernelOverlay {
		return new Overlay(this.#context);
	}

	/** csv-parser reads for this kernel. */
	readonly csv = undefined;

	createJob(options: JobOptions): KernelJob {
		return new Job(this.#context, options);
	}

	/** What the runtime throws for a place that is not there. */
	trap(error: unknown): WlsmError | undefined {
		if (error === this.broken) return this.broken;
		if (!(error instanceof RangeError || error instanceof TypeError)) return undefined;
		this.broken ??= brokenKernel(error);
		return this.broken;
	}

	counters(): KernelCounters {
		return { ...this.#context.counters };
	}

	memoryUse(): MemoryUse {
		const { allocatedBytes, cache, memtableBytes, limitBytes } = this.#context;
		return {
			allocatedBytes,
			cacheBytes: cache.usedBytes,
			tableBytes: cache.tableBytes,
			memtableBytes,
			memoryBytes: allocatedBytes,
			limitBytes,
		};
	}
}
