/** Sessions of statements, each of which answers here what it answers in SQLite at the same moment. */

import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Outcome } from "./fuzz/engines.js";
import { ourEngine, ReferenceEngine } from "./fuzz/engines.js";

const SESSIONS: Readonly<Record<string, readonly string[]>> = {
	"columns of NEW and OLD have no affinity in comparisons, the rowid has": [
		"CREATE TABLE t (k INTEGER PRIMARY KEY, a, b DECIMAL, c TEXT COLLATE NOCASE, d INTEGER)",
		"CREATE TABLE log (text)",
		`CREATE TRIGGER added AFTER INSERT ON t BEGIN
			INSERT INTO log VALUES (new.a <= new.b), (new.a = new.b), (new.a BETWEEN 1 AND new.b), (new.d = '2'), ('2' = new.d);
			INSERT INTO log VALUES (new.d IN ('2', '3')), (new.a IN (SELECT d FROM t)), (new.d IN (SELECT a FROM t)), (new.c = 2);
			INSERT INTO log VALUES (new.k = '1'), (new.rowid IN ('1')), ('0' < new.oid), (new.c = 'X'), ((new.a, 1) <= (new.b, 1));
			INSERT INTO log VALUES ((SELECT new.d) = '2'), (CASE new.d WHEN '2' THEN 1 ELSE 0 END), (CAST(new.d AS TEXT) = 2);
			INSERT INTO log SELECT v.d = '2' FROM (SELECT new.d AS d) AS v;
			INSERT INTO log SELECT count(*) FROM t WHERE t.a BETWEEN 1 AND new.b OR t.d = new.a;
		END`,
		"CREATE TRIGGER changed BEFORE UPDATE ON t WHEN old.d = '2' OR new.d = '3' BEGIN INSERT INTO log VALUES ('changed'); END",
		"INSERT INTO t VALUES (1, '2', 3, '2', 2), (2, 2, '2', 'x', '4')",
		"UPDATE t SET d = 3 WHERE k = 1",
		"CREATE VIEW v AS SELECT k, c, d FROM t",
		`CREATE TRIGGER shown INSTEAD OF UPDATE ON v BEGIN
			INSERT INTO log VALUES (new.d = '3'), (old.d = '3'), (new.k = '1'), (old.c = 'X'), (new.c = 'X');
		END`,
		"UPDATE v SET c = 'y'",
		"SELECT * FROM log",
	],
	"a view that names more or fewer columns than it has takes rows for its triggers all the same": [
		"CREATE TABLE t (x, y)",
		"INSERT INTO t VALUES (5, 6)",
		"CREATE TABLE log (m)",
		"CREATE VIEW v (a, b) AS SELECT 1",
		"CREATE VIEW w (a) AS SELECT x, y FROM t",
		"CREATE VIEW u (a, b) AS SELECT x FROM t",
		"CREATE TRIGGER vi INSTEAD OF INSERT ON v BEGIN INSERT INTO log VALUES (new.a || typeof(new.b)); END",
		"CREATE TRIGGER vu INSTEAD OF UPDATE ON v BEGIN INSERT INTO log VALUES (old.a || new.a); END",
		"CREATE TRIGGER vd INSTEAD OF DELETE ON v BEGIN INSERT INTO log VALUES (old.a); END",
		"CREATE TRIGGER wi INSTEAD OF INSERT ON w BEGIN INSERT INTO log VALUES ('w' || new.a); END",
		"INSERT INTO v VALUES (1, 2)",
		"INSERT INTO v (b, a) VALUES ('1', 2) RETURNING *, a > '1', typeof(b)",
		"INSERT INTO v DEFAULT VALUES",
		"REPLACE INTO v (a) SELECT x FROM t",
		"INSERT INTO v (c) VALUES (1)",
		"INSERT INTO v VALUES (1, 2, 3)",
		"INSERT INTO v SELECT * FROM v",
		"INSERT INTO w VALUES (1) RETURNING a",
		"INSERT INTO w VALUES (1) ON CONFLICT DO NOTHING",
		"UPDATE v SET a = 1",
		"UPDATE v SET c = 1",
		"DELETE FROM v",
		"UPDATE w SET a = 1",
		"INSERT INTO u VALUES (1, 2)",
		"UPDATE u SET a = 1",
		"DELETE FROM u",
		"SELECT * FROM log",
		"SELECT * FROM w",
		"ALTER TABLE t RENAME COLUMN x TO z",
		"ALTER TABLE log RENAME TO kept",
		"ALTER TABLE t DROP COLUMN z",
		"INSERT INTO w VALUES (2)",
		"SELECT * FROM kept",
		"SELECT name, sql FROM sqlite_schema ORDER BY name",
	],
	"what OR FAIL breaks off is undone where a deferred foreign key does not hold": [
		"CREATE TABLE p (a INTEGER PRIMARY KEY)",
		"CREATE TABLE c (x NOT NULL, y REFERENCES p (a) DEFERRABLE INITIALLY DEFERRED)",
		"PRAGMA foreign_keys = ON",
		"INSERT OR FAIL INTO c VALUES (1, 5), (NULL, 1)",
		"SELECT * FROM c",
		"INSERT OR FAIL INTO c VALUES (1, NULL), (NULL, 1)",
		"SELECT * FROM c",
		"BEGIN",
		"INSERT OR FAIL INTO c VALUES (2, 5), (NULL, 1)",
		"SELECT * FROM c",
		"INSERT INTO p VALUES (5)",
		"COMMIT",
		"SELECT * FROM c",
	],
	"sums over frames that move are rounded and become REAL as rows come and go": [
		"CREATE TABLE t (a INTEGER PRIMARY KEY, x, o)",
		`INSERT INTO t VALUES (1, 1, 1), (2, 2.5, 1), (3, 2, 3), (4, '4', 3), (5, 0.1, 'a'), (6, 9007199254740993, 6), (7, NULL, 7),
			(8, 2.25e15, 8), (9, 1, 8), (10, 1, 12), (11, 'x', NULL), (12, 2, 14), (13, 3, 14), (14, 0.1, 20), (15, 5, 21)`,
		"SELECT sum(x) OVER (ORDER BY a ROWS BETWEEN CURRENT ROW AND CURRENT ROW) FROM t",
		"SELECT sum(x) OVER (ORDER BY a ROWS BETWEEN 3 FOLLOWING AND 3 FOLLOWING) FROM t",
		"SELECT sum(x) OVER (ORDER BY a ROWS BETWEEN 3 FOLLOWING AND 20 FOLLOWING) FROM t",
		"SELECT sum(x) OVER (ORDER BY a ROWS BETWEEN 2 FOLLOWING AND UNBOUNDED FOLLOWING) FROM t",
		"SELECT sum(x) OVER (ORDER BY a ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING) FROM t",
		"SELECT a, sum(x) OVER (ORDER BY o GROUPS BETWEEN 1 FOLLOWING AND 2 FOLLOWING) FROM t ORDER BY a",
		"SELECT a, sum(x) OVER (ORDER BY o RANGE BETWEEN 3 FOLLOWING AND 9 FOLLOWING) FROM t ORDER BY a",
		"SELECT a, total(x) OVER (ORDER BY o RANGE BETWEEN 9 PRECEDING AND 3 PRECEDING) FROM t ORDER BY a",
		"SELECT a, avg(x) OVER (PARTITION BY a > 8 ORDER BY o DESC RANGE BETWEEN 20 FOLLOWING AND 1 FOLLOWING) FROM t ORDER BY a",
		"SELECT a, total(x) OVER (ORDER BY o RANGE BETWEEN 3 FOLLOWING AND 1 FOLLOWING) FROM t ORDER BY a",
		"SELECT sum(x) OVER (ORDER BY a ROWS BETWEEN 2 FOLLOWING AND 1 FOLLOWING), total(x) OVER (ORDER BY a ROWS 2 PRECEDING) FROM t",
	],
	"COLLATE in the result of a query counts for IN and row values, and not for one value": [
		"CREATE TABLE t (a TEXT, n TEXT COLLATE NOCASE, id INTEGER PRIMARY KEY)",
		"CREATE TABLE u (b TEXT, m TEXT COLLATE NOCASE, id INTEGER PRIMARY KEY)",
		"INSERT INTO t VALUES ('x', 'x', 1), ('X', 'X', 2), ('y ', 'y ', 3)",
		"INSERT INTO u VALUES ('X', 'X', 1), ('y', 'y', 2)",
		"SELECT a IN (SELECT b COLLATE NOCASE FROM u), n IN (SELECT b COLLATE BINARY FROM u), n IN (SELECT b FROM u) FROM t",
		"SELECT a NOT IN (SELECT b COLLATE NOCASE FROM u), n NOT IN (SELECT b COLLATE BINARY FROM u) FROM t",
		"SELECT a IN (SELECT m FROM u), '' || a IN (SELECT m FROM u), a COLLATE NOCASE IN (SELECT b FROM u) FROM t",
		"SELECT a COLLATE BINARY IN (SELECT b COLLATE NOCASE FROM u), a COLLATE RTRIM IN (SELECT m FROM u) FROM t",
		"SELECT a IN (SELECT k FROM (SELECT b COLLATE NOCASE AS k FROM u)), a IN (SELECT (b COLLATE NOCASE) || '' FROM u) FROM t",
		"SELECT (a, id) IN (SELECT b COLLATE NOCASE, id FROM u), (a COLLATE BINARY, 1) IN (SELECT b COLLATE NOCASE, 1 FROM u) FROM t",
		"SELECT (a, 1) = (SELECT b COLLATE NOCASE, 1 FROM u), (SELECT b COLLATE BINARY, 1 FROM u) = (n, 1) FROM t",
		"SELECT a = (SELECT b COLLATE NOCASE FROM u), (SELECT b COLLATE BINARY FROM u) = n, (SELECT m FROM u) = a FROM t",
		"SELECT DISTINCT (SELECT n FROM t AS o WHERE o.id = t.id) FROM t",
		"SELECT (SELECT n FROM t) BETWEEN 'X' AND 'Y', CASE (SELECT n FROM t) WHEN 'X' THEN 1 END, max('X', (SELECT n FROM t))",
		"SELECT id FROM t WHERE a IN (SELECT b COLLATE NOCASE FROM u) ORDER BY id",
		"SELECT id FROM t WHERE a IN (SELECT b COLLATE NOCASE FROM u WHERE u.id >= t.id - 1) ORDER BY id",
		"SELECT a COLLATE NOCASE AS q FROM t WHERE (SELECT q = 'X') ORDER BY id",
	],
	"DISTINCT in a query for IN keeps its first rows where it compares otherwise than IN does": [
		"CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, x)",
		"CREATE TABLE u (id INTEGER PRIMARY KEY, a TEXT, x)",
		"WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 60) INSERT INTO t SELECT i, 'x', 1 FROM s",
		"INSERT INTO u SELECT id, CASE WHEN id < 40 THEN 'x ' ELSE 'x' END, CASE WHEN id < 40 THEN 1.0 ELSE 1 END FROM t",
		"SELECT id FROM t WHERE a COLLATE NOCASE IN (SELECT DISTINCT u.a COLLATE RTRIM FROM u WHERE u.id >= t.id) ORDER BY id",
		"SELECT id FROM t WHERE CAST(x AS TEXT) IN (SELECT DISTINCT +u.x FROM u WHERE u.id >= t.id) ORDER BY id",
	],
	"TRUE and FALSE are what IS tests for also in brackets and behind COLLATE": [
		"SELECT 'a' IS NOT (FALSE), 5 IS (TRUE), 5 IS ((TRUE)), 5 IS TRUE COLLATE NOCASE, 5 IS NOT (TRUE COLLATE NOCASE)",
	],
	"an UPDATE with triggers that run for replaced rows keeps entries of REALs and BLOBs": [
		"CREATE TABLE t (a REAL, b, c, UNIQUE (a) ON CONFLICT REPLACE, UNIQUE (b))",
		"INSERT INTO t VALUES (4, x'01', 1)",
		"CREATE TRIGGER gone AFTER DELETE ON t BEGIN SELECT 1; END",
		"PRAGMA recursive_triggers = ON",
		"UPDATE t SET c = 2",
		"PRAGMA integrity_check",
		"INSERT INTO t VALUES (4, x'02', 3) ON CONFLICT (a) DO UPDATE SET c = 4",
		"INSERT OR IGNORE INTO t VALUES (5, x'01', 3)",
		"SELECT a, hex(b), c FROM t",
	],
	"ALTER TABLE looks at names that are never evaluated": [
		"CREATE TABLE t (a)",
		"CREATE VIEW v AS SELECT 1 WHERE x.a AND 0",
		"SELECT * FROM v",
		"ALTER TABLE t RENAME TO u",
		"DROP VIEW v",
		"CREATE VIEW v AS SELECT a FROM t WHERE t.a AND 0",
		"ALTER TABLE t RENAME TO u",
		"SELECT * FROM v",
	],
	"a view that names more columns than its query has shows these": [
		"CREATE VIEW v (a, b, c) AS SELECT NULL",
		"SELECT name, ncol FROM pragma_table_list WHERE name = 'v'",
		"SELECT * FROM pragma_table_info('v')",
	],
	"a BEFORE trigger sees generated columns of the rowid -1 where none is known": [
		"CREATE TABLE t (id INTEGER PRIMARY KEY, a, b AS (id), c AS (id || a) STORED)",
		"CREATE TABLE log (b, c)",
		"CREATE TRIGGER added BEFORE INSERT ON t BEGIN INSERT INTO log VALUES (new.b, new.c); END",
		"INSERT INTO t (id, a) VALUES (NULL, 'x'), (7, 'y')",
		"SELECT * FROM log",
		"SELECT * FROM t",
	],
	"of a compound inside an expression the last part says the columns' affinity and collation": [
		"CREATE TABLE t (a TEXT, n TEXT COLLATE NOCASE, c INTEGER)",
		"INSERT INTO t VALUES ('x', 'x', 1), ('X', 'X', 2)",
		"SELECT '1' IN (SELECT c FROM t UNION ALL SELECT 'q'), '1' IN (SELECT 'q' UNION ALL SELECT c FROM t)",
		"SELECT 1 IN (SELECT a FROM t UNION ALL SELECT '1'), 1 IN (SELECT '1' UNION ALL SELECT a FROM t)",
		"SELECT '1' = (SELECT c FROM t UNION ALL SELECT 'q'), '1' = (SELECT 1 UNION ALL SELECT c FROM t)",
		"SELECT ('1', 1) = (SELECT c, 1 FROM t UNION ALL SELECT 'q', 1), ('1', 1) = (SELECT 1, 1 UNION ALL SELECT c, 1 FROM t)",
		"SELECT '1' IN (VALUES (c), (5)), '1' IN (VALUES (5), (c)), 'X' IN (VALUES (n), (5)), 'X' IN (VALUES (5), (n)) FROM t",
		"SELECT a IN (SELECT 'q' UNION SELECT a COLLATE NOCASE FROM t WHERE c = 2) FROM t",
		"SELECT a IN (VALUES ('X'), ('q' COLLATE NOCASE)), a IN (VALUES ('X' COLLATE NOCASE), ('q')) FROM t",
	],
};

/** Messages without the place in the text, which SQLite does not tell. */
const shown = (outcome: Outcome) =>
	JSON.stringify(outcome, (_, value) => (typeof value === "bigint" ? `integer ${value}` : value)).replace(
		/ \(line \d+, column \d+\)/,
		"",
	);

const test = suite("as SQLite");

for (const [name, statements] of Object.entries(SESSIONS)) {
	test(name, () => {
		const ours = ourEngine();
		const reference = new ReferenceEngine();
		for (const sql of statements) assert.equal(shown(ours.run(sql)), shown(reference.run(sql)), sql);
		assert.is(ours.close(), "");
		reference.close();
	});
}

test.run();
