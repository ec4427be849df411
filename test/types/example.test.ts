/* The application of examples/typed: it compiles, runs, and goes with what is generated; a column that is called otherwise breaks each use of it. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { main } from "../cli/process.js";
import { diagnosticsOf, runCompiler } from "../support/compiler.js";
import { root } from "../support/sources.js";

const test = suite<{ folder: string }>("the application with typed queries");

// Within the package, which resolves its own name, and Kysely.
test.before.each((context) => {
	context.folder = mkdtempSync(path.join(root, "dist", "typed-example-"));
	cpSync(path.join(root, "examples/typed"), context.folder, { recursive: true });
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

function run(folder: string, file: string, ...words: string[]) {
	const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...words], { cwd: folder, encoding: "utf8" });
	return { status, stdout, stderr };
}

const compile = (folder: string) => runCompiler(folder, "--outDir", "out", "--noEmitOnError", "false");

test("it compiles, says what it finds, and what is generated for it is what lies there", ({ folder }) => {
	assert.equal(compile(folder), { status: 0, output: "" });
	const { status, stdout, stderr } = run(folder, "out/app.js", "db");
	assert.is(status, 0, stderr);
	assert.equal(stdout.split("\n"), [
		"The newest book is Around the World in Eighty Days, tagged travel and adventure.",
		"There are 2 by Mary Shelley.",
		"1818  Frankenstein     Mary Shelley",
		"1826  The Last Man     Mary Shelley",
		"Around the World in Eighty Days came 46 years after the one before.",
		"Mary Shelley has 2 books, the newest of 1826.",
		"1 book is lent.",
		"Found: The Last Man.",
		"Lent: Frankenstein (1818).",
		"",
	]);
	const checked = run(folder, main, "check", "--db", "db", "--out", "queries.ts", "--ignore", "out");
	assert.is(checked.status, 0, checked.stderr);
	assert.is(run(folder, "out/migrate.js", "db").stdout, "", "the tables are what the schema says");
});

test("a column with another name in the schema is an error wherever the old one stands", ({ folder }) => {
	const schema = path.join(folder, "schema.ts");
	const text = readFileSync(schema, "utf8");
	writeFileSync(schema, text.replace("	title: text()", "	heading: text()"));
	assert.is.not(readFileSync(schema, "utf8"), text);
	compile(folder);
	assert.is(run(folder, "out/migrate.js", "db").status, 0);
	const generated = run(folder, main, "typegen", "--db", "db", "--out", "queries.ts", "--ignore", "out");
	assert.is(generated.status, 2);
	const compiled = compile(folder);
	assert.is.not(compiled.status, 0);
	const told = new Set<string>();
	for (const [, file, line] of generated.stderr.matchAll(/^(\S+?):(\d+):\d+: /gm)) told.add(`${file}:${line}`);
	for (const { file, line } of diagnosticsOf(compiled.output)) told.add(`${file}:${line}`);
	// Each use: a row, a property, a statement in a source and in a file, what is made of that, and Kysely's. The literal text of a tag that other
	// fragments are put into is the exception: nobody but the database sees it.
	for (const [file, use] of [
		["app.ts", 'title: "Frankenstein", year'],
		["app.ts", "newest?.title"],
		["app.ts", '"SELECT b.title'],
		["app.ts", '"WITH gaps AS (SELECT title'],
		["app.ts", 'select(["title", "year"])'],
		["app.ts", "import { booksPerAuthor, type DB, lend }"],
		["queries.sql", "WHERE title = {title}"],
	] as const) {
		const lines = readFileSync(path.join(folder, file), "utf8").split("\n");
		const line = lines.findIndex((text) => text.includes(use)) + 1;
		assert.is.not(line, 0, use);
		assert.ok(told.has(`${file}:${line}`), `${use}\n${generated.stderr}\n${compiled.output}`);
	}
});

test.run();
