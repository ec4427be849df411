import type { Contender } from "../contenders.js";
import { KEY_BYTES, makeKey, makeMissingKey, makeValue } from "../data.js";
import { Counter, getEach, missEach, putBatches, putEach } from "../operations.js";
import { settled } from "../process.js";
import { check, randomSource, shuffled } from "../support.js";
import type { Sizes, Suite } from "./suite.js";

/** One at a time is slow in most stores: so many of the entries are enough to tell the rate. */
const PUT_SHARE = 0.1;
const READ_SHARE = 0.25;

/** The entries of a store, of which each round of writes is another version. */
class Content {
	readonly #sizes: Sizes;

	constructor(sizes: Sizes) {
		this.#sizes = sizes;
	}

	/** 0 … entries-1 in random order, another one for each seed. */
	order(seed: number): Uint32Array {
		return shuffled(this.#sizes.entries, randomSource(seed));
	}

	value(index: number, version: number): string {
		return makeValue(index + version, this.#sizes.valueBytes);
	}

	/** Writes a version of the entries in this order. All is made now, not in the time that is measured. */
	filler(order: Uint32Array, version: number): (store: Contender) => Promise<void> {
		const entries = Array.from(order, (index) => ({ key: makeKey(index), value: this.value(index, version) }));
		return (store) => putBatches(store, entries.length, (position) => entries[position] as (typeof entries)[0]);
	}

	/** That the store has this version of the first `count` entries and nothing else. */
	async verify(store: Contender, version: number, count = this.#sizes.entries): Promise<void> {
		let at = 0;
		await store.scan((key, value) => {
			check(key === makeKey(at) && value === this.value(at, version), `entry ${at} of the scan`);
			at += 1;
		});
		check(at === count, `${at} of ${count} entries`);
	}
}

export const sequentialFill: Suite = {
	workloads: ["fill"],
	steps(sizes) {
		const content = new Content(sizes);
		return [
			{
				of: "fill",
				name: "fill in the order of keys, batches of 1000",
				operations: sizes.entries,
				run: content.filler(
					Uint32Array.from({ length: sizes.entries }, (_, index) => index),
					0,
				),
				verify: (store) => content.verify(store, 0),
			},
		];
	},
};

export const randomFill: Suite = {
	workloads: ["fill", "read", "missing", "scan", "overwrite"],
	steps(sizes) {
		const { entries, valueBytes } = sizes;
		const content = new Content(sizes);
		const order = content.order(42);
		const reads = Math.ceil(entries * READ_SHARE);
		const sample = order.subarray(0, reads);
		const keys = Array.from(sample, makeKey);
		const missingKeys = Array.from(sample, makeMissingKey);
		const values = Array.from(sample, (index) => content.value(index, 0));
		return [
			{
				of: "fill",
				name: "fill in random order, batches of 1000",
				operations: entries,
				prerequisite: true,
				run: content.filler(order, 0),
				verify: (store) => content.verify(store, 0),
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
					let last = "~".padEnd(KEY_BYTES);
					await store.scanReverse((key, value) => {
						check(key < last, "order of a scan in reverse");
						last = key;
						counter.entry(key, value);
					});
					check(counter.count === entries, "scan in reverse");
				},
			},
			{
				of: "overwrite",
				name: "overwrite in random order, batches of 1000",
				operations: entries,
				run: content.filler(content.order(43), 1),
				verify: (store) => content.verify(store, 1),
			},
		];
	},
};

export const singlePuts: Suite = {
	workloads: ["put"],
	steps(sizes) {
		const content = new Content(sizes);
		const puts = Math.ceil(sizes.entries * PUT_SHARE);
		const order = shuffled(puts, randomSource(42));
		const keys = Array.from(order, makeKey);
		const values = Array.from(order, (index) => content.value(index, 0));
		return [
			{
				of: "put",
				name: "await put, random keys",
				operations: puts,
				run: (store) => putEach(store, keys, values, puts),
				verify: (store) => content.verify(store, 0, puts),
			},
		];
	},
};

export const compaction: Suite = {
	workloads: ["compaction"],
	steps(sizes) {
		const { entries, quietMilliseconds } = sizes;
		const content = new Content(sizes);
		const first = content.filler(content.order(44), 0);
		const second = content.filler(content.order(45), 1);
		return [
			{
				of: "compaction",
				name: "fill of each key twice, batches of 1000",
				operations: 2 * entries,
				async run(store) {
					await first(store);
					await second(store);
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
				verify: (store) => content.verify(store, 1),
			},
		];
	},
};
