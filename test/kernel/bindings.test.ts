/* What `wlsm/kernel` offers beside the engine's own contract: the kernel for programs of one's own. */
import { Buffer } from "node:buffer";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
	applyBatch,
	type BuiltTable,
	buildTables,
	createKernel,
	deleteOperation,
	deleteRangeOperation,
	format,
	getValue,
	type Kernel,
	type Operation,
	putOperation,
	type ReadTable,
	scanEntries,
	type WlsmError,
} from "../../host/kernel/index.js";
import { randomEntries, sorted, visible } from "../support/entries.js";
import { text } from "../support/kernel.js";
import { bothKernels, type KernelName } from "../support/kernels.js";
import { Random } from "../support/random.js";

const test = suite("bindings");
const MEMORY_BYTES = 64 << 20;
const bytesOf = (text: string) => Buffer.from(text, "latin1");
const textOf = (value: Uint8Array | undefined) => (value === undefined ? undefined : text(value));
const newKernel = (name: KernelName, memoryBytes = MEMORY_BYTES) =>
	createKernel(name, { memoryBytes, blockCacheBytes: 1 << 16 });
const coded = (code: string, word: RegExp) => (error: Error) =>
	(error as WlsmError).code === code && word.test(error.message);

function reader(tables: readonly BuiltTable[]): ReadTable {
	return (file, offset, target) => {
		const found = tables.find(({ description }) => description.file === file);
		if (found === undefined) throw new Error(`there is no file ${file}`);
		target.set(found.bytes.subarray(offset, offset + target.length));
	};
}

bothKernels(test, "memtables and tables answer as a sorted map does, at any moment", (name) => {
	for (let seed = 1; seed <= 6; seed++) {
		const random = new Random(seed);
		const kernel = newKernel(name);
		const before = kernel.memoryUse().allocatedBytes;
		const entries = randomEntries(random, random.pick([1, 60, 1200]));
		const operations = entries.map(({ key, value }) =>
			value === undefined ? deleteOperation(key) : putOperation(key, value),
		);
		const memtable = kernel.createMemtable(random.pick([0, 4096]));
		for (let at = 0; at < operations.length; at += 100)
			applyBatch(kernel, memtable, operations.slice(at, at + 100), at + 1);
		const middle = entries.length >> 1;
		const tables = buildTables(kernel, {
			memtables: [memtable],
			snapshots: [middle],
			tableBytes: 4096,
			blockBytes: 256,
		});
		const handles = tables.map(({ description }) => kernel.createTable(description));
		const inMemory = kernel.createSuperversion([memtable], []);
		const onDisk = kernel.createSuperversion([], [[], handles]);
		for (const sequence of [undefined, middle]) {
			const state = visible(entries, sequence ?? entries.length);
			for (const superversion of [inMemory, onDisk]) {
				const view = { read: reader(tables), ...(sequence === undefined ? {} : { sequence }) };
				const found = [...scanEntries(kernel, superversion, view)].map(([key, value]) => [text(key), text(value)]);
				assert.equal(found, sorted(state));
				const reversed = [...scanEntries(kernel, superversion, { ...view, reverse: true })];
				assert.equal(
					reversed.map(([key]) => text(key)).reverse(),
					found.map(([key]) => key),
				);
				for (const { key } of entries.slice(0, 100))
					assert.is(textOf(getValue(kernel, superversion, key, view)), state.get(text(key)));
			}
		}
		inMemory.free();
		onDisk.free();
		for (const handle of handles) handle.free();
		memtable.free();
		assert.is(kernel.memoryUse().allocatedBytes - kernel.memoryUse().cacheBytes, before);
	}
});

