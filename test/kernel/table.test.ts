import { Buffer } from "node:buffer";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { randomEntries, sorted, visible } from "../support/entries.js";
import { checkMemory, type Entry, get, insert, NEWEST, newKernel, runJob, scan, text } from "../support/kernel.js";
import { bothKernels } from "../support/kernels.js";
import { Random } from "../support/random.js";

const bytesOf = (text: string) => Buffer.from(text, "latin1");

const memtables = suite("memtable");

bothKernels(memtables, "keeps order and versions, whatever the order of insertion", (name) => {
	for (let seed = 1; seed <= 20; seed++) {
		const random = new Random(seed);
		const kernel = newKernel(name);
		const before = checkMemory(kernel);
		const entries = randomEntries(random, random.pick([1, 2, 50, 3000]));
		if (seed % 5 === 0) entries.sort((a, b) => Buffer.compare(a.key, b.key));
		const memtable = kernel.createMemtable(random.pick([0, 64, 4096]));
		// In batches of any size: each reserves its room beforehand.
		for (let at = 0; at < entries.length; ) {
			const size = random.between(1, 40);
			insert(kernel, memtable, entries.slice(at, at + size), at + 1);
			at += size;
		}
		const superversion = kernel.createSuperversion([memtable], []);
		assert.is(memtable.entries(), entries.length);
		for (const sequence of [NEWEST, entries.length, entries.length >> 1, 0]) {
			const expected = sorted(visible(entries, sequence));
			assert.equal(scan(kernel, superversion, new Map(), { sequence }), expected);
			assert.equal(scan(kernel, superversion, new Map(), { sequence, reverse: true }), expected.toReversed());
			for (const { key } of entries.slice(0, 200)) {
				const value = get(kernel, superversion, key, new Map(), sequence);
				const wanted = visible(entries, sequence).get(text(key));
				assert.is(value === undefined ? undefined : Buffer.from(value).toString("latin1"), wanted);
			}
		}
		superversion.free();
		memtable.free();
		assert.is(checkMemory(kernel), before);
	}
});

bothKernels(memtables, "read backwards, versions that newer ones replace do not count for what is ASCII", (name) => {
	const kernel = newKernel(name);
	const memtable = kernel.createMemtable(0);
	for (const [index, value] of ["é", "plain", "plain too"].entries()) {
		insert(kernel, memtable, [{ key: bytesOf("key"), value: Buffer.from(value) }], index + 1);
	}
	const superversion = kernel.createSuperversion([memtable], []);
	for (const [sequence, ascii] of [
		[1, false],
		[2, true],
		[3, true],
	] as const) {
		assert.is(scan(kernel, superversion, new Map(), { sequence, reverse: true }).length, 1);
		assert.is(kernel.page.ascii, ascii, `as of ${sequence}`);
	}
	superversion.free();
	memtable.free();
});

const tables = suite("tables");

interface Shape {
	readonly blockBytes: number;
	readonly bitsPerKey: number;
	readonly compression: "none" | "lz4";
	readonly cacheBytes: number;
}

const shapes: Shape[] = [];
for (const blockBytes of [64, 1024, 65_536]) {
	for (const bitsPerKey of [0, 10]) {
		for (const compression of ["none", "lz4"] as const) {
			for (const cacheBytes of [0, 1 << 16]) shapes.push({ blockBytes, bitsPerKey, compression, cacheBytes });
		}
	}
}

bothKernels(tables, "give back what was flushed into them, versions for snapshots included", (name) => {
	for (const [index, shape] of shapes.entries()) {
		const random = new Random(index + 1);
		const kernel = newKernel(name, shape.cacheBytes);
		const entries = randomEntries(random, random.pick([1, 10, 1500]));
		const memtable = kernel.createMemtable(0);
		insert(kernel, memtable, entries, 1);
		const snapshot = entries.length >> 1;
		const [table] = runJob(kernel, { ...shape, memtables: [memtable], snapshots: [snapshot] });
		assert.ok(table !== undefined);
		memtable.free();
		const { description, bytes } = table;
		assert.is(description.size, bytes.length);
		const files = new Map([[description.file, bytes]]);
		const handle = kernel.createTable(description);
		for (const level of [0, 1]) {
			const superversion = kernel.createSuperversion([], level === 0 ? [[handle]] : [[], [handle]]);
			for (const sequence of [NEWEST, snapshot]) {
				const state = visible(entries, sequence);
				const expected = sorted(state);
				for (const pageEntries of [1, 7, 1000]) {
					assert.equal(scan(kernel, superversion, files, { sequence, pageEntries }), expected);
					const reversed = scan(kernel, superversion, files, { sequence, pageEntries, reverse: true });
					assert.equal(reversed, expected.toReversed());
				}
				for (const { key } of entries.slice(0, 300)) {
					const value = get(kernel, superversion, key, files, sequence);
					const found = value === undefined ? undefined : Buffer.from(value).toString("latin1");
					assert.is(found, state.get(text(key)));
				}
				const keys = expected.map(([key]) => key);
				for (let round = 0; round < 20 && keys.length > 0; round++) {
					const [a, b] = [random.pick(keys), random.pick(keys)].sort();
					const bounds = { lower: bytesOf(a as string), upper: bytesOf(b as string) };
					const within = expected.filter(([key]) => key >= (a as string) && key < (b as string));
					assert.equal(scan(kernel, superversion, files, { sequence, ...bounds }), within);
					assert.equal(scan(kernel, superversion, files, { sequence, ...bounds, reverse: true }), within.toReversed());
				}
			}
			superversion.free();
		}
		handle.free();
		checkMemory(kernel);
	}
});

