import { mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import Table from "cli-table3";
import { type Machine, machine } from "./machine.js";

export interface ReportTable {
	readonly title: string;
	readonly head: readonly string[];
	readonly rows: readonly (readonly string[])[];
	readonly notes: readonly string[];
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
}

const or = (figure: number, text: string) => (Number.isFinite(figure) ? text : "-");

/** Operations per second as a person reads them. */
export function rate(perSecond: number): string {
	if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(2)} M/s`;
	return perSecond >= 1e4 ? `${(perSecond / 1e3).toFixed(1)} k/s` : `${perSecond.toFixed(0)} /s`;
}

export function duration(seconds: number): string {
	if (seconds >= 1) return `${seconds.toFixed(2)} s`;
	return seconds >= 1e-3 ? `${(seconds * 1e3).toFixed(2)} ms` : `${(seconds * 1e6).toFixed(1)} µs`;
}

export const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
export const factor = (figure: number) => figure.toFixed(2);

/** A table of contenders with, where wlsm is the first of them, the ratio to each other one. */
export function comparison(
	title: string,
	names: readonly string[],
	rows: readonly ComparisonRow[],
	notes: readonly string[] = [],
): ReportTable {
	const peers = names[0] === "wlsm" ? names.slice(1) : [];
	return {
		title,
		head: ["", ...names, ...peers.map((name) => `wlsm / ${name}`)],
		rows: rows.map(({ name, figures, format }) => [
			name,
			...figures.map((figure) => or(figure, format(figure))),
			...peers.map((_, index) => {
				const ratio = (figures[0] ?? Number.NaN) / (figures[index + 1] ?? Number.NaN);
				return or(ratio, ratio.toFixed(2));
			}),
		]),
		notes,
	};
}

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
