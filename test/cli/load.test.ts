import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { gzipSync } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { inDirectories, main, runCli } from "./process.js";

const test = suite<{ cwd: string }>("command line: load");

inDirectories(test);

const query = async (cwd: string, sql: string) => (await runCli(["query", "--format", "csv", sql], { cwd })).stdout;

test("a file becomes the table of its name", async ({ cwd }) => {
	writeFileSync(path.join(cwd, "2024 zip-codes.csv"), "zip,n\n00501,1\n94103,2\n");
	const loaded = await runCli(["load", "2024 zip-codes.csv", "--primary-key", "zip"], { cwd });
	assert.is(loaded.exitCode, 0, loaded.stderr);
	assert.match(
		loaded.stdout,
		/^2 of 2 rows loaded into table _2024_zip_codes in .* s\n {2}columns: zip TEXT, n INTEGER\n$/,
	);
	assert.is(loaded.stderr, "");
	assert.is(await query(cwd, "SELECT * FROM _2024_zip_codes WHERE zip = '00501'"), "zip,n\n00501,1\n");
	const again = await runCli(["load", "2024 zip-codes.csv"], { cwd });
	assert.is(again.exitCode, 2);
	assert.match(again.stderr, /already; append to it or replace it/);
	assert.is((await runCli(["load", "2024 zip-codes.csv", "--replace"], { cwd })).exitCode, 0);
	assert.is((await runCli(["load", "2024 zip-codes.csv", "--append"], { cwd })).exitCode, 0);
	assert.is(await query(cwd, "SELECT COUNT(*) AS n FROM _2024_zip_codes"), "n\n4\n");
});

test("options reach the loader", async ({ cwd }) => {
	const input = "1;'a;b'\n007;'c'\n";
	const words = [
		"load",
		"-",
		"--table",
		"t",
		"--delimiter",
		";",
		"--quote",
		"'",
		"--no-header",
		"--types",
		"column_1=text",
	];
	const loaded = await runCli([...words, "--batch-size", "1", "--parallel", "2"], { cwd, input });
	assert.is(loaded.exitCode, 0, loaded.stderr);
	assert.is(await query(cwd, "SELECT * FROM t"), "column_1,column_2\n1,a;b\n007,c\n");
	const tabs = await runCli(["load", "-", "--table", "tabs", "--delimiter", "tab", "--quote", "none"], {
		cwd,
		input: 'a\tb\n"\t2\n',
	});
	assert.is(tabs.exitCode, 0, tabs.stderr);
	assert.is(await query(cwd, "SELECT * FROM tabs"), 'a,b\n"""",2\n');
});

test("several files, patterns and archives become one table", async ({ cwd }) => {
	mkdirSync(path.join(cwd, "data", "deep"), { recursive: true });
	const files = {
		"a.csv": "1",
		"data/b.csv": "2",
		"data/c-[1].csv": "3",
		"data/.d.csv": "4",
		"data/deep/e.csv.gz": "5",
	};
	for (const [name, n] of Object.entries(files)) {
		const content = `n,file\n${n},${name}\n`;
		writeFileSync(path.join(cwd, name), name.endsWith(".gz") ? gzipSync(content) : content);
	}
	symlinkSync("..", path.join(cwd, "data", "loop"));
	const load = (...words: string[]) => runCli(["load", "--table", "t", "--replace", ...words], { cwd });
	const rows = async () => (await query(cwd, "SELECT group_concat(n, '') AS n FROM t")).split("\n")[1];
	for (const [words, expected] of [
		[["a.csv", "data/*.csv"], "123"],
		[["data/c-[1].csv"], "3"],
		[["data/?.csv"], "2"],
		[["data/[!b]*.csv", "a.csv"], "31"],
		[["data/.d.c*"], "4"],
		[["**/*.csv*"], "1235"],
		[["./data/deep/*"], "5"],
	] as const) {
		const loaded = await load(...words);
		assert.is(loaded.exitCode, 0, loaded.stderr);
		assert.is(await rows(), expected, words.join(" "));
	}
	assert.is((await runCli(["load", "data/deep/e.csv.gz"], { cwd })).exitCode, 0);
	assert.is(await query(cwd, "SELECT n FROM e"), "n\n5\n");
	const input = gzipSync("n,file\n1,packed\n2\n");
	const mixed = await runCli(["load", "--table", "t", "--replace", "a.csv", "-"], { cwd, input });
	assert.is(mixed.exitCode, 1, mixed.stderr);
	assert.match(mixed.stderr, /\n {2}standard input, line 3: 1 field/);
	assert.is(await rows(), "11");
	assert.match((await load("[z-a]*.csv")).stderr, /"\[z-a\]\*\.csv" is no pattern/);
	const twice = await load("-", "-");
	assert.match(twice.stderr, /can be read only once/);
});

