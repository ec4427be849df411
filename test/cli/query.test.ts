import { suite } from "uvu";
import * as assert from "uvu/assert";
import { accessOf, parameterOf, parametersFor } from "../../cli/script.js";
import { inDirectories, runCli } from "./process.js";

const test = suite<{ cwd: string }>("command line: query");

inDirectories(test);

const script = `
	CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, score REAL); -- a comment; with a semicolon
	INSERT INTO t VALUES (1, 'one', 1.5), (2, 'zwei; drei', NULL);
`;

test("a script, its results in every format", async ({ cwd }) => {
	const made = await runCli(["query", script], { cwd });
	assert.equal(made, { exitCode: 0, stdout: "", stderr: "" });
	const formatted = async (format: string) =>
		(await runCli(["query", "SELECT * FROM t", "--format", format], { cwd })).stdout;
	assert.is(await formatted("csv"), "id,name,score\n1,one,1.5\n2,zwei; drei,\n");
	assert.is(await formatted("jsonl"), '{"id":1,"name":"one","score":1.5}\n{"id":2,"name":"zwei; drei","score":null}\n');
	assert.match(await formatted("table"), "│  2 │ zwei; drei │  NULL │");
	assert.match(await formatted("markdown"), "| 2 | zwei; drei | NULL |");
	assert.match(await formatted("line"), "score = NULL\n");
	assert.is(JSON.parse(await formatted("json")).length, 2);
	const twice = await runCli(["query", "--format", "csv", "SELECT 1 AS a; SELECT 2 AS b"], { cwd });
	assert.is(twice.stdout, "a\n1\nb\n2\n");
	const piped = await runCli(["query", "-", "--format", "csv"], { cwd, input: "SELECT COUNT(*) AS n FROM t" });
	assert.is(piped.stdout, "n\n2\n");
});

test("parameters are bound, never spliced", async ({ cwd }) => {
	await runCli(["query", script], { cwd });
	const words = ["query", "--format", "csv", "--param", "name=' OR 1=1 --", "--param", "id=2"];
	const none = await runCli([...words, "SELECT id FROM t WHERE name = :name"], { cwd });
	assert.equal(none, { exitCode: 0, stdout: "id\n", stderr: "" });
	const two = await runCli([...words, "SELECT @id + 1 AS n; SELECT name FROM t WHERE id = {id}"], { cwd });
	assert.is(two.stdout, "n\n3\nname\nzwei; drei\n");
	assert.is((await runCli(["query", "--param", "x", "SELECT 1"], { cwd })).exitCode, 2);
	const half = await runCli(["query", "--format", "csv", "--param", "n=5", "SELECT :n / 2 AS h, typeof(:n) AS t"], {
		cwd,
	});
	assert.is(half.stdout, "h,t\n2,integer\n");
	const missing = await runCli(["query", "SELECT :name"], { cwd });
	assert.is(missing.exitCode, 2);
	assert.match(missing.stderr, /missing named parameters: :name\. --param name=value/);
});

test("bad SQL is exit code 2, with line, column and a caret", async ({ cwd }) => {
	await runCli(["query", script], { cwd });
	const wrong = await runCli(["query", "SELECT 1;\n  SELECT missing FROM t"], { cwd });
	assert.is(wrong.exitCode, 2);
	assert.is(wrong.stderr, "wlsm: no such column: missing (line 2, column 10)\n  SELECT missing FROM t\n         ^\n");
	const wrongOnes = ["SELEC 1", "SELECT (", "SELECT * FROM nowhere", "", ";"];
	const outcomes = await Promise.all(wrongOnes.map((sql) => runCli(["query", sql], { cwd })));
	outcomes.push(await runCli(["query", "INSERT INTO t VALUES (1, 2, 3)"], { cwd }));
	for (const [i, outcome] of outcomes.entries()) {
		assert.is(outcome.exitCode, 2, wrongOnes[i]);
		assert.match(outcome.stderr, /^wlsm: /);
		assert.not.match(outcome.stderr, /\n\s+at /);
	}
});

