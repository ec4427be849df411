/** Words of a command line that make no sense, command by command: exit code 2, what is wrong, and what to do. */

import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { each, isTold } from "./every-command.js";
import { inDirectories, runCli } from "./process.js";

const test = suite<{ cwd: string }>("command line: words that make no sense");
inDirectories(test);

/** Words, and what is said of them. */
const wrong: readonly (readonly [words: readonly string[], says: RegExp])[] = [
	[[], /A command is needed, such as wlsm query/],
	[["--frobnicate"], /There is no option --frobnicate/],
	[["--db"], /--db needs a value/],
	[["frobnicate"], /There is no command frobnicate\n/],
	[["sql", "SELECT 1"], /no command sql; did you mean query\?/],
	[["set", "a", "b"], /no command set; did you mean put\?/],
	[["version"], /no command version; did you mean --version\?/],
	[["SELECT 1"], /no command "SELECT 1"\. SQL goes behind query/],
	[["put", "a"], /missing: wlsm put <key> <value>\nRun wlsm put --help/],
	[["put", "a", "b", "c"], /Unexpected argument "c" behind wlsm put <key> <value>; what has blanks goes in quotes/],
	[["put", "", "v"], /The key is empty; keys have 1 to 65,535 bytes/],
	[["put", "k".repeat(65_536), "v"], /65,535/],
	[["get", "--db"], /--db needs a value/],
	[["get", "k", "--db="], /--db must be a text/],
	[["get", "k", "--kernel", "rust"], /--kernel must be one of wasm, ts/],
	[["get", "k", "--color", "blue"], /--color must be one of auto, always, never/],
	[["get", "k", "--config", "nowhere.json"], /Cannot read \S+nowhere\.json/],
	[["get", "k", "--config", "rows.csv"], /a file of \.json, \.yaml, \.yml or \.toml/],
	[["delete"], /missing: wlsm delete <key>/],
	[["scan", "extra"], /Unexpected argument "extra" behind wlsm scan\n/],
	[["scan", "--limit", "-1"], /--limit must be a whole number of at least 0, not "-1"/],
	[["scan", "--reverse=yes"], /--reverse takes no value/],
	[["load"], /missing: wlsm load <file\.\.>/],
	[["load", "nowhere.csv"], /There is no file nowhere\.csv/],
	[["load", "."], /\. is a directory, not a CSV file/],
	[["load", "rows.csv", "--types", "a=thing"], /The type of column "a" must be one of integer, real/],
	[["load", "rows.csv", "--primary-key", "c"], /There is no column "c"; the columns are a, b/],
	[["load", "rows.csv", "--on-conflict", "x"], /--on-conflict must be one of reject, replace, ignore, fail/],
	[["load", "rows.csv", "--format", "xml"], /--format must be one of csv, jsonl/],
	[["load", "rows.csv", "--memory", "lots"], /--memory wants a number of bytes, such as 512MB/],
	[["load", "rows.csv", "--schema", "a"], /--schema needs 2 values/],
	[["load", "rows.csv", "--append", "--replace"], /--append and --replace exclude each other/],
	[["load", "rows.csv", "--table", "taken"], /There is a table "taken" already.*\(--append, --replace\)/],
	[["load", "-"], /--table is needed when the rows come from standard input/],
	[["query"], /missing: wlsm query <sql\.\.>/],
	[["query", ""], /There is no statement to run/],
	[["query", ".tables"], /\.tables is a command of the shell, not SQL: wlsm shell runs it/],
	[["query", "SELEC 1"], /syntax error; did you mean SELECT\? \(line 1, column 1\)/],
	[["query", "SELECT c FROM nowhere"], /no such table: nowhere/],
	[
		["query", "SELECT * FROM 'rows.csv'"],
		/no such table: rows\.csv[\s\S]*To read the file: FROM read_csv\('rows\.csv'\)/,
	],
	[["query", "SELECT :a"], /missing named parameters: :a\. --param name=value/],
	[["query", "SELECT 1", "--param", "a"], /--param wants name=value, not "a"/],
	[["query", "SELECT 1", "--format", "xml"], /--format must be one of table, json/],
	[["query", "SELECT 1", "--timeout", "-1"], /--timeout must be a whole number of at least 0/],
	[["help", "nothing"], /There is no command nothing/],
	[["explain", ""], /There is no statement to explain/],
	[["analyze", "nowhere"], /no such table: nowhere/],
	[["shell", "extra"], /Unexpected argument "extra" behind wlsm shell/],
	[["stats", "--watch", "soon"], /--watch must be a number of seconds/],
	[["checkpoint", "wlsm-data"], /is not empty\. Give a checkpoint a directory that is absent or empty/],
	[["checkpoint", "rows.csv"], /rows\.csv is a file/],
	[["config", "--format", "xml"], /--format must be one of text, json/],
	[["completion", "powershell"], /no completion for "powershell"; say one of bash, zsh, fish/],
	[["bench", "nothing"], /no workload "nothing"; workloads are fill,/],
	[["bench", "--entries", "x"], /--entries must be a whole number of at least 100/],
];

test("are told so", async ({ cwd }) => {
	writeFileSync(path.join(cwd, "rows.csv"), "a,b\n1,2\n");
	await runCli(["query", "CREATE TABLE taken (a)"], { cwd });
	await each(
		wrong.map(([words]) => words),
		cwd,
		(outcome, what, at) => {
			isTold(outcome, [2], what);
			assert.is(outcome.stdout, "", what);
			assert.match(outcome.stderr, wrong[at]?.[1] as RegExp, what);
			assert.ok(outcome.stderr.split("\n").length <= 6, `${what}: ${outcome.stderr}`);
		},
	);
});

test("a table that is not there is no bad word, and names what may have been meant", async ({ cwd }) => {
	await runCli(["query", "CREATE TABLE users (a)"], { cwd });
	const { exitCode, stderr } = await runCli(["dump", "user"], { cwd });
	assert.equal([exitCode, stderr], [1, 'wlsm: There is no table "user"; did you mean users?\n']);
});

test("help is there under all names, and a database in memory is empty", async ({ cwd }) => {
	const lines = [["--help"], ["help"], ["help", "load"], ["help", "help"], ["load", "--help"], ["load", "-h"]];
	await each(lines, cwd, (outcome, what) => {
		assert.equal([outcome.exitCode, outcome.stderr], [0, ""], what);
		assert.match(outcome.stdout, what.includes("load") ? /^wlsm load <file\.\.>/ : /^wlsm <command>/, what);
	});
	const inMemory = (words: readonly string[]) => runCli([...words, "--db", ":memory:"], { cwd });
	assert.equal(await inMemory(["query", "SELECT 1 AS x"]), { exitCode: 0, stdout: "x\n1\n", stderr: "" });
	assert.equal(await inMemory(["get", "k"]), { exitCode: 1, stdout: "", stderr: "" });
});

test.run();
