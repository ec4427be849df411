/* What the workloads of several benchmarks do with a store, awaited, with every answer checked. */
import type { Contender, Entry } from "./contenders.js";
import { KEY_BYTES, VALUE_BYTES } from "./data.js";
import { check } from "./support.js";

/** What is measured: a name, how many operations it does, and the work. */
export interface Workload {
	readonly name: string;
	readonly operations: number;
	/** What not every contender has. */
	readonly needs?: keyof Contender;
	run(store: Contender): void | Promise<void>;
	/** What is checked outside of the time. */
	verify?(store: Contender): Promise<void>;
}

/** Entries of a batch. */
const BATCH = 1000;

/** Puts in the entries `0 … count-1`, as `entry` has them, in batches. */
export async function putBatches(store: Contender, count: number, entry: (position: number) => Entry): Promise<void> {
	for (let start = 0; start < count; start += BATCH) {
		const batch: Entry[] = [];
		for (let position = start; position < Math.min(start + BATCH, count); position++) batch.push(entry(position));
		await store.batch(batch);
	}
}

/** Puts in the first `count` keys, one after the other. */
export async function putEach(
	store: Contender,
	keys: readonly string[],
	values: readonly string[],
	count: number,
): Promise<void> {
	for (let position = 0; position < count; position++) {
		await store.put(keys[position] as string, values[position] as string);
	}
}

/** Gets the first `count` keys, one after the other. */
export async function getEach(
	store: Contender,
	keys: readonly string[],
	values: readonly string[],
	count: number,
): Promise<void> {
	for (let position = 0; position < count; position++) {
		check((await store.get(keys[position] as string)) === values[position], "get");
	}
}

/** Gets the first `count` keys, of which none is there. */
export async function missEach(store: Contender, keys: readonly string[], count: number): Promise<void> {
	for (let position = 0; position < count; position++) {
		check((await store.get(keys[position] as string)) === undefined, "get of a missing key");
	}
}

/** Counts entries that are of the right size. */
export class Counter {
	readonly #valueBytes: number;
	count = 0;

	constructor(valueBytes = VALUE_BYTES) {
		this.#valueBytes = valueBytes;
	}

	readonly entry = (key: string, value: string) => {
		this.count += key.length === KEY_BYTES && value.length === this.#valueBytes ? 1 : 0;
	};
	readonly key = (key: string) => {
		this.count += key.length === KEY_BYTES ? 1 : 0;
	};
}
