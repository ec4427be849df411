/* One contender's part of large.ts, in a process of its own. */
import { type Contender, contender } from "./contenders.js";
import { makeKey, makeValue, permutation } from "./data.js";
import { directoryBytes } from "./machine.js";
import { residentBytes, settled, writtenBytes } from "./process.js";
import { check, childJob, seconds } from "./support.js";

interface Job {
	readonly contender: string;
	readonly directory: string;
	readonly entries: number;
}

export interface FillJob extends Job {
	readonly kind: "fill";
	readonly reads: number;
	readonly cacheBytes: number;
	readonly quietMilliseconds: number;
}

/** What filling found. Times in seconds, rates per second. */
export interface Fill {
	/** In the store's calls: making the entries is not in it. */
	readonly batchSeconds: number;
	readonly settledSeconds: number;
	readonly writtenByCalls: number;
	readonly writtenToStorage: number;
	readonly tableBytes: number | null;
	readonly directoryBytes: number;
	readonly getSyncRate: number | null;
	readonly getRate: number;
	readonly peakBeforeBytes: number;
	readonly peakBytes: number;
	readonly anonymousBytes: number;
	readonly memoryBytes: number | null;
}

/** Makes a database and closes it, its tables settled. */
export interface PrepareJob extends Job {
	readonly kind: "prepare";
	readonly valueBytes: number;
	readonly quietMilliseconds: number;
}

export interface OpenJob extends Job {
	readonly kind: "open";
	readonly valueBytes: number;
}

export interface Opening {
	readonly openSeconds: number;
	readonly getSeconds: number;
}

const BATCH = 1000;
const WARM_UP_ENTRIES = 200_000;
/** For what is not measured for its cache. */
const CACHE_BYTES = 32 << 20;

/** Seconds spent in the store. */
async function fillStore(store: Pick<Contender, "batch">, entries: number, valueBytes: number): Promise<number> {
	const order = permutation(entries, 1);
	let took = 0;
	for (let start = 0; start < entries; start += BATCH) {
		const batch: { key: string; value: string }[] = [];
		for (let position = start; position < Math.min(start + BATCH, entries); position++) {
			const index = order(position);
			batch.push({ key: makeKey(index), value: makeValue(index, valueBytes) });
		}
		took += await seconds(async () => {
			await store.batch(batch);
		});
	}
	return took;
}

/** Random gets per second; keys and expected values are made outside of the time. */
async function readStore(entries: number, reads: number, seed: number, read: ReadSome): Promise<number> {
	const order = permutation(entries, seed);
	let took = 0;
	for (let start = 0; start < reads; start += BATCH) {
		const indexes = Array.from({ length: Math.min(BATCH, reads - start) }, (_, at) => order((start + at) % entries));
		const keys = indexes.map(makeKey);
		const values = indexes.map((index) => makeValue(index));
		took += await seconds(() => read(keys, values));
	}
	return reads / took;
}

type ReadSome = (keys: readonly string[], values: readonly string[]) => void | Promise<void>;

async function fill(job: FillJob): Promise<Fill> {
	const maker = await contender(job.contender);
	// The harness alone, for the memory that its own garbage takes.
	await fillStore({ batch: () => undefined }, Math.min(job.entries, WARM_UP_ENTRIES), 100);
	const { peak: peakBeforeBytes } = residentBytes();
	const before = writtenBytes();
	const store = await maker.open(job.directory, { cacheBytes: job.cacheBytes, sync: "none" });
	const batchSeconds = await fillStore(store, job.entries, 100);
	const settledSeconds = await settled(job.quietMilliseconds);
	const after = writtenBytes();
	const size = directoryBytes(job.directory);
	const tableBytes = (await store.ownFigures?.())?.tableBytes ?? null;
	const { getSync } = store;
	const getSyncRate =
		getSync === undefined
			? null
			: await readStore(job.entries, job.reads, 2, (keys, values) => {
					for (const [at, key] of keys.entries()) check(getSync(key) === values[at], "getSync");
				});
	const getRate = await readStore(job.entries, job.reads, 3, async (keys, values) => {
		for (const [at, key] of keys.entries()) check((await store.get(key)) === values[at], "get");
	});
	const { peak, anonymous } = residentBytes();
	const memoryBytes = (await store.ownFigures?.())?.memoryBytes ?? null;
	await store.close();
	return {
		batchSeconds,
		settledSeconds,
		writtenByCalls: after.calls - before.calls,
		writtenToStorage: after.storage - before.storage,
		tableBytes,
		directoryBytes: size,
		getSyncRate,
		getRate,
		peakBeforeBytes,
		peakBytes: peak,
		anonymousBytes: anonymous,
		memoryBytes,
	};
}

async function prepare(job: PrepareJob): Promise<Record<string, never>> {
	const store = await (await contender(job.contender)).open(job.directory, { cacheBytes: CACHE_BYTES, sync: "none" });
	await fillStore(store, job.entries, job.valueBytes);
	await store.flush?.();
	await settled(job.quietMilliseconds);
	await store.close();
	return {};
}

async function open(job: OpenJob): Promise<Opening> {
	const maker = await contender(job.contender);
	const index = job.entries >>> 1;
	const start = performance.now();
	const store = await maker.open(job.directory, { cacheBytes: CACHE_BYTES, sync: "none" });
	const opened = performance.now();
	const value = await store.get(makeKey(index));
	const got = performance.now();
	check(value === makeValue(index, job.valueBytes), "get after opening");
	await store.close();
	return { openSeconds: (opened - start) / 1000, getSeconds: (got - opened) / 1000 };
}

await childJob<FillJob | PrepareJob | OpenJob, object>((job) => {
	switch (job.kind) {
		case "fill":
			return fill(job);
		case "prepare":
			return prepare(job);
		case "open":
			return open(job);
	}
});