test("what is sniffed is a command line that says the same, and nothing is loaded", async ({ cwd }) => {
	writeFileSync(path.join(cwd, "it's.csv"), "d|a,b|n\n2024-01-01|x|NULL\n2024-01-02|'y|5\n");
	const sniffed = await runCli(["load", "--sniff", "it's.csv", "--null-value", "NULL"], { cwd });
	assert.is(sniffed.exitCode, 0, sniffed.stderr);
	const expected =
		"wlsm load 'it'\\''s.csv' --table it_s --delimiter '|' --quote '\"' --header " +
		"--types 'd=date,a\\,b=text,n=integer' --null-value NULL\n";
	assert.is(sniffed.stdout, expected);
	assert.equal(readdirSync(cwd), ["it's.csv"]);
	// As a shell takes it apart.
	const words = [...sniffed.stdout.trim().matchAll(/(?:'[^']*'|\\'|[^ ])+/g)].map(([word]) =>
		word.replace(/'([^']*)'|\\(')/g, "$1$2"),
	);
	const loaded = await runCli(words.slice(1), { cwd });
	assert.is(loaded.exitCode, 0, loaded.stderr);
	assert.is(await query(cwd, "SELECT * FROM it_s"), 'd,"a,b",n\n2024-01-01,x,\n2024-01-02,\'y,5\n');
	const stdin = await runCli(["load", "-", "--sniff", "--table", "t"], { cwd, input: "1\tx\n2\ty\n" });
	assert.is(
		stdin.stdout,
		"wlsm load - --table t --delimiter tab --quote '\"' --no-header --types column_1=integer,column_2=text\n",
	);
	assert.is((await runCli(["load", "it's.csv", "--header", "--no-header"], { cwd })).exitCode, 2);
	const one = await runCli(["load", "-", "--table", "one", "--header", "--types", "1=text", "--types", "2=real"], {
		cwd,
		input: "1,2\n3,4\n",
	});
	assert.match(one.stdout, /columns: 1 TEXT, 2 REAL/);
});

test("JSON Lines, by name and by option", async ({ cwd }) => {
	writeFileSync(path.join(cwd, "in.ndjson"), '{"a":1,"b":{"c":[2]}}\n{"a":true}\nx\n');
	const loaded = await runCli(["load", "in.ndjson"], { cwd });
	assert.is(loaded.exitCode, 1, loaded.stderr);
	assert.match(loaded.stdout, /^2 of 3 rows loaded into table in in .* s\n {2}columns: a INTEGER, b TEXT\n$/);
	assert.match(loaded.stderr, /^1 row rejected\n {2}line 3: not JSON: /);
	assert.is(await query(cwd, 'SELECT * FROM "in"'), 'a,b\n1,"{""c"":[2]}"\n1,\n');
	const stdin = ["load", "-", "--format", "jsonl", "--schema", "k", "v"];
	assert.is((await runCli(stdin, { cwd, input: '{"k":"x","v":[1]}' })).exitCode, 0);
	assert.is((await runCli(["get", "x"], { cwd })).stdout, "[1]\n");
	const sniffed = await runCli(["load", "in.ndjson", "--sniff"], { cwd });
	assert.is(sniffed.exitCode, 2);
	assert.match(sniffed.stderr, /--sniff is for CSV/);
});

test("key-value pairs can be got by key and through SQL", async ({ cwd }) => {
	writeFileSync(path.join(cwd, "c.csv"), "code,name\nDE,Germany\nFR,France\n");
	const loaded = await runCli(["load", "c.csv", "--schema", "code", "name"], { cwd });
	assert.match(loaded.stdout, /^2 of 2 rows loaded into key-value pairs/);
	assert.is((await runCli(["get", "DE"], { cwd })).stdout, "Germany\n");
	assert.is(await query(cwd, 'SELECT value FROM kv WHERE key = "FR"'), "value\nFrance\n");
});

