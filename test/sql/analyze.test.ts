import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SqlDatabase } from "../../host/sql/index.js";
import { MemoryStore } from "../support/memory-store.js";

const test = suite("ANALYZE");

function database(script: string): SqlDatabase {
	const sql = new SqlDatabase(new MemoryStore());
	sql.exec(script);
	return sql;
}

const rows = (sql: SqlDatabase, query: string) => sql.prepare(query).raw().all();
const figures = (sql: SqlDatabase) => rows(sql, "SELECT tbl, idx, stat FROM sqlite_stat1 ORDER BY 1, 2");

/** Integers from 0 on, below `count`, as rows of `n`. */
const numbers = (count: number) =>
	`WITH RECURSIVE n(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM n WHERE x + 1 < ${count})`;

test("writes the figures that SQLite 3.40.1 writes", () => {
	const sql = database(`
		CREATE TABLE t(a, b); CREATE INDEX i ON t(a, b); CREATE INDEX p ON t(b) WHERE a > 1;
		CREATE TABLE empty(x); CREATE INDEX ex ON empty(x);
		CREATE TABLE w(a PRIMARY KEY, b) WITHOUT ROWID; CREATE TABLE k(a INTEGER PRIMARY KEY, b); CREATE TABLE q(a UNIQUE, b);
		INSERT INTO w VALUES (1, 2), (2, 3); INSERT INTO k VALUES (1, 2); INSERT INTO q VALUES (1, 1);
		INSERT INTO t VALUES (1, 1), (1, 2), (2, 1), (NULL, 1), (NULL, 1);
		ANALYZE`);
	assert.equal(figures(sql), [
		["k", null, "1"],
		["q", "sqlite_autoindex_q_1", "1 1"],
		["t", "i", "5 2 2"],
		["t", "p", "1 1"],
		["w", "w", "2 1"],
	]);
	assert.equal(rows(sql, "SELECT type, tbl_name, sql FROM sqlite_schema WHERE name = 'sqlite_stat1'"), [
		["table", "sqlite_stat1", "CREATE TABLE sqlite_stat1(tbl,idx,stat)"],
	]);
});

test("takes a schema, a table, an index; what is none is refused", () => {
	const sql = database(
		"CREATE TABLE t(a, b); CREATE INDEX i ON t(a); CREATE INDEX j ON t(b); INSERT INTO t VALUES (1, 2)",
	);
	sql.exec("ANALYZE i");
	assert.equal(figures(sql), [["t", "i", "1 1"]]);
	sql.exec("ANALYZE t; INSERT INTO t VALUES (1, 3); ANALYZE main.j");
	assert.equal(figures(sql), [
		["t", "i", "1 1"],
		["t", "j", "2 1"],
	]);
	sql.exec("ANALYZE main");
	assert.equal(figures(sql)[0], ["t", "i", "2 2"]);
	assert.throws(() => sql.exec("ANALYZE nosuch"), /no such table: nosuch/);
	assert.throws(() => sql.exec("ANALYZE other.t"), /unknown database other/);
});

test("of the schema itself it only makes the table of statistics, which the sqlite3 shell's dumps write to", () => {
	for (const name of ["sqlite_schema", "main.sqlite_master", "temp.sqlite_schema", "sqlite_temp_master"]) {
		const sql = database(`
			CREATE TABLE t(a); CREATE INDEX i ON t(a); INSERT INTO t VALUES (1);
			ANALYZE ${name}; ANALYZE ${name}; INSERT INTO sqlite_stat1 VALUES ('t', 'i', '1 1')`);
		assert.equal(figures(sql), [["t", "i", "1 1"]], name);
		const schema = /temp/.test(name) ? "sqlite_temp_schema" : "sqlite_schema";
		assert.equal(rows(sql, `SELECT count(*) FROM ${schema} WHERE name = 'sqlite_stat1'`), [[1]], name);
	}
});

