import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { KIND_PUT, OPERATION_HEADER_BYTES } from "../../assembly/shared/format.js";
import { STATUS_DONE, STATUS_EMIT, STATUS_NEED } from "../../assembly/shared/status.js";
import { readAscii } from "../../host/encoding.js";
import {
	type JobOptions,
	type Kernel,
	type Memtable,
	type TableDescription,
	WasmKernel,
} from "../../host/kernel/index.js";
import { TsKernel } from "../../host/kernel/ts/kernel.js";
import { check } from "../support.js";
import type { Group, KernelCase, Sides } from "./case.js";
import { digits, makeKeys, type Shape, shapes, VALUE_BYTES, value } from "./input.js";

const SEED = { low: 1, high: 2 };
const NEWEST = 2 ** 47;
const WAYS = [1, 2, 4, 8, 16];
/** As the engine's scans have them once they are under way. */
const PAGE_ENTRIES = 1024;
const PAGE_BYTES = 128 << 10;
/** Number of the file that a measured job writes; its inputs have numbers from 0 on. */
const OUTPUT = 100;
const OPTIONS = { memoryBytes: 2 ** 30, blockCacheBytes: 0 };

interface TableFile {
	readonly description: TableDescription;
	readonly bytes: Buffer;
}

/** Every `ways`-th key from the `first` on, as one batch. */
function fill(kernel: Kernel, memtable: Memtable, keys: Buffer, keyBytes: number, first: number, ways: number): void {
	const { record } = kernel;
	const size = OPERATION_HEADER_BYTES + keyBytes + VALUE_BYTES;
	const count = Math.ceil((keys.length / keyBytes - first) / ways);
	record.reserve(count * size);
	for (let index = 0; index < count; index++) {
		const at = record.at + index * size;
		const from = (first + index * ways) * keyBytes;
		record.bytes.writeUInt32LE(((KIND_PUT << 24) | keyBytes) >>> 0, at);
		record.bytes.writeUInt32LE(VALUE_BYTES, at + 4);
		keys.copy(record.bytes, at + OPERATION_HEADER_BYTES, from, from + keyBytes);
		value.copy(record.bytes, at + OPERATION_HEADER_BYTES + keyBytes);
	}
	const sequence = 1 + first * keys.length;
	record.sealBatch(count * size, count, memtable, sequence, 0, SEED);
	record.apply(count * size, memtable, sequence);
}

function memtables(kernel: Kernel, keys: Buffer, keyBytes: number, ways: number): Memtable[] {
	return Array.from({ length: ways }, (_, first) => {
		const memtable = kernel.createMemtable(0);
		fill(kernel, memtable, keys, keyBytes, first, ways);
		return memtable;
	});
}

/** Reads all there is, page by page; sums the pages' entries and bytes. */
function scanAll(kernel: Kernel, tables: readonly Memtable[]): () => number {
	const superversion = kernel.createSuperversion(tables, []);
	const options = { superversion, sequence: NEWEST, now: 0, lower: undefined, upper: undefined, reverse: false };
	return () => {
		const scan = kernel.createScan({ ...options, skipKeyBytes: 0 });
		let sum = 0;
		while (scan.fill(PAGE_ENTRIES, PAGE_BYTES) === STATUS_DONE) {
			const { bytes, at, length, count } = kernel.page;
			sum = (Math.imul(sum, 31) + count + length + (bytes[at + length - 1] as number)) | 0;
		}
		scan.free();
		return sum;
	};
}

/** Runs a job to its end; `emit` gets each piece of the one table that it makes, file number `file`. */
function runJob(
	kernel: Kernel,
	options: Partial<JobOptions>,
	files: readonly TableFile[],
	file: number,
	emit: (piece: Buffer) => void,
): TableDescription | undefined {
	const settings = { now: 0, blockBytes: 4096, bitsPerKey: 10, compression: "lz4", tableBytes: 0xffffffff } as const;
	const none = { memtables: [], runs: [], below: undefined, snapshots: [], databaseId: new Uint8Array(8) };
	const job = kernel.createJob({ ...settings, ...none, ...options });
	let description: TableDescription | undefined;
	for (;;) {
		const status = job.step(file, SEED, true);
		if (status === STATUS_DONE) break;
		if (status === STATUS_NEED) {
			const { file: wanted, offset, length, target, at } = kernel.need;
			(files[wanted] as TableFile).bytes.copy(target, at, offset, offset + length);
		} else if (status === STATUS_EMIT) {
			const { bytes, at, length } = kernel.result;
			emit(bytes.subarray(at, at + length));
			description = job.tableEnd() ?? description;
		} else {
			throw new Error(`a job answers ${status}, damage ${kernel.damage.reason}`);
		}
	}
	job.free();
	return description;
}

function tableOf(kernel: Kernel, memtable: Memtable, file: number): TableFile {
	const pieces: Buffer[] = [];
	const description = runJob(kernel, { memtables: [memtable] }, [], file, (piece) => pieces.push(Buffer.from(piece)));
	if (description === undefined) throw new Error("a flush makes a table");
	return { description, bytes: Buffer.concat(pieces) };
}

/** One work on a kernel of each kind. */
function onBoth(work: (kernel: Kernel) => () => number): Sides {
	return { wasm: work(new WasmKernel(OPTIONS)), ts: work(new TsKernel(OPTIONS)) };
}

