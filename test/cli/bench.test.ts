import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WORKLOAD_NAMES } from "../../bench/macro/names.js";
import { main, runCli } from "./process.js";

const test = suite<{ cwd: string }>("command line: bench");

test.before.each((context) => {
	context.cwd = mkdtempSync(path.join(tmpdir(), "wlsm-cli-"));
	mkdirSync(path.join(context.cwd, "scratch"));
});
test.after.each(({ cwd }) => rmSync(cwd, { recursive: true }));

const smoke = ["bench", "--smoke", "--dir", "scratch"];

test("a table of what was asked for, and nothing left behind", async ({ cwd }) => {
	assert.is((await runCli(["put", "k", "v"], { cwd })).exitCode, 0);
	const files = () => readdirSync(cwd, { recursive: true }).sort();
	const contentOf = () => readFileSync(path.join(cwd, "wlsm-data", "CURRENT"), "utf8");
	const before = { files: files(), current: contentOf() };
	const words = [...smoke, "--contenders", "wlsm-ts,wlsm", "--db", "wlsm-data", "fill", "scan"];
	const { exitCode, stdout, stderr } = await runCli(words, { cwd });
	assert.is(exitCode, 0, stderr);
	assert.is(stderr, "note: bench makes databases of its own; --db is left alone\nround 1 of 1\n");
	assert.match(stdout, /^1,000 entries of 16 \+ 100 bytes, median of 1; node \d+/);
	assert.match(stdout, /\n│ operations per second +│ wlsm +│ wlsm-ts +│\n/);
	assert.match(stdout, /\n│ fill in random order, batches of 1000 +│ [\d,]+ +│ [\d,]+ \(\d+\.\d\d\) +│\n/);
	assert.match(stdout, /\n│ scan in reverse +│/);
	assert.not.match(stdout, /await get|SQL|YCSB/);
	assert.equal({ files: files(), current: contentOf() }, before);
});

test("all workloads as JSON", async ({ cwd }) => {
	const words = [...smoke, "all", "--contenders", "wlsm", "--format", "json", "--entries", "500", "--value-size", "64"];
	const { exitCode, stdout, stderr } = await runCli(words, { cwd });
	assert.is(exitCode, 0, stderr);
	const { rows, ...report } = JSON.parse(stdout);
	assert.equal(report.contenders, ["wlsm"]);
	assert.equal([report.entries, report.valueBytes, report.rounds], [500, 64, 1]);
	const workloads = new Set(rows.map((row: { workload: string }) => row.workload));
	assert.equal([...workloads], WORKLOAD_NAMES);
	for (const { name, operationsPerSecond, wlsmDividedBy } of rows) {
		assert.ok(operationsPerSecond.wlsm > 0, name);
		assert.equal(wlsmDividedBy, { wlsm: 1 });
	}
	assert.equal(readdirSync(path.join(cwd, "scratch")), []);
});

test("what makes no sense is exit code 2 with one message", async ({ cwd }) => {
	const cases: [string[], RegExp][] = [
		[["reads"], /There is no workload "reads"; workloads are fill, read, .*query, all/],
		[["--entries", "many"], /--entries must be a whole number of at least 100/],
		[["--value-size", "1000000"], /--value-size must be at most 65536/],
		[["--rounds", "0"], /--rounds must be a whole number of at least 1/],
		[["--contenders", "redis"], /There is no contender "redis"; contenders are wlsm, .*sql\.js/],
		[["--contenders", "wlsm,lmdb"], /lmdb is not installed for this directory: npm install/],
		[["--kernel", "ts"], /bench measures both kernels; .*--contenders wlsm-ts/],
		[["--format", "csv"], /--format must be one of table, json/],
		[["--dir", "nowhere"], /--dir must be a directory that is there, not "nowhere"/],
		[["scan", "--entires", "5"], /bench has no option --entires; did you mean --entries\?/],
	];
	await Promise.all(
		cases.map(async ([words, message]) => {
			const outcome = await runCli([...smoke, ...words], { cwd });
			assert.is(outcome.exitCode, 2, `${words.join(" ")}: ${outcome.stderr}`);
			assert.is(outcome.stdout, "");
			assert.match(outcome.stderr, message);
		}),
	);
	assert.equal(readdirSync(path.join(cwd, "scratch")), []);
});

test("peers are those of the working directory, and one that fails is named", async ({ cwd }) => {
	const folder = path.join(cwd, "node_modules", "lmdb");
	mkdirSync(folder, { recursive: true });
	writeFileSync(
		path.join(folder, "index.js"),
		'throw Object.assign(new Error("built for another system"), { code: "X" });',
	);
	const { exitCode, stdout, stderr } = await runCli([...smoke, "--contenders", "wlsm,lmdb"], { cwd });
	assert.equal([exitCode, stdout], [4, ""]);
	assert.match(stderr, /^wlsm: lmdb: built for another system$/m);
	assert.equal(readdirSync(path.join(cwd, "scratch")), []);
});

test("Ctrl-C ends it at once and leaves nothing behind", async ({ cwd }) => {
	const words = ["bench", "all", "--dir", "scratch", "--contenders", "wlsm,wlsm-inline", "--rounds", "1000"];
	const child = spawn(process.execPath, [main, ...words], { cwd });
	const closed = new Promise((resolve) => child.once("close", resolve));
	let stderr = "";
	child.stderr.on("data", (chunk) => {
		stderr += chunk;
	});
	// The database of the first turn, in the directory of the run.
	while (readdirSync(path.join(cwd, "scratch"), { recursive: true }).length < 3) {
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
	child.kill("SIGINT");
	assert.is(await closed, 130);
	assert.match(stderr, /^wlsm: interrupted\. The databases it made are removed\.$/m);
	assert.equal(readdirSync(path.join(cwd, "scratch")), []);
});

test.run();
