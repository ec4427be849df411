/*
 * Runs the benchmarks in turn and puts their reports together, with plots.
 *
 *   node dist/bench/report-all.js [--parts key-value,latency] [--out docs/BENCHMARKS.md] [--smoke]
 *
 * Each part leaves its report in dist/bench/results/. What is written is made of all reports there that are of this
 * machine, these versions and this build, so that parts can be run one by one; `--parts ""` runs none. Plots lie in the
 * folder plots beside the page, and are left out where the charting library is not installed.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bundles, sizesTable } from "./bundle.js";
import { machine } from "./machine.js";
import { benchmarksPage, type Part } from "./page.js";
import { loadDraw } from "./plots/chart.js";
import { plot } from "./plots/plots.js";
import type { Report } from "./report.js";

const PARTS: readonly Part[] = [
	{
		name: "kernel",
		title: "The kernel in WebAssembly and in TypeScript",
		script: "kernel",
		flags: [],
		plot: "speed-up",
	},
	{ name: "macro", title: "Whole workloads", script: "macro", flags: [], plot: "throughput" },
	{ name: "key-value", title: "Operations one by one", script: "key-value", flags: [], plot: "throughput" },
	{
		name: "ycsb",
		title: "YCSB",
		script: "ycsb",
		flags: ["--operations", "60000", "--rounds", "3"],
		plot: "throughput",
	},
	{
		name: "ycsb-sync",
		title: "YCSB, synchronous",
		script: "ycsb",
		flags: ["--operations", "60000", "--rounds", "3", "--mode", "sync"],
		plot: "throughput",
	},
	{ name: "sql", title: "SQL over a million rows", script: "sql", flags: [] },
	{ name: "load", title: "Loading CSV", script: "load", flags: [] },
	{ name: "latency", title: "Latency", script: "latency", flags: [], plot: "latency" },
	{ name: "large", title: "Ten times the cache", script: "large", flags: ["--phases", "fill"] },
	{ name: "open", title: "Opening", script: "large", flags: ["--phases", "open"] },
	{ name: "shell", title: "From a shell", script: "large", flags: ["--phases", "shell"] },
];

const { values: flags } = parseArgs({
	options: {
		parts: { type: "string", default: PARTS.map(({ name }) => name).join(",") },
		out: { type: "string" },
		smoke: { type: "boolean", default: false },
	},
});
const project = fileURLToPath(new URL("../../", import.meta.url));
const results = join(project, "dist/bench", flags.smoke ? "results-smoke" : "results");
const out = flags.out ?? (flags.smoke ? join(results, "BENCHMARKS.md") : join(project, "docs/BENCHMARKS.md"));
const resultOf = ({ name }: Part) => join(results, `${name}.json`);

const wanted = flags.parts.split(",").filter((name) => name !== "");
for (const name of wanted) {
	const part = PARTS.find((candidate) => candidate.name === name);
	if (part === undefined) throw new Error(`--parts takes ${PARTS.map((one) => one.name).join(", ")}, not ${name}`);
	const script = fileURLToPath(new URL(`${part.script}.js`, import.meta.url));
	const more = flags.smoke ? ["--smoke", ...smokeFlags(part)] : part.flags;
	const { status } = spawnSync(process.execPath, [script, ...more, "--json", resultOf(part)], {
		cwd: project,
		stdio: "inherit",
	});
	if (status !== 0) throw new Error(`${part.name} failed`);
}

/** What says which of a script's works it is; sizes are the smoke run's own. */
function smokeFlags({ flags: all }: Part): string[] {
	return all.filter((flag, index) => [flag, all[index - 1]].some((one) => one === "--phases" || one === "--mode"));
}

const here = machine();
const origin = (report: Report) => JSON.stringify({ ...report.machine, commit: "" });
const mine = JSON.stringify({ ...here, commit: "" });
const reports = new Map<Part, Report>();
for (const part of PARTS) {
	const file = resultOf(part);
	if (!existsSync(file)) continue;
	const report = JSON.parse(readFileSync(file, "utf8")) as Report;
	if (origin(report) === mine) reports.set(part, report);
	else console.error(`${part.name}: left out, for it was measured with another build or elsewhere`);
}

const directory = join(dirname(out), "plots");
mkdirSync(directory, { recursive: true });
const draw = await loadDraw();
if (draw === undefined) console.error("No plots: what draws them is installed by npm ci --prefix bench/peers");
const plots = new Map<Part, string>();
for (const part of PARTS) {
	const name = `${part.name}.svg`;
	const report = reports.get(part);
	const drawn =
		draw === undefined || part.plot === undefined || report === undefined
			? undefined
			: plot(draw, part.plot, part.title, report);
	// None of another build stays behind.
	if (drawn === undefined) rmSync(join(directory, name), { force: true });
	else {
		writeFileSync(join(directory, name), drawn);
		plots.set(part, `plots/${name}`);
	}
}

const notes = join(project, "docs/benchmark-notes.md");
writeFileSync(
	out,
	benchmarksPage(PARTS, reports, {
		machine: here,
		sizes: sizesTable(bundles()),
		notes: existsSync(notes) ? readFileSync(notes, "utf8") : undefined,
		plots,
	}),
);
console.error(`${reports.size} of ${PARTS.length} parts and ${plots.size} plots written to ${out}`);