test("goes with its table and its index, and with a transaction that is rolled back", () => {
	const sql = database(
		"CREATE TABLE t(a, b); CREATE INDEX i ON t(lower(a)); CREATE TABLE u(a); INSERT INTO t VALUES (1, 2); INSERT INTO u VALUES (1); ANALYZE",
	);
	const histograms = () => rows(sql, "SELECT tbl, col FROM sqlite_histogram ORDER BY 1, 2");
	assert.equal(histograms(), [
		["t", "a"],
		["t", "b"],
		["t", "i"],
		["u", "a"],
	]);
	sql.exec("DROP INDEX i");
	assert.equal(histograms(), [
		["t", "a"],
		["t", "b"],
		["u", "a"],
	]);
	assert.equal(figures(sql), [["u", null, "1"]]);
	sql.exec("BEGIN; DROP TABLE u; ROLLBACK");
	assert.is(figures(sql).length, 1);
	sql.exec("DROP TABLE t; DROP TABLE u");
	assert.equal(histograms(), []);
	assert.equal(figures(sql), []);
	assert.equal(rows(sql, "PRAGMA integrity_check"), [["ok"]]);
	sql.exec("DROP TABLE sqlite_stat1");
	assert.throws(() => sql.exec("DROP TABLE sqlite_schema"), /may not be dropped/);
});

test("temporary tables have figures of their own; histograms of dropped columns go", () => {
	const sql = database(
		"CREATE TABLE t(a, b, c); INSERT INTO t VALUES (1, 2, 3); CREATE TEMP TABLE u(a); INSERT INTO u VALUES (1); ANALYZE; ANALYZE temp",
	);
	assert.equal(rows(sql, "SELECT tbl, idx, stat FROM temp.sqlite_stat1"), [["u", null, "1"]]);
	sql.exec("ALTER TABLE t DROP COLUMN b");
	assert.equal(rows(sql, "SELECT tbl, col FROM sqlite_histogram"), [["u", "a"]]);
});

test("what is in sqlite_stat1 by hand counts; what makes no sense there says nothing", () => {
	const sql = database(
		"CREATE TABLE t(a, b); CREATE INDEX i ON t(a); CREATE INDEX j ON t(b); INSERT INTO t VALUES (1, 2); ANALYZE",
	);
	sql.exec(
		"DELETE FROM sqlite_stat1; INSERT INTO sqlite_stat1 VALUES ('t', 'i', '1000 50'), ('t', 'j', '1000 2'), ('t', 7, x'00'), (NULL, NULL, NULL), ('t', 'k', 'unordered'); ANALYZE sqlite_schema",
	);
	assert.match(sql.explain("SELECT * FROM t WHERE a = ? AND b = ?"), /by index j/);
	sql.exec("UPDATE sqlite_stat1 SET stat = '1000 60' WHERE idx = 'j'; ANALYZE sqlite_schema");
	assert.match(sql.explain("SELECT * FROM t WHERE a = ? AND b = ?"), /by index i/);
});

test("figures of 0, and huge ones, keep no plan from being made", () => {
	const sql = database("CREATE TABLE t(a, b); CREATE INDEX i ON t(a, b); INSERT INTO t VALUES (1, 2); ANALYZE");
	for (const stat of ["0 0 0", "0", "99999999999999999999999 5", "1 0 0", ""]) {
		sql.exec(`UPDATE sqlite_stat1 SET stat = '${stat}'; ANALYZE sqlite_schema`);
		for (const where of ["a = 1", "a IN (1, 2) AND b > 1", "a > 0", "a = 1 OR b = 2", "a IS NULL"])
			assert.is(rows(sql, `SELECT * FROM t WHERE ${where} ORDER BY a, b`).length, where === "a IS NULL" ? 0 : 1, stat);
	}
	assert.throws(() => sql.exec("DELETE FROM sqlite_histogram"), /may not be modified/);
	assert.throws(() => sql.exec("DROP TABLE sqlite_histogram"), /may not be dropped/);
});

test("plans that were prepared before it are made again", () => {
	const sql = database(`CREATE TABLE t(a, b); CREATE INDEX i ON t(a); CREATE INDEX j ON t(b);
		${numbers(2000)} INSERT INTO t SELECT x % 2, x FROM n`);
	const plan = sql.prepare("EXPLAIN QUERY PLAN SELECT * FROM t WHERE a = ? AND b = ?");
	assert.match(JSON.stringify(plan.all()), /by index i/);
	sql.exec("ANALYZE");
	assert.match(JSON.stringify(plan.all()), /by index j/);
});

