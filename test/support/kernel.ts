import { Buffer } from "node:buffer";
import { STATUS_ABSENT, STATUS_CORRUPT, STATUS_DONE, STATUS_EMIT, STATUS_NEED } from "../../assembly/shared/status.js";
import { deleteOperation, deleteRangeOperation, encodeOperations, putOperation } from "../../host/engine/operations.js";
import {
	createKernel,
	type JobOptions,
	type Kernel,
	type Memtable,
	type Superversion,
	type TableDescription,
	WasmKernel,
} from "../../host/kernel/index.js";
import { checkHeap } from "./heap.js";
import type { KernelName } from "./kernels.js";

/** A kernel by itself, with its files in arrays: what the engine does, and no more. */

export interface Entry {
	readonly key: Uint8Array;
	/** undefined: a deletion. */
	readonly value: Uint8Array | undefined;
	/** Of a range deletion: the first key behind it. */
	readonly end?: Uint8Array;
}

export const SEED = { low: 0x12345678, high: 0x9abcdef0 };
export const NEWEST = 2 ** 47;

const MEMORY_BYTES = 0x40000000;

export function newKernel(name: KernelName, blockCacheBytes = 0, memoryBytes = MEMORY_BYTES): Kernel {
	return createKernel(name, { memoryBytes, blockCacheBytes });
}

/** For what is the module's own: its exports, its memory, its threads. */
export function newWasmKernel(blockCacheBytes = 0, memoryBytes = MEMORY_BYTES): WasmKernel {
	return new WasmKernel({ memoryBytes, blockCacheBytes });
}

/** Bytes that a kernel has handed out. Of the module also looks whether its heap is sound; throws where it is not. */
export function checkMemory(kernel: Kernel): number {
	return kernel instanceof WasmKernel ? checkHeap(kernel).allocatedBytes : kernel.memoryUse().allocatedBytes;
}

/** Bytes as a text that sorts as they do. */
export function text(bytes: Uint8Array): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

/** Puts entries into a memtable as one batch, with sequence numbers from `sequence` on. */
export function insert(kernel: Kernel, memtable: Memtable, entries: readonly Entry[], sequence: number): void {
	const { record } = kernel;
	const operations = entries.map(({ key, value, end }) => {
		if (end !== undefined) return deleteRangeOperation({ lower: key, upper: end });
		return value === undefined ? deleteOperation(key) : putOperation(key, value);
	});
	const { length } = encodeOperations(record, operations);
	record.sealBatch(length, entries.length, memtable, sequence, 0, SEED);
	record.apply(length, memtable, sequence);
}

export interface TableFileImage {
	readonly description: TableDescription;
	readonly bytes: Buffer;
}

export type TableFiles = ReadonlyMap<number, Uint8Array>;

/** Runs a job to its end; answers its tables, numbered from `firstFile` on. `before` is called before each of its steps. */
export function runJob(
	kernel: Kernel,
	options: Partial<JobOptions>,
	files: TableFiles = new Map(),
	firstFile = 1,
	before: () => void = () => {},
): TableFileImage[] {
	const job = kernel.createJob({
		memtables: [],
		runs: [],
		below: undefined,
		snapshots: [],
		now: 0,
		blockBytes: 4096,
		bitsPerKey: 10,
		compression: "lz4",
		tableBytes: 0xffffffff,
		databaseId: new Uint8Array(8),
		...options,
	});
	const tables: TableFileImage[] = [];
	let parts: Buffer[] = [];
	try {
		for (;;) {
			before();
			const status = job.step(firstFile + tables.length, SEED, false);
			if (status === STATUS_DONE) return tables;
			if (status === STATUS_CORRUPT) throw new Damaged(kernel.damage.reason);
			if (status === STATUS_NEED) serve(kernel, files);
			if (status !== STATUS_EMIT) continue;
			const { bytes, at, length } = kernel.result;
			parts.push(Buffer.from(bytes.subarray(at, at + length)));
			const description = job.tableEnd();
			if (description === undefined) continue;
			tables.push({ description, bytes: Buffer.concat(parts) });
			parts = [];
		}
	} finally {
		job.free();
	}
}

export class Damaged extends Error {
	constructor(readonly reason: number) {
		super(`the kernel answers CORRUPT, reason ${reason}`);
	}
}

/** Reads what the kernel asks for, which must lie within the file and within memory. */
export function serve(kernel: Kernel, files: TableFiles, need = kernel.need): void {
	const { file, offset, length, target, at } = need;
	const bytes = files.get(file);
	if (bytes === undefined) throw new Error(`the kernel asks for file ${file}, which there is none of`);
	if (!(offset >= 0 && offset + length <= bytes.length))
		throw new Error(`the kernel asks for ${length} bytes at ${offset} of ${bytes.length}`);
	if (at + length > target.length) throw new Error("the kernel wants bytes read beyond its memory");
	target.set(bytes.subarray(offset, offset + length), at);
}

/** The value of a key, undefined where it is absent. */
export function get(
	kernel: Kernel,
	superversion: Superversion,
	key: Uint8Array,
	files: TableFiles,
	sequence = NEWEST,
): Uint8Array | undefined {
	const operation = kernel.createGet();
	try {
		kernel.keyBytes.set(key, kernel.keyAt);
		let status = operation.start(superversion, key.length, sequence);
		while (status === STATUS_NEED) {
			serve(kernel, files);
			status = operation.resume();
		}
		if (status === STATUS_CORRUPT) throw new Damaged(kernel.damage.reason);
		if (status !== STATUS_DONE) return undefined;
		const { bytes, at, length } = kernel.result;
		return Uint8Array.from(bytes.subarray(at, at + length));
	} finally {
		operation.free();
	}
}

/** Entries of a scan as texts; `pageEntries` makes the pages small. */
export function scan(
	kernel: Kernel,
	superversion: Superversion,
	files: TableFiles,
	options: {
		reverse?: boolean;
		sequence?: number;
		pageEntries?: number;
		pageBytes?: number;
		lower?: Uint8Array;
		upper?: Uint8Array;
	} = {},
): [key: string, value: string][] {
	const operation = kernel.createScan({
		superversion,
		sequence: options.sequence ?? NEWEST,
		now: 0,
		lower: options.lower,
		upper: options.upper,
		reverse: options.reverse ?? false,
		skipKeyBytes: 0,
	});
	const entries: [string, string][] = [];
	try {
		for (;;) {
			const status = operation.fill(options.pageEntries ?? 100, options.pageBytes ?? 4096);
			if (status === STATUS_ABSENT) return entries;
			if (status === STATUS_CORRUPT) throw new Damaged(kernel.damage.reason);
			if (status === STATUS_NEED) serve(kernel, files);
			else entries.push(...pageOf(kernel));
		}
	} finally {
		operation.free();
	}
}

/** Entries of the page that was filled last. */
export function pageOf(kernel: Kernel): [key: string, value: string][] {
	const { bytes, at, bounds, boundsAt, count } = kernel.page;
	return Array.from({ length: count }, (_, index) => {
		const [key, value, end] = [0, 1, 2].map((more) => at + (bounds[boundsAt + 2 * index + more] as number));
		return [text(bytes.subarray(key, value)), text(bytes.subarray(value, end))];
	});
}