test("a transaction that is left open is undone, and told of", async ({ cwd }) => {
	await runCli(["query", script], { cwd });
	const open = await runCli(["query", "BEGIN; DELETE FROM t"], { cwd });
	assert.is(open.exitCode, 0);
	assert.match(open.stderr, /^note: the script ends without COMMIT/);
	assert.is((await runCli(["query", "--format", "csv", "SELECT COUNT(*) AS n FROM t"], { cwd })).stdout, "n\n2\n");
});

test("explain shows how, and changes nothing", async ({ cwd }) => {
	await runCli(["query", script], { cwd });
	const nothing = await runCli(["explain", " -- none"], { cwd });
	assert.is(nothing.exitCode, 2);
	assert.match(nothing.stderr, /no statement to explain/);
	const plan = await runCli(["explain", "SELECT * FROM t WHERE id = 1"], { cwd });
	assert.is(plan.exitCode, 0, plan.stderr);
	assert.match(plan.stdout, /t/);
	await runCli(["explain", "DELETE FROM t"], { cwd });
	assert.is(
		(await runCli(["explain", "BEGIN; SELECT 1"], { cwd })).stdout,
		"(nothing to plan)\nProject 1\n  One row\n",
	);
	assert.is((await runCli(["query", "--format", "csv", "SELECT COUNT(*) AS n FROM t"], { cwd })).stdout, "n\n2\n");
});

test("explain --analyze runs the statement, and shows what it took", async ({ cwd }) => {
	await runCli(["query", script], { cwd });
	const run = await runCli(["explain", "--analyze", "--param", "least=2", "SELECT * FROM t WHERE id >= :least"], {
		cwd,
	});
	assert.equal([run.exitCode, run.stderr], [0, ""]);
	assert.match(
		run.stdout,
		/^operator +rows +runs +time +share\nScan t.* 1 +1 +[\d.]+ ms +\d+ %\n1 row in [\d.]+ ms\n$/,
	);
	assert.match((await runCli(["explain", "--analyze", "DELETE FROM t"], { cwd })).stdout, /\n2 rows in /);
	const { stdout } = await runCli(["query", "SELECT count(*) AS n FROM t"], { cwd });
	assert.is(stdout, "n\n0\n", "as a pipe gets CSV");
	assert.is((await runCli(["explain", "--analyze", "SELECT :missing"], { cwd })).exitCode, 2);
});

test("colours are for terminals, and for those who ask for them", async ({ cwd }) => {
	const coloured = async (words: readonly string[], env: Record<string, string>) => {
		const outcome = await runCli([...words, "query", "--format", "table", "SELECT NULL AS n"], { cwd, env });
		return outcome.stdout.includes("\x1b[");
	};
	await runCli(["put", "k", "v"], { cwd });
	assert.is(await coloured([], { NO_COLOR: "", FORCE_COLOR: "0" }), false);
	assert.is(await coloured([], { NO_COLOR: "", FORCE_COLOR: "1" }), true);
	assert.is(await coloured([], { NO_COLOR: "1", FORCE_COLOR: "1" }), false);
	assert.is(await coloured(["--color"], { NO_COLOR: "1" }), true);
	assert.is(await coloured(["--color", "always"], {}), true);
	assert.is(await coloured(["--no-color"], { NO_COLOR: "", FORCE_COLOR: "1" }), false);
	assert.is(await coloured([], { NO_COLOR: "", FORCE_COLOR: "0", WLSM_COLOR: "always" }), true);
	const wrong = await runCli(["query", "--color=blue", "SELECT 1"], { cwd });
	assert.is(wrong.exitCode, 2);
	assert.match(wrong.stderr, /--color must be one of auto, always, never, not "blue"/);
});

test("a time limit ends a statement, and is exit code 4", async ({ cwd }) => {
	await runCli(["query", script], { cwd });
	const forever = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c";
	const stopped = await runCli(["query", "--timeout", "50", "--format", "csv", `SELECT 1 AS one; ${forever}`], { cwd });
	assert.is(stopped.exitCode, 4);
	assert.match(stopped.stdout, /^one\n1\n/);
	assert.match(stopped.stderr, /took longer than its 50 milliseconds/);
	assert.is((await runCli(["query", "--timeout", "soon", "SELECT 1"], { cwd })).exitCode, 2);
	const short = { WLSM_TIMEOUT: "1" };
	const takesLonger =
		"WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 100000) SELECT max(x) FROM c";
	assert.is((await runCli(["query", takesLonger], { cwd, env: short })).exitCode, 4);
	assert.is((await runCli(["query", "--timeout", "0", takesLonger], { cwd, env: short })).exitCode, 0);
});

