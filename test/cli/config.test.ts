import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runCli } from "./process.js";

const test = suite<{ cwd: string }>("command line: configuration");

test.before.each((context) => {
	context.cwd = realpathSync(mkdtempSync(path.join(tmpdir(), "wlsm-cli-")));
});
test.after.each(({ cwd }) => rmSync(cwd, { recursive: true }));

const texts: Readonly<Record<string, string>> = {
	json: '{ "db": "data/here", "format": "jsonl", "memoryBytes": 8388608, "sync": true }',
	yaml: "# where\ndb: data/here\nformat: jsonl\nmemoryBytes: 8388608\nsync: true\n",
	yml: "{db: data/here, format: jsonl, memoryBytes: 8388608, sync: true}",
	toml: 'db = "data/here"\nformat = "jsonl"\nmemoryBytes = 8_388_608\nsync = true\n',
};

interface Shown {
	readonly file: string | null;
	readonly settings: Readonly<Record<string, { readonly value: unknown; readonly from: string }>>;
}

async function shown(
	words: readonly string[],
	cwd: string,
	env: Readonly<Record<string, string>> = {},
): Promise<Shown> {
	const { stdout, stderr, exitCode } = await runCli([...words, "config", "--format", "json"], { cwd, env });
	assert.is(exitCode, 0, stderr);
	return JSON.parse(stdout) as Shown;
}

test("a file of each kind holds for the folders below it, paths start where it lies", async ({ cwd }) => {
	const below = path.join(cwd, "some", "folder");
	mkdirSync(below, { recursive: true });
	for (const [extension, text] of Object.entries(texts)) {
		const file = path.join(cwd, `wlsm.config.${extension}`);
		writeFileSync(file, text);
		const { settings, file: found } = await shown([], below);
		assert.is(found, file);
		assert.equal(settings.db, { value: path.join(cwd, "data", "here"), from: file });
		assert.equal(settings.memoryBytes, { value: 8388608, from: file });
		assert.equal(settings.sync, { value: true, from: file });
		assert.equal(settings.kernel, { value: "wasm", from: "default" });
		assert.is((await runCli(["put", "k", "v"], { cwd: below })).exitCode, 0);
		assert.is((await runCli(["query", "SELECT * FROM kv"], { cwd })).stdout, '{"key":"k","value":"v"}\n');
		const figures = JSON.parse((await runCli(["stats", "--format", "json"], { cwd })).stdout);
		assert.is(figures.memory.limitBytes, 8388608);
		rmSync(file);
	}
});

test("variables come before the file, and options before both", async ({ cwd }) => {
	const file = path.join(cwd, "wlsm.config.json");
	writeFileSync(file, '{ "db": "from-file", "kernel": "ts", "timeout": 5, "color": "never" }');
	const env = { WLSM_DB: "from-variable", WLSM_TIMEOUT: "7", WLSM_SQL_READS_FILES: "0" };
	const { settings } = await shown(["--db", "from-option", "--verbose"], cwd, env);
	assert.equal(settings.db, { value: "from-option", from: "--db" });
	assert.equal(settings.timeout, { value: 7, from: "$WLSM_TIMEOUT" });
	assert.equal(settings.sqlReadsFiles, { value: false, from: "$WLSM_SQL_READS_FILES" });
	assert.equal(settings.kernel, { value: "ts", from: file });
	assert.equal(settings.verbose, { value: true, from: "--verbose" });
	assert.equal((await shown([], cwd, env)).settings.db, { value: "from-variable", from: "$WLSM_DB" });
	const other = path.join(cwd, "other.yaml");
	writeFileSync(other, "db: ':memory:'\n");
	assert.equal((await shown(["--config", "other.yaml"], cwd)).settings.db, { value: ":memory:", from: other });
	assert.is((await shown([], cwd, { WLSM_CONFIG: "other.yaml" })).file, other);
	const table = await runCli(["config"], { cwd });
	assert.match(table.stdout, /│ kernel +│ ts +│ .*wlsm\.config\.json +│ WLSM_KERNEL +│/);
});

