/*
 * Point writes, batches, point reads and scans beside the peers: the same keys and values, contenders in turn, medians.
 *
 *   node dist/bench/key-value.js [--entries 300000] [--rounds 3] [--only wlsm,classic-level] [--json FILE] [--smoke]
 *
 * Keys are 16 digits, values 100 bytes of which half compresses. Every read is checked.
 */
import { contenders } from "./contenders.js";
import { makeKey, makeMissingKey, makeValue } from "./data.js";
import { benchFlags } from "./flags.js";
import { comparison, publish, rate } from "./report.js";
import { inDirectory, median, randomSource, seconds, shuffled } from "./support.js";
import { type Dataset, workloads } from "./workloads.js";

/** The same for every contender, and enough for the 300 k entries: reads are warm. */
const CACHE_BYTES = 64 << 20;
/** One at a time is slow in most peers, and with a sync in all: a part of the entries is enough to tell the rate. */
const SINGLE = 50_000;
const SYNCED = 1920;

const flags = benchFlags({ entries: 300_000, rounds: 3 }, { entries: 2000, rounds: 1 });
const single = Math.min(flags.entries, SINGLE);
const order = shuffled(flags.entries, randomSource(42));
// Made in the order in which they are used, so that the figures tell of the stores and not of the harness's cache misses.
const data: Dataset = {
	keys: Array.from(order, makeKey),
	missingKeys: Array.from(order, makeMissingKey),
	values: Array.from(order, (index) => makeValue(index)),
	batched: Array.from(order.subarray(0, single), (index) => makeValue(index + 1)),
	putSynchronously: Array.from(order.subarray(0, single), (index) => makeValue(index + 2)),
	synced: flags.smoke ? 128 : Math.min(SYNCED, Math.floor(flags.entries / 128) * 64),
};

const makers = await contenders(flags.only);
const all = workloads(data);
const figures = new Map<string, number[]>();
const figureKey = (workload: string, contender: string) => `${workload} ${contender}`;
for (let round = 0; round < flags.rounds; round++) {
	for (const maker of makers) {
		for (const sync of ["none", "commit"] as const) {
			await inDirectory(async (directory) => {
				const store = await maker.open(directory, { cacheBytes: CACHE_BYTES, sync });
				for (const workload of all) {
					if (workload.sync !== sync) continue;
					if (workload.needs !== undefined && store[workload.needs] === undefined) continue;
					const took = await seconds(() => workload.run(store));
					const figure = figureKey(workload.name, maker.name);
					figures.set(figure, [...(figures.get(figure) ?? []), workload.operations / took]);
					await workload.verify?.(store);
				}
				await store.close();
			});
		}
	}
}

publish(
	[
		comparison(
			`${flags.entries} entries of 16 + 100 bytes, median of ${flags.rounds}`,
			makers.map(({ name }) => name),
			all.map(({ name }) => ({
				name,
				figures: makers.map((maker) => median(figures.get(figureKey(name, maker.name)) ?? [])),
				format: rate,
			})),
			["Operations per second, of a scan entries per second: more is better."],
		),
	],
	flags.json,
);