bothKernels(tables, "merged: newer runs win, dead versions and tombstones go, outputs do not overlap", (name) => {
	for (let seed = 1; seed <= 8; seed++) {
		const random = new Random(seed);
		const kernel = newKernel(name);
		const entries = randomEntries(random, 3000);
		const files = new Map<number, Uint8Array>();
		const parts = 5;
		const runs = [];
		for (let part = 0; part < parts; part++) {
			const memtable = kernel.createMemtable(0);
			insert(kernel, memtable, entries.slice(part * 600, part * 600 + 600), part * 600 + 1);
			const [table] = runJob(kernel, { memtables: [memtable] }, files, part + 1);
			memtable.free();
			if (table === undefined) throw new Error("nothing was flushed");
			files.set(table.description.file, table.bytes);
			runs.unshift([kernel.createTable(table.description)]);
		}
		const below = kernel.createSuperversion([], []);
		const options = { runs, below: { superversion: below, level: 2 }, tableBytes: 4096, blockBytes: 256 };
		const merged = runJob(kernel, options, files, 100);
		assert.ok(merged.length > 1);
		const expected = sorted(visible(entries, NEWEST));
		assert.is(
			merged.reduce((sum, { description }) => sum + description.entries, 0),
			expected.length,
		);
		assert.is(
			merged.reduce((sum, { description }) => sum + description.deletions, 0),
			0,
		);
		for (const [index, { description }] of merged.entries()) {
			files.set(description.file, merged[index]?.bytes as Uint8Array);
			const next = merged[index + 1]?.description;
			if (next !== undefined) assert.ok(Buffer.compare(description.largest, next.smallest) < 0);
		}
		const handles = merged.map(({ description }) => kernel.createTable(description));
		const superversion = kernel.createSuperversion([], [[], handles]);
		assert.equal(scan(kernel, superversion, files), expected);
		assert.equal(scan(kernel, superversion, files, { reverse: true, pageEntries: 3 }), expected.toReversed());
		for (const [key, value] of expected.slice(0, 300)) {
			assert.is(Buffer.from(get(kernel, superversion, bytesOf(key), files) ?? "").toString("latin1"), value);
		}
		checkMemory(kernel);
	}
});

bothKernels(tables, "a value of 20 MB, keys of 65,536 bytes", (name) => {
	const kernel = newKernel(name);
	const long = Buffer.alloc(65_536, "k");
	const entries: Entry[] = [
		{ key: long, value: Buffer.alloc(20_000_000, "compressible ") },
		{ key: Buffer.concat([long.subarray(1), Buffer.from("l")]), value: new Random(1).bytes(3_000_000) },
		{ key: Buffer.from("small"), value: Buffer.alloc(0) },
	];
	const memtable = kernel.createMemtable(0);
	insert(kernel, memtable, entries, 1);
	const [table] = runJob(kernel, { memtables: [memtable], blockBytes: 64 });
	if (table === undefined) throw new Error("nothing was flushed");
	assert.ok(table.bytes.length < 5_000_000, "the compressible one was compressed");
	const files = new Map([[table.description.file, table.bytes]]);
	const handle = kernel.createTable(table.description);
	const superversion = kernel.createSuperversion([], [[handle]]);
	for (const { key, value } of entries) {
		assert.ok(Buffer.compare(get(kernel, superversion, key, files) as Uint8Array, value as Uint8Array) === 0);
	}
	assert.is(scan(kernel, superversion, files).length, 3);
});

const filters = suite("filters");

bothKernels(filters, "never deny a key that is there, and let few others through", (name) => {
	for (const [bitsPerKey, most] of [
		[1, 0.8],
		[5, 0.15],
		[10, 0.015],
		[20, 0.001],
	] as const) {
		const kernel = newKernel(name);
		const count = 20_000;
		const key = (number: number) => Buffer.from(`key ${number}`);
		const memtable = kernel.createMemtable(0);
		// Even numbers are there, odd ones are not.
		const entries = Array.from({ length: count }, (_, number) => ({ key: key(2 * number), value: Buffer.from("v") }));
		insert(kernel, memtable, entries, 1);
		const [table] = runJob(kernel, { memtables: [memtable], bitsPerKey, compression: "none" });
		memtable.free();
		if (table === undefined) throw new Error("nothing was flushed");
		const files = new Map([[table.description.file, table.bytes]]);
		const superversion = kernel.createSuperversion([], [[kernel.createTable(table.description)]]);
		for (let number = 0; number < count; number += 7) {
			assert.ok(get(kernel, superversion, key(2 * number), files) !== undefined, `key ${2 * number}`);
		}
		const before = kernel.counters().filterFalsePositives;
		let asked = 0;
		for (let number = 10_001; number < 2 * count - 10_001; number += 2, asked++) {
			assert.is(get(kernel, superversion, key(number), files), undefined);
		}
		const rate = (kernel.counters().filterFalsePositives - before) / asked;
		assert.ok(rate < most, `${bitsPerKey} bits a key: ${rate} false positives`);
	}
});

memtables.run();
tables.run();
filters.run();
