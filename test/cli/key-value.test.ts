import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { commandEntries } from "../../cli/commands/commands.js";
import { inDirectories, main, runCli } from "./process.js";

const test = suite<{ cwd: string }>("command line: keys and values");

inDirectories(test);

const silent = { exitCode: 0, stdout: "", stderr: "" };

test("put, get, delete, each in a process of its own", async ({ cwd }) => {
	assert.equal(await runCli(["put", "abc", "a value"], { cwd }), silent);
	assert.equal(await runCli(["get", "abc"], { cwd }), { ...silent, stdout: "a value\n" });
	assert.equal(await runCli(["del", "abc"], { cwd }), silent);
	assert.equal(await runCli(["get", "abc"], { cwd }), { ...silent, exitCode: 1 });
	assert.equal(await runCli(["delete", "abc"], { cwd }), silent);
	assert.ok(existsSync(path.join(cwd, "wlsm-data")));
});

test("texts stay as they are typed", async ({ cwd }) => {
	for (const [key, value] of [
		["007", "1e5"],
		["true", "false"],
		["é😀", "line 1\nline 2\t"],
		["a.b", "--"],
		["__proto__", "constructor"],
		["empty", ""],
		["help", "help"],
	] as const) {
		assert.equal(await runCli(["put", "--", key, value], { cwd }), silent, key);
		assert.equal(await runCli(["get", key], { cwd }), { ...silent, stdout: `${value}\n` }, key);
	}
	assert.equal(await runCli(["put", "minus", "-5"], { cwd }), silent);
	assert.equal(await runCli(["put", "wanted", "help"], { cwd }), silent);
	assert.equal(await runCli(["get", "wanted"], { cwd }), { ...silent, stdout: "help\n" });
	assert.equal(await runCli(["put", "--db", "wlsm-data", "--", "-k", "--v"], { cwd }), silent);
	assert.equal(await runCli(["get", "--", "-k"], { cwd }), { ...silent, stdout: "--v\n" });
});

test("scan prints ranges in both directions", async ({ cwd }) => {
	for (const key of ["a1", "a2", "b1"]) await runCli(["put", key, `<${key}>`], { cwd });
	const scanned = async (...words: string[]) => (await runCli(["scan", ...words], { cwd })).stdout;
	assert.is(await scanned(), "a1\t<a1>\na2\t<a2>\nb1\t<b1>\n");
	assert.is(await scanned("--prefix", "a", "--reverse"), "a2\t<a2>\na1\t<a1>\n");
	assert.is(await scanned("--gt", "a1", "--lte", "b1", "--limit", "1"), "a2\t<a2>\n");
	assert.is(await scanned("--gte=b", "--format", "jsonl"), '{"key":"b1","value":"<b1>"}\n');
	assert.is(await scanned("--limit", "0"), "");
});

test("either kernel works on what the other wrote", async ({ cwd }) => {
	assert.equal(await runCli(["put", "k", "1", "--kernel", "ts"], { cwd }), silent);
	assert.is((await runCli(["get", "k"], { cwd })).stdout, "1\n");
	assert.equal(await runCli(["--kernel=wasm", "put", "l", "2"], { cwd }), silent);
	assert.equal(await runCli(["flush"], { cwd }), silent);
	assert.is((await runCli(["scan", "--kernel", "ts"], { cwd })).stdout, "k\t1\nl\t2\n");
	assert.is((await runCli(["verify", "--kernel", "ts"], { cwd })).stdout, "ok\n");
	assert.match((await runCli(["stats", "--kernel", "ts", "--format", "json"], { cwd })).stdout, /"kernel": ?"ts"/);
});

test("the database is --db, else WLSM_DB, else ./wlsm-data", async ({ cwd }) => {
	const env = { WLSM_DB: "from-env" };
	await runCli(["put", "k", "1"], { cwd });
	await runCli(["put", "k", "2"], { cwd, env });
	await runCli(["put", "k", "3", "--db", "from/flag"], { cwd, env });
	assert.is((await runCli(["get", "k"], { cwd })).stdout, "1\n");
	assert.is((await runCli(["get", "k"], { cwd, env })).stdout, "2\n");
	assert.is((await runCli(["--db", "from/flag", "get", "k"], { cwd, env })).stdout, "3\n");
});

test("commands that read do not make a database", async ({ cwd }) => {
	const commands = [["get", "k"], ["scan"], ["query", "SELECT 1"], ["stats"], ["verify"], ["delete", "k"], ["flush"]];
	const outcomes = await Promise.all(commands.map((words) => runCli(words, { cwd })));
	for (const [i, outcome] of outcomes.entries()) {
		assert.is(outcome.exitCode, 1, commands[i]?.join(" "));
		assert.is(outcome.stdout, "");
		assert.match(outcome.stderr, /^wlsm: .*wlsm-data\. .*make a database\.\n$/);
		assert.equal(readdirSync(cwd), []);
	}
});