test("rejected rows are exit code 1, listed, and written to a file", async ({ cwd }) => {
	writeFileSync(path.join(cwd, "in.csv"), 'a,b\n1,2\n3\n"4,5\n');
	const loaded = await runCli(["load", "in.csv", "--rejects", "r.csv"], { cwd });
	assert.is(loaded.exitCode, 1);
	assert.match(loaded.stdout, /^1 of 3 rows loaded/);
	assert.match(loaded.stderr, /^2 rows rejected; all of them are in r.csv\n {2}line 3: 1 field where 2 are expected/);
	assert.match(loaded.stderr, /line 4: the quote opened on line 4 is never closed/);
	assert.is(
		readFileSync(path.join(cwd, "r.csv"), "utf8").split("\n")[1],
		"3,8,,3,1 field where 2 are expected,3,in.csv",
	);
	const json = await runCli(["load", "in.csv", "--table", "other", "--json"], { cwd });
	assert.is(json.exitCode, 1);
	const { milliseconds, ...summary } = JSON.parse(json.stdout);
	assert.ok(milliseconds >= 0);
	assert.equal(summary, {
		table: "other",
		files: ["in.csv"],
		columns: [
			{ name: "a", type: "integer" },
			{ name: "b", type: "integer" },
		],
		read: 3,
		loaded: 1,
		rejected: 2,
		ignored: 0,
		replaced: 0,
		widened: [],
		firstRejected: [
			{ file: "in.csv", line: 3, column: "", value: "3", reason: "1 field where 2 are expected" },
			{ file: "in.csv", line: 4, column: "", value: '"""4,5\n"', reason: "the quote opened on line 4 is never closed" },
		],
		bytes: 15,
	});
	const limited = await runCli(["load", "in.csv", "--table", "limited", "--max-errors", "1"], { cwd });
	assert.is(limited.exitCode, 1);
	assert.match(limited.stderr, /More than 1 rows were rejected, so the load was stopped and undone/);
	assert.is((await runCli(["query", "SELECT * FROM limited"], { cwd })).exitCode, 2);
});

test("what becomes of rows whose keys are taken is said", async ({ cwd }) => {
	writeFileSync(path.join(cwd, "in.csv"), "a,b\n1,x\n2,y\n1,z\n");
	const load = (...words: string[]) => runCli(["load", "in.csv", ...words], { cwd });
	const created = await load("--primary-key", "a", "--on-conflict", "ignore");
	assert.is(created.exitCode, 0, created.stderr);
	assert.match(created.stdout, /^2 of 3 rows loaded .*\n.*\n {2}ignored: 1 row whose key was taken\n$/);
	const replaced = await load("--append", "--on-conflict", "replace");
	assert.is(replaced.exitCode, 0, replaced.stderr);
	assert.match(replaced.stdout, /^3 of 3 .*\n.*\n {2}replaced: 3 rows took the place of others with the same key\n$/);
	assert.is(await query(cwd, 'SELECT * FROM "in"'), "a,b\n1,z\n2,y\n");
	const json = JSON.parse((await load("--append", "--on-conflict", "ignore", "--json")).stdout);
	assert.equal([json.read, json.loaded, json.rejected, json.ignored, json.replaced], [3, 0, 0, 3, 0]);
	const failed = await load("--table", "t", "--primary-key", "a", "--on-conflict", "fail");
	assert.is(failed.exitCode, 2);
	assert.match(failed.stderr, /^wlsm: in\.csv, line 4: UNIQUE constraint failed: t\.a\. .* it was undone\n$/);
	assert.is((await runCli(["query", "SELECT * FROM t"], { cwd })).exitCode, 2);
	assert.match(
		(await load("--on-conflict", "skip")).stderr,
		/--on-conflict must be one of reject, replace, ignore, fail/,
	);
});

test("a file that cannot be looked at is exit code 4, and no database is made for it", async ({ cwd }) => {
	const outcome = await runCli(["load", `${"x".repeat(300)}.csv`], { cwd });
	assert.is(outcome.exitCode, 4, outcome.stderr);
	assert.match(outcome.stderr, /^wlsm: Cannot read x+\.csv: ENAMETOOLONG[^\n]*\n$/);
	assert.equal(readdirSync(cwd), []);
});