bothKernels(test, "ranges, deletions of ranges, moments of expiry and overlays are minded", (name) => {
	const kernel = newKernel(name);
	const memtable = kernel.createMemtable(0);
	const put = (key: string, expiry?: number) => putOperation(bytesOf(key), bytesOf(`${key}!`), expiry);
	applyBatch(kernel, memtable, [put("a"), put("b", 1000), put("c"), put("d")], 1);
	applyBatch(kernel, memtable, [deleteRangeOperation({ lower: bytesOf("c"), upper: bytesOf("d") })], 5);
	applyBatch(kernel, memtable, [], 6);
	const superversion = kernel.createSuperversion([memtable], []);
	const keys = (options: object) => [...scanEntries(kernel, superversion, options)].map(([key]) => text(key)).join("");
	assert.is(keys({ now: 999 }), "abd");
	assert.is(keys({ now: 1000 }), "ad");
	assert.is(keys({}), "ad");
	assert.is(keys({ now: 0, sequence: 4 }), "abcd");
	assert.is(keys({ now: 0, lower: bytesOf("b"), upper: bytesOf("d") }), "b");
	assert.is(keys({ now: 0, upper: bytesOf("d"), reverse: true }), "ba");
	assert.is(textOf(getValue(kernel, superversion, bytesOf("b"), { now: 999 })), "b!");
	assert.is(getValue(kernel, superversion, bytesOf("b"), { now: 1000 }), undefined);
	assert.is(getValue(kernel, superversion, bytesOf("c")), undefined);
	const overlay = kernel.createOverlay();
	overlay.write(put("bb"));
	overlay.write(deleteOperation(bytesOf("a")));
	assert.is(keys({ overlay }), "bbd");
});

