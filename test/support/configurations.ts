import type { OpenOptions } from "../../host/options.js";
import { kernels } from "./kernels.js";
import type { Random } from "./random.js";

/** Options far from the defaults, where the edges are, and where the files are. */
export interface Configuration {
	readonly name: string;
	readonly place: "memory" | "disk";
	readonly options: OpenOptions;
}

const SMALL: OpenOptions = { memtableBytes: 16 << 10, blockBytes: 256, blockCacheBytes: 4096, background: "inline" };
const LARGE: OpenOptions = { memtableBytes: 64 << 20, blockBytes: 1 << 20, blockCacheBytes: 1 << 28 };

/** By what differs from SMALL; each is there with both kernels. */
const EXTREMES: Readonly<Record<string, OpenOptions>> = {
	"small memtables and blocks": {},
	"one entry to a block": { blockBytes: 64 },
	"one entry to a block, neither cache nor filter": { blockBytes: 64, blockCacheBytes: 0, bloomBitsPerKey: 0 },
	"no cache": { blockCacheBytes: 0 },
	"a cache of one byte": { blockCacheBytes: 1 },
	"a cache of one block": { blockCacheBytes: 300 },
	"a large cache": { blockCacheBytes: 64 << 20 },
	"no filter": { bloomBitsPerKey: 0 },
	"a filter of one bit": { bloomBitsPerKey: 1 },
	"the largest filter": { bloomBitsPerKey: 32 },
	"no compression": { compression: "none" },
	"one file open": { maxOpenFiles: 1 },
	"one file open, no cache": { maxOpenFiles: 1, blockCacheBytes: 0, compression: "none" },
	"every commit synced": { sync: true },
	"odd block sizes": { blockBytes: 101, blockCacheBytes: 777, bloomBitsPerKey: 3 },
	"large blocks": { blockBytes: 64 << 10, memtableBytes: 64 << 10 },
	"large everything": LARGE,
};

const ON_DISK: readonly Configuration[] = [
	{ name: "the defaults, on disk", place: "disk", options: {} },
	{ name: "a worker, small, on disk", place: "disk", options: { ...SMALL, background: "worker" } },
	{
		name: "a worker, synced, one file open, on disk",
		place: "disk",
		options: { ...SMALL, background: "worker", sync: true, maxOpenFiles: 1, blockCacheBytes: 0 },
	},
	{ name: "inline, two files open, on disk", place: "disk", options: { ...SMALL, maxOpenFiles: 2, blockBytes: 64 } },
	{ name: "the twin, synced, on disk", place: "disk", options: { ...SMALL, kernel: "ts", sync: true } },
];

/** What the same operations are run under: whatever it is, they answer alike. */
export const CONFIGURATIONS: readonly Configuration[] = [
	...Object.entries(EXTREMES).flatMap(([name, options]) =>
		kernels.map(
			(kernel): Configuration => ({
				name: `${name}, ${kernel}`,
				place: "memory",
				options: { ...SMALL, ...options, kernel },
			}),
		),
	),
	...ON_DISK,
];

/** Any mixture of them. */
export function randomOptions(random: Random): OpenOptions {
	return {
		kernel: random.pick(kernels),
		memtableBytes: random.pick([16 << 10, 16 << 10, 64 << 10, 1 << 20]),
		blockBytes: random.pick([64, 64, 100, 256, 1024, 4096, 65536]),
		blockCacheBytes: random.pick([0, 1, 500, 4096, 65536, 1 << 20]),
		bloomBitsPerKey: random.pick([0, 1, 10, 32]),
		compression: random.pick(["none", "lz4"]),
		background: random.pick(["inline", "worker"]),
		maxOpenFiles: random.pick([1, 2, 500]),
	};
}
