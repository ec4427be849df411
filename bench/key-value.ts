/*
 * Point writes, batches, point reads and scans beside the peers: the same keys and values, contenders in turn, medians.
 *
 *   node dist/bench/key-value.js [--entries 300000] [--rounds 3] [--only wlsm,classic-level] [--smoke]
 *
 * Keys are 16 digits, values 100 bytes of which half compresses. Every read is checked.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { type Contender, contenders } from "./contenders.js";
import { median, randomSource, rate, seconds, shuffled } from "./support.js";

const { values: flags } = parseArgs({
	options: {
		entries: { type: "string", default: "300000" },
		rounds: { type: "string", default: "3" },
		only: { type: "string", default: "" },
		smoke: { type: "boolean", default: false },
	},
});
const entries = flags.smoke ? 2000 : Number(flags.entries);
const rounds = flags.smoke ? 1 : Number(flags.rounds);
/** One at a time is slow in most peers: a part of the entries is enough to tell the rate. */
const single = Math.min(entries, 50_000);
const BATCH = 1000;

const random = randomSource(42);
const key = (index: number) => String(index * 2).padStart(16, "0");
const missingKey = (index: number) => String(index * 2 + 1).padStart(16, "0");
const noise = Array.from({ length: 1024 }, () => String.fromCharCode(33 + Math.floor(random() * 90))).join("");
const value = (index: number) => {
	const at = (index * 31) % 960;
	return `${noise.slice(at, at + 50)}${"v".repeat(42)}${String(index).padStart(8, "0")}`;
};
const order = shuffled(entries, random);
// Made in the order in which they are used, so that the figures tell of the stores and not of the harness's cache misses.
const keys = Array.from(order, key);
const missingKeys = Array.from(order, missingKey);
const values = Array.from(order, value);

/** What is measured: a name, how many operations it does, and the work. */
interface Workload {
	readonly name: string;
	readonly operations: number;
	/** What not every contender has. */
	readonly needs?: "getSync" | "scanSync";
	run(store: Contender): void | Promise<void>;
}

function check(right: boolean, what: string): void {
	if (!right) throw new Error(`wrong answer: ${what}`);
}

const workloads: readonly Workload[] = [
	{
		name: "batch of 1000, random keys",
		operations: entries,
		async run(store) {
			for (let start = 0; start < entries; start += BATCH) {
				const batch: { key: string; value: string }[] = [];
				for (let position = start; position < Math.min(start + BATCH, entries); position++) {
					batch.push({ key: keys[position] as string, value: values[position] as string });
				}
				await store.batch(batch);
			}
		},
	},
	{
		name: "await put, random keys",
		operations: single,
		async run(store) {
			for (let position = 0; position < single; position++) {
				await store.put(keys[position] as string, values[position] as string);
			}
		},
	},
	{
		name: "await get, random",
		operations: single,
		async run(store) {
			for (let position = 0; position < single; position++) {
				check((await store.get(keys[position] as string)) === values[position], "get");
			}
		},
	},
	{
		name: "getSync, random, first time",
		needs: "getSync",
		operations: entries,
		run(store) {
			for (let position = 0; position < entries; position++) {
				check(store.getSync(keys[position] as string) === values[position], "getSync");
			}
		},
	},
	{
		name: "getSync, random, warm",
		needs: "getSync",
		operations: entries,
		run(store) {
			for (let position = 0; position < entries; position++) {
				check(store.getSync(keys[position] as string) === values[position], "getSync");
			}
		},
	},
	{
		name: "getSync, missing key",
		needs: "getSync",
		operations: entries,
		run(store) {
			for (let position = 0; position < entries; position++) {
				check(store.getSync(missingKeys[position] as string) === undefined, "missing");
			}
		},
	},
	{
		name: "scan, for await",
		operations: entries,
		async run(store) {
			check((await store.scan()) === entries, "scan");
		},
	},
	{
		name: "scan, synchronous",
		needs: "scanSync",
		operations: entries,
		run(store) {
			check(store.scanSync() === entries, "scanSync");
		},
	},
];

const names = flags.only === "" ? undefined : flags.only.split(",");
const makers = (await contenders()).filter(({ name }) => names === undefined || names.includes(name));
const figures = new Map<string, number[]>();
const figureKey = (workload: Workload, name: string) => `${workload.name} ${name}`;
for (let round = 0; round < rounds; round++) {
	for (const maker of makers) {
		const directory = mkdtempSync(join(tmpdir(), "wlsm-bench-"));
		const store = await maker.open(directory);
		for (const workload of workloads) {
			if (workload.needs !== undefined && !maker.has.includes(workload.needs)) continue;
			const took = await seconds(() => workload.run(store));
			const figure = figureKey(workload, maker.name);
			figures.set(figure, [...(figures.get(figure) ?? []), workload.operations / took]);
		}
		await store.close();
		rmSync(directory, { recursive: true });
	}
}

const peers = makers.slice(1);
const table = new Table({
	head: ["workload", ...makers.map(({ name }) => name), ...peers.map(({ name }) => `wlsm / ${name}`)],
	style: { head: [], border: [] },
});
for (const workload of workloads) {
	const rates = makers.map(({ name }) => median(figures.get(figureKey(workload, name)) ?? []));
	const ratios = rates.slice(1).map((peer) => (rates[0] as number) / peer);
	table.push([
		workload.name,
		...rates.map(rate),
		...ratios.map((ratio) => (Number.isFinite(ratio) ? ratio.toFixed(2) : "-")),
	]);
}
console.log(`${entries} entries of 16 + 100 bytes, median of ${rounds}, node ${process.version}`);
console.log(table.toString());