/** Sums lengths and last bytes of what a job emits: the bytes themselves are compared before anything is measured. */
function jobWork(kernel: Kernel, options: Partial<JobOptions>, files: readonly TableFile[]): () => number {
	return () => {
		let sum = 0;
		runJob(kernel, options, files, OUTPUT, (piece) => {
			sum = (Math.imul(sum, 31) + piece.length + (piece[piece.length - 1] as number)) | 0;
		});
		return sum;
	};
}

function sameOutput(kernels: readonly (readonly [Kernel, Partial<JobOptions>])[], files: readonly TableFile[]): void {
	const digests = kernels.map(([kernel, options]) => {
		const hash = createHash("sha256");
		runJob(kernel, options, files, OUTPUT, (piece) => hash.update(piece));
		return hash.digest("hex");
	});
	check(digests[0] === digests[1], "both jobs write the same bytes");
}

function compactionSides(keys: Buffer, keyBytes: number, ways: number): Sides {
	const maker = new TsKernel(OPTIONS);
	const files = memtables(maker, keys, keyBytes, ways).map((memtable, file) => tableOf(maker, memtable, file));
	const kernels = [new WasmKernel(OPTIONS), new TsKernel(OPTIONS)].map((kernel) => {
		// Newer first.
		const runs = files.map(({ description }) => [kernel.createTable(description)]).reverse();
		return [kernel, { runs }] as const;
	});
	sameOutput(kernels, files);
	const [wasm, ts] = kernels.map(([kernel, options]) => jobWork(kernel, options, files));
	return { wasm: wasm as () => number, ts: ts as () => number };
}

function mergeCases(ways: number, entries: number): KernelCase[] {
	const keys = () => makeKeys(digits, entries);
	const { keyBytes } = digits;
	return [
		{
			name: `scanning ${ways} memtable${ways === 1 ? "" : "s"}`,
			operations: entries,
			prepare: () => onBoth((kernel) => scanAll(kernel, memtables(kernel, keys(), keyBytes, ways).reverse())),
		},
		{
			name: `compacting ${ways} table${ways === 1 ? "" : "s"}`,
			operations: entries,
			prepare: () => compactionSides(keys(), keyBytes, ways),
		},
	];
}

function flushCase(shape: Shape, entries: number): KernelCase {
	return {
		name: `flushing a memtable, ${shape.name}`,
		operations: entries,
		prepare() {
			const keys = makeKeys(shape, entries);
			const kernels = [new WasmKernel(OPTIONS), new TsKernel(OPTIONS)].map(
				(kernel) => [kernel, { memtables: memtables(kernel, keys, shape.keyBytes, 1) }] as const,
			);
			sameOutput(kernels, []);
			const [wasm, ts] = kernels.map(([kernel, options]) => jobWork(kernel, options, []));
			return { wasm: wasm as () => number, ts: ts as () => number };
		},
	};
}

export function mergeGroup(smoke: boolean): Group {
	const entries = smoke ? 500 : 40_000;
	return {
		title: `Merging ${entries} entries of 16 + 100 bytes: scans, compactions and flushes`,
		cases: [...WAYS.flatMap((ways) => mergeCases(ways, entries)), ...shapes.map((shape) => flushCase(shape, entries))],
		notes: [
			"Through the contract that the engine uses. Neighbouring keys come from different inputs. Operations are entries.",
			"Jobs read and write bytes in memory, and encode and check blocks; they write the same bytes.",
		],
	};
}

/** Makes strings of a page's entries, as iterators do with ASCII: of the whole page once, then parts of it. */
function decodePage({ page }: Kernel): number {
	const { bytes, at, length, bounds, boundsAt, count } = page;
	const text = readAscii(bytes, at, length);
	let sum = 0;
	for (let index = boundsAt; index < boundsAt + 2 * count; index += 2) {
		const [start, middle, end] = [bounds[index], bounds[index + 1], bounds[index + 2]] as [number, number, number];
		const [key, stored] = [text.substring(start, middle), text.substring(middle, end)];
		sum = (Math.imul(sum, 31) + key.charCodeAt(key.length - 1) + stored.charCodeAt(0)) | 0;
	}
	return sum;
}

export function pageGroup(smoke: boolean): Group {
	const entries = smoke ? 100 : PAGE_ENTRIES;
	return {
		title: `Decoding a page of ${entries} entries into strings`,
		cases: [digits, shapes[3] as Shape].map((shape) => ({
			name: `keys and values, ${shape.name}`,
			operations: entries,
			prepare: () =>
				onBoth((kernel) => {
					const superversion = kernel.createSuperversion(
						memtables(kernel, makeKeys(shape, entries), shape.keyBytes, 1),
						[],
					);
					const options = {
						superversion,
						sequence: NEWEST,
						now: 0,
						lower: undefined,
						upper: undefined,
						reverse: false,
					};
					const scan = kernel.createScan({ ...options, skipKeyBytes: 0 });
					check(scan.fill(entries, 1 << 20) === STATUS_DONE && kernel.page.count === entries, "a page is filled");
					return () => decodePage(kernel);
				}),
		})),
		notes: ["The same code on both sides: what differs is whose memory the page lies in."],
	};
}
