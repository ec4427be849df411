import type { Database } from "../../host/database.js";
import type { OpenOptions } from "../../host/options.js";
import type { Storage } from "../../host/storage/storage.js";
import { openStorage } from "../support/database.js";
import { simulatedBackground } from "../support/disk/simulated-background.js";
import type { KernelName } from "../support/kernels.js";
import { Random } from "../support/random.js";

export const DIRECTORY = "/parent/db";

/** Small memtables and blocks: flushes and compactions come quickly. */
export const SMALL: OpenOptions = {
	memtableBytes: 16 << 10,
	blockBytes: 512,
	blockCacheBytes: 0,
	background: "inline",
};

/** What a workload runs on: everything that a seed decides beside the steps. */
export interface World {
	readonly seed: number;
	readonly kernel: KernelName;
	/** Jobs on the calling thread, or beside it, in the interleaving of the seed. */
	readonly background: "inline" | "beside";
}

/** Both kernels, with jobs on the calling thread and beside it, in turn. */
export function worldOf(seed: number): World {
	const kernel = seed % 2 === 0 ? "ts" : "wasm";
	return { seed, kernel, background: seed % 4 < 2 ? "beside" : "inline" };
}

export function nameOf({ seed, kernel, background }: World): string {
	return `seed ${seed}, ${kernel}, ${background}`;
}

function optionsOf({ seed, kernel }: World): OpenOptions {
	const random = new Random(seed);
	return {
		...SMALL,
		kernel,
		blockBytes: random.pick([64, 512, 4096]),
		blockCacheBytes: random.pick([0, 0, 4096, 1 << 20]),
		compression: random.pick(["lz4", "none"]),
		bloomBitsPerKey: random.pick([0, 10]),
		maxOpenFiles: random.pick([1, 2, 500]),
	};
}

export function openIn(world: World, storage: Storage, directory = DIRECTORY, options: OpenOptions = {}): Database {
	const beside = { startBackground: simulatedBackground(new Random(world.seed)) };
	return openStorage(
		storage,
		directory,
		{ ...optionsOf(world), ...options },
		world.background === "beside" ? beside : {},
	);
}
