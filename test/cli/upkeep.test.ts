import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSync } from "wlsm";
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

test.run();
