import { mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import Table from "cli-table3";
import { type Machine, machine } from "./machine.js";

/** Of raw figures: operations per second, seconds, nanoseconds, bytes, a ratio, a count. */
export type Unit = "/s" | "s" | "ns" | "B" | "ratio" | "count";

/** The figures of one row as numbers, by contender; null where one has no such operation. */
export interface Series {
	readonly name: string;
	readonly unit: Unit;
	readonly figures: Readonly<Record<string, number | null>>;
}

export interface ReportTable {
	readonly title: string;
	readonly head: readonly string[];
	readonly rows: readonly (readonly string[])[];
	readonly notes: readonly string[];
	/** The figures behind the rows, six digits of each. */
	readonly series?: readonly Series[];
}

/** What one run of one benchmark found, as `--json` writes it. */
export interface Report {
	readonly name: string;
	readonly command: string;
	/** When it ended, ISO 8601. */
	readonly date: string;
	readonly seconds: number;
	readonly machine: Machine;
	readonly tables: readonly ReportTable[];
}

/** A line of a comparison: what was measured, a figure for each contender (NaN: it has none), how to print one. */
export interface ComparisonRow {
	readonly name: string;
	readonly figures: readonly number[];
	readonly format: (figure: number) => string;
	/** By default that of `format` where it is one of this file, else "count". */
	readonly unit?: Unit;
}

/** A column of one contender's figures divided by another's. */
export type RatioColumn = readonly [dividend: string, divisor: string];

const or = (figure: number, text: string) => (Number.isFinite(figure) ? text : "-");

/** Operations per second as a person reads them. */
export function rate(perSecond: number): string {
	if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(2)} M/s`;
	return perSecond >= 1e4 ? `${(perSecond / 1e3).toFixed(1)} k/s` : `${perSecond.toFixed(0)} /s`;
}

export function duration(seconds: number): string {
	if (seconds >= 1) return `${seconds.toFixed(2)} s`;
	if (seconds >= 1e-3) return `${(seconds * 1e3).toFixed(2)} ms`;
	return seconds >= 1e-6 ? `${(seconds * 1e6).toFixed(1)} µs` : nanoseconds(seconds * 1e9);
}

export const nanoseconds = (figure: number) => `${figure.toFixed(figure < 100 ? 1 : 0)} ns`;

export const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
export const factor = (figure: number) => figure.toFixed(2);

const UNITS: ReadonlyMap<ComparisonRow["format"], Unit> = new Map([
	[rate, "/s"],
	[duration, "s"],
	[nanoseconds, "ns"],
	[mebibytes, "B"],
	[factor, "ratio"],
]);

const againstAll = (names: readonly string[]): RatioColumn[] =>
	names.includes("wlsm") ? names.filter((name) => name !== "wlsm").map((name) => ["wlsm", name]) : [];

/** A figure of a series as a person reads it. */
export function withUnit(figure: number, unit: Unit): string {
	switch (unit) {
		case "/s":
			return rate(figure);
		case "s":
			return duration(figure);
		case "ns":
			return duration(figure / 1e9);
		case "B":
			return mebibytes(figure);
		case "ratio":
			return factor(figure);
		case "count":
			return figure.toFixed(0);
	}
}

/** A table of contenders and of ratios: by default, where wlsm is one of them, those of wlsm to each other one. */
export function comparison(
	title: string,
	names: readonly string[],
	rows: readonly ComparisonRow[],
	notes: readonly string[] = [],
	ratios: readonly RatioColumn[] = againstAll(names),
): ReportTable {
	const figureOf = ({ figures }: ComparisonRow, name: string) => figures[names.indexOf(name)] ?? Number.NaN;
	return {
		title,
		head: ["", ...names, ...ratios.map(([dividend, divisor]) => `${dividend} / ${divisor}`)],
		rows: rows.map((row) => [
			row.name,
			...row.figures.map((figure) => or(figure, row.format(figure))),
			...ratios.map(([dividend, divisor]) => {
				const ratio = figureOf(row, dividend) / figureOf(row, divisor);
				return or(ratio, ratio.toFixed(2));
			}),
		]),
		notes,
		series: rows.map((row) => ({
			name: row.name,
			unit: row.unit ?? UNITS.get(row.format) ?? "count",
			figures: Object.fromEntries(names.map((name) => [name, rounded(figureOf(row, name))])),
		})),
	};
}

const rounded = (figure: number) => (Number.isFinite(figure) ? Number(figure.toPrecision(6)) : null);

/** Prints the tables and, where it is asked for, writes the report. */
export function publish(tables: readonly ReportTable[], json: string | undefined): void {
	for (const { title, head, rows, notes } of tables) {
		const table = new Table({ head: [...head], style: { head: [], border: [] } });
		for (const row of rows) table.push([...row]);
		console.log([title, table.toString(), ...notes, ""].join("\n"));
	}
	if (json === undefined) return;
	const script = basename(process.argv[1] ?? "");
	const flags = process.argv.slice(2).filter((flag, index, all) => flag !== "--json" && all[index - 1] !== "--json");
	const report: Report = {
		name: script.replace(/\.js$/, ""),
		command: ["node", `dist/bench/${script}`, ...flags].join(" "),
		date: new Date().toISOString(),
		seconds: Math.round(performance.now() / 1000),
		machine: machine(),
		tables,
	};
	mkdirSync(dirname(json), { recursive: true });
	writeFileSync(json, `${JSON.stringify(report, null, "\t")}\n`);
}
