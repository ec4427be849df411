// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are sources
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { transformSync } from "esbuild";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSync } from "../../../host/index.js";
import { root } from "../../support/sources.js";
import { inDirectories, type Outcome } from "../process.js";
import { runLines } from "./lines.js";

const test = suite<{ cwd: string }>("wlsm typegen and wlsm check");

inDirectories(test);

const shop = path.join(root, "test", "types", "typegen");

/** Files by their paths. */
function write(cwd: string, files: Readonly<Record<string, string>>): void {
	for (const [name, text] of Object.entries(files)) {
		mkdirSync(path.dirname(path.join(cwd, name)), { recursive: true });
		writeFileSync(path.join(cwd, name), text);
	}
}

const schema = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT);\n";

test("what is generated for the shop of the type tests is what lies there, and its functions run", async ({ cwd }) => {
	const schema = ["--schema", "schema.sql"];
	const [checked, generated, module] = runLines(
		[
			["check", ...schema, "--out", "wlsm-queries.d.ts"],
			["typegen", ...schema, "--out", path.join(cwd, "package", "a.d.ts")],
			["typegen", ...schema, "--out", path.join(cwd, "m.ts")],
		],
		shop,
	);
	assert.equal(checked, { exitCode: 0, stdout: "ok: 9 queries in 3 files\n", stderr: "" });
	assert.equal([generated?.exitCode, generated?.stderr, module?.exitCode], [0, "", 0]);
	const same = (name: string, as: string) =>
		assert.is(readFileSync(path.join(cwd, name), "utf8"), readFileSync(path.join(shop, as), "utf8"));
	same("package/a.d.ts", "wlsm-queries.d.ts");
	same("package/a.js", "wlsm-queries.js");
	await functionsRun(cwd);
});

/** As JavaScript beside declarations and as one module of TypeScript. */
async function functionsRun(cwd: string): Promise<void> {
	const module = transformSync(readFileSync(path.join(cwd, "m.ts"), "utf8"), { loader: "ts", format: "esm" });
	write(cwd, { "m.mjs": module.code, "q.mjs": readFileSync(path.join(shop, "wlsm-queries.js"), "utf8") });
	for (const file of ["q.mjs", "m.mjs"]) {
		const { addOrder, countCustomers, findOrder, ordersOf, setStock } = await import(
			pathToFileURL(path.join(cwd, file)).href
		);
		const db = openSync(":memory:");
		db.sql.exec(
			`${readFileSync(path.join(shop, "schema.sql"), "utf8")}; INSERT INTO customers (id, name) VALUES (7, 'Ada')`,
		);
		assert.equal(addOrder(db, { customer: 7, total: 2.5, note: null }), { changes: 1, lastInsertRowid: 1 });
		const order = { id: 1, customer: 7, total: 2.5, state: "open", note: null, name: "Ada", email: null };
		assert.equal(findOrder(db.sql, { id: 1 }), order);
		assert.is(findOrder(db, { id: 2 }), undefined);
		assert.equal(ordersOf(db, { customer: 7, state: "'; DROP TABLE orders; --" }), []);
		assert.equal(ordersOf(db, { customer: 7, state: null }), [{ id: 1, total: 2.5, note: null }]);
		assert.is(setStock(db, ["nails", 3, new Uint8Array(1)]).changes, 1);
		assert.equal(countCustomers(db), [{ customers: 1, "most credit": 0 }]);
		db.closeSync();
	}
}

