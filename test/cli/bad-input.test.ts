/** Every command as somebody might use it who has not read the manual: a code that is documented, and words that help. */

import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { commandEntries } from "../../cli/commands/commands.js";
import { inDirectories, main, type Outcome, runCli } from "./process.js";
import { hasTerminals, keys, Terminal } from "./terminal.js";

const test = suite<{ cwd: string }>("command line: bad input");

inDirectories(test);

/** Words that make sense, for each command that opens a database. */
const sensible: readonly (readonly string[])[] = [
	["put", "k", "v"],
	["get", "k"],
	["delete", "k"],
	["scan"],
	["load", "rows.csv"],
	["query", "SELECT 1"],
	["dump"],
	["explain", "SELECT 1"],
	["explain", "--analyze", "SELECT 1"],
	["analyze"],
	["shell"],
	["stats"],
	["stats", "--watch", "1"],
	["flush"],
	["compact"],
	["verify"],
	["checkpoint", "copy"],
];

function isTold({ exitCode, stderr }: Outcome, expected: readonly number[], what: string): void {
	assert.ok(expected.includes(exitCode ?? -1), `${what}: ${exitCode}\n${stderr}`);
	if (exitCode !== 0) assert.match(stderr, /^wlsm: \S/, what);
	assert.not.match(stderr, /internal error|TypeError|RangeError|undefined|\n\s+at /, what);
}

async function each(
	lines: readonly (readonly string[])[],
	cwd: string,
	check: (outcome: Outcome, what: string) => void,
	atOnce = 4,
): Promise<void> {
	for (let at = 0; at < lines.length; at += atOnce) {
		const some = lines.slice(at, at + atOnce);
		const outcomes = await Promise.all(some.map((words) => runCli(words, { cwd, input: "SELECT 1;\n" })));
		for (const [i, outcome] of outcomes.entries()) check(outcome, some[i]?.join(" ") ?? "");
	}
}

test("no arguments, flags that are none, and words too many", async ({ cwd }) => {
	const names = commandEntries.map(({ names: [name = ""] }) => name).filter((name) => name !== "bench");
	await each(
		names.map((name) => [name, "--db", "nowhere"]),
		cwd,
		(outcome, what) => isTold(outcome, [0, 1, 2], what),
		1,
	);
	const wrong = names.flatMap((name) => [
		[name, "--frobnicate", "x"],
		[name, "-z"],
	]);
	await each(wrong, cwd, (outcome, what) => {
		isTold(outcome, [2], what);
		assert.match(outcome.stderr, /has no option/, what);
	});
	await each(
		sensible
			.filter(([name = ""]) => !["query", "explain", "load", "dump"].includes(name))
			.map((words) => [...words, "one", "two"]),
		cwd,
		(outcome, what) => isTold(outcome, [2], what),
	);
});

test("a file where the database should be", async ({ cwd }) => {
	writeFileSync(path.join(cwd, "file"), "not a database");
	writeFileSync(path.join(cwd, "rows.csv"), "a,b\n1,2\n");
	const lines = [...sensible, ["repair"]].map((words) => [...words, "--db", "file"]);
	await each(lines, cwd, (outcome, what) => {
		isTold(outcome, [4], what);
		assert.match(outcome.stderr, /file/, what);
	});
	assert.is(readFileSync(path.join(cwd, "file"), "utf8"), "not a database");
});

test("a database of a newer version is left as it is, with what to do", async ({ cwd }) => {
	writeFileSync(path.join(cwd, "rows.csv"), "a,b\n1,2\n");
	await runCli(["put", "k", "v"], { cwd });
	const folder = path.join(cwd, "wlsm-data");
	const manifest = path.join(folder, readdirSync(folder).find((name) => name.startsWith("MANIFEST")) as string);
	const bytes = readFileSync(manifest);
	bytes.writeUInt32LE(bytes.readUInt32LE(8) + 1, 8);
	writeFileSync(manifest, bytes);
	const check = (outcome: Outcome, what: string) => {
		isTold(outcome, [2], what);
		assert.match(outcome.stderr, /has format version \d+; .*Upgrade wlsm/, what);
	};
	// One after the other, as writers lock each other out.
	await each(sensible, cwd, check, 1);
	assert.equal(readFileSync(manifest), bytes);
});

test("a directory that nobody may look into or write to", async ({ cwd }) => {
	// The superuser may do all.
	if (process.getuid?.() === 0) return;
	writeFileSync(path.join(cwd, "rows.csv"), "a,b\n1,2\n");
	mkdirSync(path.join(cwd, "closed"), { mode: 0o000 });
	await each(
		sensible.map((words) => [...words, "--db", "closed/data"]),
		cwd,
		(outcome, what) => isTold(outcome, [1, 4], what),
	);
	chmodSync(path.join(cwd, "closed"), 0o700);
});

test("a huge result goes through a pipe in bounded memory, and a reader that leaves ends it quietly", async ({
	cwd,
}) => {
	const env = { NODE_OPTIONS: "--max-old-space-size=64" };
	const sql = "SELECT value, 'some text that is repeated' AS t FROM generate_series(1, 400000)";
	await runCli(["put", "k", "v"], { cwd });
	for (const format of ["table", "csv"]) {
		const whole = await runCli(["query", "--format", format, sql], { cwd, env });
		assert.equal([whole.exitCode, whole.stderr], [0, ""]);
		assert.ok(whole.stdout.length > 12_000_000, format);
	}
	for (const words of [["query", sql], ["query", "--format", "json", sql], ["dump"], ["shell"]]) {
		const child = spawn(process.execPath, [main, ...words], { cwd });
		child.stdin.on("error", () => {});
		child.stdin.end(`${sql};\n`);
		let errors = "";
		child.stderr.on("data", (chunk: Uint8Array) => {
			errors += String(chunk);
		});
		child.stdout.once("data", () => child.stdout.destroy());
		const exitCode = await new Promise((resolve) => child.once("close", resolve));
		assert.equal([exitCode, errors], [0, ""], words.join(" "));
	}
});

if (hasTerminals && existsSync("/dev/full")) {
	test("what is in the way of its files costs the shell its history and its output, and not itself", async ({
		cwd,
	}) => {
		writeFileSync(path.join(cwd, "file"), "");
		const terminal = new Terminal(["shell"], { cwd, env: { WLSM_HISTORY: path.join(cwd, "file", "history") } });
		try {
			await terminal.until(/wlsm> $/);
			assert.match(await terminal.line("SELECT 6 * 7 AS x;"), /│ 42 │/);
			await terminal.line(".output /dev/full");
			assert.match(await terminal.line("SELECT 1;"), /ENOSPC/);
			await terminal.line(".output");
			assert.match(await terminal.line("SELECT 8 AS x;"), /│ 8 │/);
			terminal.write(keys.end);
			assert.is(await terminal.exit, 0);
			assert.match(terminal.text, /note: the history is not kept: ENOTDIR/);
		} finally {
			terminal.kill();
		}
	});
}

test.run();
