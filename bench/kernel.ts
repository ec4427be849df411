/*
 * What single kernel operations cost, without files: hash, memtable, block search, scan pages.
 *
 *   node dist/bench/kernel.js [--smoke]
 *
 * Each line ends with a check value of what the operation answered, so that a fast wrong answer shows.
 */
import { parseArgs } from "node:util";
import Benchmark from "benchmark";
import { openSync } from "../host/index.js";
import { WasmKernel } from "../host/kernel/index.js";
import { randomSource, shuffled } from "./support.js";

const { values: flags } = parseArgs({ options: { smoke: { type: "boolean", default: false } } });
const ENTRIES = flags.smoke ? 1000 : 100_000;
const MEMORY_BYTES = 2 ** 30;

const kernel = new WasmKernel({ memoryBytes: MEMORY_BYTES, blockCacheBytes: 1 << 20 });
const seed = { low: 0, high: 0 };
const order = shuffled(ENTRIES, randomSource(7));
const keys = Array.from(order, (index) => String(index).padStart(16, "0"));
const value = "v".repeat(100);

/** A database whose entries are all in the memtable, or all in one table that fits the cache. */
function filled(where: "memtable" | "table") {
	const db = openSync(":memory:", { memtableBytes: 256 << 20, blockCacheBytes: 256 << 20, background: "inline" });
	for (const key of keys) db.putSync(key, value);
	return where === "memtable" ? Promise.resolve(db) : db.compact().then(() => db);
}

const inMemtable = await filled("memtable");
const inTable = await filled("table");
const fresh = openSync(":memory:", { memtableBytes: 1 << 30 });
let turn = 0;
let inserted = 0;
let check: unknown;

/** `per`: operations of one call. */
const cases: readonly { readonly name: string; readonly per: number; run(): void }[] = [
	...[16, 4096, 1 << 20].map((length) => {
		const bytes = Buffer.alloc(length, "wlsm");
		return {
			name: `XXH64 of ${length} bytes, copied in`,
			per: 1,
			run: () => {
				check = kernel.hash(bytes, seed).low;
			},
		};
	}),
	{
		name: "put, random keys, log in memory",
		per: 1,
		run: () => {
			fresh.putSync(keys[inserted++ % ENTRIES] as string, value);
			check = inserted;
		},
	},
	{
		name: "get from the memtable, random",
		per: 1,
		run: () => {
			check = inMemtable.getSync(keys[turn++ % ENTRIES] as string)?.length;
		},
	},
	{
		name: "get from a cached table, random",
		per: 1,
		run: () => {
			check = inTable.getSync(keys[turn++ % ENTRIES] as string)?.length;
		},
	},
	{
		name: "get of a missing key from a table",
		per: 1,
		run: () => {
			check = inTable.getSync(`${keys[turn++ % ENTRIES]}x`) === undefined;
		},
	},
	{
		name: "scan of the memtable, keys and values",
		per: ENTRIES,
		run: () => {
			let count = 0;
			for (const [, text] of inMemtable.entries()) count += text.length;
			check = count;
		},
	},
	{
		name: "scan of the table, keys and values",
		per: ENTRIES,
		run: () => {
			let count = 0;
			for (const [, text] of inTable.entries()) count += text.length;
			check = count;
		},
	},
];

for (const { name, per, run } of cases) {
	if (flags.smoke) {
		run();
		console.log(`${name}: check ${check}`);
		continue;
	}
	const benchmark = new Benchmark(name, run).run();
	const nanoseconds = (1e9 * benchmark.stats.mean) / per;
	console.log(`${name}: ${nanoseconds.toFixed(0)} ns ±${benchmark.stats.rme.toFixed(1)} %, check ${check}`);
}
for (const db of [inMemtable, inTable, fresh]) await db.close();
