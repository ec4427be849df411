/** Statements that hold little memory answer and leave what SQLite does, over both kernels, on disk and in memory. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSync, type SqlDatabase } from "../../host/index.js";
import { kernels } from "../support/kernels.js";
import { spillFilesIn } from "../support/scratch.js";
import { rowsText } from "../support/spill-data.js";
import { Sqlite } from "../support/sqlite.js";

const SCHEMA = [
	"CREATE TABLE n (i INTEGER PRIMARY KEY)",
	"INSERT INTO n WITH RECURSIVE r(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM r WHERE i < 1200) SELECT i FROM r",
	"CREATE TABLE t (id INTEGER PRIMARY KEY, a, b TEXT COLLATE NOCASE, c)",
	"INSERT INTO t SELECT i, nullif(i * 37 % 101, 7), CASE i % 3 WHEN 0 THEN 'Name' ELSE 'name' END || i % 53, i % 11 || '' FROM n",
	"CREATE INDEX t_ab ON t (a, b DESC)",
	"CREATE TABLE w (a, b, c, PRIMARY KEY (a, b)) WITHOUT ROWID",
	"INSERT OR IGNORE INTO w SELECT ifnull(a, -1), b, 0 FROM t",
	"CREATE TABLE log (id INTEGER PRIMARY KEY, text)",
	"CREATE TRIGGER t_log AFTER UPDATE OF c ON t BEGIN INSERT INTO log (text) VALUES (old.id || ' ' || new.c); END",
];

const STATEMENTS = [
	"SELECT id FROM t WHERE (a, b) IN (SELECT a + 1, b FROM t WHERE id % 2) ORDER BY id",
	"SELECT id, (a, b) IN (SELECT a, upper(b) FROM t WHERE id > 600), (a, b) NOT IN (SELECT id, b FROM t WHERE a IS NOT NULL) FROM t WHERE id < 200 ORDER BY id",
	"SELECT id, (nullif(a, 5), nullif(b, 'name8')) IN (SELECT a, nullif(b, 'NAME7') FROM t AS o WHERE o.id % 40 = t.id % 40) FROM t WHERE id < 200 ORDER BY id",
	"SELECT id, c IN (SELECT a FROM t AS o WHERE o.id % 40 = t.id % 40), a IN (SELECT o.c FROM t AS o WHERE o.id < t.id) FROM t WHERE id < 200 ORDER BY id",
	"SELECT id, a, b FROM t WHERE a IN (SELECT i % 90 FROM n WHERE i > 20) ORDER BY a DESC, b, id",
	"SELECT a, b FROM t WHERE a IN (SELECT i % 90 FROM n) AND b IN (SELECT 'NAME' || i FROM n) ORDER BY a, b DESC, id",
	"SELECT a, b FROM w WHERE a IN (SELECT i % 90 FROM n) AND b IN (SELECT 'name' || i FROM n) ORDER BY a DESC, b DESC",
	"SELECT a, b FROM w WHERE a IN (1, 2, 3, 5.0, '7') AND b IN ('name1', 'Name2', 'name3', 'name40') ORDER BY a, b",
	"SELECT o.id, (SELECT count(*) FROM t WHERE a IN (SELECT i FROM n WHERE i % 40 = o.id)) FROM t AS o WHERE o.id < 9 ORDER BY o.id",
	"SELECT count(*) FROM t WHERE id IN (SELECT i * 3 FROM n UNION ALL SELECT i + 0.5 FROM n)",
	"SELECT sum(id), count(*) FROM t WHERE a = 5 OR a = 6 AND b > 'name3' OR id > 1150 OR a IN (SELECT i * 9 FROM n WHERE i < 9)",
	"SELECT o.i, (SELECT sum(id) FROM t WHERE a = o.i OR id BETWEEN o.i AND o.i + 3) FROM n AS o WHERE o.i < 40 ORDER BY o.i",
	"UPDATE t SET c = n.i, a = a + 1 FROM n WHERE t.id = n.i % 500",
	"UPDATE t SET c = o.i FROM (SELECT i, (i * 77 + 5) % 400 AS id FROM n ORDER BY i % 13, i) AS o WHERE t.id = o.id",
	"UPDATE t SET b = n.i || b FROM n WHERE n.i % 700 = t.id AND t.id > 100 RETURNING id, b",
	"UPDATE t SET a = a + 1 WHERE a = 5 OR a BETWEEN 6 AND 7 OR id IN (SELECT i * 40 FROM n)",
	"UPDATE OR IGNORE w SET a = n.i, c = c + n.i FROM n WHERE w.a = n.i % 50 AND w.b > 'Name2'",
	"UPDATE t SET (a, c) = (n.i, x.i) FROM n JOIN n AS x ON x.i = n.i * 2 WHERE t.id = n.i",
	"DELETE FROM t WHERE (a, b) IN (SELECT a, b FROM w) OR (id, a) IN (SELECT o.id, o.a FROM t AS o WHERE o.id BETWEEN t.id - 9 AND t.id + 9 AND o.a > 50)",
	"WITH RECURSIVE r(x, y) AS (VALUES (1, 'a') UNION SELECT x * 3 % 1009, 'A' || x % 5 FROM r UNION SELECT x * 7 % 1009, 'b' FROM r) SELECT * FROM r",
	"WITH RECURSIVE r(x) AS (SELECT 'n' || i % 53 FROM n UNION SELECT upper(x) FROM r UNION SELECT x || 'x' FROM r WHERE length(x) < 9) SELECT * FROM r",
	"WITH RECURSIVE r(x) AS (VALUES (1) UNION SELECT x + 1 FROM r UNION SELECT x * 1.5 FROM r LIMIT 700 OFFSET 20) SELECT * FROM r",
	"WITH RECURSIVE r(x, d) AS (SELECT id, 0 FROM t UNION ALL SELECT x + 1200, d + 1 FROM r WHERE d < 3 ORDER BY 2 DESC, 1) SELECT * FROM r",
	"WITH RECURSIVE r(x, d) AS (VALUES (0, 0) UNION SELECT (x + 77) % 900, d + 1 FROM r UNION SELECT (x * 5) % 900, d - 1 FROM r ORDER BY 2, 1 DESC LIMIT 800) SELECT * FROM r",
];

/** What stands in the tables, with what the last statement may have left there. */
const STATE = ["SELECT * FROM t ORDER BY id", "SELECT * FROM w ORDER BY a, b", "SELECT * FROM log ORDER BY id"];

