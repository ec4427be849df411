/** What of the dialect the generator may use, and whether the engine has it yet. */

import { SqlDatabase } from "../../../host/sql/index.js";
import { MemoryStore } from "../../support/memory-store.js";

/** A script for each that runs only where the feature is there; T, with columns a and b, exists. */
const PROBES = {
	aggregate: "SELECT sum(a), count(*) FROM t GROUP BY b HAVING count(*) > 0",
	"aggregate filter": "SELECT sum(a) FILTER (WHERE a > 1) FROM t",
	distinct: "SELECT DISTINCT a FROM t",
	join: "SELECT x.a FROM t AS x JOIN t AS y ON x.a = y.a",
	"left join": "SELECT x.a FROM t AS x LEFT JOIN t AS y ON x.a = y.a",
	"full join":
		"SELECT x.a FROM t AS x RIGHT JOIN t AS y ON x.a = y.a; SELECT 1 FROM t AS x FULL JOIN t AS y ON x.a = y.a",
	"join using": "SELECT a FROM t AS x JOIN t AS y USING (a); SELECT a FROM t AS x NATURAL JOIN t AS y",
	"subquery in FROM": "SELECT a FROM (SELECT a FROM t) AS s",
	"scalar subquery": "SELECT (SELECT max(a) FROM t), EXISTS (SELECT 1 FROM t WHERE 0)",
	"correlated subquery": "SELECT (SELECT max(x.a) FROM t AS x WHERE x.a < t.a) FROM t",
	"IN subquery": "SELECT a IN (SELECT a FROM t) FROM t",
	compound: "SELECT a FROM t UNION SELECT b FROM t; SELECT a FROM t UNION ALL SELECT 1; VALUES (1) INTERSECT SELECT 2",
	cte: "WITH c(x) AS (SELECT a FROM t) SELECT x FROM c",
	"recursive cte": "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3) SELECT n FROM c",
	window: "SELECT row_number() OVER (PARTITION BY b ORDER BY a) FROM t",
	"window frame": "SELECT sum(a) OVER (ORDER BY a ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES) FROM t",
	"row value": "SELECT (a, b) = (1, 2), (a, b) IN (SELECT a, b FROM t) FROM t",
	math: "SELECT sqrt(4), pow(2, 3), ceil(1.5)",
	json: "SELECT json_extract('{\"a\":1}', '$.a'), '[1]' -> 0",
	"json table": "SELECT value FROM json_each('[1]')",
	date: "SELECT date('2024-01-01', '+1 day')",
	index: "CREATE INDEX i ON t(a)",
	"partial index": "CREATE INDEX i ON t(a) WHERE b > 1",
	"expression index": "CREATE INDEX i ON t(a + b)",
	analyze: "ANALYZE",
	"without rowid": "CREATE TABLE w (a PRIMARY KEY) WITHOUT ROWID",
	generated: "CREATE TABLE w (a, b AS (a + 1))",
	strict: "CREATE TABLE w (a INT) STRICT",
	autoincrement: "CREATE TABLE w (a INTEGER PRIMARY KEY AUTOINCREMENT); SELECT * FROM sqlite_sequence",
	upsert: "CREATE TABLE w (a UNIQUE); INSERT INTO w VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 2",
	returning: "INSERT INTO t VALUES (1, 2) RETURNING a",
	"insert select": "INSERT INTO t SELECT a, b FROM t",
	"update from": "UPDATE t SET a = 1 FROM (SELECT 2 AS x) AS s WHERE t.a = s.x",
	view: "CREATE VIEW v AS SELECT a FROM t; SELECT * FROM v",
	trigger: "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END",
	alter: "ALTER TABLE t ADD COLUMN x; ALTER TABLE t RENAME COLUMN x TO y; ALTER TABLE t DROP COLUMN y",
	"create as": "CREATE TABLE w AS SELECT a FROM t",
	"foreign key": "PRAGMA foreign_keys = ON; CREATE TABLE w (a REFERENCES t(a))",
	pragma: "SELECT name FROM pragma_table_xinfo('t'); PRAGMA index_list(t)",
	savepoint: "SAVEPOINT s; INSERT INTO t VALUES (1, 2); ROLLBACK TO s; RELEASE s",
} as const;

export type Feature = keyof typeof PROBES;

export const FEATURES = Object.keys(PROBES) as Feature[];

export function isFeature(name: string): name is Feature {
	return name in PROBES;
}

/** What the engine has today. */
export function supportedFeatures(): Set<Feature> {
	return new Set(
		FEATURES.filter((feature) => {
			try {
				new SqlDatabase(new MemoryStore()).exec(`CREATE TABLE t (a, b); ${PROBES[feature]}`);
				return true;
			} catch {
				return false;
			}
		}),
	);
}
