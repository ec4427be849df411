/* The benchmarks run on tiny inputs, so that none rots: each checks its answers and fails where one is wrong. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const test = suite("benchmarks");

function run(name: string, ...flags: string[]) {
	const script = fileURLToPath(new URL(`../../bench/${name}.js`, import.meta.url));
	return spawnSync(process.execPath, [script, "--smoke", ...flags], { encoding: "utf8" });
}

// The peers need not be installed, and would only take time.
const ours = ["--only", "wlsm"];

for (const [name, flags, expected] of [
	["key-value", ours, /2000 entries[\s\S]*await get, warm[\s\S]*64 concurrent puts with fsync/],
	["key-value", ["--only", "wlsm-level"], /wlsm-level[\s\S]*await get, warm/],
	["ycsb", [...ours, "--mode", "both"], /awaited[\s\S]*A: 50 % read[\s\S]*synchronous[\s\S]*E: 95 % scan/],
	["latency", ours, /p99\.99[\s\S]*block of the event loop, longest/],
	["large", ours, /space amplification[\s\S]*first get after it[\s\S]*import of the library/],
	[
		"macro",
		["--only", "wlsm,wlsm-inline,wlsm-ts"],
		/wlsm \/ wlsm-inline +│ wlsm \/ wlsm-ts[\s\S]*fill in the order of keys[\s\S]*SQL: GROUP BY/,
	],
	["sql", ["--engines", "wlsm"], /group by 100 k groups[\s\S]*20 joins of 3 to 10 tables[\s\S]*INSERT, prepared/],
	["typed", [], /row by a unique column[\s\S]*INSERT of many rows/],
	["types", [], /TypeScript \d[\s\S]*more, per query[\s\S]*instantiations/],
	["kernel", [], /ts \/ wasm[\s\S]*XXH64 of 16 bytes[\s\S]*compacting 16 tables[\s\S]*keys and values, 16 digits/],
] as const) {
	test(`${name} ${flags.join(" ")} runs`, () => {
		const { status, stdout, stderr } = run(name, ...flags);
		assert.is(status, 0, stderr);
		assert.match(stdout, expected);
	});
}

test("the report puts what its parts found into one page", () => {
	const directory = mkdtempSync(join(tmpdir(), "wlsm-test-"));
	const out = join(directory, "page.md");
	try {
		const { status, stderr } = run("report-all", "--parts", "shell", "--out", out);
		assert.is(status, 0, stderr);
		const page = readFileSync(out, "utf8");
		assert.match(page, /^# Benchmarks\n[\s\S]*- node v\d+/);
		assert.match(page, /\n\| the library without SQL +\| +\d+ \| /);
		assert.match(page, /## From a shell\n\n`node dist\/bench\/large\.js --smoke --phases shell`/);
		assert.match(page, /\n\| open +\| +[\d.]+ [mµ]?s \| +\d+ % \|\n/);
	} finally {
		rmSync(directory, { recursive: true });
	}
});

test("a workload of macro can be run alone", () => {
	const { status, stdout, stderr } = run("macro", ...ours, "--workloads", "compaction,query");
	assert.is(status, 0, stderr);
	assert.match(stdout, /compact\(\)[\s\S]*SQL: COUNT/);
	assert.not.match(stdout, /CSV load|await get|YCSB/);
});

test("a flag that is wrong is refused in a line", () => {
	for (const [name, flag, value, message] of [
		["key-value", "--entries", "many", /^--entries is a positive number, not many\n$/],
		["large", "--phases", "none", /^--phases takes fill, open, shell, not none\n$/],
		["ycsb", "--mode", "later", /^--mode is await, sync or both, not later\n$/],
		["macro", "--workloads", "none", /^--workloads takes fill, .*query, not none\n$/],
		["key-value", "--only", "none", /^contenders are wlsm, .*sql\.js, not none\n$/],
		["latency", "--entires", "5", /^Unknown option '--entires'/],
	] as const) {
		const { status, stderr } = run(name, flag, value);
		assert.is(status, 2);
		assert.match(stderr, message);
	}
});

test.run();