test("bad usage is exit code 2, and says what might have been meant", async ({ cwd }) => {
	const cases: [string[], RegExp][] = [
		[[], /A command is needed/],
		[["ptu", "a", "b"], /no command ptu; did you mean put\?/],
		[["scan", "--revers"], /scan has no option --revers; did you mean --reverse\?/],
		[["load", "x.csv", "--no-heeder"], /did you mean --no-header\?/],
		[["put", "a"], /missing: wlsm put <key> <value>/],
		[["put", "a", "b", "c"], /Unexpected argument "c"/],
		[["scan", "--limit", "many"], /--limit must be a whole number/],
		[["scan", "--format", "xml"], /--format must be one of text, jsonl/],
		[["get", "k", "--db"], /--db needs a value/],
		[["get", "k", "--kernel", "rust"], /--kernel must be one of wasm, ts, not "rust"/],
		[["load", "x.csv", "--schema", "a"], /--schema needs 2 values/],
		[["get", "-k"], /get has no option -k; a key, value or text that begins with - goes behind --/],
		[["put", "a", "--value=x"], /put has no option --value; .*behind --/],
		[["scan", "--reverse=maybe"], /--reverse takes no value/],
	];
	await Promise.all(
		cases.map(async ([words, message]) => {
			const outcome = await runCli(words, { cwd });
			assert.is(outcome.exitCode, 2, words.join(" "));
			assert.match(outcome.stderr, message);
			assert.not.match(outcome.stderr, /\n\s+at /, "no stack trace");
			assert.is(outcome.stdout, "");
		}),
	);
});

test("every command has a help with examples, which are lines of its own", async ({ cwd }) => {
	const lines = commandEntries.map(async ({ names: [name = ""] }) => {
		const { stdout, exitCode } = await runCli([name, "--help"], { cwd });
		assert.is(exitCode, 0, name);
		assert.match(stdout, /^Examples:\n {2}.*\bwlsm /m, name);
		assert.match(stdout.slice(stdout.indexOf("Examples:")), new RegExp(`wlsm ${name}\\b`), name);
	});
	await Promise.all(lines);
});

test("help and version", async ({ cwd }) => {
	const help = await runCli(["--help"], { cwd });
	assert.is(help.exitCode, 0);
	for (const command of ["put", "get", "delete", "scan", "load", "query"]) assert.match(help.stdout, `wlsm ${command}`);
	assert.match((await runCli(["load", "--help"], { cwd })).stdout, "--primary-key");
	assert.match(
		(await runCli(["--version"], { cwd })).stdout,
		/^\d+\.\d+\.\d+\nruntime \w+ \d.*\nkernel wasm, \d.* KiB\nfiles of format \d+\n$/,
	);
});

test("a path that is a file, and a parent that cannot be written, are exit code 4", async ({ cwd }) => {
	writeFileSync(path.join(cwd, "file"), "");
	for (const db of ["file", "file/below"]) {
		const outcome = await runCli(["put", "k", "v", "--db", db], { cwd });
		assert.is(outcome.exitCode, 4, outcome.stderr);
		assert.match(outcome.stderr, /^wlsm: [^\n]*file[^\n]*\n$/);
	}
});

test("output that there is no room for is exit code 4", async ({ cwd }) => {
	if (!existsSync("/dev/full")) return;
	await runCli(["put", "k", "v"], { cwd });
	for (const words of [["get", "k"], ["--help"], ["get", "--help"], ["--version"]]) {
		const full = openSync("/dev/full", "w");
		const child = spawn(process.execPath, [main, ...words], { cwd, stdio: ["ignore", full, "pipe"] });
		closeSync(full);
		let errors = "";
		child.stderr?.on("data", (chunk) => {
			errors += chunk;
		});
		const exitCode = await new Promise((resolve) => child.once("close", resolve));
		assert.is(exitCode, 4, words.join(" "));
		assert.match(errors, /^wlsm: Cannot write to standard output: ENOSPC[^\n]*\n$/);
	}
});

test("a reader that leaves ends the command quietly", async ({ cwd }) => {
	const rows = Array.from({ length: 20_000 }, (_, i) => `${i},${"x".repeat(50)}`).join("\n");
	const loaded = await runCli(["load", "-", "--schema", "k", "v"], { cwd, input: `k,v\n${rows}\n` });
	assert.is(loaded.exitCode, 0, loaded.stderr);
	const child = spawn(process.execPath, [main, "scan"], { cwd, stdio: ["ignore", "pipe", "pipe"] });
	let errors = "";
	child.stderr.on("data", (chunk) => {
		errors += chunk;
	});
	child.stdout.once("data", () => child.stdout.destroy());
	const exitCode = await new Promise((resolve) => child.once("close", resolve));
	assert.is(errors, "");
	assert.is(exitCode, 0);
});

test.run();
