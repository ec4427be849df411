import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SqlDatabase } from "../../host/sql/index.js";
import { MemoryStore } from "../support/memory-store.js";
import { check, database, rows, TABLE, VALUES } from "./plan-check.js";

/* Which index a query is answered by, and that it is answered as without one. */

const test = suite("ways to rows");

test("equality, lists, queries and ranges", () => {
	check("CREATE INDEX i ON t(a, b)", "SELECT * FROM t WHERE a = 7", /Search t by index i \(a = 7\)/);
	check("CREATE INDEX i ON t(a, b)", "SELECT * FROM t WHERE a = 7 AND b > 'b5'", /by index i \(a = 7 AND b > 'b5'\)/);
	check("CREATE INDEX i ON t(a, b)", "SELECT * FROM t WHERE a IN (7, 3, 7, NULL) AND b = 'b3'", /by index i \(a IN/);
	check(
		"CREATE INDEX i ON t(a, b)",
		"SELECT * FROM t WHERE a IN (7, 3) AND b IN ('b3', 'b57')",
		/by index i \(a IN .* AND b IN/,
	);
	check(
		"CREATE INDEX i ON t(a)",
		"SELECT a, id FROM t WHERE a IN (SELECT x.c FROM t AS x WHERE x.id < 3)",
		/index i \(a IN \(SELECT/,
	);
	check("CREATE INDEX i ON t(a)", "SELECT * FROM t WHERE a BETWEEN 3 AND 5", /by index i \(a >= 3 AND a <= 5\)/);
	check("CREATE INDEX i ON t(a DESC)", "SELECT * FROM t WHERE a > 3 AND a <= 5", /by index i/);
	check("CREATE INDEX i ON t(a)", "SELECT * FROM t WHERE a IS NULL", /by index i \(a IS NULL\)/);
	check("CREATE INDEX i ON t(a)", "SELECT * FROM t WHERE a IS 7", /by index i \(a IS 7\)/);
	check("CREATE INDEX i ON t(a)", "SELECT * FROM t WHERE a = '7'", /by index i/);
	check("CREATE INDEX i ON t(b)", "SELECT * FROM t WHERE b = 7", /by index i/);
	check("CREATE INDEX i ON t(c)", "SELECT * FROM t WHERE c = '2'", /by index i/);
	check("CREATE INDEX i ON t(c)", "SELECT * FROM t WHERE c = 2", /by index i/);
	check("CREATE INDEX i ON t(n)", "SELECT * FROM t WHERE n = 'AB3'", /by index i/);
	check("CREATE INDEX i ON t(n)", "SELECT * FROM t WHERE n = 'Ab3' COLLATE BINARY", /Scan t/);
	check("CREATE INDEX i ON t(b COLLATE NOCASE)", "SELECT * FROM t WHERE b COLLATE NOCASE = 'B3'", /by index i/);
	check("CREATE INDEX i ON t(a)", "SELECT * FROM t WHERE +a = 7", /Scan t/);
	check(
		"CREATE INDEX i ON t(a)",
		"SELECT * FROM t WHERE id IN (SELECT c FROM t AS x WHERE x.id = 3)",
		/by primary key \(id IN \(SELECT/,
	);
	check("", "SELECT * FROM t WHERE id = 3 OR id = 5 OR id = 99999", /by primary key \(id IN \(3, 5, 99999\)\)/);
});

test("entries alone, where they tell all", () => {
	const covering = /covering index i/;
	check("CREATE INDEX i ON t(a, b)", "SELECT id, a, b FROM t WHERE a = 7", covering);
	check("CREATE INDEX i ON t(a, b)", "SELECT a, b, rowid, typeof(a), typeof(b) FROM t WHERE a > -1 OR a < 0", /Scan t/);
	check("CREATE INDEX i ON t(a, b)", "SELECT a, b, rowid, typeof(a), typeof(b) FROM t ORDER BY a, b, id", covering);
	check("CREATE INDEX i ON t(a DESC, b DESC)", "SELECT a, b, typeof(a) FROM t ORDER BY a DESC, b DESC", covering);
	check("CREATE INDEX i ON t(a, b)", "SELECT a FROM t WHERE a > 40 AND b LIKE '%4%'", covering);
	check("CREATE INDEX i ON t(a, b)", "SELECT a, c FROM t WHERE a = 7", /by index i/);
	// 2 and 2.0 are the same key, 'Ab' and 'aB' under NOCASE are.
	check("CREATE INDEX i ON t(c)", "SELECT c, typeof(c) FROM t WHERE c = 2", /by index i/);
	check("CREATE INDEX i ON t(n)", "SELECT n FROM t WHERE n = 'ab3'", /by index i/);
	check(
		"CREATE INDEX i ON t(a COLLATE NOCASE, id)",
		"SELECT a, typeof(a) FROM t ORDER BY a COLLATE NOCASE, id",
		covering,
	);
	const real =
		"CREATE TABLE t(r REAL, x); INSERT INTO t VALUES (1, 2), (1e300, 3), (-9e18, 4), (0.5, 1), ('z', 1), (9007199254740993, 1), (NULL, 2)";
	check("CREATE INDEX i ON t(r)", "SELECT r, typeof(r), rowid FROM t ORDER BY r", covering, real);
});

test("order by an index needs no sort", () => {
	const inOrder = /^(?!.*(Sort|Top rows)).*index i/s;
	check("CREATE INDEX i ON t(b)", "SELECT * FROM t ORDER BY b, id LIMIT 7", inOrder);
	check("CREATE INDEX i ON t(b)", "SELECT * FROM t ORDER BY b DESC, id DESC LIMIT 7", /index i, in reverse/);
	check("CREATE INDEX i ON t(b)", "SELECT * FROM t ORDER BY b DESC, id LIMIT 7", /Top rows/);
	check("CREATE INDEX i ON t(a, b DESC)", "SELECT * FROM t WHERE a = 7 ORDER BY b DESC, id LIMIT 3", inOrder);
	check("CREATE INDEX i ON t(a, b)", "SELECT id FROM t WHERE a = 7 ORDER BY a DESC, b DESC, id DESC", inOrder);
	check("CREATE INDEX i ON t(a, b)", "SELECT id FROM t WHERE a IN (9, 7) ORDER BY a, b, id", inOrder);
	check("CREATE INDEX i ON t(a, b)", "SELECT id FROM t WHERE a IN (9, 7) ORDER BY a DESC, b DESC, id DESC", inOrder);
	check("CREATE INDEX i ON t(a, b)", "SELECT id FROM t WHERE a > 45 ORDER BY a, b, id", inOrder);
	check("CREATE INDEX i ON t(a)", "SELECT id, a FROM t ORDER BY a NULLS LAST, id LIMIT 7", /Top rows/);
	check("CREATE INDEX i ON t(n)", "SELECT id, n FROM t ORDER BY n COLLATE BINARY, id LIMIT 7", /Top rows/);
	check("CREATE INDEX i ON t(lower(b))", "SELECT id FROM t ORDER BY lower(b), id LIMIT 7", inOrder);
	check(
		"CREATE INDEX i ON t(a)",
		"SELECT t.id, u.id FROM t JOIN t AS u ON u.id = t.c WHERE t.a = 7 ORDER BY t.a, t.id",
		/^(?!.*Sort)/s,
	);
});

test("either side of an OR by an index of its own, each row once", () => {
	const both = "CREATE INDEX i ON t(a); CREATE INDEX j ON t(b)";
	check(both, "SELECT * FROM t WHERE a = 7 OR b = 'b7'", /by any of index i \(.*\) or index j \(.*\), where/);
	check(both, "SELECT count(*) FROM t WHERE a = 7 OR b = 'b7' OR id = 57", /or primary key/);
	check(both, "SELECT * FROM t WHERE (a = 7 AND b > 'b5') OR (b = 'b8' AND c < 9)", /by any of/);
	check(both, "SELECT * FROM t WHERE a = 7 OR c = 3", /Scan t/);
	check(both, "SELECT * FROM t WHERE (a = 7 OR b = 'b7') AND c < 20 ORDER BY id", /by any of/);
});

test("partial indexes, where their condition holds", () => {
	const partial = "CREATE INDEX i ON t(a) WHERE c = 3";
	check(partial, "SELECT * FROM t WHERE a = 3 AND c = 3", /by index i/);
	check(partial, "SELECT * FROM t WHERE a = 3 AND c = 4", /Scan t/);
	check(partial, "SELECT * FROM t WHERE c = 3", /over index i/);
	check("CREATE INDEX i ON t(a) WHERE b IS NOT NULL", "SELECT * FROM t WHERE a = 3 AND b > 'b2'", /by index i/);
	check("CREATE INDEX i ON t(a) WHERE b IS NOT NULL", "SELECT * FROM t WHERE a = 3", /Scan t/);
	check("CREATE INDEX i ON t(a) WHERE a IS NOT NULL", "SELECT * FROM t WHERE a = 3", /by index i/);
	check(
		"CREATE INDEX i ON t(a) WHERE b > 'b5' AND c < 9",
		"SELECT * FROM t WHERE c < 9 AND a = 3 AND b > 'b5'",
		/by index i/,
	);
	check("CREATE INDEX i ON t(a) WHERE b IS NOT NULL", "SELECT * FROM t WHERE a = 3 AND b IS 'b3'", /Scan t/);
});

test("indexes of expressions, where they are written the same", () => {
	check("CREATE INDEX i ON t(a + 1)", "SELECT * FROM t WHERE a + 1 = 7", /by index i/);
	check("CREATE INDEX i ON t(a + 1)", "SELECT * FROM t WHERE 1 + a = 7", /Scan t/);
	check("CREATE INDEX i ON t(lower(n), a)", "SELECT * FROM t WHERE lower(n) = 'ab3' AND a >= 0", /by index i/);
	const json = `CREATE TABLE t(j TEXT); ${VALUES} INSERT INTO t SELECT json_object('name', 'n' || x, 'age', x % 90) FROM n`;
	check(
		"CREATE INDEX i ON t(json_extract(j, '$.name'))",
		"SELECT j FROM t AS x WHERE json_extract(x.j, '$.name') = 'n77'",
		/by index i/,
		json,
	);
	check("CREATE INDEX i ON t(j ->> '$.age')", "SELECT j FROM t WHERE j ->> '$.age' = 7", /by index i/, json);
	check("CREATE INDEX i ON t(j ->> '$.age')", "SELECT j FROM t WHERE j ->> '$.age' = '7'", /by index i/, json);
});

test("tables WITHOUT ROWID by their key and by indexes", () => {
	const table = `CREATE TABLE t(a INT, b TEXT, c, PRIMARY KEY (b, a DESC)) WITHOUT ROWID;
		${VALUES} INSERT INTO t SELECT x, 'b' || (x % 40), x % 7 FROM n`;
	check(
		"",
		"SELECT * FROM t WHERE b = 'b3' AND a = 43",
		/by the primary key \(b = 'b3' AND a = 43\) \(~1 row\)/,
		table,
	);
	check("", "SELECT * FROM t WHERE b = 'b3' AND a > 43", /by the primary key/, table);
	check("", "SELECT * FROM t WHERE b > 'b3' AND b < 'b35'", /over a range of the primary key/, table);
	check("", "SELECT * FROM t ORDER BY b, a DESC", /^Scan t \(/, table);
	check("", "SELECT * FROM t ORDER BY b DESC, a LIMIT 5", /in reverse/, table);
	check("CREATE INDEX i ON t(c)", "SELECT * FROM t WHERE c = 3", /by index i/, table);
	check("CREATE INDEX i ON t(a)", "SELECT a, b FROM t WHERE a > 450 ORDER BY a, b", /covering index i/, table);
});

test("what LIKE and GLOB begin with bounds a range", () => {
	check("CREATE INDEX i ON t(n)", "SELECT * FROM t WHERE n LIKE 'AB3%'", /by index i, where n LIKE 'AB3%'/);
	check("CREATE INDEX i ON t(n DESC)", "SELECT * FROM t WHERE n LIKE 'ab%'", /by index i/);
	check("CREATE INDEX i ON t(b)", "SELECT * FROM t WHERE b GLOB 'b1*'", /by index i/);
	check("CREATE INDEX i ON t(b)", "SELECT * FROM t WHERE b GLOB 'b[%]'", /by index i/);
	check("CREATE INDEX i ON t(b)", "SELECT * FROM t WHERE b GLOB '*1'", /by index i/);
	check("CREATE INDEX i ON t(b)", "SELECT * FROM t WHERE b LIKE 'B1%'", /Scan t/);
	check("CREATE INDEX i ON t(c)", "SELECT * FROM t WHERE c GLOB '2*'", /Scan t/);
	check("CREATE INDEX i ON t(n)", "SELECT * FROM t WHERE n LIKE NULL", /by index i/);
	check("CREATE INDEX i ON t(n)", "SELECT * FROM t WHERE n LIKE 'ab\\%' ESCAPE '\\'", /Scan t/);
});

test("what is constant in conditions is computed once, and known to the plan", () => {
	const sql = database(TABLE, "CREATE INDEX i ON t(a); CREATE INDEX p ON t(c) WHERE c = -(2 * 3)");
	assert.match(sql.explain("SELECT * FROM t WHERE a = 2 + 3 * 2"), /by index i \(a = 8\)/);
	assert.match(sql.explain("SELECT * FROM t WHERE a > -5 AND 1 < 2"), /^Search t by index i \(a > -5\)/);
	assert.match(sql.explain("SELECT * FROM t WHERE 1 = 2"), /^Only where 0/);
	assert.match(sql.explain("SELECT * FROM t WHERE c = -(2 * 3)"), /index p/);
	assert.match(sql.explain("SELECT * FROM t WHERE b = ? || 'x'"), /where b = \(\?1 \|\| 'x'\)/);
	assert.match(sql.explain("SELECT * FROM t WHERE id < 100"), /\(~1[0-9]{2} rows\)/);
	check("CREATE INDEX i ON t(a)", "SELECT * FROM t WHERE a = CAST('7' AS TEXT)", /by index i \(a = '7'\)/);
	check(
		"CREATE INDEX i ON t(b)",
		"SELECT * FROM t WHERE b = CAST('b7' AS BLOB) OR b = 'b' || (3 + 4)",
		/by any of index i/,
	);
});

test("INDEXED BY and NOT INDEXED", () => {
	const sql = database(
		TABLE,
		"CREATE INDEX i ON t(a); CREATE INDEX p ON t(c) WHERE c > 5; CREATE TABLE u(a); CREATE VIEW v AS SELECT * FROM t",
	);
	const refused = (query: string, message: RegExp) => assert.throws(() => sql.prepare(query), message, query);
	refused("SELECT * FROM t INDEXED BY nosuch", /^no such index: nosuch/);
	refused("SELECT * FROM u INDEXED BY i", /^no such index: i/);
	refused("SELECT * FROM v INDEXED BY i", /^no such index: i/);
	refused("WITH c AS (SELECT 1) SELECT * FROM c INDEXED BY i", /^no such index: i/);
	refused("UPDATE t INDEXED BY nosuch SET a = 1", /^no such index: nosuch/);
	refused("DELETE FROM t INDEXED BY nosuch", /^no such index: nosuch/);
	refused("SELECT * FROM t INDEXED BY p", /^no query solution/);
	assert.match(sql.explain("SELECT * FROM t INDEXED BY p WHERE c > 5"), /by index p/);
	assert.match(sql.explain("SELECT * FROM t INDEXED BY i"), /over index i/);
	assert.match(sql.explain("SELECT * FROM t INDEXED BY i WHERE id = 3"), /over index i, where id = 3/);
	assert.match(sql.explain("SELECT * FROM t NOT INDEXED WHERE a = 1"), /Scan t/);
	assert.match(sql.explain("SELECT * FROM t NOT INDEXED WHERE id = 1"), /by primary key/);
	assert.match(sql.explain("SELECT * FROM v NOT INDEXED"), /Scan t/);
	assert.match(sql.explain("UPDATE t AS x INDEXED BY i SET b = 1 WHERE x.a = 2"), /by index i/);
	assert.match(sql.explain("DELETE FROM t NOT INDEXED WHERE a = 2"), /Scan t/);
	assert.is(rows(sql, "SELECT count(*) FROM t INDEXED BY i"), rows(sql, "SELECT count(*) FROM t"));
});

test("an index whose function is not there is not looked at", () => {
	const store = new MemoryStore();
	const sql = new SqlDatabase(store);
	sql.function("twice", { deterministic: true }, (x: unknown) => Number(x) * 2);
	sql.exec(
		"CREATE TABLE t(a); INSERT INTO t VALUES (1), (2); CREATE INDEX i ON t(twice(a)); CREATE INDEX j ON t(a) WHERE twice(a) > 2",
	);
	assert.match(sql.explain("SELECT a FROM t WHERE twice(a) = 4"), /by index i/);
	assert.is(rows(new SqlDatabase(store), "SELECT a FROM t WHERE a = 2"), '[["2n"]]');
});

test("changing rows that are found by an index changes each once", () => {
	const sql = database(TABLE, "CREATE INDEX i ON t(a); CREATE INDEX j ON t(b)");
	sql.exec(
		"UPDATE t SET a = a + 1 WHERE a >= 10 AND a < 20; UPDATE t SET b = 'b7', a = a + 100 WHERE a = 7 OR b = 'b7'; DELETE FROM t WHERE a = 8 OR b = 'b9'",
	);
	const plain = database(TABLE);
	plain.exec(
		"UPDATE t SET a = a + 1 WHERE +a >= 10 AND +a < 20; UPDATE t SET b = 'b7', a = a + 100 WHERE +a = 7 OR +b = 'b7'; DELETE FROM t WHERE +a = 8 OR +b = 'b9'",
	);
	assert.is(rows(sql, "SELECT * FROM t NOT INDEXED"), rows(plain, "SELECT * FROM t"));
	assert.is(rows(sql, "PRAGMA integrity_check"), '[["ok"]]');
	// Rows move to keys that are still to be looked up: even ones to odd ones, which are in the list too.
	const keys = Array.from({ length: 3000 }, (_, i) => (i < 1500 ? 2 * i + 2 : 2 * i + 1));
	for (const kind of ["", " WITHOUT ROWID"]) {
		const many = database(`CREATE TABLE m(k INTEGER PRIMARY KEY, v INT)${kind};
			WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 60000) INSERT INTO m SELECT 2 * x, 2 * x FROM n;
			ANALYZE`);
		const list = `k IN (${keys.join(", ")})`;
		assert.match(many.explain(`SELECT * FROM m WHERE ${list}`), /^Search m by (the )?primary key/);
		many.exec(`UPDATE m SET k = k + 2999 WHERE ${list}`);
		assert.is(rows(many, "SELECT count(*), sum(k - v), max(k - v) FROM m"), '[["60000n","4498500n","2999n"]]', kind);
	}
});

test.run();
