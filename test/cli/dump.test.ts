import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { dump } from "../../cli/dump.js";
import { type Database, openSync } from "../../host/index.js";
import { Random } from "../support/random.js";
import { inDirectories, runCli } from "./process.js";

const test = suite<{ cwd: string }>("command line: dump");

inDirectories(test);

const SCHEMA = `
CREATE TABLE plain (a, b TEXT, c REAL, d INTEGER, e BLOB);
CREATE INDEX plain_b ON plain (b, a DESC) WHERE b IS NOT NULL;
CREATE TABLE "odd ""name"", ; 'it'" ("select" INTEGER PRIMARY KEY, "a""b" DEFAULT 'x;--y', rowid TEXT);
CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, v UNIQUE);
CREATE TABLE without (k TEXT, n INTEGER, v, PRIMARY KEY (k, n)) WITHOUT ROWID;
CREATE TABLE made (a INTEGER, twice AS (a * 2) STORED, b TEXT, thrice AS (a * 3));
CREATE TABLE typed (i INTEGER, r REAL, t TEXT, x ANY) STRICT;
CREATE TABLE child (id INTEGER PRIMARY KEY, parent REFERENCES counted (id) ON DELETE CASCADE);
CREATE VIEW seen AS SELECT a, b FROM plain -- a comment
;
CREATE TABLE log (what);
CREATE TRIGGER noted AFTER INSERT ON plain BEGIN INSERT INTO log VALUES (new.b); UPDATE log SET what = 'x;y'; END;
CREATE TRIGGER viewed INSTEAD OF INSERT ON seen BEGIN INSERT INTO plain (a, b) VALUES (new.a, new.b); END;
CREATE TABLE empty (a);
`;

const VALUES: readonly (null | number | bigint | string | Uint8Array)[] = [
	null,
	0,
	2,
	-0.5,
	0.1 + 0.2,
	5e-324,
	1.7976931348623157e308,
	1e15,
	9007199254740993n,
	-9223372036854775808n,
	9223372036854775807n,
	Number.POSITIVE_INFINITY,
	Number.NEGATIVE_INFINITY,
	"",
	"it's",
	"a;b\n--c\r\n/* d",
	"nul\0inside",
	"other\rends\u2028of\u0085lines",
	"😀 é \ufeff",
	"2.0",
	"NULL",
	'"x"',
	new Uint8Array(0),
	Uint8Array.of(0, 255, 39, 97),
];

function fill(db: Database): void {
	const random = new Random(11);
	const value = () => random.pick(VALUES);
	// Numbers that are bound are REALs, where the column does not say otherwise.
	const run = (sql: string, ...values: unknown[]) => db.sql.prepare(sql).run(...(values as never[]));
	db.sql.exec(SCHEMA);
	for (let i = 0; i < 120; i++) {
		run("INSERT INTO plain VALUES (?, ?, ?, ?, ?)", value(), value(), value(), value(), value());
		run("INSERT OR IGNORE INTO counted (v) VALUES (?)", value());
		run("INSERT INTO without VALUES (?, ?, ?)", `k${random.below(9)}`, i, value());
	}
	run(`INSERT INTO "odd ""name"", ; 'it'" VALUES (-5, 'x', 'y'), (7, NULL, NULL)`);
	run("INSERT INTO made (a, b) VALUES (1, 'x'), (NULL, 'y')");
	run("INSERT INTO typed VALUES (?, ?, ?, ?)", 5, 2, "t\0", Uint8Array.of(1));
	run("INSERT INTO child VALUES (1, 1), (2, NULL)");
	run("DELETE FROM plain WHERE rowid IN (3, 7)");
	run("DELETE FROM counted WHERE id > 10");
	db.putSync("key", "value; 'x'\n");
	db.putSync("nul\0", "");
	db.sql.exec("INSERT INTO kv VALUES (X'00ff', X'fe00'); PRAGMA user_version = 7; ANALYZE");
}

/** All that can be seen of a database. */
function contents(db: Database): unknown {
	const all = (sql: string) => db.sql.prepare(sql).safeIntegers().raw().all() as unknown[][];
	const schema = all(
		"SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%' ORDER BY rowid",
	);
	const rows = schema
		.filter(([type]) => type === "table" || type === "view")
		.map(([type, name]) => {
			const quoted = `"${String(name).replaceAll('"', '""')}"`;
			const hasRowid = type === "table" && name !== "without";
			return [name, all(`SELECT ${hasRowid ? "_rowid_, " : ""}* FROM ${quoted}`)];
		});
	return [schema, rows, all("SELECT * FROM kv"), all("PRAGMA user_version"), all("SELECT * FROM sqlite_stat1")];
}