test("what a script needs of the database", () => {
	assert.is(accessOf(["SELECT 1", " -- c\n/* insert */ values (1)", "EXPLAIN DELETE FROM t"]), "read");
	assert.is(accessOf(["SELECT 1", "insert into t values (1)"]), "change");
	assert.is(accessOf(["drop table t", "/**/ Create table t (a)"]), "create");
	assert.is(accessOf(["WITH a AS (SELECT 1) SELECT * FROM a"]), "read");
	assert.is(accessOf(["WITH a AS (SELECT 1) DELETE FROM t"]), "change");
	assert.is(accessOf(["PRAGMA table_info(t)", "PRAGMA user_version"]), "read");
	for (const text of ["PRAGMA user_version(5)", "pragma main.application_id (1)", "PRAGMA user_version = 5"])
		assert.is(accessOf([text]), "change");
	for (const text of [
		"INSERT INTO kv VALUES (1, 2)",
		"insert or ignore into kv (key) values (1)",
		'REPLACE INTO "kv" VALUES (1, 2)',
	])
		assert.is(accessOf([text]), "create");
	assert.is(accessOf(["REPLACE INTO kvs VALUES (1)"]), "change");
});

test("parameters are numbers where they are written as numbers", () => {
	assert.equal(parameterOf("a=5"), ["a", 5n]);
	assert.equal(parameterOf(":a=-1.5"), ["a", -1.5]);
	assert.equal(parameterOf("a=007"), ["a", "007"]);
	assert.equal(parameterOf("a=9223372036854775807"), ["a", 9223372036854775807n]);
	assert.equal(parameterOf("a=9223372036854775808"), ["a", "9223372036854775808"]);
	assert.equal(parameterOf("a=x=y"), ["a", "x=y"]);
	assert.equal(parameterOf("a="), ["a", ""]);
	const all = new Map<string, string | number>([
		["a", 1],
		["ab", 2],
	]);
	assert.equal(parametersFor("SELECT :ab", all), [{ ab: 2 }]);
	assert.equal(parametersFor("SELECT {a} + {abc}", all), [{ a: 1 }]);
	assert.equal(parametersFor("SELECT 1", all), []);
});

test("a large blob takes little more than its hexadecimal digits", async ({ cwd }) => {
	const env = { NODE_OPTIONS: "--max-old-space-size=100" };
	for (const format of ["csv", "json", "jsonl"]) {
		const words = ["query", "--db", ":memory:", "--format", format, "SELECT zeroblob(16000000) AS z"];
		const { exitCode, stdout } = await runCli(words, { cwd, env });
		assert.is(exitCode, 0);
		assert.ok(stdout.length > 32_000_000);
		assert.ok(stdout.slice(20, -20).replaceAll("0".repeat(1000), "").length < 1000);
	}
});

test("a script of many statements takes no more than its length, and errors have their line in it", async ({ cwd }) => {
	const inserts = Array.from(
		{ length: 20_000 },
		(_, i) => `INSERT INTO many VALUES (${i}, 'some text that is not short');\n`,
	);
	const input = `BEGIN;\nCREATE TABLE many (a, b);\n${inserts.join("")}COMMIT;\nSELECT nope\nFROM many`;
	const env = { NODE_OPTIONS: "--max-old-space-size=512" };
	const outcome = await runCli(["query", "-", "--db", "many"], { cwd, input, env });
	assert.is(outcome.exitCode, 2, outcome.stderr);
	assert.match(outcome.stderr, /no such column: nope \(line 20004, column 8\)\nSELECT nope\n {7}\^/);
	const count = await runCli(["query", "--db", "many", "--format", "csv", "SELECT count(*) AS n FROM many"], { cwd });
	assert.is(count.stdout, "n\n20000\n");
});

test.run();