function checkLikeSqlite(sql: SqlDatabase, done: (text: string) => void): void {
	const reference = new Sqlite();
	try {
		for (const text of [...SCHEMA, ...STATEMENTS]) {
			const statement = sql.prepare(text);
			const expected = reference.run(text);
			if (statement.reader) assert.equal(rowsText(statement.raw().all()), rowsText(expected.rows), text);
			else statement.run();
			done(text);
			if (!text.startsWith("UPDATE") && !text.startsWith("DELETE")) continue;
			for (const state of STATE)
				assert.equal(
					rowsText(sql.prepare(state).raw().all()),
					rowsText(reference.run(state).rows),
					`${text}: ${state}`,
				);
		}
	} finally {
		reference.close();
	}
}

const test = suite("statements that hold little memory, and SQLite");

for (const kernel of kernels) {
	for (const sqlMemoryBytes of [1024, 20_000]) {
		test(`on disk within ${sqlMemoryBytes} bytes, kernel ${kernel}`, () => {
			const directory = mkdtempSync(path.join(tmpdir(), "wlsm-spill-"));
			try {
				const db = openSync(directory, { kernel, sqlMemoryBytes });
				checkLikeSqlite(db.sql, (text) => {
					assert.equal(spillFilesIn(directory), [], text);
				});
				db.closeSync();
			} finally {
				rmSync(directory, { recursive: true });
			}
		});
	}
	test(`in memory, kernel ${kernel}`, () => {
		const db = openSync(":memory:", { kernel, sqlMemoryBytes: 1024 });
		checkLikeSqlite(db.sql, () => {});
		db.closeSync();
	});
}

test.run();