test("what is no setting or has no such value is refused, with what may be meant", async ({ cwd }) => {
	const wrong: [name: string, text: string, message: RegExp][] = [
		["json", '{ "datbase": "x", "dbb": "x" }', /there is no setting "datbase"; settings are db, /],
		["json", '{ "memorybytes": 1 }', /there is no setting "memorybytes"; did you mean memoryBytes\?/],
		["json", '{ "__proto__": 1 }', /there is no setting "__proto__"/],
		["json", "{ no json", /Cannot read .*wlsm\.config\.json: /],
		["json", "[1]", /must hold settings by name/],
		["yaml", "kernel: rust\n", /kernel in .*\.yaml must be one of wasm, ts, not "rust"/],
		["yaml", "db: [1, 2\n", /Cannot read .*wlsm\.config\.yaml: /],
		["toml", "timeout = -1\n", /timeout in .*\.toml must be a whole number, not -1/],
		["toml", 'sync = "perhaps"\n', /sync in .*\.toml must be true or false, not "perhaps"/],
		["toml", "db = \n", /Cannot read .*wlsm\.config\.toml: /],
	];
	for (const [extension, text, message] of wrong) {
		const file = path.join(cwd, `wlsm.config.${extension}`);
		writeFileSync(file, text);
		const outcome = await runCli(["get", "k"], { cwd });
		assert.is(outcome.exitCode, 2, text);
		assert.match(outcome.stderr, message);
		assert.not.match(outcome.stderr, /internal error|\n\s+at /);
		rmSync(file);
	}
	assert.is((await runCli(["config", "--config", "nowhere.json"], { cwd })).exitCode, 2);
	assert.is((await runCli(["config", "--config", "notes.txt"], { cwd })).exitCode, 2);
	const variable = await runCli(["get", "k"], { cwd, env: { WLSM_KERNEL: "rust" } });
	assert.is(variable.exitCode, 2);
	assert.match(variable.stderr, /\$WLSM_KERNEL must be one of wasm, ts/);
	const stray = await runCli(["config"], { cwd, env: { WLSM_FROMAT: "csv" } });
	assert.is(stray.exitCode, 0);
	assert.match(stray.stderr, /no setting for \$WLSM_FROMAT; did you mean WLSM_FORMAT\?/);
	for (const extension of ["json", "toml"])
		writeFileSync(path.join(cwd, `wlsm.config.${extension}`), texts[extension] as string);
	assert.match((await runCli(["get", "k"], { cwd })).stderr, /wlsm\.config\.json and .*wlsm\.config\.toml: keep one/);
});

test("an empty file says nothing, and one with a byte order mark is read", async ({ cwd }) => {
	for (const text of ["", "# nothing\n\n  # yet", "---\n"]) {
		writeFileSync(path.join(cwd, "wlsm.config.yaml"), text);
		assert.is((await shown([], cwd)).settings.db?.from, "default", text);
	}
	rmSync(path.join(cwd, "wlsm.config.yaml"));
	writeFileSync(path.join(cwd, "wlsm.config.json"), "\ufeff{}");
	assert.is((await shown([], cwd)).file, path.join(cwd, "wlsm.config.json"));
});

test("--verbose tells what the database does, on standard error", async ({ cwd }) => {
	const outcome = await runCli(["put", "--verbose", "k", "v"], { cwd });
	assert.equal([outcome.exitCode, outcome.stdout], [0, ""]);
	assert.match(outcome.stderr, /^\d{4}-\S+Z the database is open .*milliseconds=/m);
});

test("Unix shells are given scripts, and what fits", async ({ cwd }) => {
	for (const shell of ["bash", "zsh", "fish"]) {
		const { stdout, exitCode } = await runCli(["completion", shell], { cwd });
		assert.is(exitCode, 0);
		assert.match(stdout, /wlsm --get-completions/);
	}
	assert.is((await runCli(["completion"], { cwd, env: { SHELL: "/bin/zsh" } })).stdout.split("\n")[0], "#compdef wlsm");
	const wrong = await runCli(["completion", "tcsh"], { cwd });
	assert.is(wrong.exitCode, 2);
	assert.match(wrong.stderr, /say one of bash, zsh, fish/);
	const found = async (...words: readonly string[]) =>
		(await runCli(["--get-completions", ...words], { cwd })).stdout.split("\n").filter((line) => line !== "");
	assert.equal(await found("co"), ["compact", "config", "completion"]);
	assert.equal(await found("load", "--m"), ["--max-errors", "--max-record-bytes", "--memory"]);
	assert.equal(await found("--k"), ["--kernel"]);
	assert.equal(await found("load", "fi"), []);
	assert.equal(await found("query", "--format", "j"), ["json", "jsonl"]);
	assert.equal(await found("--kernel", ""), ["wasm", "ts"]);
	assert.equal(await found("completion", ""), ["bash", "zsh", "fish"]);
	assert.equal(await found("--db", ""), [], "a directory, which the shell knows");
	assert.equal(await found("--db", "get", "sc"), ["scan"]);
	assert.equal(await found("load", "--rejects", ""), []);
});

test.run();
