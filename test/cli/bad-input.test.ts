/** Every command as somebody might use it who has not read the manual: a code that is documented, and words that help. */

import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { commandEntries } from "../../cli/commands/commands.js";
import { commandsWithDatabase, each, isTold } from "./every-command.js";
import { inDirectories, main, runCli } from "./process.js";
import { hasTerminals, keys, Terminal } from "./terminal.js";

const test = suite<{ cwd: string }>("command line: bad input");

inDirectories(test);

test("no arguments, flags that are none, and words too many", async ({ cwd }) => {
	const names = commandEntries.map(({ names: [name = ""] }) => name).filter((name) => name !== "bench");
	await each(
		names.map((name) => [name, "--db", "nowhere"]),
		cwd,
		(outcome, what) => isTold(outcome, [0, 1, 2], what),
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
		commandsWithDatabase
			.filter(({ words: [name = ""] }) => !["query", "explain", "load", "dump"].includes(name))
			.map(({ words }) => [...words, "one", "two"]),
		cwd,
		(outcome, what) => isTold(outcome, [2], what),
	);
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
