import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSync } from "../../host/index.js";
import { inDirectories, main, runCli } from "./process.js";

const test = suite<{ cwd: string }>("command line: upkeep");

inDirectories(test);

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
	assert.match(stdout, /^│ memtables │ +1 │ +\d+ B │ +1 │ +│/m);
	assert.match(stdout, /^│ level 0 {3}│ +2,000 │ +[\d.]+ KiB │ +1 │ █{20} +│ +0 B │ +0 B │$/m);
	assert.match(stdout, /wlsm-data, kernel wasm, sequence number 2,001$/m);
	assert.match(stdout, /^amplification {2}write -, space 1, read 2 sorted runs$/m);
	assert.match(stdout, /^cache +\S+ \S+ of 32\.0 MiB, no reads yet$/m);
	assert.match(stdout, /^stalls +0$/m);
	assert.match(stdout, /^compactions +0, 0 B in 0 ms, 0 B\/s with flushes$/m);
	assert.match(stdout, /^open +1 of \d\S* files/m);
	const json = await runCli(["stats", "--format", "json"], { cwd });
	assert.is(json.exitCode, 0);
	const figures = JSON.parse(json.stdout);
	assert.is(figures.levels[0].entries, 2000);
	assert.is(figures.amplification.write, null);
	assert.ok(figures.memory.limitBytes > figures.memory.linearBytes);
});

test("stats --watch goes on until it is interrupted, and sees what others write", async ({ cwd }) => {
	const db = openSync(path.join(cwd, "wlsm-data"));
	db.putSync("a", "1");
	const child = spawn(process.execPath, [main, "stats", "--watch", "0.1", "--format", "json"], { cwd });
	const closed = new Promise((resolve) => child.once("close", resolve));
	let text = "";
	child.stdout.on("data", (chunk) => {
		text += chunk;
		if (text.split("\n").length === 3) db.putSync("b", "2");
		if (text.includes('"sequence":2')) child.kill("SIGINT");
	});
	assert.is(await closed, 0);
	const sequences = text
		.trim()
		.split("\n")
		.map((line) => JSON.parse(line).sequence);
	assert.is(sequences[0], 1);
	assert.is(sequences.at(-1), 2);
	db.closeSync();
	for (const seconds of ["x", "0", "-1"])
		assert.is((await runCli(["stats", `--watch=${seconds}`], { cwd })).exitCode, 2, seconds);
});

test("analyze gathers statistics and prints them", async ({ cwd }) => {
	const script = `CREATE TABLE t (a INTEGER PRIMARY KEY, b, c); CREATE INDEX t_bc ON t (b, c);
		INSERT INTO t SELECT value, value % 10, value % 20 FROM generate_series(1, 200); CREATE TABLE u (x); INSERT INTO u VALUES (1);
		CREATE TABLE t_c (x); INSERT INTO t_c VALUES (1); CREATE TABLE "t%" (x); INSERT INTO "t%" VALUES (1)`;
	await runCli(["query", script], { cwd });
	const all = await runCli(["analyze"], { cwd });
	assert.equal([all.exitCode, all.stderr], [0, ""]);
	assert.match(all.stdout, /^│ t +│ t_bc +│ +200 │ b, c +│ 20, 10 +│$/m);
	assert.match(all.stdout, /^│ u +│ NULL +│ +1 │ NULL +│ NULL +│$/m);
	for (const name of ["u", "T%"]) {
		const one = await runCli(["analyze", name, "--format", "csv"], { cwd });
		assert.is(one.stdout, `table,index,rows,columns,rows per value\n${name.toLowerCase()},,1,,\n`);
	}
	assert.is((await runCli(["analyze", "main"], { cwd })).stdout, all.stdout);
	const none = await runCli(["analyze", "v"], { cwd });
	assert.is(none.exitCode, 2);
	assert.match(none.stderr, /no such table: v/);
});

test.run();