test("bad input is exit code 2 with one message", async ({ cwd }) => {
	const missing = await runCli(["load", "nowhere.csv"], { cwd });
	assert.is(missing.exitCode, 2);
	assert.equal(readdirSync(cwd), [], "no database is made for nothing");
	writeFileSync(path.join(cwd, "empty.csv"), "");
	writeFileSync(path.join(cwd, "in.csv"), "a,b\n1,2\n");
	writeFileSync(path.join(cwd, "packed.csv"), gzipSync("a,b\n1,2\n").subarray(0, 20));
	writeFileSync(path.join(cwd, "sheet.csv"), "PK\x03\x04");
	const cases: [string[], RegExp][] = [
		[["nowhere.csv"], /There is no file nowhere\.csv/],
		[["empty.csv"], /empty\.csv is empty/],
		[["."], /is a directory/],
		[["in.csv", "--primary-key", "c"], /no column "c"; the columns are a, b/],
		[["in.csv", "--schema", "a", "c"], /no column "c"/],
		[["in.csv", "--types", "a"], /--types wants column=type/],
		[["in.csv", "--types", "a=blob"], /must be one of integer, real, text, boolean/],
		[["in.csv", "--append", "--replace"], /exclude each other/],
		[["in.csv", "--table", "t", "--schema", "a", "b"], /not both/],
		[["-"], /--table is needed/],
		[["in.csv", "--table", "kv"], /"kv" is the key-value data/],
		[["in.csv", "--table", "SQLite_x"], /sqlite_ are reserved/],
		[["packed.csv"], /packed\.csv cannot be unpacked: its gzip archive is cut off or damaged/],
		[["in.csv", "empty.csv"], /--table is needed where several files/],
		[["in.csv", "empty.csv", "--table", "t"], /empty\.csv is empty/],
		[["*.tsv", "--table", "t"], /There is no file that fits \*\.tsv/],
		[["in.csv", "--encoding", "ebcdic"], /The encoding must be one of utf-8, utf-16/],
		[["sheet.csv"], /a ZIP archive or a spreadsheet/],
	];
	await Promise.all(
		cases.map(async ([words, message], i) => {
			const outcome = await runCli(["load", ...words, "--db", `db-${i}`], { cwd });
			assert.is(outcome.exitCode, 2, `${words.join(" ")}: ${outcome.stderr}`);
			assert.match(outcome.stderr, message);
			assert.not.match(outcome.stderr, /\n\s+at /);
		}),
	);
});

test("a rejects file never takes the place of another file", async ({ cwd }) => {
	const file = path.join(cwd, "in.csv");
	writeFileSync(file, "a,b\n1,2\n3\n");
	symlinkSync(file, path.join(cwd, "link.csv"));
	const input = readFileSync(file);
	for (const [source, rejects] of [
		["in.csv", "in.csv"],
		["in.csv", "./in.csv"],
		["in.csv", "link.csv"],
		["-", "in.csv"],
	] as const) {
		const outcome = await runCli(["load", source, "--table", "t", "--rejects", rejects], { cwd, input });
		assert.is(outcome.exitCode, 2, outcome.stderr);
		assert.match(outcome.stderr, /rejects file/);
		assert.equal(readFileSync(file), input);
	}
	// One of an earlier load may be replaced.
	for (const table of ["t", "u"]) {
		const outcome = await runCli(["load", "in.csv", "--table", table, "--rejects", "r.csv"], { cwd });
		assert.is(outcome.exitCode, 1, outcome.stderr);
		assert.match(outcome.stderr, /^1 row rejected; all of them are in r\.csv\n/);
		assert.is(readFileSync(path.join(cwd, "r.csv"), "utf8").split("\n").length, 3);
	}
});

test("a file with another delimiter is told of", async ({ cwd }) => {
	const load = (header: string, ...words: string[]) =>
		runCli(["load", "-", "--table", `t${Date.now()}`, ...words], { cwd, input: `${header}\n1\n` });
	assert.match((await load("a;b")).stderr, /^note: .*--delimiter ";"\?\n$/);
	assert.match((await load("a\tb")).stderr, /--delimiter tab\?\n$/);
	assert.is((await load("a b")).stderr, "");
	assert.is((await load("a;b,c", "--max-errors", "5")).stderr.includes("note"), false);
});

test("a load that outgrows memory says so and changes nothing", async ({ cwd }) => {
	writeFileSync(path.join(cwd, "in.csv"), `a,b\n${"some text,other text\n".repeat(300_000)}`);
	// A table that asks each row something takes them one by one.
	const made = "CREATE TABLE t (a TEXT, b TEXT, CHECK (a <> b)); INSERT INTO t VALUES ('x', 'y')";
	assert.is((await runCli(["query", made], { cwd })).exitCode, 0);
	const env = { NODE_OPTIONS: "--max-old-space-size=64" };
	const outcome = await runCli(["load", "in.csv", "--table", "t", "--append", "--no-progress"], { cwd, env });
	assert.is(outcome.exitCode, 4, outcome.stderr);
	assert.match(outcome.stderr, /^wlsm: .*does not fit memory, so it was undone\. Load into a new table[^\n]*\n$/);
	assert.is(await query(cwd, "SELECT * FROM t"), "a,b\nx,y\n");
});

