import { Buffer } from "node:buffer";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { KIND_PUT, RECORD_HEADER_BYTES } from "../../assembly/shared/format.js";
import { WlsmError } from "../../host/errors.js";
import { type Kernel, type Superversion, type Table, WasmKernel } from "../../host/kernel/index.js";
import { thrown } from "../support/database.js";
import {
	checkMemory,
	type Entry,
	get,
	insert,
	newKernel,
	newWasmKernel,
	runJob,
	scan,
	type TableFiles,
} from "../support/kernel.js";
import { bothKernels } from "../support/kernels.js";
import { withPatched } from "../support/patched.js";

const budget = suite("budget");

const COUNT = 20_000;
const key = (number: number) => Buffer.from(`key ${String(number).padStart(6, "0")}`);
const value = (number: number) => Buffer.from(`value ${number} `.repeat(10));

/** Tables of COUNT entries: about 2.5 MB of blocks. */
function build(bitsPerKey = 10): { files: TableFiles; tables: ReturnType<typeof runJob> } {
	const kernel = newKernel("wasm");
	const memtable = kernel.createMemtable(4096);
	const entries = Array.from({ length: COUNT }, (_, number) => ({ key: key(number), value: value(number) }));
	for (let at = 0; at < COUNT; at += 1000) insert(kernel, memtable, entries.slice(at, at + 1000), at + 1);
	const tables = runJob(kernel, {
		memtables: [memtable],
		blockBytes: 1024,
		bitsPerKey,
		compression: "none",
		tableBytes: 1 << 19,
	});
	return { files: new Map(tables.map(({ description, bytes }) => [description.file, bytes])), tables };
}

function openTables(kernel: Kernel, tables: ReturnType<typeof runJob>): [Superversion, Table[]] {
	const handles = tables.map(({ description }) => kernel.createTable(description));
	return [kernel.createSuperversion([], [[], handles]), handles];
}

function readAll(kernel: Kernel, superversion: Superversion, files: TableFiles, step = 3): void {
	for (let number = 0; number < COUNT; number += step) {
		assert.equal(get(kernel, superversion, key(number), files), new Uint8Array(value(number)));
	}
}

bothKernels(
	budget,
	"filters and indexes of open tables count against the cache, and leave a quarter of it to blocks",
	(name) => {
		const { files, tables } = build();
		const tails = tables.reduce((sum, { description }) => sum + description.tailLength, 0);
		assert.ok(tables.length > 3 && tails > 80_000, `${tables.length} tables, tails of ${tails} bytes`);
		for (const cacheBytes of [0, tails >> 1, 2 * tails, 8 << 20]) {
			const kernel = newKernel(name, cacheBytes);
			const [superversion, handles] = openTables(kernel, tables);
			assert.is(kernel.memoryUse().tableBytes, 0);
			for (let round = 0; round < 2; round++) {
				readAll(kernel, superversion, files);
				const use = kernel.memoryUse();
				assert.ok(use.tableBytes >= tails && use.tableBytes < 1.5 * tails, `${use.tableBytes} of ${tails}`);
				const left = Math.max(cacheBytes >> 2, cacheBytes - use.tableBytes);
				assert.ok(use.cacheBytes <= left, `${use.cacheBytes} bytes of blocks where ${left} are left`);
				assert.ok(cacheBytes === 0 || use.cacheBytes > Math.min(left, 2_000_000) * 0.8, `${use.cacheBytes} of ${left}`);
			}
			superversion.free();
			for (const handle of handles) handle.free();
			assert.is(kernel.memoryUse().tableBytes, 0);
			// The row cache stays.
			assert.ok(kernel.memoryUse().cacheBytes < 500_000);
		}
	},
);

bothKernels(budget, "a table that is opened while the cache is full makes blocks give way", (name) => {
	const { files, tables } = build();
	const [last] = tables.slice(-1);
	if (last === undefined) throw new Error("no table");
	const kernel = newKernel(name, 1 << 20);
	const [most] = openTables(kernel, tables.slice(0, -1));
	for (let number = 0; number < COUNT / 2; number++) get(kernel, most, key(number), files);
	const before = kernel.memoryUse();
	assert.ok(before.cacheBytes + before.tableBytes > 1_000_000);
	const table = kernel.createTable(last.description);
	const only = kernel.createSuperversion([], [[table]]);
	// The filter rejects it: the tail is read and no block.
	assert.is(get(kernel, only, Buffer.from("key 019998x"), files), undefined);
	const after = kernel.memoryUse();
	assert.ok(after.tableBytes > before.tableBytes);
	assert.ok(after.cacheBytes + after.tableBytes <= 1 << 20);
});

