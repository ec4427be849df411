/** Queries that are run again and again, and hold little memory: what they keep of what they scan, and what triggers leave. */

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SqlDatabase } from "../../host/index.js";
import { MemoryStore } from "../support/memory-store.js";
import { mostOpen, scratchPlace } from "../support/scratch.js";
import { rowsText } from "../support/spill-data.js";
import { Sqlite } from "../support/sqlite.js";

const DATA = [
	"CREATE TABLE t (id INTEGER PRIMARY KEY, a, c TEXT COLLATE NOCASE, r REAL)",
	`INSERT INTO t WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 1500)
		SELECT i, CASE i % 9 WHEN 0 THEN NULL WHEN 1 THEN 'text' WHEN 2 THEN i % 40 * 1.0 ELSE i % 40 END,
			CASE i % 2 WHEN 0 THEN 'name' ELSE 'NAME' END || (i % 90), i % 60 / 2.0 FROM s`,
];

/** Of many rows that are equal in what they are looked for by. */
const QUERIES = [
	"SELECT id, (SELECT count(*) || ' ' || sum(x.id) FROM t AS x WHERE x.a = t.a) FROM t WHERE id < 300",
	"SELECT id, (SELECT group_concat(x.id) FROM t AS x WHERE x.c = t.c AND +x.id > t.id) FROM t WHERE id < 300",
	"SELECT id, (SELECT count(*) || ' ' || sum(x.id) FROM t AS x WHERE x.r = t.a AND x.a = t.r) FROM t WHERE id < 300",
	"SELECT id, (SELECT sum(x.id) FROM t AS x WHERE x.a = 'text' AND x.c = t.c COLLATE BINARY) FROM t WHERE id < 300",
	"SELECT id, (SELECT x.id FROM t AS x WHERE x.a = t.a LIMIT 1 OFFSET 3), (SELECT x.id FROM t AS x WHERE x.c = t.a) FROM t WHERE id < 300",
	"SELECT id, 5 IN (SELECT x.id - t.id FROM t AS x WHERE x.a = t.a) FROM t WHERE id < 300",
];

const test = suite("queries that are run again and again within little memory");

for (const memoryBytes of [1, 5000, 1_000_000]) {
	test(`answer as SQLite does within ${memoryBytes} bytes`, () => {
		const place = scratchPlace();
		const sql = new SqlDatabase(new MemoryStore(), { memoryBytes, scratch: place.scratch });
		const reference = new Sqlite();
		for (const text of DATA) {
			sql.exec(text);
			reference.run(text);
		}
		for (const text of QUERIES) {
			const before = place.changes;
			assert.equal(rowsText(sql.prepare(text).raw().all()), rowsText(reference.run(text).rows), text);
			assert.is(place.changes > before, memoryBytes < 1_000_000, text);
			place.checkEmpty();
		}
		reference.close();
	});
}

test("what is stopped in their midst leaves no file", () => {
	const place = scratchPlace();
	const sql = new SqlDatabase(new MemoryStore(), { memoryBytes: 1, scratch: place.scratch });
	for (const text of DATA) sql.exec(text);
	for (const text of QUERIES) {
		let seen = 0;
		for (const _ of sql.prepare(text).iterate()) if (++seen > 20) break;
		place.checkEmpty();
	}
});

test("a trigger leaves no file behind that is open until the statement ends", () => {
	const place = scratchPlace();
	const sql = new SqlDatabase(new MemoryStore(), { memoryBytes: 500, scratch: place.scratch });
	for (const text of DATA) sql.exec(text);
	const most = mostOpen(sql, place);
	sql.exec("CREATE TABLE log (n)");
	const among = (value: string) => `(${value} IN (SELECT a FROM t UNION ALL SELECT id FROM t))`;
	sql.exec(`CREATE TEMP TRIGGER changed AFTER UPDATE ON t WHEN ${among("new.id")} BEGIN
		INSERT INTO log SELECT ${among("new.a")} + ${among("old.r")} + look();
		DELETE FROM log WHERE rowid < new.id AND ${among("n")} AND (SELECT count(*) FROM t) > 0;
		WITH w AS MATERIALIZED (SELECT * FROM t) INSERT INTO log SELECT count(*) FROM w, w AS v WHERE v.id = w.id AND w.id < 3;
	END`);
	sql.exec("UPDATE t SET r = r + 1 WHERE id < 40");
	assert.ok(most() > 0 && most() < 20, String(most()));
	place.checkEmpty();
});

test.run();
