/*
 * A database ten times as large as its cache, the opening of a large one, and `wlsm get` from a shell.
 *
 *   node dist/bench/large.js [--phases fill,open,shell] [--entries 5000000] [--reads 200000] [--openBytes 1e9]
 *                            [--opens 5] [--shells 9] [--only wlsm,classic-level] [--json FILE] [--smoke]
 *
 * Each contender works in processes of its own, so that memory and bytes written are its own.
 */
import { spawnSync } from "node:child_process";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { contenders } from "./contenders.js";
import { ENTRY_BYTES, KEY_BYTES, makeKey, makeValue } from "./data.js";
import { benchFlags, refuse } from "./flags.js";
import type { Fill, FillJob, Opening, OpenJob, PrepareJob } from "./large-child.js";
import {
	type ComparisonRow,
	comparison,
	duration,
	factor,
	mebibytes,
	publish,
	type ReportTable,
	rate,
} from "./report.js";
import type { ShellJob, ShellSplit } from "./shell-child.js";
import { check, inChild, inDirectory, median } from "./support.js";

/** Of the database that is opened: larger values than elsewhere, since its bytes count and not its entries. */
const OPEN_VALUE_BYTES = 1000;
const MEBIBYTE = 2 ** 20;

const flags = benchFlags(
	{ entries: 5_000_000, reads: 200_000, openBytes: 1e9, opens: 5, shells: 9 },
	{ entries: 2000, reads: 500, openBytes: 200_000, opens: 1, shells: 1 },
	{ phases: "fill,open,shell" },
);
const quietMilliseconds = flags.smoke ? 50 : 1500;
const cacheBytes = Math.max(MEBIBYTE, Math.round((flags.entries * ENTRY_BYTES) / 10));
const openEntries = Math.ceil(flags.openBytes / (KEY_BYTES + OPEN_VALUE_BYTES));
const names = (await contenders(flags.only ?? ["wlsm", "classic-level"])).map(({ name }) => name);

async function fill(): Promise<ReportTable> {
	const found: Fill[] = [];
	for (const contender of names) {
		const { entries, reads } = flags;
		found.push(
			await inDirectory(async (directory) =>
				inChild<Fill>("large-child", {
					kind: "fill",
					contender,
					directory,
					entries,
					reads,
					cacheBytes,
					quietMilliseconds,
				} satisfies FillJob),
			),
		);
	}
	const userBytes = flags.entries * ENTRY_BYTES;
	const row = (name: string, format: (figure: number) => string, figure: (one: Fill) => number): ComparisonRow => ({
		name,
		figures: found.map(figure),
		format,
	});
	return comparison(
		`${flags.entries} entries of 16 + 100 bytes (${mebibytes(userBytes)}), cache ${mebibytes(cacheBytes)}`,
		names,
		[
			row("batches of 1000 in random order", rate, (one) => flags.entries / one.batchSeconds),
			row("settled after the last batch", duration, (one) => one.settledSeconds),
			row("getSync, random", rate, (one) => one.getSyncRate ?? Number.NaN),
			row("await get, random", rate, (one) => one.getRate),
			row("write amplification, bytes of write calls", factor, (one) => one.writtenByCalls / userBytes),
			row("write amplification, bytes sent to storage", factor, (one) => one.writtenToStorage / userBytes),
			row("of it tables, by the store's own count", factor, (one) => (one.tableBytes ?? Number.NaN) / userBytes),
			row("space amplification", factor, (one) => one.directoryBytes / userBytes),
			row("resident memory, highest", mebibytes, (one) => one.peakBytes),
			row("the same, node and harness without a database", mebibytes, (one) => one.peakBeforeBytes),
			row("resident at the end, without mapped files", mebibytes, (one) => one.anonymousBytes),
			row("memory at the end, by the store's own count", mebibytes, (one) => one.memoryBytes ?? Number.NaN),
		],
		[
			"Rates: more is better. All else: less is better.",
			`The cache and 60 MiB for node, memtables and all else together are ${mebibytes(cacheBytes + 60 * MEBIBYTE)}.`,
			"Files are compressed and user bytes are not: amplification may be below 1.",
		],
	);
}

async function open(): Promise<ReportTable> {
	const openings: { readonly open: number; readonly get: number }[] = [];
	for (const contender of names) {
		await inDirectory(async (directory) => {
			const job = { contender, directory, entries: openEntries, valueBytes: OPEN_VALUE_BYTES };
			inChild("large-child", { kind: "prepare", ...job, quietMilliseconds } satisfies PrepareJob);
			const once = () => inChild<Opening>("large-child", { kind: "open", ...job } satisfies OpenJob);
			// The first time a log may be left to read (LevelDB cannot be told to write its memtable out).
			once();
			const all = Array.from({ length: flags.opens }, once);
			openings.push({
				open: median(all.map(({ openSeconds }) => openSeconds)),
				get: median(all.map(({ getSeconds }) => getSeconds)),
			});
		});
	}
	return comparison(
		`Opening a database of ${openEntries} entries of 16 + 1000 bytes (${mebibytes(flags.openBytes)}), median of ${flags.opens}`,
		names,
		[
			{ name: "open", figures: openings.map((one) => one.open), format: duration },
			{ name: "first get after it", figures: openings.map((one) => one.get), format: duration },
		],
		["Each time in a fresh process, with nothing to recover, files in the page cache. Less is better."],
	);
}

async function shell(): Promise<ReportTable> {
	const key = makeKey(0);
	const main = fileURLToPath(new URL("../lib/wlsm.js", import.meta.url));
	return inDirectory(async (directory) => {
		const entries = Math.min(flags.entries, 100_000);
		inChild("large-child", {
			kind: "prepare",
			contender: "wlsm",
			directory,
			entries,
			valueBytes: 100,
			quietMilliseconds,
		} satisfies PrepareJob);
		const totals: number[] = [];
		const splits: ShellSplit[] = [];
		for (let turn = 0; turn < flags.shells; turn++) {
			const start = performance.now();
			const { stdout } = spawnSync(process.execPath, [main, "get", key, "--db", directory], { encoding: "utf8" });
			totals.push((performance.now() - start) / 1000);
			check(stdout === `${makeValue(0)}\n`, "wlsm get");
			splits.push(inChild<ShellSplit>("shell-child", { directory, key } satisfies ShellJob));
		}
		const total = median(totals);
		const parts: [string, number][] = [
			["node itself, until a program's first line", median(splits.map((one) => one.node))],
			["import of the library", median(splits.map((one) => one.load))],
			["open", median(splits.map((one) => one.open))],
			["get", median(splits.map((one) => one.get))],
			["close", median(splits.map((one) => one.close))],
		];
		const rest = total - parts.reduce((sum, [, part]) => sum + part, 0);
		return {
			title: `wlsm get from a shell, ${entries} entries, median of ${flags.shells}`,
			head: ["", "time", "share"],
			rows: [
				["wlsm get KEY, from start to end of the process", total] as [string, number],
				...parts,
				["the rest: arguments, output, start and end of the process", rest] as [string, number],
			].map(([name, part]) => [name, duration(part), `${((100 * part) / total).toFixed(0)} %`]),
			notes: ["Parts are those of a program that does the same with the library. Less is better."],
		};
	});
}

const PHASES: Readonly<Record<string, () => Promise<ReportTable>>> = { fill, open, shell };
const tables: ReportTable[] = [];
for (const name of flags.phases.split(",")) {
	const phase = PHASES[name];
	if (phase === undefined) refuse(`--phases takes ${Object.keys(PHASES).join(", ")}, not ${name}`);
	tables.push(await phase());
}
publish(tables, flags.json);