test("what is dumped and read back is the same database", async ({ cwd }) => {
	const from = openSync(path.join(cwd, "from"));
	fill(from);
	const before = contents(from);
	from.closeSync();
	const dumped = await runCli(["dump", "--db", "from"], { cwd });
	assert.is(dumped.exitCode, 0, dumped.stderr);
	const input = dumped.stdout;
	assert.not.match(input, /\r/);
	writeFileSync(path.join(cwd, "dump.sql"), input);
	const readers: [words: string[], input: string][] = [
		[["query", "-"], input],
		[["shell"], input],
		[["shell"], ".read dump.sql"],
	];
	for (const [at, [words, text]] of readers.entries()) {
		const read = await runCli([...words, "--db", `to ${at}`], { cwd, input: text });
		assert.equal([read.exitCode, read.stdout, read.stderr], [0, "", ""]);
		const to = openSync(path.join(cwd, `to ${at}`));
		assert.equal(contents(to), before);
		assert.is([...dump(to, [])].join(""), input);
		to.closeSync();
	}
	const memory = openSync(":memory:");
	memory.sql.exec(input);
	assert.equal(contents(memory), before);
	memory.closeSync();
	// Half of it is nothing.
	const half = await runCli(["query", "--db", "half", "-"], { cwd, input: input.slice(0, input.length >> 1) });
	assert.is(half.exitCode, 2);
	assert.match((await runCli(["query", "--db", "half", "SELECT * FROM plain"], { cwd })).stderr, /no such table/);
});

test("a comment that a definition leaves open does not take in what follows", () => {
	const from = openSync(":memory:");
	from.sql.exec("CREATE VIEW open AS SELECT 1 AS x /* open");
	from.sql.exec("CREATE TABLE t (a /* closed */); INSERT INTO t VALUES ('/*')");
	const to = openSync(":memory:");
	to.sql.exec([...dump(from, [])].join(""));
	assert.equal(to.sql.prepare("SELECT x, a FROM open, t").raw().all(), [[1, "/*"]]);
	from.closeSync();
	to.closeSync();
});

test("some tables, the key-value data alone, and names that are not there", async ({ cwd }) => {
	const script =
		"CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, v); INSERT INTO a (v) VALUES (2.0); CREATE INDEX i ON a (v); CREATE TABLE b (x); CREATE VIEW v AS SELECT 1 AS x; INSERT INTO kv VALUES ('k', '1')";
	assert.is((await runCli(["query", script], { cwd })).exitCode, 0);
	const some = await runCli(["dump", "A"], { cwd });
	assert.is(
		some.stdout,
		[
			"PRAGMA foreign_keys=OFF;",
			"BEGIN TRANSACTION;",
			"CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, v);",
			'INSERT INTO "a" VALUES(1,2.0);',
			"CREATE INDEX i ON a (v);",
			"DELETE FROM sqlite_sequence WHERE name = 'a';",
			"INSERT INTO sqlite_sequence VALUES('a',1);",
			"COMMIT;",
			"",
		].join("\n"),
	);
	const pairs = await runCli(["dump", "kv", "v"], { cwd });
	assert.match(
		pairs.stdout,
		/BEGIN TRANSACTION;\nINSERT INTO "kv" VALUES\('k','1'\);\nCREATE VIEW v AS SELECT 1 AS x;\n/,
	);
	const alone = (await runCli(["dump", "kv"], { cwd })).stdout;
	assert.is((await runCli(["query", "--db", "other", "-"], { cwd, input: alone })).exitCode, 0);
	assert.is((await runCli(["get", "--db", "other", "k"], { cwd })).stdout, "1\n");
	const absent = await runCli(["dump", "c"], { cwd });
	assert.equal([absent.exitCode, absent.stdout], [1, ""]);
	assert.match(absent.stderr, /There is no table "c"; there are a, b/);
	assert.is((await runCli(["dump", "--db", "nowhere"], { cwd })).exitCode, 1);
});

test("what is printed as CSV is loaded as it was", async ({ cwd }) => {
	const script = `CREATE TABLE t (i INTEGER, r REAL, "t, x" TEXT, e TEXT);
		INSERT INTO t VALUES (9007199254740993, 2.0, 'a "b"', NULL), (NULL, 1e300, 'line' || char(13, 10) || 'end', ''),
		(-1, 0.1, ' x, ', '007'), (NULL, NULL, NULL, NULL), (1, 5e15, '''', ' ')`;
	assert.is((await runCli(["query", script], { cwd })).exitCode, 0);
	const { stdout } = await runCli(["query", "--format", "csv", "SELECT * FROM t"], { cwd });
	writeFileSync(path.join(cwd, "t.csv"), stdout);
	const loaded = await runCli(["load", "t.csv", "--db", "to", "--null-value", ""], { cwd });
	assert.is(loaded.exitCode, 0, loaded.stderr);
	assert.match(loaded.stdout, /columns: i INTEGER, r REAL, t, x TEXT, e TEXT/);
	const all = (name: string) => {
		const db = openSync(path.join(cwd, name));
		const rows = db.sql.prepare("SELECT * FROM t").safeIntegers().raw().all();
		db.closeSync();
		return rows;
	};
	assert.equal(all("to"), all("wlsm-data"));
});

test.run();
