/* One contender's part of latency.ts, in a process of its own. */
import { createHistogram, monitorEventLoopDelay, type RecordableHistogram } from "node:perf_hooks";
import { setTimeout as pause, setImmediate as turn } from "node:timers/promises";
import { type Contender, contender } from "./contenders.js";
import { makeKey, makeValue, permutation } from "./data.js";
import { check, childJob } from "./support.js";

export interface LatencyJob {
	readonly contender: string;
	readonly directory: string;
	readonly entries: number;
	readonly seconds: number;
	readonly loopSeconds: number;
	readonly inFlight: number;
}

/** All times in seconds. */
export interface Latency {
	readonly puts: {
		readonly count: number;
		readonly seconds: number;
		readonly p50: number;
		readonly p99: number;
		readonly p999: number;
		readonly p9999: number;
		readonly max: number;
		readonly longestBlock: number;
	};
	readonly loop: {
		readonly operations: number;
		readonly seconds: number;
		readonly p99: number;
		readonly p999: number;
		readonly max: number;
		readonly timerMax: number;
	};
}

/** The default of wlsm, for all. */
const CACHE_BYTES = 32 << 20;

const record = (histogram: RecordableHistogram, milliseconds: number) =>
	histogram.record(Math.max(1, Math.round(milliseconds * 1e6)));
const nanoseconds = (figure: number) => figure / 1e9;

async function sustainedPuts(store: Contender, { entries, seconds }: LatencyJob): Promise<Latency["puts"]> {
	const order = permutation(entries, 1);
	const histogram = createHistogram();
	const delay = monitorEventLoopDelay({ resolution: 1 });
	delay.enable();
	// The monitor needs turns on both sides of a block to see it.
	await pause(10);
	const start = performance.now();
	let now = start;
	let count = 0;
	while (count < entries && now - start < seconds * 1000) {
		const index = order(count);
		const key = makeKey(index);
		const value = makeValue(index);
		const before = performance.now();
		await store.put(key, value);
		now = performance.now();
		record(histogram, now - before);
		count += 1;
	}
	await pause(10);
	delay.disable();
	for (let position = 0; position < count; position += 1 + (count >>> 8)) {
		const index = order(position);
		check((await store.get(makeKey(index))) === makeValue(index), "get of what was put");
	}
	const percentile = (percent: number) => nanoseconds(histogram.percentile(percent));
	return {
		count,
		seconds: (now - start) / 1000,
		p50: percentile(50),
		p99: percentile(99),
		p999: percentile(99.9),
		p9999: percentile(99.99),
		max: nanoseconds(histogram.max),
		longestBlock: nanoseconds(delay.max),
	};
}

/** New keys, and reads of the first `filled` keys of `sustainedPuts`. */
async function eventLoop(
	store: Contender,
	{ entries, loopSeconds, inFlight }: LatencyJob,
	filled: number,
): Promise<Latency["loop"]> {
	const order = permutation(entries, 1);
	const blocks = createHistogram();
	const delay = monitorEventLoopDelay({ resolution: 1 });
	delay.enable();
	await pause(10);
	const start = performance.now();
	let operations = 0;
	let running = true;
	const lanes = Array.from({ length: inFlight }, async () => {
		while (running) {
			const turnOf = operations / 2;
			operations += 2;
			const added = entries + order(turnOf % entries);
			await store.put(makeKey(added), makeValue(turnOf));
			const read = order((turnOf * 7919) % filled);
			check((await store.get(makeKey(read))) === makeValue(read), "get");
			// As a server's next request would come in.
			await turn();
		}
	});
	let last = performance.now();
	while (last - start < loopSeconds * 1000) {
		await turn();
		const now = performance.now();
		record(blocks, now - last);
		last = now;
	}
	running = false;
	await Promise.all(lanes);
	await pause(10);
	delay.disable();
	return {
		operations,
		seconds: (last - start) / 1000,
		p99: nanoseconds(blocks.percentile(99)),
		p999: nanoseconds(blocks.percentile(99.9)),
		max: nanoseconds(blocks.max),
		timerMax: nanoseconds(delay.max),
	};
}

await childJob<LatencyJob, Latency>(async (job) => {
	const maker = await contender(job.contender);
	const store = await maker.open(job.directory, { cacheBytes: CACHE_BYTES, sync: "none" });
	const puts = await sustainedPuts(store, job);
	const loop = await eventLoop(store, job, puts.count);
	await store.close();
	return { puts, loop };
});
