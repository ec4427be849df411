/*
 * How long single puts take under sustained load, and how long the event loop is held.
 *
 *   node dist/bench/latency.js [--entries 2000000] [--seconds 20] [--loopSeconds 10] [--inFlight 16]
 *                              [--only wlsm,classic-level] [--json FILE] [--smoke]
 *
 * Each contender works in a process of its own, with its default settings but for the cache. A workload ends with its entries or its
 * seconds, whichever comes first.
 */
import { contenders } from "./contenders.js";
import { benchFlags } from "./flags.js";
import type { Latency, LatencyJob } from "./latency-child.js";
import { type ComparisonRow, comparison, duration, publish, rate } from "./report.js";
import { inChild, inDirectory } from "./support.js";

const flags = benchFlags(
	{ entries: 2_000_000, seconds: 20, loopSeconds: 10, inFlight: 16 },
	{ entries: 2000, seconds: 1, loopSeconds: 0.2 },
);
const names = (await contenders(flags.only ?? ["wlsm", "classic-level"])).map(({ name }) => name);
const found: Latency[] = [];
for (const contender of names) {
	const { entries, seconds, loopSeconds, inFlight } = flags;
	found.push(
		await inDirectory(async (directory) =>
			inChild<Latency>("latency-child", {
				contender,
				directory,
				entries,
				seconds,
				loopSeconds,
				inFlight,
			} satisfies LatencyJob),
		),
	);
}

const row = (name: string, format: (figure: number) => string, figure: (one: Latency) => number): ComparisonRow => ({
	name,
	figures: found.map(figure),
	format,
});
publish(
	[
		comparison(
			`Sustained awaited puts of random keys, one at a time: ${flags.entries} of 16 + 100 bytes or ${flags.seconds} s`,
			names,
			[
				row(
					"puts",
					(figure) => figure.toFixed(0),
					({ puts }) => puts.count,
				),
				row("puts per second", rate, ({ puts }) => puts.count / puts.seconds),
				row("p50", duration, ({ puts }) => puts.p50),
				row("p99", duration, ({ puts }) => puts.p99),
				row("p99.9", duration, ({ puts }) => puts.p999),
				row("p99.99", duration, ({ puts }) => puts.p9999),
				row("longest", duration, ({ puts }) => puts.max),
				row("longest block of the event loop", duration, ({ puts }) => puts.longestBlock),
			],
			[
				"Rates: more is better. Times: less is better.",
				"wlsm answers puts that need not wait at once, and gives the event loop a turn every two milliseconds.",
			],
		),
		comparison(
			`Puts and gets, ${flags.inFlight} in flight, each of which gives the event loop its turn: ${flags.loopSeconds} s`,
			names,
			[
				row("operations per second", rate, ({ loop }) => loop.operations / loop.seconds),
				row("block of the event loop, p99", duration, ({ loop }) => loop.p99),
				row("block of the event loop, p99.9", duration, ({ loop }) => loop.p999),
				row("block of the event loop, longest", duration, ({ loop }) => loop.max),
				row("longest delay of a timer of 1 ms", duration, ({ loop }) => loop.timerMax),
			],
			[
				"A block is the time from one turn of a chain of setImmediate to the next, with all callbacks between them.",
				"Rates: more is better. Times: less is better.",
			],
		),
	],
	flags.json,
);
