import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { type Ledger, WRONGS } from "./ledger.js";

export type Findings = Pick<Ledger, "cases" | "counts" | "wrongs" | "violations" | "longest">;

/** What came of one campaign. */
export interface Outcome extends Findings {
	readonly name: string;
	readonly unit: string;
	readonly seconds: number;
}

/** What was run. */
export interface Run {
	readonly scale: number;
	readonly seed: number;
	readonly date: string;
	/** Of the commit. */
	readonly commit: string;
}

const DOCUMENT = fileURLToPath(new URL("../../../docs/RELIABILITY.md", import.meta.url));
const [BEGIN, END] = ["<!-- figures: written by npm run test:reliability -- --write -->", "<!-- end of figures -->"];

/** Puts the figures of a run in the place of those in docs/RELIABILITY.md. */
export function writeFigures(outcomes: readonly Outcome[], run: Run): void {
	const text = readFileSync(DOCUMENT, "utf8");
	const [start, end] = [text.indexOf(BEGIN), text.indexOf(END)];
	if (start === -1 || end < start) throw new Error(`${DOCUMENT} has no place for the figures`);
	writeFileSync(DOCUMENT, `${text.slice(0, start)}${BEGIN}\n\n${figures(outcomes, run)}\n${text.slice(end)}`);
}

/** A table with a row for each campaign, and below it what each counted. */
export function figures(outcomes: readonly Outcome[], { scale, seed, date, commit }: Run): string {
	const columns = ["campaign", "cases", "seconds", ...WRONGS, "longest case"];
	const rows = outcomes.map(({ name, cases, unit, seconds, wrongs, longest }) => [
		name,
		`${number(cases)} ${unit}`,
		seconds.toFixed(0),
		...WRONGS.map((kind) => number(wrongs[kind])),
		`${number(Math.round(longest.milliseconds))} ms`,
	]);
	const counted = outcomes.flatMap(({ name, counts }) => {
		const told = Object.entries(counts).map(([what, count]) => `${number(count)} ${what}`);
		return told.length === 0 ? [] : [`- **${name}**: ${told.join(" · ")}`];
	});
	return [
		`Commit ${commit}, ${date}, Node ${process.versions.node}, ${availableParallelism()} cores, seed ${seed}, scale ${scale}.`,
		"",
		line(columns),
		line(columns.map((_, index) => (index < 2 ? "---" : "---:"))),
		...rows.map(line),
		"",
		...counted,
		"",
	].join("\n");
}

function line(cells: readonly string[]): string {
	return `| ${cells.join(" | ")} |`;
}

function number(value: number): string {
	return value.toLocaleString("en");
}