test("a frequent value is looked for row by row, a rare one by the index", () => {
	const sql = database(`CREATE TABLE t(a, b); CREATE INDEX i ON t(a);
		${numbers(3000)} INSERT INTO t SELECT CASE WHEN x < 2900 THEN 'often' ELSE 'rarely ' || x END, x FROM n`);
	assert.match(sql.explain("SELECT b FROM t WHERE a = 'often'"), /by index i/);
	sql.exec("ANALYZE");
	assert.is(sql.explain("SELECT b FROM t WHERE a = 'often'"), "Project b\n  Scan t, where a = 'often' (~2900 rows)");
	assert.match(sql.explain("SELECT b FROM t WHERE a = 'rarely 2950'"), /by index i \(a = 'rarely 2950'\) \(~1 row\)/);
	assert.match(sql.explain("SELECT b FROM t WHERE a < 'p'"), /Scan t/);
	assert.match(sql.explain("SELECT b FROM t WHERE a > 'p' AND a < 'rarely 2910'"), /by index i/);
	assert.equal(rows(sql, "SELECT count(*), sum(b) FROM t WHERE a = 'often'"), [[2900, 4203550]]);
});

test("ranges are estimated by histograms", () => {
	const sql = database(`CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b); CREATE INDEX i ON t(a);
		${numbers(5000)} INSERT INTO t SELECT x, x * x, x FROM n; ANALYZE`);
	assert.match(sql.explain("SELECT b FROM t WHERE a < 10000"), /by index i .*\(~(9[0-9]|1[0-4][0-9]) rows\)/);
	assert.match(sql.explain("SELECT b FROM t WHERE a > 10000"), /Scan t, where/);
	assert.match(sql.explain("SELECT b FROM t WHERE id BETWEEN 100 AND 199"), /\(~(9[0-9]|10[0-9]|1[12][0-9]) rows\)/);
	assert.match(
		sql.explain("SELECT b FROM t WHERE b >= 100 AND b < 200"),
		/where .*\(~(9[0-9]|10[0-9]|1[12][0-9]) rows\)/,
	);
	assert.match(sql.explain("SELECT b FROM t WHERE a IS NULL"), /by index i \(a IS NULL\) \(~1 row\)/);
});

/** How a statement with these values is run. */
const planWith = (sql: SqlDatabase, query: string, ...values: unknown[]) =>
	details(
		sql
			.prepare(`EXPLAIN QUERY PLAN ${query}`)
			.raw()
			.all(...values),
	);
const details = (found: unknown[]) => (found as unknown[][]).map((row) => row[3]).join("\n");

/** 2900 times 'often', 100 other texts, and numbers below 3000. */
const SKEWED = `CREATE TABLE t(a TEXT, b INT, u TEXT UNIQUE); CREATE INDEX i ON t(a); CREATE INDEX j ON t(b);
	${numbers(3000)} INSERT INTO t SELECT CASE WHEN x < 2900 THEN 'often' ELSE 'rarely ' || x END, x, 'u' || x FROM n; ANALYZE`;

test("parameters are planned for by their values: a rare one by the index, a frequent one by a scan", () => {
	const sql = database(SKEWED);
	const equal = "SELECT u FROM t WHERE a = ?";
	assert.match(planWith(sql, equal), /by index i/);
	assert.match(planWith(sql, equal, "often"), /Scan t, where a = \?1 \(~2900 rows\)/);
	assert.match(planWith(sql, equal, "rarely 2950"), /by index i/);
	assert.match(planWith(sql, equal, null), /by index i/);
	assert.match(planWith(sql, equal, "x".repeat(5000)), /t/);
	assert.match(planWith(sql, "SELECT u FROM t WHERE b > ?", 2990), /by index j/);
	assert.match(planWith(sql, "SELECT u FROM t WHERE b > ?", 10), /Scan t/);
	assert.match(planWith(sql, "SELECT u FROM t WHERE b BETWEEN $low AND $high", { low: 5, high: 9 }), /by index j/);
	assert.match(planWith(sql, "SELECT u FROM t WHERE b BETWEEN $low AND $high", { low: 5, high: 2900 }), /Scan t/);
	assert.match(planWith(sql, "SELECT u FROM t WHERE a IN (?, ?)", "rarely 2950", "rarely 2960"), /by index i/);
	assert.match(planWith(sql, "SELECT u FROM t WHERE a IN (?, ?)", "rarely 2950", "often"), /Scan t/);
	assert.match(planWith(sql, "UPDATE t SET u = u || 'x' WHERE a = ?", "often"), /Scan t/);
	assert.match(planWith(sql, "DELETE FROM t WHERE a = ?", "rarely 2950"), /by index i/);
	// Without statistics nothing is told apart.
	assert.match(planWith(database(SKEWED.replace("; ANALYZE", "")), equal, "often"), /by index i/);
});

