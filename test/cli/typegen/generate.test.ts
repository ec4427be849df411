/** What is generated depends on more of a project than its queries and its schema. */

import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Arguments } from "../../../cli/arguments.js";
import { settingsFor } from "../../../cli/settings.js";
import { generate } from "../../../cli/typegen/generate.js";
import { listFiles } from "../../../cli/typegen/project.js";
import { Sources } from "../../../cli/typegen/sources.js";
import { Random } from "../../support/random.js";

const test = suite<{ cwd: string }>("generated files");

test.before.each((context) => {
	context.cwd = realpathSync(mkdtempSync(path.join(tmpdir(), "wlsm-typegen-")));
});
test.after.each(({ cwd }) => rmSync(cwd, { recursive: true }));

/** The declarations, or the module, for a project of these files, of which schema.sql is the schema. */
async function generated(cwd: string, files: Readonly<Record<string, string>>, out = "q.d.ts"): Promise<string> {
	for (const [name, text] of Object.entries(files)) {
		mkdirSync(path.dirname(path.join(cwd, name)), { recursive: true });
		writeFileSync(path.join(cwd, name), text);
	}
	const settings = await settingsFor(new Arguments({}), {}, cwd);
	const request = { schema: [path.join(cwd, "schema.sql")], settings, out: path.join(cwd, out) };
	const outcome = await generate(request, listFiles([cwd], []), new Sources());
	assert.equal(outcome.problems, []);
	assert.equal(outcome.notes, []);
	return outcome.files.map(({ text }) => text).join("\n");
}

const schema = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, photo BLOB);\n";

test("functions that a program defines for SQL are there, and give anything", async ({ cwd }) => {
	const text = await generated(cwd, {
		"schema.sql": `${schema}CREATE TABLE t (a TEXT CHECK (slug(a) <> ''), b AS (slug(a)));`,
		"a.ts": `db.sql.function("slug", (text) => text).aggregate("most", { step });
			db.sql.function("", refused).aggregate("${"long".repeat(100)}", refused);
			db.sql.query("SELECT slug(name) AS s, most(id) AS m, most(id) OVER () AS w FROM users");
			db.sql.query("SELECT b FROM t");`,
	});
	const anything = "number \\| string \\| Buffer \\| null";
	assert.match(text, new RegExp(`s: ${anything};\\n\\t+m: ${anything};\\n\\t+w: ${anything};`));
});

test("tables that a program declares itself are not declared again", async ({ cwd }) => {
	const own = 'declare module "wlsm" { interface DeclaredTables { users: StoredRow<typeof users> } }';
	const text = await generated(cwd, { "schema.sql": `${schema}CREATE TABLE other (a)`, "a.ts": own });
	assert.not.match(text, /users: \{/);
	assert.match(text, /\tother: \{\n/);
	// Of them and of kv the blobs were the only ones.
	const all = own.replace("{ users", "{ kv: { key: string; value: string }; users");
	const none = await generated(cwd, { "schema.sql": schema, "a.ts": all });
	assert.not.match(none, /Buffer/);
	assert.match(none, /^import type \{\} from "wlsm";$/m);
});

test("a column that no value ever comes of is one that queries can name", async ({ cwd }) => {
	const view = "CREATE VIEW none AS SELECT 1 AS a INTERSECT SELECT 'x';";
	assert.match(await generated(cwd, { "schema.sql": schema + view, "a.ts": "" }), /none: \{\n\t+a: null;/);
});

test("there is an interface for Kysely where a source or the package names it", async ({ cwd }) => {
	const files = { "schema.sql": schema, "src/a.ts": "" };
	assert.not.match(await generated(cwd, files), /kysely|interface DB/);
	const imported = await generated(cwd, { ...files, "src/a.ts": 'import { Kysely } from "kysely";' });
	assert.match(imported, /^import type \{ ColumnType, Generated \} from "kysely";$/m);
	assert.match(
		imported,
		/interface DB \{\n(?:.*\n)*\tusers: \{\n\t\tid: Generated<number>;\n\t\tname: string;\n\t\tphoto: ColumnType</,
	);
	const named = { "package.json": '{ "devDependencies": { "kysely": "*" } }' };
	assert.match(await generated(cwd, { ...files, ...named }, "src/q.d.ts"), /interface DB/);
	assert.not.match(await generated(cwd, { ...files, "package.json": "no JSON" }), /interface DB/);
});

test("names and texts of any kind come out as they are", async ({ cwd }) => {
	const table = `"a ""b"" 'c' \\"`;
	const query = `SELECT "x-y" AS "it's", 1 AS "class", 2 AS __proto__, 'a\n\u2028b' AS "" FROM ${table} WHERE "x-y" = {übung}`;
	const text = await generated(cwd, {
		"schema.sql": `CREATE TABLE ${table} ("x-y" INT);`,
		"a.js": `\ufeffdb.sql.query(${JSON.stringify(query)})`,
	});
	assert.match(text, /\t\t"a \\"b\\" 'c' \\\\": \{|\t\t'a "b" \\'c\\' \\\\': \{/);
	assert.match(text, /"it's": number;\n\t+class: number;\n\t+__proto__: number;\n\t+"": string;/);
	const keys = /interface DeclaredQueries \{\n\t\t("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'): \{/.exec(text)?.[1] ?? "";
	assert.is(new Function(`return ${keys}`)(), query);
	assert.match(text, /"übung": number \| bigint;/);
});

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
	return items
		.map((item) => ({ item, at: random.word() }))
		.sort((a, b) => a.at - b.at)
		.map(({ item }) => item);
}

test("the same project gives the same text, in whatever order and files its queries are", async ({ cwd }) => {
	const random = new Random(5);
	const queries = Array.from(
		{ length: 12 },
		(_, i) => `db.sql.query("SELECT ${i} AS a, name FROM users WHERE id = {id${i}}");`,
	);
	const functions = ["b", "c", "a"].map((name) => `-- name: ${name}\nSELECT 1 AS ${name};`);
	let first: string | undefined;
	for (let round = 0; round < 4; round++) {
		const folder = mkdtempSync(path.join(cwd, "p"));
		const files: Record<string, string> = { "schema.sql": schema };
		const put = (name: string, text: string) => {
			files[name] = `${files[name] ?? ""}${text}\n`;
		};
		for (const query of shuffled(queries, random)) put(`${random.pick(["a", "b/c", "d"])}.ts`, query);
		for (const one of shuffled(functions, random)) put(`${random.pick(["x", "y/z"])}.sql`, one);
		const text = await generated(folder, files, "out/q.ts");
		first ??= text;
		assert.is(text, first);
	}
	assert.ok(first?.startsWith("// Written by wlsm typegen"));
});

test.run();
