/* The page and its plots from small reports made up here: no figure is measured. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Machine } from "../../bench/machine.js";
import { benchmarksPage, type Part } from "../../bench/page.js";
import { loadDraw } from "../../bench/plots/chart.js";
import { plot } from "../../bench/plots/plots.js";
import { comparison, duration, factor, nanoseconds, type Report, type ReportTable, rate } from "../../bench/report.js";
import { speedUps } from "../../bench/speed-up.js";
import { root } from "../support/sources.js";

const machine: Machine = {
	cpu: "Imaginary",
	cores: 2,
	memoryBytes: 2 ** 33,
	system: "Linux 6",
	fileSystem: "ext4",
	node: "v20",
	versions: { wlsm: "0.1.0", lmdb: "3" },
	commit: "abc",
	build: "def",
};

const kernel = comparison(
	"Kernel",
	["wasm", "ts"],
	[
		{ name: "hash of 4096 bytes", figures: [600, 2100], format: nanoseconds },
		{ name: "comparison of <short> keys", figures: [14, 11], format: nanoseconds },
		{ name: "only in one", figures: [14, Number.NaN], format: nanoseconds },
	],
	[],
	[["ts", "wasm"]],
);
const macro = comparison(
	"Workloads",
	["wlsm-ts", "wlsm-inline", "wlsm", "lmdb"],
	[
		{ name: "reads", figures: [1e6, 5e5, 2e6, 3e5], format: rate },
		{
			name: "scans that are described at some length in so many words",
			figures: [10, 20, 30, Number.NaN],
			format: rate,
		},
		{ name: "space amplification", figures: [1, 2, 3, 4], format: factor },
	],
);
const latency = comparison(
	"Puts",
	["wlsm", "lmdb"],
	[
		{ name: "puts", figures: [10, 20], format: (figure) => figure.toFixed(0) },
		{ name: "p50", figures: [2e-6, 1e-5], format: duration },
		{ name: "p99.9", figures: [5e-4, 1e-3], format: duration },
		{ name: "longest", figures: [0.02, Number.NaN], format: duration },
		{ name: "longest block of the event loop", figures: [3, 4], format: duration },
	],
);

const parts = {
	kernel: { name: "kernel", title: "Kernel & twin", script: "kernel", flags: [], plot: "speed-up" },
	macro: { name: "macro", title: "Workloads", script: "macro", flags: [], plot: "throughput" },
	latency: { name: "latency", title: "Latency", script: "latency", flags: [], plot: "latency" },
	large: { name: "large", title: "Large", script: "large", flags: [] },
} as const satisfies Readonly<Record<string, Part>>;

function report(name: string, ...tables: ReportTable[]): Report {
	return {
		name,
		command: `node dist/bench/${name}.js --rounds 3`,
		date: "2026-01-02T03:04:05.678Z",
		seconds: 6,
		machine,
		tables,
	};
}

const reports = new Map<Part, Report>([
	[parts.kernel, report("kernel", kernel)],
	[parts.macro, report("macro", macro)],
	[parts.latency, report("latency", latency)],
]);
const sizes: ReportTable = { title: "Bytes", head: ["", "raw"], rows: [["kernel.wasm", "40.0 KiB"]], notes: ["Sums."] };

const page = (of: ReadonlyMap<Part, Report>, notes?: string) =>
	benchmarksPage(Object.values(parts), of, { machine, sizes, notes, plots: new Map([[parts.kernel, "plots/k.svg"]]) });

const test = suite("the report");

test("a comparison has its figures as numbers with their units, and none where there is none", () => {
	assert.equal(JSON.parse(JSON.stringify(kernel.series)), [
		{ name: "hash of 4096 bytes", unit: "ns", figures: { wasm: 600, ts: 2100 } },
		{ name: "comparison of <short> keys", unit: "ns", figures: { wasm: 14, ts: 11 } },
		{ name: "only in one", unit: "ns", figures: { wasm: 14, ts: null } },
	]);
	assert.equal(
		latency.series?.map(({ unit }) => unit),
		["count", "s", "s", "s", "s"],
	);
	const [third] = comparison("", ["a"], [{ name: "", figures: [1e6 / 3], format: String, unit: "B" }]).series ?? [];
	assert.equal(third, { name: "", unit: "B", figures: { a: 333333 } });
});

test("ratios are those of wlsm to all others wherever it stands, or those that are asked for", () => {
	assert.equal(macro.head.slice(5), ["wlsm / wlsm-ts", "wlsm / wlsm-inline", "wlsm / lmdb"]);
	assert.equal(macro.rows[0]?.slice(5), ["2.00", "4.00", "6.67"]);
	assert.equal(macro.rows[1]?.slice(5), ["3.00", "1.50", "-"]);
	assert.equal(kernel.head, ["", "wasm", "ts", "ts / wasm"]);
	assert.equal(
		kernel.rows.map((row) => row.at(-1)),
		["3.50", "0.79", "-"],
	);
});

test("speed-ups are of times and rates that both have, above 1 where WebAssembly is faster", () => {
	const found = speedUps([kernel, macro, sizes]).map(({ name, wasm, times }) => [wasm, name.split(" ")[0], times]);
	assert.equal(found, [
		["wasm", "hash", 3.5],
		["wasm", "comparison", 11 / 14],
		["wlsm-inline", "reads", 0.5],
		["wlsm-inline", "scans", 2],
		["wlsm", "reads", 2],
		["wlsm", "scans", 3],
	]);
});

test("the page has machine, commands, plots, sizes, and what was not measured", () => {
	const text = page(reports);
	assert.match(
		text,
		/^# Benchmarks\n[\s\S]*- 2 x Imaginary, 8 GiB of memory, Linux 6, ext4\n- node v20\n- wlsm 0\.1\.0, lmdb 3\n/,
	);
	assert.match(text, /Not measured with this build: large\./);
	assert.match(
		text,
		/## Kernel & twin\n\n`node dist\/bench\/kernel\.js --rounds 3`, 2026-01-02 03:04 UTC, 6 s\n\n!\[[^\]]+\]\(plots\/k\.svg\)/,
	);
	assert.match(text, /## Sizes\n\n`node dist\/bench\/sizes\.js`[\s\S]*\| kernel\.wasm \| 40\.0 KiB \|\n\nSums\.\n$/);
	assert.is(text.match(/!\[/g)?.length, 1);
});

test("the page lists where WebAssembly is slower, worst first, and has the notes as they are", () => {
	const [, section] =
		/\n## Where WebAssembly is slower\n\n([\s\S]*?)\n## /.exec(page(reports, "# Why\n\nBecause.\n")) ?? [];
	const rows = section
		?.split("\n")
		.filter((line) => line.startsWith("| "))
		.slice(2);
	assert.match(section ?? "", /^Of 6 comparisons/);
	assert.is(rows?.length, 2);
	assert.match(
		rows?.[0] ?? "",
		/^\| Workloads: reads +\| +wlsm-inline 500\.0 k\/s \| +wlsm-ts 1\.00 M\/s \| +0\.50 \|$/,
	);
	assert.match(
		rows?.[1] ?? "",
		/^\| Kernel & twin: comparison of <short> keys \| +wasm 14\.0 ns \| +ts 11\.0 ns \| +0\.79 \|$/,
	);
	assert.match(section ?? "", /\n\n# Why\n\nBecause\.\n$/);
});

test("the page says where nothing is slower, and nothing where nothing was compared", () => {
	const faster = comparison("K", ["wasm", "ts"], [{ name: "a", figures: [1, 2], format: nanoseconds }]);
	assert.match(
		page(new Map([[parts.kernel, report("kernel", faster)]])),
		/None of what was measured in both is slower/,
	);
	assert.not.match(page(new Map([[parts.latency, report("latency", latency)]])), /WebAssembly is slower/);
});

const draw = await loadDraw();

/** The texts of an SVG, which has to be well-formed: every element closed in its order. */
function textsOf(svg: string): string[] {
	const open: string[] = [];
	const texts: string[] = [];
	let end = 0;
	for (const match of svg.matchAll(/<(\/?)([a-zA-Z]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g)) {
		const between = svg.slice(end, match.index);
		assert.not.match(between, /[<>]/);
		if (between.trim() !== "") texts.push(between);
		end = match.index + match[0].length;
		const [, closing, name, , alone] = match;
		if (closing !== "") assert.is(open.pop(), name);
		else if (alone === "") open.push(name as string);
	}
	assert.is(svg.slice(end).trim(), "");
	assert.equal(open, []);
	return texts;
}

if (draw !== undefined) {
	for (const [part, expected, unexpected] of [
		[
			parts.kernel,
			["WebAssembly is faster", "TypeScript is faster", "hash of 4096 bytes", "3.50x", "1x"],
			["only in one"],
		],
		[parts.macro, ["wlsm-ts", "wlsm-inline", "wlsm", "lmdb", "reads", "2.00 M/s", "none"], ["space amplification"]],
		[parts.latency, ["wlsm", "lmdb", "p50", "p99.9", "longest", "2.0 µs", "1 µs"], ["longest block of the event loop"]],
	] as const) {
		test(`the plot of ${part.name} is the same each time, and has names, figures, machine and date`, () => {
			const from = reports.get(part) as Report;
			const svg = plot(draw, part.plot, part.title, from) as string;
			assert.is(plot(draw, part.plot, part.title, from), svg);
			assert.match(svg, /^<svg [\s\S]*<rect [^>]*fill="#ffffff"/);
			assert.not.match(svg, /NaN|undefined|Infinity/);
			const texts = textsOf(svg);
			for (const text of [part.title.replace("&", "&amp;"), "2 x Imaginary, Linux 6, ext4, node v20, 2026-01-02"])
				assert.ok(texts.includes(text), `${text} in ${texts.join("\n")}`);
			for (const text of expected) assert.ok(texts.includes(text), `${text} in ${texts.join("\n")}`);
			for (const text of unexpected) assert.not(texts.includes(text), text);
		});
	}

	test("no plot is drawn of figures that are not there", () => {
		for (const kind of ["speed-up", "throughput", "latency"] as const)
			assert.is(plot(draw, kind, "Nothing", report("sizes", sizes)), undefined);
	});
}

test("docs/BENCHMARKS.md links files that exist, and every plot is linked", () => {
	const docs = join(root, "docs");
	const text = readFileSync(join(docs, "BENCHMARKS.md"), "utf8");
	const links = [...text.matchAll(/\]\(([^)#:]+)\)/g)].map((match) => match[1] as string);
	assert.ok(links.length > 0);
	assert.equal(
		links.filter((link) => !existsSync(join(docs, link))),
		[],
	);
	const plots = join(docs, "plots");
	const drawn = existsSync(plots) ? readdirSync(plots).map((name) => `plots/${name}`) : [];
	assert.equal(
		drawn.filter((name) => !links.includes(name)),
		[],
	);
});

test.run();
