import { Buffer } from "node:buffer";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { STATUS_NEED } from "../../assembly/shared/status.js";
import { deleteRangeOperation, encodeOperations, putOperation } from "../../host/engine/operations.js";
import type { WasmKernel } from "../../host/kernel/index.js";
import { checkHeap } from "../support/heap.js";
import { type Entry, insert, NEWEST, newWasmKernel, runJob, serve } from "../support/kernel.js";
import { hoard, unlessRefused } from "../support/scarcity.js";

/*
 * Small jobs with room that grows by the smallest block there is, from each of their steps on: so each allocation is the one that is
 * refused. test/kernel/exhaustion has large ones.
 */

const scarcity = suite("memory used up, byte by byte");
const GRAIN = 16;

type Settings = Omit<Parameters<typeof runJob>[1], "memtables" | "runs" | "below">;

/** Something to do, each time from the beginning. `before` is called before each of its steps. */
type Work = (before: () => void) => string;

/** Does the work with ever more room; answers how often that was refused. */
function sweep(kernel: WasmKernel, work: Work, grain = GRAIN): number {
	let steps = 0;
	const expected = work(() => {
		steps += 1;
	});
	const kept = checkHeap(kernel).allocatedBytes;
	let refusals = 0;
	for (let step = 0; step <= steps; step++) {
		for (let bytes = 0, refused = true; refused; bytes += grain) {
			let left = step;
			let release = () => {};
			const before = () => {
				if (left-- === 0) release = hoard(kernel, bytes);
			};
			const done = unlessRefused(() => work(before));
			release();
			refused = done === undefined;
			const what = `with ${bytes} bytes from step ${step} on`;
			if (done === undefined) refusals += 1;
			else assert.ok(done.answer === expected, what);
			assert.is(checkHeap(kernel).allocatedBytes, kept, what);
		}
	}
	return refusals;
}

function memtableOf(kernel: WasmKernel, entries: readonly Entry[]) {
	const memtable = kernel.createMemtable(0);
	let sequence = 1;
	for (const entry of entries) insert(kernel, memtable, [entry], sequence++);
	return memtable;
}

const newKernel = () => newWasmKernel(0, 4 << 20);

function sweepFlush(entries: readonly Entry[], settings: Settings): number {
	const kernel = newKernel();
	const memtables = [memtableOf(kernel, entries)];
	return sweep(kernel, (before) =>
		runJob(kernel, { memtables, ...settings }, new Map(), 1, before)
			.map(({ bytes }) => bytes.toString("latin1"))
			.join(""),
	);
}

const keyOf = (index: number) => Buffer.from(`k${String(index).padStart(3, "0")}`);

scarcity("tables of one block, and a filter of any size", () => {
	let refusals = 0;
	for (let count = 5; count < 300; count += 46) {
		const entries = Array.from({ length: count }, (_, index) => ({
			key: keyOf(index),
			value: Buffer.alloc(count % 9),
		}));
		refusals += sweepFlush(entries, { blockBytes: 16384, bitsPerKey: count % 200, compression: "none" });
	}
	assert.ok(refusals > 200, `${refusals}`);
});

scarcity("tables that a range deletion with long ends spans", () => {
	const range = { key: Buffer.alloc(900, "a"), value: undefined, end: Buffer.alloc(1500, "c") };
	for (const entries of [[{ key: Buffer.from("b"), value: Buffer.from("1") }, range], [range]]) {
		const refusals = sweepFlush(entries, { blockBytes: 512, tableBytes: 1 << 20, snapshots: [1] });
		assert.ok(refusals > 100, `${refusals}`);
	}
});

scarcity("tables between which a range deletion is cut", () => {
	const entries: Entry[] = [{ key: keyOf(0), value: undefined, end: keyOf(900) }];
	for (let index = 0; index < 12; index++)
		entries.push({ key: Buffer.concat([keyOf(index), Buffer.alloc(100 * index, "k")]), value: Buffer.alloc(200, "v") });
	const refusals = sweepFlush(entries, { blockBytes: 256, tableBytes: 1024 });
	assert.ok(refusals > 20, `${refusals}`);
});

