/** Data and queries for statements that hold little memory. */

import type { SqlDatabase } from "../../host/index.js";
import { Random } from "./random.js";

const LONG = "l".repeat(70_000);

/** Values of all kinds, many of them equal under some collation. */
function someValue(random: Random): string {
	const pick = random.below(14);
	if (pick === 0) return "NULL";
	if (pick === 1) return String(random.below(40) - 20);
	if (pick === 2) return `${random.below(40) - 20}.0`;
	if (pick === 3) return `${random.below(40)}.5`;
	if (pick === 4) return `${9007199254740990n + BigInt(random.below(8))}`;
	if (pick === 5) return "1e300";
	if (pick === 6) return `x'${["", "00", "ff00", "61"][random.below(4)]}'`;
	if (pick === 7) return `'${["", "é漢😀", "a", "A", "a  "][random.below(5)]}'`;
	return `'${["Name", "name", "NAME "][random.below(3)]}${random.below(300)}'`;
}

export function filled(sql: SqlDatabase): SqlDatabase {
	const random = new Random(11);
	sql.exec(
		"CREATE TABLE t (id INTEGER PRIMARY KEY, a, b, c TEXT COLLATE NOCASE); CREATE TABLE u (id INTEGER PRIMARY KEY, a, b)",
	);
	sql.exec("BEGIN");
	for (const [table, count] of [
		["t", 1800],
		["u", 900],
	] as const) {
		for (let at = 0; at < count; at += 100) {
			const row = () =>
				`(${[someValue(random), someValue(random), ...(table === "t" ? [someValue(random)] : [])].join(", ")})`;
			const columns = table === "t" ? "a, b, c" : "a, b";
			sql.exec(`INSERT INTO ${table} (${columns}) VALUES ${Array.from({ length: 100 }, row).join(", ")}`);
		}
	}
	sql.exec(`INSERT INTO u (a, b) VALUES ('${LONG}', zeroblob(50000)), ('${LONG}', 1), (1, '${LONG}')`);
	sql.exec(`
		CREATE TABLE x (id INTEGER PRIMARY KEY, a, b UNIQUE, c TEXT COLLATE NOCASE);
		INSERT OR IGNORE INTO x SELECT id, a, b || id % 7, c FROM t;
		CREATE INDEX x_ac ON x (a, c DESC);
		CREATE TABLE y (a, b, c, PRIMARY KEY (a, b DESC)) WITHOUT ROWID;
		INSERT OR IGNORE INTO y SELECT ifnull(a, 0), ifnull(b, ''), c FROM t;
		COMMIT`);
	return sql;
}

