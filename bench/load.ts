/*
 * Loading CSV: a table of six columns beside SQLite's shell, better-sqlite3 and DuckDB, and key-value pairs in random order beside
 * classic-level. Answers are compared.
 *
 *   node dist/bench/load.js [--phases table,pairs,split] [--rows 1000000] [--pairs 5000000] [--rounds 5] [--json FILE] [--smoke]
 *
 * Each load is done in a process of its own, from the opening of an empty database to its closing, and is on the disk then. DuckDB has
 * two threads.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { benchFlags } from "./flags.js";
import type { LoadContender, Loaded, LoadJob } from "./load-child.js";
import { splitTable } from "./load-split.js";
import { type ComparisonRow, comparison, duration, mebibytes, publish, type ReportTable } from "./report.js";
import { check, inChild, inDirectory, median, randomSource, shuffled } from "./support.js";

const flags = benchFlags(
	{ rows: 1_000_000, pairs: 5_000_000, rounds: 5 },
	{ rows: 30_000, pairs: 30_000, rounds: 1 },
	{ phases: "table,pairs,split" },
);

/** Writes lines without holding all of them. */
function writeLines(file: string, header: string, count: number, line: (i: number) => string): number {
	const target = openSync(file, "w");
	let text = `${header}\n`;
	let bytes = 0;
	for (let i = 0; i < count; i++) {
		text += `${line(i)}\n`;
		if (text.length < 1 << 20 && i < count - 1) continue;
		bytes += writeSync(target, text);
		text = "";
	}
	closeSync(target);
	return bytes;
}

/** Integers, reals, quoted text and timestamps. */
function tableFile(directory: string): string {
	const random = randomSource(3);
	const below = (limit: number) => Math.floor(random() * limit);
	const two = (value: number) => String(value).padStart(2, "0");
	const file = join(directory, "table.csv");
	writeLines(file, "id,qty,price,name,made,note", flags.rows, (i) => {
		const at = `2024-${two(1 + below(12))}-${two(1 + below(28))} ${two(below(24))}:${two(below(60))}:${two(below(60))}`;
		return `${i},${below(1000)},${below(1_000_000) / 8 + 0.5},"name, ${below(100_000)}",${at},note ${below(1e6)}`;
	});
	return file;
}

function pairsFile(directory: string): string {
	const order = shuffled(flags.pairs, randomSource(4));
	const random = randomSource(5);
	const file = join(directory, "pairs.csv");
	const value = () => Math.floor(random() * 2 ** 52).toString(36);
	writeLines(file, "k,v", flags.pairs, (i) => {
		return `${String(order[i]).padStart(16, "0")},${value()}${value()}${value()}${value()}${value()}`;
	});
	return file;
}

async function measured(
	title: string,
	file: string,
	kind: "table" | "pairs",
	names: readonly LoadContender[],
	rows: number,
): Promise<ReportTable> {
	const found = new Map<LoadContender, Loaded[]>(names.map((name) => [name, []]));
	for (let round = 0; round < flags.rounds; round++) {
		for (let turn = 0; turn < names.length; turn++) {
			const contender = names[(turn + round) % names.length] as LoadContender; // within
			const loaded = await inDirectory(async (directory) =>
				inChild<Loaded | null>("load-child", { contender, kind, file, directory } satisfies LoadJob),
			);
			if (loaded !== null) found.get(contender)?.push(loaded);
		}
	}
	const present = names.filter((name) => found.get(name)?.length !== 0);
	const [first] = found.get(present[0] as LoadContender) ?? [];
	for (const name of present) {
		for (const { answer } of found.get(name) ?? [])
			check(sameAnswer(answer, first?.answer ?? []), `${name} has loaded the same`);
	}
	check(first?.answer[0] === rows, "all rows are there");
	const of = (figure: (loaded: Loaded) => number) => present.map((name) => median((found.get(name) ?? []).map(figure)));
	const lines: ComparisonRow[] = [
		{ name: "load", figures: of(({ seconds }) => 1 / seconds), format: (figure) => duration(1 / figure) },
		{ name: "peak memory of the process", figures: of(({ peakBytes }) => peakBytes), format: mebibytes },
		{ name: "on the disk", figures: of(({ diskBytes }) => diskBytes), format: mebibytes },
	];
	return comparison(
		title,
		present,
		lines,
		["Ratios of a load are of speed: above 1 is faster. Those of bytes: above 1 is more."],
		present.slice(1).map((name) => [present[0] as string, name]),
	);
}

function sameAnswer(a: readonly number[], b: readonly number[]): boolean {
	return (
		a.length === b.length && a.every((value, i) => Math.abs(value - (b[i] ?? 0)) <= 1e-9 * Math.max(1, Math.abs(value)))
	);
}

const tables: ReportTable[] = [];
await inDirectory(async (directory) => {
	const phases = flags.phases.split(",");
	if (phases.includes("table")) {
		const names: LoadContender[] = [
			"wlsm",
			"wlsm, 1 thread",
			"wlsm in TypeScript",
			"sqlite3 .import",
			"better-sqlite3",
			"duckdb",
		];
		tables.push(await measured(`A table of ${flags.rows} rows`, tableFile(directory), "table", names, flags.rows));
	}
	if (phases.includes("pairs")) {
		const names: LoadContender[] = ["wlsm", "wlsm, 1 thread", "classic-level"];
		tables.push(
			await measured(`${flags.pairs} pairs in random order`, pairsFile(directory), "pairs", names, flags.pairs),
		);
	}
	if (phases.includes("split")) tables.push(splitTable(flags.smoke ? 1 << 20 : 64 << 20, flags.rounds));
});
publish(tables, flags.json);
