import { Buffer } from "node:buffer";
import { KIND_DELETE, KIND_DELETE_RANGE, KIND_PUT, OPERATION_HEADER_BYTES } from "../../assembly/shared/format.js";
import { STATUS_ABSENT, STATUS_CORRUPT, STATUS_DONE, STATUS_EMIT, STATUS_NEED } from "../../assembly/shared/status.js";
import {
	type JobOptions,
	type Memtable,
	type Superversion,
	type TableDescription,
	WasmKernel,
} from "../../host/kernel/index.js";

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

export function newKernel(blockCacheBytes = 0): WasmKernel {
	return new WasmKernel({ memoryBytes: 0x40000000, blockCacheBytes });
}

/** Bytes as a text that sorts as they do. */
export function text(bytes: Uint8Array): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

/** Puts entries into a memtable as one batch, with sequence numbers from `sequence` on. */
export function insert(kernel: WasmKernel, memtable: Memtable, entries: readonly Entry[], sequence: number): void {
	const { record } = kernel;
	let length = 0;
	for (const { key, value: put, end } of entries) {
		const value = end ?? put;
		const kind = end !== undefined ? KIND_DELETE_RANGE : put === undefined ? KIND_DELETE : KIND_PUT;
		const size = OPERATION_HEADER_BYTES + key.length + (value?.length ?? 0);
		record.reserve(length + size);
		const at = record.at + length;
		record.bytes.writeUInt32LE((kind << 24) | key.length, at);
		record.bytes.writeUInt32LE(value?.length ?? 0, at + 4);
		record.bytes.set(key, at + OPERATION_HEADER_BYTES);
		if (value !== undefined) record.bytes.set(value, at + OPERATION_HEADER_BYTES + key.length);
		length += size;
	}
	record.sealBatch(length, entries.length, memtable, sequence, 0, SEED);
	record.apply(length, memtable, sequence);
}

export interface TableFileImage {
	readonly description: TableDescription;
	readonly bytes: Buffer;
}

export type TableFiles = ReadonlyMap<number, Uint8Array>;

/** Runs a job to its end; answers its tables, numbered from `firstFile` on. */
export function runJob(
	kernel: WasmKernel,
	options: Partial<JobOptions>,
	files: TableFiles = new Map(),
	firstFile = 1,
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
export function serve(kernel: WasmKernel, files: TableFiles, need = kernel.need): void {
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
	kernel: WasmKernel,
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
	kernel: WasmKernel,
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
export function pageOf(kernel: WasmKernel): [key: string, value: string][] {
	const { bytes, at, bounds, boundsAt, count } = kernel.page;
	return Array.from({ length: count }, (_, index) => {
		const [key, value, end] = [0, 1, 2].map((more) => at + (bounds[boundsAt + 2 * index + more] as number));
		return [text(bytes.subarray(key, value)), text(bytes.subarray(value, end))];
	});
}