test("memory is a number of bytes with its unit", async ({ cwd }) => {
	writeFileSync(path.join(cwd, "in.csv"), `a,b\n${"some text,other text\n".repeat(300_000)}`);
	for (const memory of ["64MB", "1GiB", "67108864"]) {
		const loaded = await runCli(["load", "in.csv", "--table", "t", "--replace", "--memory", memory], { cwd });
		assert.is(loaded.exitCode, 0, loaded.stderr);
		assert.is(await query(cwd, "SELECT count(*) FROM t"), "count(*)\n300000\n");
	}
	for (const memory of ["much", "64MBs", "-1MB", "1KB"]) {
		const refused = await runCli(["load", "in.csv", "--table", "t", "--replace", "--memory", memory], { cwd });
		assert.is(refused.exitCode, 2, memory);
		assert.match(refused.stderr, /--memory|memoryBytes/);
	}
});

test("table names are only names", async ({ cwd }) => {
	for (const table of ["../../x", 'quo"te;', "t".repeat(300)]) {
		const loaded = await runCli(["load", "-", "--table", table], { cwd, input: "a\n1\n" });
		assert.is(loaded.exitCode, 0, `${table}: ${loaded.stderr}`);
		assert.is(await query(cwd, `SELECT a FROM "${table.replaceAll('"', '""')}"`), "a\n1\n");
	}
});

/** Starts a load that is fed without end, and answers when rows are being loaded. */
function endless(cwd: string, words: string[]) {
	const child = spawn(process.execPath, [main, "load", "endless.csv", "--batch-size", "1000", ...words], { cwd });
	let stderr = "";
	child.stderr.on("data", (chunk) => {
		stderr += chunk;
	});
	const closed = new Promise<{ exitCode: number | null; stderr: string }>((resolve) => {
		child.once("close", (exitCode) => resolve({ exitCode, stderr }));
	});
	return { child, closed };
}

async function untilThere(file: string): Promise<void> {
	while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 5));
}

test("Ctrl-C leaves no table, a killed load leaves no lock", async ({ cwd }) => {
	writeFileSync(path.join(cwd, "endless.csv"), `a,b\n${"1,some text\n".repeat(3_000_000)}`);
	const first = endless(cwd, []);
	await untilThere(path.join(cwd, "wlsm-data", "LOCK"));
	await new Promise((resolve) => setTimeout(resolve, 100));
	first.child.kill("SIGINT");
	const outcome = await first.closed;
	assert.is(outcome.exitCode, 130);
	assert.match(outcome.stderr, /interrupted\. Nothing was loaded\./);
	assert.match((await runCli(["query", "SELECT 1 FROM endless"], { cwd })).stderr, /no such table: endless/);
	const second = endless(cwd, []);
	await untilThere(path.join(cwd, "wlsm-data", "LOCK"));
	const locked = await runCli(["put", "k", "v"], { cwd });
	assert.is(locked.exitCode, 4);
	assert.match(locked.stderr, `in use by the process with pid ${second.child.pid}`);
	second.child.kill("SIGKILL");
	await second.closed;
	assert.is((await runCli(["put", "k", "v"], { cwd })).exitCode, 0);
});

test("Ctrl-C does not wait for silent standard input", async ({ cwd }) => {
	const sniffing = spawn(process.execPath, [main, "load", "-", "--table", "t", "--sniff"], { cwd });
	const sniffed = new Promise((resolve) => sniffing.once("close", resolve));
	sniffing.stdin.write("a,b\n1,2\n");
	const child = spawn(process.execPath, [main, "load", "-", "--table", "t"], { cwd });
	const closed = new Promise((resolve) => child.once("close", resolve));
	let stderr = "";
	child.stderr.on("data", (chunk) => {
		stderr += chunk;
	});
	child.stdin.write("a,b\n1,2\n");
	await untilThere(path.join(cwd, "wlsm-data", "LOCK"));
	child.kill("SIGINT");
	assert.is(await closed, 130);
	assert.is(stderr, "wlsm: interrupted. Nothing was loaded.\n");
	child.stdin.destroy();
	// It has had longer to begin.
	await new Promise((resolve) => setTimeout(resolve, 1000));
	sniffing.kill("SIGINT");
	assert.is(await sniffed, 130);
	sniffing.stdin.destroy();
});

test.run();
