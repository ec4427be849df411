import type { Machine } from "./machine.js";
import type { PlotKind } from "./plots/plots.js";
import { type Report, type ReportTable, withUnit } from "./report.js";
import { type SpeedUp, speedUps } from "./speed-up.js";

/** One run of one script. */
export interface Part {
	readonly name: string;
	readonly title: string;
	readonly script: string;
	readonly flags: readonly string[];
	/** How its figures are drawn beside its tables. */
	readonly plot?: PlotKind;
}

/** What the page is made of beside the reports. */
export interface PageMatter {
	readonly machine: Machine;
	readonly sizes: ReportTable;
	/** Written by hand: why WebAssembly is slower where it is. */
	readonly notes: string | undefined;
	/** A part's plot as the path that the page links. */
	readonly plots: ReadonlyMap<Part, string>;
}

/** A GitHub table, columns filled up to equal widths, figures to the right. */
function markdownTable({ head, rows }: Pick<ReportTable, "head" | "rows">): string {
	const widths = head.map((title, column) => Math.max(3, title.length, ...rows.map((row) => row[column]?.length ?? 0)));
	const line = (cells: readonly string[]) =>
		`| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join(" | ")} |`;
	const rule = `| ${widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
	return [line(head), rule, ...rows.map(line)].join("\n");
}

function machineList({ versions, ...machine }: Machine): string {
	return [
		`${machine.cores} x ${machine.cpu}, ${(machine.memoryBytes / 2 ** 30).toFixed(0)} GiB of memory, ${machine.system}, ${machine.fileSystem}`,
		`node ${machine.node}`,
		Object.entries(versions)
			.map((version) => version.join(" "))
			.join(", "),
		`commit ${machine.commit}, hash of the compiled library and kernel ${machine.build}`,
	]
		.map((line) => `- ${line}`)
		.join("\n");
}

const tableText = (table: ReportTable) => [`**${table.title}**`, markdownTable(table), ...table.notes].join("\n\n");

function lossRow(title: string, { name, wasm, typescript, unit, wasmFigure, typescriptFigure, times }: SpeedUp) {
	const figures = [`${wasm} ${withUnit(wasmFigure, unit)}`, `${typescript} ${withUnit(typescriptFigure, unit)}`];
	return [`${title}: ${name}`, ...figures, times.toFixed(2)];
}

/** Empty where nothing was measured in both. */
function losses(reports: ReadonlyMap<Part, Report>, notes: string | undefined): string[] {
	const measured = [...reports].flatMap(([{ title }, { tables }]) =>
		speedUps(tables).map((speedUp) => ({ title, speedUp })),
	);
	const slower = measured.filter(({ speedUp }) => speedUp.times < 1);
	const found =
		slower.length === 0
			? "None of what was measured in both is slower in WebAssembly than in TypeScript."
			: [
					`Of ${measured.length} comparisons below, those in which TypeScript is the faster one (wasm and ts are the kernels by themselves, wlsm and wlsm-inline databases beside wlsm-ts):`,
					markdownTable({
						head: ["", "WebAssembly", "TypeScript", "times as fast in WebAssembly"],
						rows: slower
							.sort((a, b) => a.speedUp.times - b.speedUp.times)
							.map(({ title, speedUp }) => lossRow(title, speedUp)),
					}),
				].join("\n\n");
	const body = [...(measured.length === 0 ? [] : [found]), ...(notes === undefined ? [] : [notes.trim()])];
	return body.length === 0 ? [] : [["## Where WebAssembly is slower", ...body].join("\n\n")];
}

/** docs/BENCHMARKS.md */
export function benchmarksPage(
	parts: readonly Part[],
	reports: ReadonlyMap<Part, Report>,
	{ machine, sizes, notes, plots }: PageMatter,
): string {
	const missing = parts.filter((part) => !reports.has(part)).map(({ name }) => name);
	const sections = [...reports].map(([part, { command, date, seconds, tables }]) => {
		const plot = plots.get(part);
		return [
			`## ${part.title}`,
			`\`${command}\`, ${date.slice(0, 16).replace("T", " ")} UTC, ${seconds} s`,
			...(plot === undefined ? [] : [`![${part.title}: the figures of the table below as a plot](${plot})`]),
			...tables.map(tableText),
		].join("\n\n");
	});
	return `${[
		"# Benchmarks",
		"Written by `npm run bench:report`: every table is the output of the one run whose command and time stand over it, and every plot is drawn from the tables below it. What each measures and how the contenders are set up is in [bench/README.md](../bench/README.md). A ratio is the first-named figure divided by the second.",
		machineList(machine),
		...(missing.length === 0 ? [] : [`Not measured with this build: ${missing.join(", ")}.`]),
		...losses(reports, notes),
		...sections,
		["## Sizes", "`node dist/bench/sizes.js`", tableText(sizes)].join("\n\n"),
	].join("\n\n")}\n`;
}