bothKernels(budget, "memtables and overlays are counted, and given back", (name) => {
	const kernel = newKernel(name);
	const start = kernel.memoryUse().memtableBytes;
	const memtable = kernel.createMemtable(1 << 16);
	const overlay = kernel.createOverlay();
	for (let number = 0; number < 2000; number++) {
		insert(kernel, memtable, [{ key: key(number), value: value(number) }], number + 1);
		overlay.write({ kind: KIND_PUT, key: key(number), value: value(number) });
	}
	const { memtableBytes } = kernel.memoryUse();
	assert.ok(memtableBytes - start >= 2 * memtable.bytes() + (1 << 16) - 4096, `${memtableBytes}`);
	overlay.free();
	memtable.free();
	assert.is(kernel.memoryUse().memtableBytes, start);
});

/** Calls until memory is used up; answers how often it went well. */
function untilRefused(work: (count: number) => void): number {
	for (let count = 0; ; count++) {
		try {
			work(count);
		} catch (error) {
			if (error instanceof WlsmError && error.code === "WLSM_OUT_OF_MEMORY") return count;
			throw error;
		}
	}
}

const LIMIT_BYTES = 3 << 20;
/** More blocks than the memory has room for. */
const CACHE_BYTES = 8 << 20;

/** Fills the kernel's memory with cached blocks. */
function fillWithBlocks(kernel: Kernel, files: TableFiles, tables: ReturnType<typeof runJob>): Superversion {
	const [superversion] = openTables(kernel, tables);
	readAll(kernel, superversion, files, 1);
	const { cacheBytes, allocatedBytes } = kernel.memoryUse();
	assert.ok(cacheBytes > 1_500_000 && allocatedBytes <= LIMIT_BYTES, `${cacheBytes} bytes of blocks`);
	return superversion;
}

bothKernels(budget, "at the limit of the memory cached blocks make way for whatever takes room", (name) => {
	const { files, tables } = build();
	const works: Record<string, (kernel: Kernel) => (count: number) => void> = {
		"a batch": (kernel) => {
			const memtable = kernel.createMemtable(4096);
			const entries: Entry[] = [{ key: key(1), value: Buffer.alloc(20_000) }];
			return (count) => insert(kernel, memtable, entries, count + 1);
		},
		"a memtable's filter": (kernel) => () => void kernel.createMemtable(100_000),
		"an overlay": (kernel) => {
			const overlay = kernel.createOverlay();
			return (count) => overlay.write({ kind: KIND_PUT, key: key(count), value: Buffer.alloc(20_000) });
		},
		"a table's tail": (kernel) => () => {
			const [superversion] = openTables(kernel, tables);
			get(kernel, superversion, Buffer.from("key 000010x"), files);
		},
	};
	// What else takes room in the module are objects of the runtime in the twin, which nobody counts.
	if (name === "wasm") {
		works["a superversion"] = (kernel) => {
			const table = kernel.createTable((tables[0] as (typeof tables)[0]).description);
			return () => void kernel.createSuperversion([], [Array.from({ length: 5000 }, () => table)]);
		};
		works["a job"] = (kernel) => {
			const jobs = {
				snapshots: [],
				now: 0,
				blockBytes: 4096,
				bitsPerKey: 10,
				compression: "lz4",
				tableBytes: 1,
			} as const;
			const rest = { memtables: [], runs: [], below: undefined, databaseId: new Uint8Array(8) };
			return () => void kernel.createJob({ ...jobs, ...rest });
		};
	}
	for (const [what, work] of Object.entries(works)) {
		const kernel = newKernel(name, CACHE_BYTES, LIMIT_BYTES);
		const superversion = fillWithBlocks(kernel, files, tables);
		const done = untilRefused(work(kernel));
		assert.ok(done > 5, `${what}: ${done}`);
		const { cacheBytes, allocatedBytes } = kernel.memoryUse();
		// The row cache stays: at most a fifth of what blocks took.
		assert.ok(cacheBytes < 500_000, `${what}: ${cacheBytes} bytes of blocks`);
		// How many blocks a table has is known to the twin only when its tail is there.
		assert.ok(allocatedBytes <= LIMIT_BYTES + 10_000, `${what}: ${allocatedBytes} bytes`);
		checkMemory(kernel);
		superversion.free();
	}
});

/** The module with its memory full of cached blocks, and that of another thread over the same memory. */
function fullOfBlocks(files: TableFiles, tables: ReturnType<typeof runJob>): [WasmKernel, Superversion, WasmKernel] {
	const kernel = newWasmKernel(CACHE_BYTES, LIMIT_BYTES);
	const other = new WasmKernel("background", kernel.memory);
	return [kernel, fillWithBlocks(kernel, files, tables), other];
}

