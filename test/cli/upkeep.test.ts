import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
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

test.run();
