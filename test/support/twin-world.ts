import { KIND_PUT, KIND_PUT_EXPIRING } from "../../assembly/shared/format.js";
import { putOperation } from "../../host/engine/operations.js";
import type {
	JobSettings,
	Kernel,
	Memtable,
	Operation,
	ScanOptions,
	Superversion,
	Table,
} from "../../host/kernel/index.js";
import type { TableFileImage } from "./kernel.js";
import { randomKeys, randomOperation } from "./operations.js";
import type { Random } from "./random.js";
import { type Observation, seedOf, work, writeBatch } from "./twins.js";

/** When values of a world expire, and moments between that. */
export const EXPIRIES: readonly number[] = [50, 100, 200, 1e12];
export const MOMENTS: readonly number[] = [0, 50, 60, 150, 1e13];

/** A small database within one kernel: memtables, tables of level 0 and of levels below, and what a read of it needs. */
export class World {
	readonly keys: readonly Uint8Array[];
	readonly memtables: Memtable[] = [];
	readonly levels: Table[][] = [[], [], [], []];
	readonly files = new Map<number, Uint8Array>();
	readonly images: TableFileImage[] = [];
	/** The next operation's. */
	sequence = 1;
	readonly #kernel: Kernel;
	readonly #owned: { free(): void }[] = [];

	/** What is put, where it is not anything. */
	readonly #value: ((random: Random) => Uint8Array) | undefined;

	constructor(kernel: Kernel, keys: readonly Uint8Array[], value?: (random: Random) => Uint8Array) {
		this.#kernel = kernel;
		this.keys = keys;
		this.#value = value;
	}

	operations(random: Random, count: number): Operation[] {
		const operations = randomOperations(random, this.keys, count);
		const value = this.#value;
		if (value === undefined) return operations;
		return operations.map((operation) => {
			if (operation.kind === KIND_PUT) return putOperation(operation.key, value(random));
			if (operation.kind !== KIND_PUT_EXPIRING) return operation;
			return putOperation(operation.key, value(random), random.pick(EXPIRIES));
		});
	}

	/** Keeps what is freed with the world. */
	own<Handle extends { free(): void }>(handle: Handle): Handle {
		this.#owned.push(handle);
		return handle;
	}

	superversion(memtables: readonly Memtable[] = this.memtables, levels: Table[][] = this.levels): Superversion {
		return this.own(this.#kernel.createSuperversion(memtables, levels));
	}

	free(): void {
		for (const handle of this.#owned.reverse()) handle.free();
	}

	/** Keys that are there, and some beside them. */
	key(random: Random): Uint8Array {
		if (!random.once(5)) return random.pick(this.keys);
		return randomKeys(random, 1)[0] as Uint8Array;
	}

	/** Sequence numbers up to those that are yet to come, ascending. */
	sequences(random: Random, most: number): number[] {
		const picked = Array.from({ length: random.below(most + 1) }, () => random.below(this.sequence + 1));
		return [...new Set(picked)].sort((a, b) => a - b);
	}

	range(random: Random): ScanOptions {
		const bound = () => (random.once(3) ? undefined : this.key(random));
		return {
			superversion: this.superversion(),
			sequence: random.once(2) ? 2 ** 47 : random.below(this.sequence + 1),
			now: random.pick(MOMENTS),
			lower: bound(),
			upper: bound(),
			reverse: random.once(2),
			skipKeyBytes: random.once(3) ? 1 : 0,
			parts: random.pick(["entries", "entries", "keys", "values"]),
		};
	}
}

export function jobSettings(random: Random, world: World): JobSettings {
	return {
		snapshots: world.sequences(random, random.pick([0, 0, 3])),
		now: random.pick(MOMENTS),
		blockBytes: random.pick([64, 64, 200, 1000, 65_536]),
		bitsPerKey: random.pick([0, 1, 10, 32]),
		compression: random.pick(["none", "lz4"]),
		tableBytes: random.pick([1, 200, 2000, 0xffffffff]),
		databaseId: random.bytes(8),
	};
}

export function randomOperations(random: Random, keys: readonly Uint8Array[], count: number): Operation[] {
	return Array.from({ length: count }, () => randomOperation(random, keys, EXPIRIES));
}

/** A memtable of about `count` operations in batches of any size. */
export function* fillMemtable(
	kernel: Kernel,
	random: Random,
	world: World,
	count: number,
): Generator<Observation, Memtable> {
	const memtable = world.own(kernel.createMemtable(random.pick([0, 64, 4096])));
	for (let left = count; left > 0; ) {
		const operations = world.operations(random, random.between(1, Math.min(left, random.pick([1, 3, 30]))));
		yield* writeBatch(kernel, memtable, operations, world.sequence, seedOf(world.sequence));
		world.sequence += operations.length;
		left -= operations.length;
	}
	return memtable;
}

/** What the job that is named by its inputs makes. */
export function* runJob(
	kernel: Kernel,
	random: Random,
	world: World,
	inputs: { memtables?: readonly Memtable[]; runs?: readonly (readonly Table[])[]; bottom?: number },
): Generator<Observation, Table[]> {
	const { memtables = [], runs = [], bottom } = inputs;
	const below = bottom === undefined ? undefined : { superversion: world.superversion([]), level: bottom };
	const job = kernel.createJob({ ...jobSettings(random, world), memtables, runs, below });
	const images: TableFileImage[] = [];
	yield* work(kernel, job, world.files, world.images.length + 1, images, "bytes");
	world.images.push(...images);
	for (const { description, bytes } of images) world.files.set(description.file, bytes);
	return images.map(({ description }) => world.own(kernel.createTable(description)));
}

/** Flushes and compacts as an engine does; what jobs drop depends on snapshots that reads do not heed: it is the same with each kernel. */
export function* buildWorld(
	kernel: Kernel,
	random: Random,
	size: number,
	value?: (random: Random) => Uint8Array,
): Generator<Observation, World> {
	const world = new World(kernel, randomKeys(random, random.below(size)), value);
	const count = () => random.between(1, Math.max(size, 1));
	for (const level of [3, 2, 1, 0, 0]) {
		if (random.once(2)) continue;
		const memtables = [yield* fillMemtable(kernel, random, world, count())];
		if (random.once(3)) memtables.unshift(yield* fillMemtable(kernel, random, world, count()));
		const bottom = random.once(3) ? undefined : Math.max(level, 1);
		const tables = yield* runJob(kernel, random, world, bottom === undefined ? { memtables } : { memtables, bottom });
		if (level === 0) for (const table of tables) world.levels[0]?.unshift(table);
		else world.levels[level] = tables;
	}
	if (random.once(3)) {
		const [newer, level1] = [world.levels[0] as Table[], world.levels[1] as Table[]];
		const runs = [...newer.map((table) => [table]), ...(level1.length === 0 ? [] : [level1])];
		world.levels[0] = [];
		world.levels[1] = yield* runJob(kernel, random, world, { runs, bottom: 2 });
	}
	const newest = random.below(3);
	for (let index = 0; index < newest; index++)
		world.memtables.unshift(yield* fillMemtable(kernel, random, world, count()));
	return world;
}
