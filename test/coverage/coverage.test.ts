import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { root } from "../support/sources.js";
import { buildMarkedKernel } from "./kernel-build.js";
import { kernelParts } from "./kernel-parts.js";
import { type Coverage, figuresOf, linesOf } from "./lines.js";
import { scriptsOf } from "./paths.js";
import { figuresTable, missedLines } from "./report.js";
import { Script, scriptParts } from "./scripts.js";
import { watched } from "./watched.js";

const test = suite<{ folder: string }>("coverage");

test.before.each((context) => {
	context.folder = mkdtempSync(path.join(tmpdir(), "wlsm-coverage-"));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

/** What is said of the one line of a file that has the text. */
function stateOf(coverage: Coverage, file: string, text: string): string | undefined {
	const lines = readFileSync(path.join(root, file), "utf8").split("\n");
	const [index, ...more] = lines.flatMap((line, at) => (line.includes(text) ? [at] : []));
	assert.ok(index !== undefined && more.length === 0, `${file} has one line with ${text}`);
	return coverage.get(file)?.get((index as number) + 1);
}

test("the marked kernel answers as the released one, and what ran is known, in the worker too", async ({ folder }) => {
	const places = await buildMarkedKernel(folder);
	mkdirSync(scriptsOf(folder));
	const child = fileURLToPath(new URL("./child.js", import.meta.url));
	const { NODE_OPTIONS: _, NODE_V8_COVERAGE: __, ...plain } = process.env;
	const [released, marked] = [plain, watched(plain, folder)].map((env, run) =>
		spawnSync(process.execPath, [child, path.join(folder, `db${run}`)], { env, encoding: "utf8" }),
	);
	assert.match(released?.stdout ?? "", /^tables [0-9a-f]{64}\n$/, released?.stderr);
	assert.is(marked?.stdout, released?.stdout, marked?.stderr);

	const coverage = linesOf([...scriptParts(scriptsOf(folder)), ...kernelParts(folder, places)]);
	for (const [file, text, state] of [
		// Of a job, which the worker alone does.
		["assembly/merge/job.ts", "job.lastKey = allocateZeroed(", "covered"],
		["assembly/merge/job.ts", "		jobFree(address);", "missed"],
		["assembly/read/get.ts", "const node = memtableFind(memtable, key, keyLength, trailer)", "missed"],
		["host/engine/background/background-worker.ts", "const outcome = encodeMessage(", "covered"],
		["host/engine/background/background-worker.ts", "STATE_CANCEL) !== 0) throw", "partly"],
		["host/database.ts", "await checkpointEngine(", "missed"],
	] as const)
		assert.is(stateOf(coverage, file, text), state, `${file}: ${text}`);
	assert.match(figuresTable(coverage), /^assembly in total +\d+ +\d+ +[1-9]\d* /m);
	assert.match(missedLines(coverage), /^assembly\//m);
});

test("what runs of a script is told piece by piece, from the innermost range around each", () => {
	const text = "if (a)\n    throw b;\nc();\n";
	// The first two lines are of the source's first one, the third of its second one.
	const map = JSON.stringify({ version: 3, sources: ["a.ts"], names: [], mappings: "AAAA;IAAM;AACN" });
	const at = text.indexOf("throw");
	const whole = { startOffset: 0, endOffset: text.length };
	const inner = { startOffset: at, endOffset: at + "throw b;".length, count: 0 };
	const states = (...runs: { count: number; inner: number }[]) => {
		const script = new Script("a.ts", text, map);
		for (const run of runs)
			script.add([{ ranges: [{ ...inner, count: run.inner }] }, { ranges: [{ ...whole, count: run.count }] }]);
		return [...(linesOf(script.parts()).get("a.ts") ?? [])];
	};
	assert.equal(states(), [
		[1, "missed"],
		[2, "missed"],
	]);
	assert.equal(states({ count: 5, inner: 0 }), [
		[1, "partly"],
		[2, "covered"],
	]);
	// Another process or thread ran the rest.
	assert.equal(states({ count: 5, inner: 0 }, { count: 1, inner: 1 }), [
		[1, "covered"],
		[2, "covered"],
	]);
});

test("figures count a line that ran in part as covered", () => {
	const coverage = linesOf([
		{ file: "a/b.ts", line: 1, hit: true },
		{ file: "a/b.ts", line: 2, hit: true },
		{ file: "a/b.ts", line: 2, hit: false },
		{ file: "a/c.ts", line: 1, hit: false },
	]);
	assert.equal(figuresOf(coverage.values()), { lines: 3, covered: 2, partly: 1 });
	assert.match(figuresTable(coverage), /^a +3 +2 +1 +1 +66\.67$/m);
});

test.run();