/** Their rows have one order. */
export const ORDERED: readonly string[] = [
	"SELECT * FROM t ORDER BY a, b DESC, c, id",
	"SELECT id, c FROM t ORDER BY c",
	"SELECT a FROM u ORDER BY a NULLS LAST",
	"SELECT id FROM t ORDER BY b LIMIT 100 OFFSET 1200",
	"SELECT * FROM t ORDER BY b, id LIMIT 7",
	"SELECT id FROM t ORDER BY c DESC LIMIT 1500",
	"SELECT id FROM t ORDER BY c LIMIT 0",
	"SELECT DISTINCT c FROM t",
	"SELECT id FROM t WHERE a IN (SELECT a FROM u) OR c COLLATE NOCASE IN (SELECT upper(c) FROM t WHERE id % 3 = 0) ORDER BY id",
	"SELECT id FROM t WHERE b NOT IN (SELECT b FROM u WHERE b IS NOT NULL) ORDER BY id",
	"SELECT count(*), sum(a NOT IN (SELECT a FROM u)), sum(id IN (SELECT id + 0.0 FROM t WHERE id % 2)) FROM t",
	"SELECT id FROM t WHERE (a, b) IN (SELECT a, b FROM u) ORDER BY id",
	"SELECT id, (a, b) IN (SELECT b, a FROM u WHERE u.id % 9 = t.id % 9) FROM t WHERE id < 100 ORDER BY id",
	"SELECT id FROM t WHERE id IN (SELECT id * 2.0 FROM u WHERE b <> 1) ORDER BY id DESC",
	"SELECT count(DISTINCT a), sum(DISTINCT a), total(DISTINCT a) FROM t",
	"SELECT c, count(DISTINCT b) FROM t GROUP BY c ORDER BY c",
	"SELECT b, count(DISTINCT a || c COLLATE NOCASE) FROM t GROUP BY b HAVING count(DISTINCT a || c COLLATE NOCASE) > 1 ORDER BY b",
	"SELECT DISTINCT a, b FROM t ORDER BY a, b, rowid",
	"SELECT DISTINCT a FROM u LIMIT 40 OFFSET 20",
	"SELECT a FROM t UNION SELECT a FROM u",
	"SELECT c FROM t UNION SELECT lower(c) FROM t UNION ALL SELECT upper(c) FROM t UNION SELECT a FROM u",
	"SELECT c FROM t UNION ALL SELECT a FROM u UNION SELECT b FROM u ORDER BY 1 DESC",
	"SELECT a, b FROM t INTERSECT SELECT b, a FROM t",
	"SELECT c FROM t INTERSECT SELECT a FROM u",
	"SELECT a FROM t EXCEPT SELECT b FROM u",
	"SELECT c FROM t EXCEPT SELECT lower(c) FROM t WHERE id % 2",
	"SELECT a, count(*), sum(id), min(c), group_concat(id) FROM t GROUP BY a",
	"SELECT c, count(DISTINCT a), max(b), id FROM t GROUP BY c HAVING count(*) > 1",
	"SELECT a, typeof(a), b, count(*) FROM t GROUP BY a, b",
	"SELECT id % 9, count(DISTINCT a), group_concat(DISTINCT c), count(*), max(b), group_concat(id ORDER BY b, id) FROM t GROUP BY 1",
	"SELECT count(DISTINCT a), count(DISTINCT b), length(json_group_array(id ORDER BY c)), length(group_concat(DISTINCT c)) FROM t",
	"SELECT count(*), sum(id), max(c) FROM t",
	"SELECT sum(id), count(*) FROM x WHERE a = 1 OR a > 3 AND a < 9 OR b = 'a3' OR id BETWEEN 40 AND 90",
	"SELECT sum(a), count(*) FROM y WHERE a = 1 OR a > 3 AND a < 9 OR a = 'a' AND b > 'm'",
	"SELECT u.id, (SELECT sum(x.id) FROM x WHERE x.a = u.a OR x.b = u.b) FROM u WHERE id < 200",
	"SELECT length(a), length(b), count(*) FROM u GROUP BY a, b",
	"SELECT id, row_number() OVER (PARTITION BY c ORDER BY a, id), sum(id) OVER (PARTITION BY c) FROM t",
	"SELECT id, lag(id) OVER w, rank() OVER (ORDER BY b), count(*) OVER (PARTITION BY a ORDER BY id ROWS 3 PRECEDING) FROM t WINDOW w AS (ORDER BY a)",
	"SELECT id, row_number() OVER w, rank() OVER w, dense_rank() OVER w, sum(id) OVER w, group_concat(id % 3) OVER w FROM t WHERE id < 400 WINDOW w AS (ORDER BY c)",
	"SELECT id, row_number() OVER w, max(b) OVER w, count(a) FILTER (WHERE a > 1) OVER w FROM t WINDOW w AS (PARTITION BY c ORDER BY a ROWS UNBOUNDED PRECEDING)",
	"SELECT id, rank() OVER (PARTITION BY a ORDER BY c), count(*) OVER (ORDER BY b GROUPS UNBOUNDED PRECEDING), row_number() OVER () FROM t",
	"SELECT id, sum(id) OVER w, lead(b, 2, c) OVER w, ntile(7) OVER w, nth_value(id, 3) OVER w, cume_dist() OVER w FROM t WINDOW w AS (ORDER BY a)",
	"SELECT id, count(a) OVER w, max(b) OVER w, last_value(c) OVER w FROM t WINDOW w AS (PARTITION BY id % 3 ORDER BY c, id GROUPS BETWEEN 2 PRECEDING AND 1 FOLLOWING EXCLUDE TIES)",
	"SELECT id, avg(id) OVER w, group_concat(id) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND 2 FOLLOWING), count(*) OVER (), length(max(a) OVER ()) FROM u WINDOW w AS (ORDER BY b RANGE BETWEEN 5 PRECEDING AND 2.5 FOLLOWING)",
	"WITH RECURSIVE r(n) AS (SELECT id FROM t UNION ALL SELECT n - 1000 FROM r WHERE n > 1000) SELECT n FROM r",
	"WITH RECURSIVE r(n) AS (SELECT 1 UNION SELECT (n * 7 + k.value) % 3001 FROM r, generate_series(1, 2) AS k) SELECT n FROM r",
	"WITH RECURSIVE r(n) AS (SELECT id FROM t WHERE id < 300 UNION ALL SELECT n + 300 FROM r WHERE n < 2000 ORDER BY 1 DESC) SELECT n FROM r",
	"WITH RECURSIVE r(n) AS (SELECT 1 UNION SELECT n * 2.5 FROM r UNION SELECT n + 1 FROM r LIMIT 1000) SELECT n, typeof(n) FROM r",
	"WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r UNION ALL SELECT n + 2 FROM r ORDER BY 1 DESC LIMIT 1000) SELECT n FROM r",
	"WITH RECURSIVE r(n, p) AS (SELECT 1, '' UNION ALL SELECT n * 2 + value, p || value FROM r, generate_series(0, 1) WHERE n < 2000 ORDER BY p) SELECT n FROM r",
];