scarcity("tables as they are opened, and a read that goes on later", () => {
	const entries = [300, 900, 2000].map((length) => ({ key: Buffer.alloc(length, "k"), value: Buffer.from("value") }));
	const builder = newKernel();
	const images = runJob(builder, { memtables: [memtableOf(builder, entries)], blockBytes: 512 });
	const files = new Map(images.map(({ description, bytes }) => [description.file, bytes]));
	const kernel = newKernel();
	const [, , last] = entries;
	const refusals = sweep(kernel, (before) => {
		const made: { free(): void }[] = [];
		const get = kernel.createGet();
		try {
			before();
			const tables = images.map(({ description }) => {
				const table = kernel.createTable(description);
				made.push(table);
				return table;
			});
			const superversion = kernel.createSuperversion([], [tables]);
			made.unshift(superversion);
			kernel.keyBytes.set(last?.key ?? [], kernel.keyAt);
			before();
			let status = get.start(superversion, 2000, NEWEST);
			before();
			if (status === STATUS_NEED) get.detach();
			while (status === STATUS_NEED) {
				before();
				serve(kernel, files);
				status = get.resume();
			}
			const { bytes, at, length } = kernel.result;
			return bytes.toString("latin1", at, at + length);
		} finally {
			get.reset();
			get.free();
			for (const one of made) one.free();
		}
	});
	assert.ok(refusals > 20, `${refusals}`);
});

scarcity("a commit is made though there is no room for a smaller buffer after it", () => {
	const kernel = newWasmKernel(0, 32 << 20);
	const memtable = kernel.createMemtable(0);
	const { record } = kernel;
	const apply = record.apply.bind(record);
	const value = Buffer.alloc(3 << 20, 1);
	record.apply = (...parameters) => {
		const release = hoard(kernel, 0);
		apply(...parameters);
		release();
	};
	const before = checkHeap(kernel).allocatedBytes;
	insert(kernel, memtable, [{ key: keyOf(1), value }], 1);
	assert.ok(checkHeap(kernel).allocatedBytes - before > 5 << 20, "the record's buffer is as large as it was");
	record.apply = apply;
	insert(kernel, memtable, [{ key: keyOf(2), value: Buffer.alloc(10) }], 2);
	assert.is(memtable.entries(), 2);
	assert.ok(checkHeap(kernel).allocatedBytes - before < 5 << 20);
});

scarcity("a record of a log that there is no room for is not applied in part", () => {
	const kernel = newKernel();
	const { record } = kernel;
	const memtable = kernel.createMemtable(0);
	const operations = [1, 2, 3].map((index) => putOperation(keyOf(index), Buffer.alloc(9000, "v")));
	const { length, entries } = encodeOperations(record, operations);
	const sealed = record.seal(length, 1, 0, { low: 1, high: 2 });
	const log = kernel.createLogBuffer();
	log.reserve(sealed.length);
	const { result } = kernel;
	log.bytes.set(result.bytes.subarray(result.at, result.at + result.length), log.at);
	const kept = checkHeap(kernel).allocatedBytes;
	const release = hoard(kernel, 100);
	assert.is(
		unlessRefused(() => log.apply(0, entries, memtable, 1)),
		undefined,
	);
	release();
	assert.is(checkHeap(kernel).allocatedBytes, kept);
	assert.is(memtable.entries(), 0);
	log.apply(0, entries, memtable, 1);
	assert.is(memtable.entries(), 3);
	log.free();
	memtable.free();
});

scarcity("a range deletion of a transaction over many others", () => {
	let refusals = 0;
	// So many that now and then the room that they were given is just used up.
	for (let count = 10; count < 400; count += 37) {
		const kernel = newKernel();
		refusals += sweep(
			kernel,
			(before) => {
				const overlay = kernel.createOverlay();
				try {
					for (let index = 0; index < count; index++)
						overlay.write(deleteRangeOperation({ lower: keyOf(2 * index), upper: keyOf(2 * index + 1) }));
					before();
					overlay.write(deleteRangeOperation({ lower: keyOf(0), upper: keyOf(999) }));
					return `${overlay.writes}`;
				} finally {
					overlay.free();
				}
			},
			64,
		);
	}
	assert.ok(refusals > 100, `${refusals}`);
});

scarcity.run();
