/** Figures about a database, for those who read them. */

import type { DatabaseStats } from "../host/index.js";
import { tableFor } from "./format/table.js";
import { durationText, numberOf, sizeText } from "./format/units.js";
import type { Look } from "./style.js";

const barWidth = 20;

/** What is stored where, with bars, and the figures that tell how it fares. */
export function statsText(stats: DatabaseStats, look: Look): string {
	const { location, kernel, sequence } = stats;
	const head = `${look.display(location)}, kernel ${kernel}, sequence number ${numberOf(sequence)}\n`;
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
	const width = look.width ?? Infinity;
	const cells = shown.map(({ place, files, entries, bytes, readBytes, writtenBytes }) => [
		place,
		numberOf(entries),
		sizeText(bytes),
		numberOf(files),
		bar(bytes / largest),
		sizeText(readBytes),
		sizeText(writtenBytes),
	]);
	// What a narrow terminal has no room for goes, the last columns first.
	const count = width < 50 ? 3 : width < 75 ? 4 : width < 105 ? 5 : 7;
	const rows = figuresRight(cells).map((row) => row.slice(0, count));
	return [...tableFor(look)(placeColumns.slice(0, count), rows)].join("");
}

/** The one without a name has bars. */
const placeColumns = ["place", "entries", "size", "tables", "", "compactions read", "written"];

/** Texts of figures stand to the right, as numbers do. */
function figuresRight(rows: readonly (readonly string[])[]): string[][] {
	const widths = placeColumns.map((name, i) => Math.max(name.length, ...rows.map((row) => (row[i] ?? "").length)));
	const isFigure = (column: number) => placeColumns[column] !== "place" && placeColumns[column] !== "";
	return rows.map((row) => row.map((text, i) => (isFigure(i) ? text.padStart(widths[i] ?? 0) : text)));
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
		.map(([name, ...texts]) => {
			const [first = "", ...more] = wrapped(texts, (look.width ?? Infinity) - width - 2);
			const rest = more.map((line) => `${" ".repeat(width)}  ${line}\n`);
			return [`${look.paint("heading", name.padEnd(width))}  ${first}\n`, ...rest].join("");
		})
		.join("");
}

/** With commas between them, on as many lines as they need. */
function wrapped(texts: readonly string[], width: number): string[] {
	const lines: string[] = [];
	for (const [i, text] of texts.entries()) {
		const piece = i < texts.length - 1 ? `${text},` : text;
		const last = lines.at(-1);
		if (last !== undefined && last.length + 1 + piece.length <= width) lines[lines.length - 1] = `${last} ${piece}`;
		else lines.push(piece);
	}
	return lines;
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
