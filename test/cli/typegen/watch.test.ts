import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSync } from "../../../host/index.js";
import { inDirectories, main } from "../process.js";

const test = suite<{ cwd: string }>("wlsm typegen --watch");

inDirectories(test);

/** What the command prints, a line at a time. */
class Lines {
	readonly #child: ChildProcessWithoutNullStreams;
	#text = "";
	#wake = () => {};

	constructor(child: ChildProcessWithoutNullStreams) {
		this.#child = child;
		for (const stream of [child.stdout, child.stderr]) {
			stream.on("data", (chunk) => {
				this.#text += chunk;
				this.#wake();
			});
		}
		child.once("close", () => this.#wake());
	}

	/** All up to a line that is like this, which will come. */
	async until(line: RegExp): Promise<string> {
		for (;;) {
			const lines = this.#text.split("\n").slice(0, -1);
			const at = lines.findIndex((one) => line.test(one));
			if (at !== -1) {
				const found = lines.slice(0, at + 1).map((one) => `${one}\n`);
				this.#text = this.#text.slice(found.join("").length);
				return found.join("");
			}
			if (this.#child.exitCode !== null) throw new Error(`it ended, and no line was like ${line}: ${this.#text}`);
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
			});
		}
	}
}

test("goes on with what changes: sources, new folders, files of SQL and the schema, until Ctrl-C", async ({ cwd }) => {
	const put = (name: string, text: string) => writeFileSync(path.join(cwd, name), text);
	mkdirSync(path.join(cwd, "src"));
	put("schema.sql", "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);");
	put("src/a.ts", "db.sql.query('SELECT id FROM users')");
	const child = spawn(
		process.execPath,
		[main, "typegen", "--schema", "schema.sql", "--watch", "src", "--out", "src/q.d.ts"],
		{ cwd },
	);
	const closed = new Promise((resolve) => child.once("close", resolve));
	const lines = new Lines(child);
	const types = () => readFileSync(path.join(cwd, "src/q.d.ts"), "utf8");
	try {
		assert.is(await lines.until(/./), "src/q.d.ts is written: 2 tables, 1 query in 1 file\n");
		put("src/a.ts", "db.sql.query('SELECT id, nmae FROM users')");
		assert.is(
			await lines.until(/q\.d\.ts/),
			"src/a.ts:1:26: no such column: nmae; did you mean name?\ndb.sql.query('SELECT id, nmae FROM users')\n" +
				`${" ".repeat(25)}^\n1 problem\nsrc/q.d.ts is written: 2 tables, 1 query in 1 file\n`,
		);
		// As editors write: beside the file, and then in its place.
		put("src/a.ts~", "db.sql.query('SELECT id, name FROM users')");
		renameSync(path.join(cwd, "src/a.ts~"), path.join(cwd, "src/a.ts"));
		await lines.until(/is written/);
		assert.match(types(), /"SELECT id, name FROM users": \{/);
		put("schema.sql", "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);");
		await lines.until(/is written/);
		assert.match(types(), /name: string \| null;/);
		mkdirSync(path.join(cwd, "src/more/deep"), { recursive: true });
		put("src/more/deep/names.sql", "SELECT name FROM users");
		// The folder may have been seen before its file was there.
		await lines.until(/q\.js is written: 2 tables, 2 queries in 2 files/);
		assert.match(types(), /function names\(db: SqlSource\): NamesRow\[\];/);
		rmSync(path.join(cwd, "src/more"), { recursive: true });
		await lines.until(/q\.d\.ts is written: 2 tables, 1 query in 1 file/);
		// A folder that has gone and come again, as build tools do it, is another one.
		for (const column of ["name", "id"]) {
			rmSync(path.join(cwd, "src/more"), { recursive: true, force: true });
			mkdirSync(path.join(cwd, "src/more"));
			put("src/more/b.ts", `db.sql.query('SELECT ${column} AS again FROM users')`);
			await lines.until(/q\.d\.ts is written: 2 tables, 2 queries in 2 files/);
		}
		put("src/more/b.ts", "db.sql.query('SELECT name AS changed FROM users')");
		await lines.until(/q\.d\.ts is written/);
		assert.match(types(), /AS changed/);
		// Another branch of the project may be without it for a moment.
		renameSync(path.join(cwd, "src"), path.join(cwd, "aside"));
		await lines.until(/^wlsm: There is no file or folder src/);
		renameSync(path.join(cwd, "aside"), path.join(cwd, "src"));
		await lines.until(/q\.d\.ts is up to date/);
		rmSync(path.join(cwd, "src/more"), { recursive: true });
		await lines.until(/q\.d\.ts is written: 2 tables, 1 query in 1 file/);
		put("schema.sql", "CREATE TABEL");
		await lines.until(/^schema\.sql:1:8: near "TABEL"/);
		put("schema.sql", "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)");
		await lines.until(/q\.d\.ts is up to date/);
	} finally {
		child.kill("SIGINT");
	}
	assert.is(await closed, 0);
});

test("waits for a database, and follows its schema while another process has it open", async ({ cwd }) => {
	const child = spawn(process.execPath, [main, "typegen", "--watch", "--db", "data.db/now"], { cwd });
	const closed = new Promise((resolve) => child.once("close", resolve));
	const lines = new Lines(child);
	await lines.until(/^wlsm: There is no database in/);
	const db = openSync(path.join(cwd, "data.db/now"));
	try {
		db.sql.exec("CREATE TABLE users (id INTEGER PRIMARY KEY)");
		await lines.until(/wlsm-queries\.d\.ts is written: 2 tables/);
		db.sql.exec("CREATE TABLE orders (id INTEGER PRIMARY KEY)");
		assert.is(await lines.until(/./), "wlsm-queries.d.ts is written: 3 tables, 0 queries in 0 files\n");
	} finally {
		child.kill("SIGINT");
		db.closeSync();
	}
	assert.is(await closed, 0);
});

test.run();
