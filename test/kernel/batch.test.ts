import { Buffer } from "node:buffer";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MEMTABLE_BOUNDARY_BYTES, MEMTABLE_CELL_BYTES } from "../../assembly/shared/abi.js";
import {
	BOUND_MAX_BYTES,
	EXPIRY_MAX,
	KEY_MAX_BYTES,
	KIND_DELETE,
	KIND_DELETE_RANGE,
	KIND_PUT,
	KIND_PUT_EXPIRING,
	OPERATION_HEADER_BYTES,
	RECORD_HEADER_BYTES,
	RECORD_PAYLOAD_LENGTH,
} from "../../assembly/shared/format.js";
import type { Kernel } from "../../host/kernel/index.js";
import { checkMemory, type Entry, get, insert, NEWEST, newKernel, runJob, scan } from "../support/kernel.js";
import { bothKernels } from "../support/kernels.js";
import { Random } from "../support/random.js";

const batches = suite("batches");

/** Number of operations that the kernel counts in a batch. */
function count(kernel: Kernel, ...operations: readonly Uint8Array[]): number {
	const payload = Buffer.concat(operations);
	const log = kernel.createLogBuffer();
	log.reserve(RECORD_HEADER_BYTES + payload.length);
	log.bytes.writeUInt32LE(payload.length, log.at + RECORD_PAYLOAD_LENGTH);
	log.bytes.set(payload, log.at + RECORD_HEADER_BYTES);
	const answer = log.batchCount(0);
	log.free();
	return answer;
}

function operation(kind: number, key: string | Uint8Array, value: string | Uint8Array = ""): Buffer {
	const [keyBytes, valueBytes] = [Buffer.from(key), Buffer.from(value)];
	const header = Buffer.alloc(OPERATION_HEADER_BYTES);
	header.writeUInt32LE(((kind << 24) | keyBytes.length) >>> 0, 0);
	header.writeUInt32LE(valueBytes.length, 4);
	return Buffer.concat([header, keyBytes, valueBytes]);
}

function expiring(expiry: bigint, value: string): Buffer {
	const bytes = Buffer.alloc(8 + value.length);
	bytes.writeBigUInt64LE(expiry);
	bytes.set(Buffer.from(value), 8);
	return bytes;
}

bothKernels(batches, "are counted where every operation is well-formed, and refused otherwise", (name) => {
	const kernel = newKernel(name);
	const longest = Buffer.alloc(KEY_MAX_BYTES, 1);
	const bound = Buffer.alloc(BOUND_MAX_BYTES, 1);
	assert.is(count(kernel, operation(KIND_PUT, "k", "v"), operation(KIND_DELETE, "k")), 2);
	assert.is(count(kernel, operation(KIND_PUT_EXPIRING, "k", expiring(1n, ""))), 1);
	assert.is(count(kernel, operation(KIND_PUT_EXPIRING, "k", expiring(BigInt(EXPIRY_MAX), "v"))), 1);
	assert.is(count(kernel, operation(KIND_DELETE_RANGE, longest, bound)), 1);
	const malformed: readonly Buffer[] = [
		operation(KIND_PUT, bound),
		operation(KIND_DELETE, "k", "v"),
		operation(KIND_PUT_EXPIRING, "k", "1234567"),
		operation(KIND_PUT_EXPIRING, "k", expiring(BigInt(EXPIRY_MAX) + 1n, "v")),
		operation(KIND_DELETE_RANGE, "", "k"),
		operation(KIND_DELETE_RANGE, "k", ""),
		operation(KIND_DELETE_RANGE, "k", "k"),
		operation(KIND_DELETE_RANGE, "l", "k"),
		operation(KIND_DELETE_RANGE, Buffer.concat([bound, bound]), "z"),
		operation(KIND_DELETE_RANGE, "a", Buffer.concat([bound, bound])),
		operation(KIND_DELETE_RANGE, "a", "b").subarray(0, -1),
		operation(4, "k", "v"),
		operation(255, "k"),
	];
	for (const bytes of malformed) {
		assert.is(count(kernel, bytes), -1, bytes.subarray(0, 20).toString("hex"));
		assert.is(count(kernel, operation(KIND_PUT, "k", "v"), bytes), -1);
	}
	checkMemory(kernel);
});

bothKernels(batches, "take as much of a memtable with each kernel, range deletions that overlap included", (name) => {
	const kernel = newKernel(name);
	const memtable = kernel.createMemtable(0);
	const range = (key: string, end: string) => ({ key: Buffer.from(key), value: undefined, end: Buffer.from(end) });
	// All ends are boundaries before the first deletion comes: both deletions cover two stretches.
	insert(kernel, memtable, [range("a", "c"), range("b", "d")], 1);
	const expected = 4 * (MEMTABLE_BOUNDARY_BYTES + 1) + 4 * MEMTABLE_CELL_BYTES;
	assert.is(memtable.bytes(), expected);
	// Deletions that come one after the other: the second one finds an end of its own and one that is there.
	insert(kernel, memtable, [range("b", "e")], 3);
	assert.is(memtable.bytes(), expected + MEMTABLE_BOUNDARY_BYTES + 1 + 3 * MEMTABLE_CELL_BYTES);
	memtable.free();
});