/** As those, and slower. */
export const SLOWER: readonly string[] = [
	"SELECT id, (a, b) NOT IN (SELECT b, a FROM u WHERE id % 3), (b, NULL) IN (SELECT b, a FROM u WHERE id % 3) FROM t WHERE id < 100 ORDER BY id",
	"SELECT id, (a, c) IN (SELECT upper(b), a COLLATE NOCASE FROM u WHERE a IS NOT NULL) FROM t WHERE id < 300 ORDER BY id",
	"SELECT id, a IN (SELECT b FROM u WHERE u.id % 10 = t.id % 10) FROM t WHERE id < 100 ORDER BY id",
	"WITH RECURSIVE r(n, c, d) AS (SELECT id, c, 0 FROM t WHERE id < 50 UNION SELECT (n * 7 + value) % 301, upper(r.c), d + 1 FROM r, generate_series(1, 3) WHERE d < 4) SELECT * FROM r",
	"WITH RECURSIVE r(n, c) AS (SELECT id, c FROM t WHERE id < 500 UNION SELECT n / 2, c FROM r WHERE n > 1 ORDER BY 2, 1 DESC) SELECT n, c FROM r",
	"SELECT a, c FROM x WHERE a IN (SELECT b FROM u WHERE id < 300) AND c > 'name2' ORDER BY a, c DESC",
	"SELECT b FROM x WHERE b IN (SELECT b || id % 7 FROM u) ORDER BY b DESC",
	"SELECT a, b, c FROM y WHERE a IN (SELECT b FROM u WHERE id < 50) AND b IN (SELECT a FROM u WHERE id < 99) ORDER BY a DESC, b",
	"SELECT count(*) FROM x WHERE a IN (SELECT a FROM u WHERE id < 300)",
	"SELECT a, c FROM x WHERE a IN (SELECT a FROM u WHERE id < 30) OR b IN (SELECT b || id % 7 FROM u WHERE id < 30) ORDER BY id",
	"SELECT u.id, (SELECT group_concat(id) FROM x WHERE a IN (SELECT b FROM t WHERE t.id % 300 = u.id)) FROM u WHERE id < 30 ORDER BY id",
];

/** One group, and no row. */
export const NEVER_SPILL = /^SELECT count\(\*\), sum| LIMIT 0$/;

/** The order of their rows is up to the join. */
export const UNORDERED: readonly string[] = [
	"SELECT t.id, u.id FROM t JOIN u ON t.a = u.a",
	"SELECT t.id, u.* FROM t LEFT JOIN u ON t.a = u.b AND t.id > u.id",
	"SELECT t.id, u.id FROM t FULL JOIN u ON t.c = u.a AND t.b = u.b",
	"SELECT t.id, u.id FROM t FULL JOIN u ON t.c = u.a AND t.id % 3 = u.id % 2",
	"SELECT t.id, u.id FROM t FULL JOIN u ON t.id < 30 AND u.id < 30 AND t.id > u.id",
	"SELECT t.id, u.id FROM u RIGHT JOIN t ON u.a = t.b",
	"SELECT x.id, y.id FROM t AS x JOIN t AS y ON x.a = 1 AND y.a = x.a AND x.c = y.c",
	"SELECT count(*) FROM u AS x, u AS y WHERE x.a || y.a = 'aa' AND x.id < 150",
	"WITH w AS (SELECT a, count(*) AS n FROM t GROUP BY a) SELECT x.n, y.n FROM w AS x JOIN w AS y ON x.n = y.n + 1",
	"SELECT id, (SELECT count(*) FROM (SELECT DISTINCT b FROM u WHERE u.id % 5 = t.id % 5 ORDER BY b)) FROM t WHERE id < 20",
	"SELECT id, (SELECT max(n) FROM (SELECT count(*) AS n FROM u AS x, u AS y WHERE x.id < 20 AND y.id < t.id)) FROM t WHERE id < 10",
];

export function answer(sql: SqlDatabase, text: string, order: "kept" | "free"): unknown {
	const rows = sql.prepare(text).raw().safeIntegers().all();
	const texts = rows.map((row) => JSON.stringify(row, (_, value) => (typeof value === "bigint" ? `i${value}` : value)));
	return order === "kept" ? texts : texts.sort();
}

/** To be compared with SQLite's rows, whose integers may be of either type here. */
export function rowsText(rows: unknown): string {
	return JSON.stringify(rows, (_, value) => (typeof value === "bigint" ? Number(value) : value));
}