budget("what can never fit evicts nothing", () => {
	const { files, tables } = build();
	const [kernel, superversion] = fullOfBlocks(files, tables);
	const { cacheBytes } = kernel.memoryUse();
	assert.is(kernel.exports.allocate(64 << 20), 0);
	assert.is(kernel.memoryUse().cacheBytes, cacheBytes);
	superversion.free();
});

budget("another thread takes the room there is, and leaves the cache alone", () => {
	const { files, tables } = build();
	const [kernel, superversion, other] = fullOfBlocks(files, tables);
	const { cacheBytes, tableBytes, memtableBytes } = kernel.memoryUse();
	const [otherView] = openTables(other, tables);
	untilRefused(() => {
		other.allocate(1000);
	});
	assert.equal(
		{ ...kernel.memoryUse(), allocatedBytes: 0, memoryBytes: 0 },
		{ ...kernel.memoryUse(), cacheBytes, tableBytes, memtableBytes, allocatedBytes: 0, memoryBytes: 0 },
	);
	otherView.free();
	// What is cached is right still.
	readAll(kernel, superversion, files, 50);
	superversion.free();
});

bothKernels(budget, "many large runs are merged, and read side by side, within little memory", (name) => {
	const RUNS = 16;
	const all: ReturnType<typeof runJob> = [];
	const writer = newKernel(name);
	const perRun = 3000;
	for (let run = 0; run < RUNS; run++) {
		const memtable = writer.createMemtable(4096);
		const numbers = Array.from({ length: perRun }, (_, index) => index * RUNS + run);
		const entries = numbers.map((number) => ({ key: key(number), value: value(number) }));
		for (let at = 0; at < perRun; at += 1000)
			insert(writer, memtable, entries.slice(at, at + 1000), 1 + run * perRun + at);
		all.push(...runJob(writer, { memtables: [memtable], compression: "none" }, new Map(), run + 1));
		memtable.free();
	}
	const files: TableFiles = new Map(all.map(({ description, bytes }) => [description.file, bytes]));
	const kernel = newKernel(name, 0, LIMIT_BYTES);
	const handles = all.map(({ description }) => kernel.createTable(description));
	const merged = runJob(kernel, { runs: handles.map((handle) => [handle]), tableBytes: 1 << 19 }, files, RUNS + 1);
	assert.is(
		merged.reduce((sum, { description }) => sum + description.entries, 0),
		RUNS * perRun,
	);
	const superversion = kernel.createSuperversion([], [handles]);
	assert.is(scan(kernel, superversion, files, { pageEntries: 1000, pageBytes: 1 << 17 }).length, RUNS * perRun);
	checkMemory(kernel);
	superversion.free();
	for (const handle of handles) handle.free();
});

/** Refuses buffers of a size, as the runtime does where it has no room. */
function refusing(length: number): (original: typeof Buffer.allocUnsafeSlow) => typeof Buffer.allocUnsafeSlow {
	return (original) => (size) => {
		if (size === length) throw new RangeError("Array buffer allocation failed");
		return original(size);
	};
}

budget("what the runtime refuses the twin is memory used up, and nothing is changed", () => {
	const kernel = newKernel("ts");
	const length = 2_000_000;
	const room = length + RECORD_HEADER_BYTES + 8;
	withPatched(Buffer, "allocUnsafeSlow", refusing(room), () => {
		const error = thrown(() => kernel.record.reserve(length), "WLSM_OUT_OF_MEMORY");
		assert.instance(error.cause, RangeError);
		kernel.record.reserve(100);
	});
	kernel.record.reserve(length);
	assert.ok(kernel.record.bytes.length >= room);
});

budget("a commit is made though there is no room for a smaller buffer after it", () => {
	const kernel = newKernel("ts");
	const memtable = kernel.createMemtable(0);
	const large = Buffer.alloc(3 << 20, 1);
	const put = (text: string, sequence: number) =>
		insert(kernel, memtable, [{ key: Buffer.from(text), value: large }], sequence);
	withPatched(Buffer, "allocUnsafeSlow", refusing(1 << 20), () => put("a", 1));
	assert.ok(kernel.record.bytes.length > 3 << 20);
	put("b", 2);
	assert.is(kernel.record.bytes.length, 1 << 20);
	const superversion = kernel.createSuperversion([memtable], []);
	for (const text of ["a", "b"])
		assert.ok(large.equals(get(kernel, superversion, Buffer.from(text), new Map()) ?? key(0)));
});

budget.run();