const ranges = suite("range deletions of a kernel");

interface Step extends Entry {
	readonly sequence: number;
}

/** What a reader at `sequence` sees. */
function visible(steps: readonly Step[], sequence: number): [string, string][] {
	const state = new Map<string, string>();
	for (const step of steps) {
		if (step.sequence > sequence) break;
		const key = Buffer.from(step.key).toString("latin1");
		const end = step.end === undefined ? undefined : Buffer.from(step.end).toString("latin1");
		if (end !== undefined) for (const other of [...state.keys()]) if (other >= key && other < end) state.delete(other);
		if (end === undefined && step.value === undefined) state.delete(key);
		if (end === undefined && step.value !== undefined) state.set(key, Buffer.from(step.value).toString("latin1"));
	}
	return [...state].sort(([a], [b]) => (a < b ? -1 : 1));
}

bothKernels(ranges, "are kept by jobs as far as any snapshot sees them, however their outputs are cut", (name) => {
	for (let seed = 1; seed <= 60; seed++) {
		const random = new Random(seed);
		const kernel = newKernel(name, random.pick([0, 1 << 20]));
		const key = () => Buffer.from(`${random.pick(["", "prefix/", "12345678"])}${random.below(60)}`);
		const steps: Step[] = Array.from({ length: random.pick([5, 60, 400]) }, (_, index) => {
			const sequence = index + 1;
			const [first, second] = [key(), key()].sort(Buffer.compare) as [Buffer, Buffer];
			if (random.once(4) && Buffer.compare(first, second) < 0) {
				return {
					key: first,
					end: random.once(2) ? second : Buffer.concat([second, Buffer.alloc(1)]),
					value: undefined,
					sequence,
				};
			}
			return { key: first, value: random.once(5) ? undefined : random.bytes(random.below(60)), sequence };
		});
		const snapshots = [...new Set(Array.from({ length: random.below(5) }, () => random.below(steps.length + 1)))].sort(
			(a, b) => a - b,
		);
		const shape = {
			snapshots,
			blockBytes: random.pick([64, 300, 4096]),
			bitsPerKey: random.pick([0, 10]),
			tableBytes: random.pick([100, 1000, 0xffffffff]),
		};
		// Each third is flushed by itself; then two are merged, then all.
		const files = new Map<number, Uint8Array>();
		let next = 1;
		const parts = [0, 1, 2].map((part) => {
			const memtable = kernel.createMemtable(random.pick([0, 64]));
			const from = Math.floor((steps.length * part) / 3);
			const own = steps.slice(from, Math.floor((steps.length * (part + 1)) / 3));
			if (own.length > 0) insert(kernel, memtable, own, from + 1);
			const tables = runJob(kernel, { ...shape, tableBytes: 0xffffffff, memtables: [memtable] }, files, next);
			next += tables.length;
			memtable.free();
			for (const { description, bytes } of tables) files.set(description.file, bytes);
			return tables.map(({ description }) => kernel.createTable(description));
		});
		const check = (levels: (typeof parts)[number][]) => {
			const superversion = kernel.createSuperversion([], levels);
			for (const sequence of [...snapshots, NEWEST]) {
				const wanted = visible(steps, sequence);
				const pageEntries = random.pick([1, 3, 1000]);
				assert.equal(scan(kernel, superversion, files, { sequence, pageEntries }), wanted, `seed ${seed}`);
				assert.equal(scan(kernel, superversion, files, { sequence, reverse: true, pageEntries }), wanted.toReversed());
				const map = new Map(wanted);
				for (const { key } of steps.slice(0, 50)) {
					const value = get(kernel, superversion, key, files, sequence);
					const text = value === undefined ? undefined : Buffer.from(value).toString("latin1");
					assert.is(text, map.get(Buffer.from(key).toString("latin1")));
				}
			}
			superversion.free();
		};
		check([parts.toReversed().flat()]);
		const [oldest, middle, newest] = parts as [(typeof parts)[number], (typeof parts)[number], (typeof parts)[number]];
		const merge = (runs: (typeof parts)[number][], bottom: boolean) => {
			const below = kernel.createSuperversion([], [[], [], oldest]);
			const options = { ...shape, runs, below: { superversion: below, level: bottom ? 3 : 2 } };
			const tables = runJob(kernel, options, files, next);
			next += tables.length;
			below.free();
			for (const { description, bytes } of tables) files.set(description.file, bytes);
			for (const [index, { description }] of tables.entries()) {
				const after = tables[index + 1]?.description;
				assert.ok(
					after === undefined || Buffer.compare(description.largest, after.smallest) < 0,
					`seed ${seed}: spans`,
				);
				if (bottom && snapshots.length === 0) assert.is(description.rangeDeletions, 0);
			}
			return tables.map(({ description }) => kernel.createTable(description));
		};
		const merged = merge([...newest.map((table) => [table]), ...middle.map((table) => [table])], false);
		check([[], merged, oldest]);
		const all = merge([merged, oldest], true);
		check([[], [], all]);
		for (const table of [...parts.flat(), ...merged, ...all]) table.free();
		checkMemory(kernel);
	}
});

batches.run();
ranges.run();
