import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Engine } from "../../host/engine/engine.js";
import { openSync } from "../../host/index.js";
import { sqlStores } from "../support/sql-stores.js";

for (const store of await sqlStores()) {
	const test = suite(`SQL that writes, over the ${store.name}`);
	const with_ = (name: string, body: (sql: ReturnType<typeof store.open>["sql"]) => void) =>
		test(name, () => {
			const { sql, close } = store.open();
			body(sql);
			close();
		});

	with_(
		"a statement that fails in a transaction leaves nothing of itself, also where somebody looked meanwhile",
		(sql) => {
			sql.exec("CREATE TABLE t(id INTEGER PRIMARY KEY, a UNIQUE, b); CREATE INDEX tb ON t(b)");
			const insert = sql.prepare("INSERT INTO t VALUES (?, ?, ?)");
			const several = sql.prepare(
				"INSERT INTO t SELECT id + 100, a + 100, b FROM t UNION ALL SELECT 1, 1, 1 ORDER BY 1 DESC",
			);
			const all = sql.prepare("SELECT * FROM t ORDER BY id").raw();
			const byB = sql.prepare("SELECT id FROM t WHERE b = ? ORDER BY id").pluck();
			sql.exec("BEGIN");
			for (let id = 1; id <= 20; id++) {
				insert.run(id, id, id % 3);
				if (id % 5 === 0) assert.is(byB.all(1).length, Math.ceil(id / 3));
				const before = all.all();
				assert.throws(() => several.run(), /UNIQUE constraint failed/);
				if (id % 2 === 0) assert.equal(all.all(), before);
				assert.throws(() => insert.run(id + 1, id, 0), /UNIQUE constraint failed: t.a/);
			}
			sql.exec("SAVEPOINT s; DELETE FROM t WHERE b = 1; UPDATE t SET b = 1 WHERE id = 2");
			assert.equal(byB.all(1), [2]);
			sql.exec("ROLLBACK TO s");
			assert.equal(byB.all(1), [1, 4, 7, 10, 13, 16, 19]);
			sql.exec("COMMIT");
			assert.is(all.all().length, 20);
			assert.equal(sql.pragma("integrity_check", { simple: true }), "ok");
		},
	);

	with_("a statement may run inside another of the same transaction", (sql) => {
		sql.exec("CREATE TABLE t(id INTEGER PRIMARY KEY, v); CREATE TABLE log(v)");
		const log = sql.prepare("INSERT INTO log VALUES (?)");
		sql.function("noted", (value: unknown) => log.run(`${value}`).changes + Number(value));
		const insert = sql.prepare("INSERT INTO t(v) VALUES (noted(?))");
		sql.exec("BEGIN");
		for (let i = 1; i <= 3; i++) assert.equal(insert.run(i), { changes: 1, lastInsertRowid: i });
		sql.exec("COMMIT");
		assert.equal(sql.prepare("SELECT v FROM t").pluck().all(), [2, 3, 4]);
		assert.equal(sql.prepare("SELECT v FROM log").pluck().all(), ["1", "2", "3"]);
	});

	with_(
		"expressions of a row are evaluated once and in their order, those of a column that is named twice too",
		(sql) => {
			sql.exec("CREATE TABLE t(a, b, c)");
			let calls = 0;
			sql.function("next", () => ++calls);
			sql.exec("INSERT INTO t VALUES (next(), next(), next()); INSERT INTO t(b, a, b) VALUES (next(), next(), next())");
			assert.equal(sql.prepare("SELECT * FROM t").raw().all(), [
				[1, 2, 3],
				[5, 4, null],
			]);
		},
	);

	with_(
		"a text that comes again is planned for the schema as it is, and its errors point to where it stands",
		(sql) => {
			sql.exec("CREATE TABLE t(a); INSERT INTO t VALUES (1)");
			const text = "SELECT * FROM t";
			assert.equal(sql.prepare(text).all(), [{ a: 1 }]);
			sql.exec("DROP TABLE t; CREATE TABLE t(b, c); INSERT INTO t VALUES (2, 3)");
			assert.equal(sql.prepare(text).all(), [{ b: 2, c: 3 }]);
			for (const [script, line] of [
				["SELECT x FROM t", 1],
				["SELECT 1;\nSELECT x FROM t", 2],
				["SELECT x FROM t", 1],
			] as const) {
				try {
					sql.exec(script);
					assert.unreachable();
				} catch (error) {
					assert.is((error as { line?: number }).line, line);
				}
			}
			// More texts than are remembered.
			for (let i = 0; i < 200; i++) assert.is(sql.prepare(`SELECT ${i}`).pluck().get(), i);
			assert.equal(sql.prepare(text).all(), [{ b: 2, c: 3 }]);
		},
	);

	test.run();
}

const dropping = suite("DROP TABLE");

dropping("deletes the rows of a large table and the entries of its indexes by one operation each", () => {
	const db = openSync(":memory:");
	db.sql.exec(`
		CREATE TABLE t(id INTEGER PRIMARY KEY, a UNIQUE, b);
		CREATE INDEX tb ON t(b);
		INSERT INTO t SELECT value, value, value FROM generate_series(1, 5000);
	`);
	const { commits } = (db as unknown as { readonly engine: Engine }).engine.figures;
	const before = commits.operations;
	db.sql.exec("BEGIN; DROP TABLE t; ROLLBACK");
	assert.is(db.sql.prepare("SELECT count(*) FROM t WHERE b > 10").pluck().get(), 4990);
	db.sql.exec("DROP TABLE t");
	assert.ok(commits.operations - before < 20, `${commits.operations - before} operations`);
	db.closeSync();
});

dropping.run();
