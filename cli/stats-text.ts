/** Figures about a database, for those who read them. */

import type { DatabaseStats } from "../host/index.js";
import { tableFor } from "./format/table.js";
import { durationText, numberOf, sizeText } from "./format/units.js";
import type { Look } from "./style.js";

const barWidth = 20;

/** What is stored where, with bars, and the figures that tell how it fares. */
export function statsText(stats: DatabaseStats, look: Look): string {
	const { location, kernel, sequence } = stats;
	const head = `${look.display(location)}, kernel ${kernel}, ${numberOf(sequence)} writes so far\n`;
	return [head, placesText(stats, look), figuresText(stats, look)].join("");
}

function sum(values: readonly number[]): number {
	return values.reduce((total, value) => total + value, 0);
}

function placesText({ levels, memtables }: DatabaseStats, look: Look): string {
	const memory = {
		place: "memtables",
		files: memtables.length,
		entries: sum(memtables.map(({ entries }) => entries)),
		bytes: sum(memtables.map(({ bytes }) => bytes)),
		readBytes: 0,
		writtenBytes: 0,
	};
	const places = [memory, ...levels.map((level) => ({ place: `level ${level.level}`, ...level }))];
	const shown = places.filter(({ files, bytes, writtenBytes }) => files + bytes + writtenBytes > 0);
	const largest = Math.max(1, ...shown.map(({ bytes }) => bytes));
	// Of a narrow terminal bars are the first to go.
	const isNarrow = (look.width ?? Infinity) < 70;
	const rows = shown.map(({ place, files, entries, bytes, readBytes, writtenBytes }) => [
		place,
		numberOf(files),
		numberOf(entries),
		sizeText(bytes),
		...(isNarrow ? [] : [bar(bytes / largest), sizeText(readBytes), sizeText(writtenBytes)]),
	]);
	const columns = ["place", "tables", "entries", "size", ...(isNarrow ? [] : ["", "compactions read", "written"])];
	return [...tableFor(look)(columns, rows)].join("");
}

/** Eighths of a character make short bars differ. */
export function bar(share: number): string {
	const eighths = Math.round(Math.min(1, Math.max(0, share)) * barWidth * 8);
	const rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8] ?? "";
	return "█".repeat(Math.floor(eighths / 8)) + rest;
}

function figuresText(stats: DatabaseStats, look: Look): string {
	const lines = figuresOf(stats);
	const width = Math.max(...lines.map(([name]) => name.length));
	return lines
		.map(([name, ...texts]) => `${look.paint("heading", name.padEnd(width))}  ${texts.join(", ")}\n`)
		.join("");
}

/** One line for each: what it is about, and what is known of it. Nothing is left out but what JSON is better for. */
function figuresOf(stats: DatabaseStats): [string, ...string[]][] {
	const { amplification, cache, filters, commits, log, compaction, stalls, memory, files } = stats;
	const looks = cache.hits + cache.misses;
	return [
		[
			"amplification",
			`write ${ratio(amplification.write)}`,
			`space ${ratio(amplification.space)}`,
			`read ${numberOf(amplification.read)} sorted runs`,
		],
		[
			"cache",
			`${sizeText(cache.usedBytes)} of ${sizeText(cache.budgetBytes)}`,
			looks === 0 ? "no reads yet" : `${percent(cache.hits / looks)} hits of ${numberOf(looks)}`,
		],
		[
			"filters",
			filters.checks === 0
				? "no checks yet"
				: `${numberOf(filters.checks)} checks, ${percent(filters.rejects / filters.checks)} spared a read, ${numberOf(filters.falsePositives)} false`,
		],
		[
			"memory",
			`${sizeText(memory.allocatedBytes)} in use`,
			`${sizeText(memory.linearBytes)} of at most ${sizeText(memory.limitBytes)} taken`,
		],
		[
			"  of it",
			`memtables ${sizeText(memory.memtableBytes)}`,
			`blocks ${sizeText(memory.cacheBytes)}`,
			`tables ${sizeText(memory.tableBytes)}`,
			`other ${sizeText(memory.otherBytes)}`,
		],
		["commits", numberOf(commits.count), `${numberOf(commits.operations)} operations`, sizeText(commits.bytes)],
		["log", `${sizeText(log.bytes)} now`, `${sizeText(log.writtenBytes)} written`, `${numberOf(log.syncs)} syncs`],
		[
			"flushes",
			numberOf(compaction.flushes),
			`${sizeText(compaction.flushedBytes)} in ${durationText(compaction.flushMilliseconds)}`,
		],
		[
			"compactions",
			numberOf(compaction.compactions),
			`${sizeText(compaction.compactionWrittenBytes)} in ${durationText(compaction.compactionMilliseconds)}`,
			`${sizeText(compaction.writtenBytesPerSecond)}/s with flushes`,
		],
		[
			"stalls",
			numberOf(stalls.count),
			...(stalls.count === 0
				? []
				: [`${durationText(stalls.milliseconds)} in all`, `the longest ${durationText(stalls.longestMilliseconds)}`]),
		],
		[
			"open",
			`${numberOf(files.open)} of ${numberOf(files.limit)} files`,
			`${stats.snapshots} snapshots`,
			`${stats.iterators} iterators`,
		],
	];
}

function ratio(value: number | null): string {
	return value === null ? "-" : numberOf(value);
}

function percent(share: number): string {
	return `${(share * 100).toFixed(1)} %`;
}