test("a statement answers the same by whichever of its plans", () => {
	const sql = database(SKEWED);
	const query =
		"SELECT count(*), min(x.b), max(x.u) FROM t AS x JOIN t AS y ON y.b = x.b WHERE x.a >= ? AND x.b < ? AND x.u <> ?";
	const statement = sql.prepare(query).raw();
	const texts = ["often", "rarely 2950", "", "x", null, 5, "z".repeat(2000)];
	for (let i = 0; i < 200; i++) {
		const values = [texts[(i * 5) % 7], [0, 3, 40, 2950, 3000, null, "t"][(i * 3) % 7], `u${(i * 37) % 3000}`];
		const written = query.split("?").reduce((text, part, at) => {
			const value = values[at - 1];
			return `${text}${typeof value === "string" ? `'${value}'` : `${value}`}${part}`;
		});
		assert.equal(statement.get(...values), sql.prepare(written).raw().get(), JSON.stringify(values));
		if (i === 100) sql.exec("INSERT INTO t VALUES ('rarely 1', 1, 'one more'); ANALYZE");
	}
});

test("joins begin with the table that leaves fewer rows", () => {
	const sql = database(`CREATE TABLE big(id INTEGER PRIMARY KEY, k INT, v); CREATE INDEX bk ON big(k);
		CREATE TABLE small(id INTEGER PRIMARY KEY, k INT, v); CREATE INDEX sk ON small(k);
		${numbers(5000)} INSERT INTO big SELECT x, x % 1000, x FROM n;
		${numbers(20)} INSERT INTO small SELECT x, x, x FROM n; ANALYZE`);
	for (const from of ["big, small", "small, big"]) {
		const plan = sql.explain(`SELECT big.v, small.v FROM ${from} WHERE big.k = small.k`).split("\n");
		assert.match(plan[1] ?? "", /^ +Nested loop join \(~100 rows\)$/);
		assert.match(plan[2] ?? "", /Scan small \(~20 rows\)/);
		assert.match(plan[3] ?? "", /Search big by index bk/);
	}
});

test("dozens of tables, and conditions between all of them", () => {
	const sql = database(
		"CREATE TABLE t(id INTEGER PRIMARY KEY, a INT); CREATE INDEX i ON t(a); INSERT INTO t VALUES (1, 1), (2, 2), (3, 1)",
	);
	const joined = (count: number, condition: (i: number) => string) => {
		const parts = Array.from({ length: count }, (_, i) => i);
		const where = parts.map((i) => (i === 0 ? "x0.id = 1" : condition(i))).join(" AND ");
		const query = `SELECT count(*) FROM ${parts.map((i) => `t AS x${i}`).join(", ")} WHERE ${where}`;
		assert.not.match(sql.explain(query), /Scan t/);
		return sql.prepare(query).pluck().get();
	};
	for (const count of [3, 9, 10, 11, 40]) {
		assert.is(
			joined(count, (i) => `x${i}.id = x${i - 1}.a`),
			1,
		);
		assert.is(
			joined(count, (i) => `x${i}.id = x0.a`),
			1,
		);
	}
	const withAll = (i: number) => Array.from({ length: i }, (_, j) => `x${i}.id = x${j}.a`).join(" AND ");
	for (const count of [3, 10, 20]) assert.is(joined(count, withAll), 1);
});

test.run();