bothKernels(test, "a read may use the kernel in between, and end with an error", (name) => {
	const kernel = newKernel(name);
	const memtable = kernel.createMemtable(0);
	const key = (number: number) => bytesOf(`key ${number}`);
	applyBatch(
		kernel,
		memtable,
		Array.from({ length: 500 }, (_, i) => putOperation(key(i), key(2 * i))),
		1,
	);
	const [table] = buildTables(kernel, {
		memtables: [memtable],
		blockBytes: 512,
		databaseId: new Uint8Array(8).fill(7),
	});
	if (table === undefined) throw new Error("there is no table");
	const handle = kernel.createTable(table.description);
	const tables = kernel.createSuperversion([], [[handle]]);
	const memory = kernel.createSuperversion([memtable], []);
	const read: ReadTable = (file, offset, target) => {
		assert.is(textOf(getValue(kernel, memory, key(400))), "key 800");
		reader([table])(file, offset, target);
	};
	for (const number of [3, 77, 499])
		assert.is(textOf(getValue(kernel, tables, key(number), { read })), `key ${2 * number}`);
	assert.is([...scanEntries(kernel, tables, { read })].length, 500);
	const failing: ReadTable = () => {
		throw new Error("no such disk");
	};
	const other = kernel.createTable(table.description);
	const unread = kernel.createSuperversion([], [[other]]);
	const used = kernel.memoryUse().allocatedBytes;
	assert.throws(() => getValue(kernel, unread, key(1), { read: failing }), /no such disk/);
	assert.throws(() => [...scanEntries(kernel, unread, { read: failing })], /no such disk/);
	assert.throws(() => buildTables(kernel, { runs: [[other]], read: failing }), /no such disk/);
	assert.throws(() => getValue(kernel, unread, key(1)), coded("WLSM_INVALID_ARGUMENT", /table file 1 .*read\(file/));
	assert.is(kernel.memoryUse().allocatedBytes, used);
	const flip: ReadTable = (file, offset, target) => {
		reader([table])(file, offset, target);
		target[target.length - 20] = (target[target.length - 20] as number) ^ 1;
	};
	const isDamaged = (error: WlsmError) => coded("WLSM_CORRUPTION", /file 1 .* offset \d+/)(error) && error.file === "1";
	assert.throws(() => getValue(kernel, unread, key(1), { read: flip }), isDamaged as never);
	assert.throws(() => [...scanEntries(kernel, unread, { read: flip })], isDamaged as never);
	assert.throws(() => buildTables(kernel, { runs: [[other]], read: flip }), isDamaged as never);
	assert.is(kernel.memoryUse().allocatedBytes, used);
});

bothKernels(test, "what no kernel may be told is refused, and changes nothing", (name) => {
	const kernel = newKernel(name);
	const memtable = kernel.createMemtable(0);
	const superversion = kernel.createSuperversion([memtable], []);
	const [a, b] = [bytesOf("a"), bytesOf("b")];
	const long = Buffer.alloc(format.KEY_MAX_BYTES + 1);
	const wrong: readonly (readonly [RegExp, Operation])[] = [
		[/key has 65537 bytes/, putOperation(long, a)],
		[/key has 65537 bytes/, deleteOperation(long)],
		[/key is a Uint8Array/, putOperation("a" as never, a)],
		[/range is empty/, deleteRangeOperation({ lower: b, upper: a })],
		[/range is empty/, deleteRangeOperation({ lower: a, upper: a })],
		[/range is empty/, deleteRangeOperation({ lower: bytesOf(""), upper: a })],
		[/deletion's value/, { kind: format.KIND_DELETE, key: a, value: b }],
		[/moment of expiry/, { kind: format.KIND_PUT_EXPIRING, key: a, value: b }],
		[/moment of expiry/, { kind: format.KIND_PUT_EXPIRING, key: a, value: new Uint8Array(8).fill(255) }],
		[/of kind 4/, { kind: 4, key: a, value: b }],
	];
	for (const [word, operation] of wrong)
		assert.throws(
			() => applyBatch(kernel, memtable, [putOperation(a, b), operation], 1),
			coded("WLSM_INVALID_ARGUMENT", word),
		);
	for (const sequence of [-1, 0.5, 2 ** 53, Number.NaN]) {
		const isRefused = coded("WLSM_INVALID_ARGUMENT", /sequence number/);
		assert.throws(() => applyBatch(kernel, memtable, [putOperation(a, b)], sequence), isRefused);
		assert.throws(() => getValue(kernel, superversion, a, { sequence }), isRefused);
		assert.throws(() => scanEntries(kernel, superversion, { sequence }), isRefused);
	}
	const isRefused = coded("WLSM_INVALID_ARGUMENT", /./);
	assert.throws(() => getValue(kernel, superversion, long), isRefused);
	assert.throws(
		() => scanEntries(kernel, superversion, { lower: Buffer.alloc(format.BOUND_MAX_BYTES + 1) }),
		isRefused,
	);
	for (const options of [{ firstFile: 0 }, { blockBytes: 0 }, { bitsPerKey: 33 }, { tableBytes: 0 }, { databaseId: a }])
		assert.throws(() => buildTables(kernel, { memtables: [memtable], ...options }), isRefused);
	assert.is(memtable.entries(), 0);
	assert.equal(buildTables(kernel, { memtables: [memtable] }), []);
});

bothKernels(test, "a batch for which there is no memory leaves the memtable as it was", (name) => {
	const kernel: Kernel = newKernel(name, 4 << 20);
	const memtable = kernel.createMemtable(0);
	const value = Buffer.alloc(1 << 20);
	applyBatch(kernel, memtable, [putOperation(bytesOf("a"), value)], 1);
	const large = Array.from({ length: 4 }, (_, index) => putOperation(bytesOf(`b${index}`), value));
	assert.throws(() => applyBatch(kernel, memtable, large, 2), coded("WLSM_OUT_OF_MEMORY", /memory/));
	assert.is(memtable.entries(), 1);
	applyBatch(kernel, memtable, [deleteOperation(bytesOf("a"))], 2);
	const superversion = kernel.createSuperversion([memtable], []);
	assert.is(getValue(kernel, superversion, bytesOf("a")), undefined);
});

test.run();
