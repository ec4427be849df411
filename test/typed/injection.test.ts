/* Texts that mean harm go in and come out by each way to have queries typed, and are texts to all of them. */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { Kysely, SqliteDialect } from "kysely";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Database, openSync, sql } from "../../host/index.js";
import { integer, table, text } from "../../host/typed/index.js";
import { runCli } from "../cli/process.js";
import { bothKernels } from "../support/kernels.js";
import { Random } from "../support/random.js";

const test = suite<{ folder: string; generated: Generated }>("hostile texts by every way");

const users = table("users", { id: integer().primaryKey(), name: text().notNull() });

/** What typegen makes of the file below. */
interface Generated {
	add(db: Database, parameters: { name: string }): void;
	find(db: Database, parameters: { name: string }): readonly { id: number; name: string }[];
}

const QUERIES = `-- name: add :run
INSERT INTO users (name) VALUES ({name});
-- name: find :many
SELECT id, name FROM users WHERE name = :name;
`;

const PIECES = [
	"'",
	'"',
	"`",
	"[",
	"]",
	";",
	"--",
	"/*",
	"*/",
	"{name}",
	":name",
	"?",
	"$1",
	"%",
	"_",
	"\\",
	"\0",
	"\n",
	"')",
	"é",
	"😀",
	"a",
];
const ENDS = ["", "'); DROP TABLE users; --", "' OR 1 = 1 --", "; DELETE FROM users", "\0'; DROP TABLE users"];

const hostile = (random: Random) =>
	Array.from({ length: random.between(0, 6) }, () => random.pick(PIECES)).join("") + random.pick(ENDS);

test.before(async (context) => {
	context.folder = mkdtempSync(path.join(tmpdir(), "wlsm-injection-"));
	writeFileSync(
		path.join(context.folder, "schema.sql"),
		"CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);",
	);
	writeFileSync(path.join(context.folder, "queries.sql"), QUERIES);
	const { exitCode, stderr } = await runCli(["typegen", "--schema", "schema.sql"], { cwd: context.folder });
	assert.is(exitCode, 0, stderr);
	const module = path.join(context.folder, "wlsm-queries.mjs");
	copyFileSync(path.join(context.folder, "wlsm-queries.js"), module);
	context.generated = (await import(pathToFileURL(module).href)) as Generated;
});
test.after(({ folder }) => rmSync(folder, { recursive: true }));

bothKernels(test, "go in and come out as they are, and change nothing else", async (kernel, { generated }) => {
	const db = openSync(":memory:", { kernel });
	users.create(db);
	const shelf = new Kysely<{ users: { id: number; name: string } }>({
		dialect: new SqliteDialect({ database: db.sql }),
	});
	const into: readonly ((name: string) => unknown)[] = [
		(name) => users.insert(db, { name }),
		(name) => db.sql.execute("INSERT INTO users (name) VALUES ({name})", { name }),
		(name) => db.sql.execute(sql`INSERT INTO users (name) VALUES (${name})`),
		(name) => generated.add(db, { name }),
		(name) =>
			shelf
				.insertInto("users")
				.values({ name } as never)
				.execute(),
	];
	const out: readonly ((name: string) => unknown)[] = [
		(name) => users.findByName(db, name),
		(name) =>
			users
				.where({ name: { in: [name, `${name}'`] } })
				.orderBy("id")
				.all(db),
		(name) => db.sql.query("SELECT id, name FROM users WHERE name = {name}", { name }),
		(name) => db.sql.query("SELECT id, name FROM users WHERE name = ?", [name]),
		(name) =>
			db.sql.query(sql`SELECT id, name FROM users WHERE ${sql.join([sql`name = ${name}`, sql`id > 0`], sql` AND `)}`),
		(name) => generated.find(db, { name }),
		(name) => shelf.selectFrom("users").select(["id", "name"]).where("name", "=", name).execute(),
	];
	const schema = db.sql.query("SELECT * FROM sqlite_schema");
	const random = new Random(9);
	const model: { id: number; name: string }[] = [];
	for (let round = 0; round < 60; round++) {
		const name = `${round}${hostile(random)}`;
		for (const put of into) {
			await put(name);
			model.push({ id: model.length + 1, name });
		}
		const rows = model.slice(-into.length);
		for (const find of out) assert.equal(await find(name), rows, name);
	}
	assert.equal(users.all(db), model);
	assert.equal(db.sql.query("SELECT * FROM sqlite_schema"), schema);
	db.closeSync();
});

test.run();
