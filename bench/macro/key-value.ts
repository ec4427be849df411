import type { Contender, Entry } from "../contenders.js";
import { makeKey, makeMissingKey, makeValue } from "../data.js";
import { Counter, getEach, missEach, putBatches, putEach } from "../operations.js";
import { settled } from "../process.js";
import { check, randomSource, shuffled } from "../support.js";
import type { Step, Suite } from "./suite.js";

/** One at a time is slow in most stores: so many of the entries are enough to tell the rate. */
const PUT_SHARE = 0.1;
const READ_SHARE = 0.25;

/** 0 … count-1 in random order, another one for each seed. */
const orderOf = (count: number, seed: number) => shuffled(count, randomSource(seed));

/** Entries in the order in which they are written; each `version` has other values. */
class Content {
	readonly entries: readonly Entry[];
	readonly #byKey: readonly Entry[];

	/** `order`: 0 … entries-1 in some order, which is the order of keys too. */
	constructor(order: Uint32Array, valueBytes: number, version = 0) {
		const byKey = new Array<Entry>(order.length);
		this.entries = Array.from(order, (index) => {
			const entry = { key: makeKey(index), value: makeValue(index + version, valueBytes) };
			byKey[index] = entry;
			return entry;
		});
		this.#byKey = byKey;
	}

	get keys(): readonly string[] {
		return this.entries.map(({ key }) => key);
	}

	get values(): readonly string[] {
		return this.entries.map(({ value }) => value);
	}

	fill(store: Contender): Promise<void> {
		return putBatches(store, this.entries.length, (position) => this.entries[position] as Entry);
	}

	/** That the store has these entries and no others. */
	async verify(store: Contender): Promise<void> {
		let at = 0;
		await store.scan((key, value) => {
			const entry = this.#byKey[at++];
			check(key === entry?.key && value === entry.value, `entry ${at} of the scan`);
		});
		check(at === this.#byKey.length, `${at} of ${this.#byKey.length} entries`);
	}
}

export const sequentialFill: Suite = {
	workloads: ["fill"],
	steps({ entries, valueBytes }) {
		const content = new Content(
			Uint32Array.from({ length: entries }, (_, index) => index),
			valueBytes,
		);
		return [
			{
				of: "fill",
				name: "fill in the order of keys, batches of 1000",
				operations: entries,
				run: (store) => content.fill(store),
				verify: (store) => content.verify(store),
			},
		];
	},
};

export const randomFill: Suite = {
	workloads: ["fill", "read", "missing", "scan", "overwrite"],
	steps({ entries, valueBytes }) {
		const order = orderOf(entries, 42);
		const content = new Content(order, valueBytes);
		const { keys, values } = content;
		const reads = Math.ceil(entries * READ_SHARE);
		const missingKeys = Array.from(order.subarray(0, reads), makeMissingKey);
		return [
			{
				of: "fill",
				name: "fill in random order, batches of 1000",
				operations: entries,
				prerequisite: true,
				run: (store) => content.fill(store),
				verify: (store) => content.verify(store),
			},
			{
				of: "read",
				name: "await get, random, warm",
				operations: reads,
				prepare: (store) => getEach(store, keys, values, reads),
				run: (store) => getEach(store, keys, values, reads),
			},
			{
				of: "missing",
				name: "await get, missing key",
				operations: reads,
				run: (store) => missEach(store, missingKeys, reads),
			},
			{
				of: "scan",
				name: "scan forward",
				operations: entries,
				async run(store) {
					const counter = new Counter(valueBytes);
					await store.scan(counter.entry);
					check(counter.count === entries, "scan");
				},
			},
			{
				of: "scan",
				name: "scan in reverse",
				operations: entries,
				async run(store) {
					const counter = new Counter(valueBytes);
					await store.scanReverse(counter.entry);
					check(counter.count === entries, "scan in reverse");
				},
				async verify(store) {
					const found: string[] = [];
					await store.scanReverse((key) => void found.push(key));
					check(
						found.every((key, at) => key === makeKey(entries - 1 - at)),
						"order of a scan in reverse",
					);
				},
			},
			overwrite(orderOf(entries, 43), valueBytes),
		];
	},
};

function overwrite(order: Uint32Array, valueBytes: number): Step {
	let content: Content | undefined;
	return {
		of: "overwrite",
		name: "overwrite in random order, batches of 1000",
		operations: order.length,
		async prepare() {
			content = new Content(order, valueBytes, 1);
		},
		run: (store) => content?.fill(store),
		verify: async (store) => content?.verify(store),
	};
}

export const singlePuts: Suite = {
	workloads: ["put"],
	steps({ entries, valueBytes }) {
		const puts = Math.ceil(entries * PUT_SHARE);
		const content = new Content(orderOf(puts, 42), valueBytes);
		const { keys, values } = content;
		return [
			{
				of: "put",
				name: "await put, random keys",
				operations: puts,
				run: (store) => putEach(store, keys, values, puts),
				verify: (store) => content.verify(store),
			},
		];
	},
};

export const compaction: Suite = {
	workloads: ["compaction"],
	steps({ entries, valueBytes, quietMilliseconds }) {
		const first = new Content(orderOf(entries, 44), valueBytes);
		const second = new Content(orderOf(entries, 45), valueBytes, 1);
		return [
			{
				of: "compaction",
				name: "fill of each key twice, batches of 1000",
				operations: 2 * entries,
				async run(store) {
					await first.fill(store);
					await second.fill(store);
				},
			},
			{
				of: "compaction",
				name: "compact() of that, entries that stay",
				operations: entries,
				needs: "compact",
				async prepare() {
					await settled(quietMilliseconds);
				},
				run: (store) => store.compact?.(),
				verify: (store) => second.verify(store),
			},
		];
	},
};