test("what is wrong is told with its place and a caret, and what is right is written all the same", ({ cwd }) => {
	write(cwd, {
		"schema.sql": `${schema}CREATE VIEW broken AS SELECT gone FROM users;`,
		"src/a.ts": [
			'db.sql.query("SELECT id, nmae FROM users");',
			"db.sql.execute(`UPDATE users",
			"\tSET name = 'it\\`s'",
			"\tWHERE idd = {id}`, { id });",
			"db.sql.prepare('SELECT {id}'); db.sql.query('SELECT 1; SELECT 2');",
			"db.sql.query('SELECT id FROM users WHERE id = {id} AND name = ?');",
			"db.sql.query('SELECT * FROM broken');",
			"db.sql.query(`SELECT name FROM users`);",
			"// wlsm-ignore",
			"db.sql.query('SELECT 1 FROM elsewhere');",
		].join("\n"),
		"src/b.tsx":
			"import { sql } from 'wlsm'; const a = <p>don't</p>; sql`SELECT * FROM ${t}`; sql`SELECT x FROM users WHERE id = ${1}`;\n",
		"src/q.sql":
			"-- name: first :one\nSELECT foo\n  FROM users;\n-- name: second :run\nSELECT 1;\n-- name: First\nSELECT 1\n",
	});
	const expected = `src/a.ts:1:26: no such column: nmae; did you mean name?
db.sql.query("SELECT id, nmae FROM users");
                         ^
src/a.ts:4:8: no such column: idd; did you mean id?
\tWHERE idd = {id}\`, { id });
\t      ^
src/a.ts:5:46: the supplied SQL string contains more than one statement
db.sql.prepare('SELECT {id}'); db.sql.query('SELECT 1; SELECT 2');
                                             ^
src/a.ts:6:15: some of the parameters have names, and others do not: values are given by name or in order, not both
db.sql.query('SELECT id FROM users WHERE id = {id} AND name = ?');
              ^
src/a.ts:7:15: no such column: gone (in the schema)
db.sql.query('SELECT * FROM broken');
              ^
src/b.tsx:1:89: no such column: x
m 'wlsm'; const a = <p>don't</p>; sql\`SELECT * FROM \${t}\`; sql\`SELECT x FROM users WHERE id = \${1}\`;
                                                                      ^
src/q.sql:2:8: no such column: foo
SELECT foo
       ^
src/q.sql:4:1: second returns rows: say :one or :many in the place of :run
-- name: second :run
^
src/q.sql:6:1: First is in the way of first in src/q.sql: give one another name
-- name: First
^
9 problems
`;
	const lines = ["typegen", "check"].map((command) => [command, "--schema", "schema.sql", "src"]);
	const [generated, checked] = runLines(lines, cwd) as [Outcome, Outcome];
	assert.is(generated.exitCode, 2);
	assert.is(generated.stderr, `note: view broken is left out: no such column: gone (line 1, column 30)\n${expected}`);
	assert.is(generated.stdout, "wlsm-queries.d.ts is written: 2 tables, 12 queries in 3 files\n");
	const types = readFileSync(path.join(cwd, "wlsm-queries.d.ts"), "utf8");
	assert.match(types, /"SELECT name FROM users": \{/);
	assert.not.match(types, /broken|nmae/);
	assert.equal([checked.exitCode, checked.stdout, checked.stderr], [2, "", generated.stderr]);
});

test("the schema of a database counts, and whether the generated file is up to date with it", ({ cwd }) => {
	const db = openSync(path.join(cwd, "data"));
	db.sql.exec(schema);
	write(cwd, { "a.js": "db.sql.query('SELECT * FROM users WHERE id = :id', { id })" });
	const words = ["--db", "data", "--out", "types/q.d.ts"];
	const out = path.join(cwd, "types/q.d.ts");
	const stale = "types/q.d.ts is not up to date: run wlsm typegen with the same options\n";
	const written = { exitCode: 0, stdout: "types/q.d.ts is written: 2 tables, 1 query in 1 file\n", stderr: "" };
	const ok = { exitCode: 0, stdout: "ok: 1 query in 1 file\n", stderr: "" };
	const before = runLines(
		[
			["check", ...words],
			["typegen", ...words],
			["check", ...words],
		],
		cwd,
	);
	assert.equal(before, [{ exitCode: 2, stdout: "", stderr: stale }, written, ok]);
	assert.match(
		readFileSync(out, "utf8"),
		/^import type \{ Buffer \} from "node:buffer";\nimport type \{\} from "wlsm";$/m,
	);
	utimesSync(out, 1, 1);
	db.sql.exec("CREATE INDEX names ON users (name)");
	const [again] = runLines([["typegen", ...words]], cwd);
	assert.match(again?.stdout ?? "", /^types\/q\.d\.ts is up to date: /);
	assert.is(statSync(out).mtimeMs, 1000, "a file that is as it should be is not touched");
	writeFileSync(out, readFileSync(out, "utf8").replaceAll("\n", "\r\n"));
	db.sql.exec("ALTER TABLE users ADD COLUMN age INT");
	const after = runLines([["check", ...words], ["check", "--db", "data"], ["typegen", ...words], ["check"]], cwd);
	assert.equal(after.slice(0, 3), [{ exitCode: 2, stdout: "", stderr: stale }, ok, written]);
	assert.is(after[3]?.exitCode, 1, "there is no ./wlsm-data");
	assert.match(readFileSync(out, "utf8"), /row: \{\n(?:\t+(?:id|name|email): .*\n){3}\t+age: number \| null;/);
	db.closeSync();
});

test("functions whose file is gone do not stay behind", ({ cwd }) => {
	write(cwd, { "schema.sql": schema, "find.sql": "SELECT id FROM users", "a.ts": "" });
	const words = ["--schema", "schema.sql", "--out", "q.d.ts"];
	runLines([["typegen", ...words]], cwd);
	assert.match(readFileSync(path.join(cwd, "q.js"), "utf8"), /export function find\(db\)/);
	rmSync(path.join(cwd, "find.sql"));
	const [stale, , again] = runLines(
		[
			["check", ...words],
			["typegen", ...words],
			["check", ...words],
		],
		cwd,
	);
	assert.match(stale?.stderr ?? "", /^q\.d\.ts is not up to date.*\nq\.js is not up to date/);
	assert.match(readFileSync(path.join(cwd, "q.js"), "utf8"), /\nexport \{\};\n$/);
	assert.is(again?.exitCode, 0);
});

test("files with a byte order mark are read as compilers read them, in UTF-16, too", ({ cwd }) => {
	const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, "utf16le");
	write(cwd, { "schema.sql": `\ufeff${schema}`, "bad.sql": "\ufeffCREATE TABEL t (a);\n" });
	const query = "db.sql.query('SELECT nmae FROM users');";
	for (const [name, text] of [
		["utf16.sql", utf16(schema)],
		["a.ts", `\ufeff${query}`],
		["b.ts", utf16(query)],
		["c.ts", utf16(query).swap16()],
	] as const)
		writeFileSync(path.join(cwd, name), text);
	const [one, other, bad] = runLines(
		[
			["check", "--schema", "schema.sql", "a.ts", "b.ts", "c.ts"],
			["check", "--schema", "utf16.sql", "a.ts", "b.ts", "c.ts"],
			["check", "--schema", "bad.sql", "a.ts"],
		],
		cwd,
	);
	assert.equal(
		one?.stderr.match(/^\S+:\d+:\d+(?=:)/gm),
		["a", "b", "c"].map((name) => `${name}.ts:1:22`),
	);
	assert.equal(other, one);
	assert.match(bad?.stderr ?? "", /^bad\.sql:1:8: near "TABEL".*\nCREATE TABEL/);
});

test("settings say what options do not, and what is not the project's is left out", async ({ cwd }) => {
	const bad = "db.sql.query('SELECT 1 FROM nowhere')";
	const others = [
		"node_modules/a.js",
		"dist/a.js",
		".git/a.js",
		"src/.cache/a.js",
		"old/a.ts",
		"src/b/a.test.ts",
		"src/a.md",
	];
	write(cwd, {
		"wlsm.config.json":
			'{ "typesSchema": "sql/schema.sql", "typesOut": "gen/types.d.ts", "typesIgnore": "old **/*.test.ts" }',
		"sql/schema.sql": schema,
		"src/a.mts": "db.sql.query('SELECT id FROM users')",
		...Object.fromEntries(others.map((name) => [name, bad])),
	});
	const [below] = runLines([["typegen", ".."]], path.join(cwd, "src"));
	assert.equal([below?.stdout, below?.stderr], ["../gen/types.d.ts is written: 2 tables, 1 query in 1 file\n", ""]);
	const [all, less, database, twice] = runLines(
		[["check"], ["check", "--ignore", "x"], ["check", "--db", "nowhere"], ["check", "src/a.mts", "src/a.mts"]],
		cwd,
	);
	assert.is(all?.stdout, "ok: 1 query in 1 file\n");
	// Options come before them, and an option for the database before the setting for a schema.
	assert.match(less?.stderr ?? "", /^old\/a\.ts:1:29: no such table: nowhere/);
	assert.is(database?.exitCode, 1);
	assert.is(twice?.stdout, "ok: 1 query in 1 file\n");
});

test("bad usage, bad schemas and files that cannot be read or written have exit codes of their own", async ({
	cwd,
}) => {
	write(cwd, {
		"own.ts": "export const mine = 1;",
		"s.sql": schema,
		"bad.sql": "CREATE TABLE t (a);\nCREATE TABEL u (b);\n",
		"a.ts": "",
		"folder/x.ts": "",
	});
	const cases: readonly (readonly [words: string, exitCode: number, stderr: RegExp])[] = [
		["typegen --schema s.sql --db data", 2, /The schema is that of --db or what --schema makes, not both/],
		["typegen --schema s.sql --out types.txt", 2, /--out must name a \.d\.ts or a \.ts, not "types\.txt"/],
		["typegen --schema s.sql nowhere", 2, /There is no file or folder nowhere/],
		[
			"check",
			1,
			/There is no database in .*wlsm-data\. Check --db.* With --schema FILE the schema is what a file of SQL makes\./,
		],
		["typegen --db nowhere", 1, /There is no database in .*nowhere\. .* With --schema FILE /],
		["check --schema nowhere.sql", 2, /There is no file .*nowhere\.sql/],
		["check --schema s.sql --schema s.sql", 2, /^s\.sql:1:14: table users already exists/],
		[
			"check --schema bad.sql",
			2,
			/^bad\.sql:2:8: near "TABEL": syntax error.*\nCREATE TABEL u \(b\);\n {7}\^\n1 problem\n$/,
		],
		["typegen --schema s.sql --out folder/x.ts/y.ts", 4, /Cannot write folder\/x\.ts\/y\.ts: /],
		["typegen --schema s.sql --out types.d.mts", 2, /--out must name a \.d\.ts or a \.ts/],
		["typegen --schema s.sql --out own.ts", 2, /own\.ts is not a file that typegen has written: move it away/],
		["typegen --watchh", 2, /did you mean --watch\?/],
	];
	const others = [
		["check", "--help"],
		["--get-completions", "typegen", "--w"],
		["--get-completions", "typ"],
	];
	const outcomes = runLines([...cases.map(([words]) => words.split(" ")), ...others], cwd);
	for (const [i, [words, exitCode, stderr]] of cases.entries()) {
		assert.is(outcomes[i]?.exitCode, exitCode, `${words}: ${outcomes[i]?.stderr}`);
		assert.match(outcomes[i]?.stderr ?? "", stderr);
	}
	const [help, options, names] = outcomes.slice(cases.length);
	assert.match(help?.stdout ?? "", /wlsm check --schema schema\.sql src/);
	assert.equal([options?.stdout, names?.stdout], ["--watch\n", "typegen\n"]);
});

test.run();
