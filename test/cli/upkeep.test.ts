import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSync } from "../../host/index.js";
import { runCli } from "./process.js";

const test = suite<{ cwd: string }>("command line: upkeep");

test.before.each((context) => {
	context.cwd = mkdtempSync(path.join(tmpdir(), "wlsm-cli-"));
});
test.after.each(({ cwd }) => rmSync(cwd, { recursive: true }));

const silent = { exitCode: 0, stdout: "", stderr: "" };

test("checkpoint makes a second database, also beside a writer", async ({ cwd }) => {
	const db = openSync(path.join(cwd, "wlsm-data"));
	db.putSync("a", "in a table");
	await db.flush();
	db.putSync("b", "in the log");
	assert.equal(await runCli(["checkpoint", "copy"], { cwd }), silent);
	db.closeSync();
	assert.is((await runCli(["scan", "--db", "copy"], { cwd })).stdout, "a\tin a table\nb\tin the log\n");
	assert.equal(await runCli(["put", "--db", "copy", "c", "3"], { cwd }), silent);
	assert.is((await runCli(["get", "c"], { cwd })).exitCode, 1);
	assert.equal(await runCli(["verify", "--db", "copy"], { cwd }), { ...silent, stdout: "ok\n" });
	mkdirSync(path.join(cwd, "full"));
	writeFileSync(path.join(cwd, "full", "file"), "");
	const outcome = await runCli(["checkpoint", "full"], { cwd });
	assert.is(outcome.exitCode, 2);
	assert.match(outcome.stderr, /full is not empty/);
	assert.is((await runCli(["checkpoint"], { cwd })).exitCode, 2);
	assert.is((await runCli(["checkpoint", "new", "--db", "nowhere"], { cwd })).exitCode, 1);
});

test("repair tells what it kept and what it left out", async ({ cwd }) => {
	const directory = path.join(cwd, "wlsm-data");
	const db = openSync(directory, { blockBytes: 256 });
	for (let index = 0; index < 100; index++) db.putSync(`key ${index}`, "a value");
	await db.flush();
	db.closeSync();
	rmSync(path.join(directory, "CURRENT"));
	assert.is((await runCli(["scan"], { cwd })).exitCode, 3);
	assert.equal(await runCli(["repair"], { cwd }), {
		...silent,
		stdout: "kept: 100 entries; whole: 1 tables, recovered from: 0 logs\n",
	});
	assert.is((await runCli(["scan"], { cwd })).stdout.split("\n").length, 101);
	const table = path.join(directory, readdirSync(directory).find((name) => name.endsWith(".sst")) as string);
	writeFileSync(table, readFileSync(table).fill(0, 100, 200));
	assert.is((await runCli(["verify"], { cwd })).exitCode, 3);
	const outcome = await runCli(["repair"], { cwd });
	assert.is(outcome.exitCode, 1);
	assert.match(outcome.stdout, /^left out: .*\.sst: .*checksum.*\nkept: \d+ entries; whole: 0 tables/);
	assert.equal(await runCli(["verify"], { cwd }), { ...silent, stdout: "ok\n" });
	const kept = (await runCli(["scan"], { cwd })).stdout.split("\n").length - 1;
	assert.ok(kept > 50 && kept < 100, `${kept}`);
	assert.equal(await runCli(["repair"], { cwd }), {
		...silent,
		stdout: `kept: ${kept} entries; whole: 1 tables, recovered from: 0 logs\n`,
	});
	assert.is((await runCli(["repair", "--db", "nowhere"], { cwd })).exitCode, 1);
});

test("compact merges the tables, and drops what was deleted", async ({ cwd }) => {
	const directory = path.join(cwd, "wlsm-data");
	const db = openSync(directory);
	for (const value of ["1", "2"]) {
		for (const key of ["a", "b"]) db.putSync(key, value);
		await db.flush();
	}
	db.deleteSync("b");
	db.closeSync();
	assert.equal(await runCli(["compact"], { cwd }), silent);
	const figures = JSON.parse((await runCli(["stats", "--format", "json"], { cwd })).stdout);
	assert.is(
		figures.levels.reduce((sum: number, { entries }: { entries: number }) => sum + entries, 0),
		1,
	);
	assert.is((await runCli(["scan"], { cwd })).stdout, "a\t2\n");
	assert.is((await runCli(["compact", "--db", "nowhere"], { cwd })).exitCode, 1);
});

test("stats as a table and as JSON", async ({ cwd }) => {
	const db = openSync(path.join(cwd, "wlsm-data"), { blockBytes: 256 });
	for (let index = 0; index < 2000; index++) db.putSync(`key ${index}`, "a value ".repeat(8));
	await db.flush();
	db.putSync("more", "x");
	db.closeSync();
	const { exitCode, stdout, stderr } = await runCli(["stats"], { cwd });
	assert.equal([exitCode, stderr], [0, ""]);
	assert.match(stdout, /^│ memtables +│ 1 +│ 1 +│ \d/m);
	assert.match(stdout, /^│ level 0 +│ 1 +│ 2,000 +│ [\d.]+ KiB +│ 0 B +│ 0 B +│$/m);
	assert.match(stdout, /^│ kernel +│ wasm +│$/m);
	assert.match(stdout, /^│ cache budget bytes +│ 32\.0 MiB +│$/m);
	assert.match(stdout, /^│ amplification write +│ - +│$/m);
	assert.match(stdout, /^│ amplification read +│ 2 +│$/m);
	assert.match(stdout, /^│ stalls milliseconds +│ 0 ms +│$/m);
	assert.match(stdout, /^│ compaction written bytes per second +│ 0 B\/s +│$/m);
	assert.match(stdout, /^│ files open +│ 1 +│$/m);
	assert.match(stdout, /^│ sequence +│ 2,001 +│$/m);
	const json = await runCli(["stats", "--format", "json"], { cwd });
	assert.is(json.exitCode, 0);
	const figures = JSON.parse(json.stdout);
	assert.is(figures.levels[0].entries, 2000);
	assert.is(figures.amplification.write, null);
	assert.ok(figures.memory.limitBytes > figures.memory.linearBytes);
});

test.run();
