import { suite } from "uvu";
import * as assert from "uvu/assert";
import { check, database, rows, TABLE, VALUES } from "./plan-check.js";

/* How rows are joined and grouped, by plans that differ from each other. */

const test = suite("plans over rows");

test("groups by an index need no hashing, and come in its order", () => {
	check(
		"CREATE INDEX i ON t(a)",
		"SELECT a, count(*) FROM t GROUP BY a",
		/Aggregate count\(\*\) by a, in order\n.*covering index i/,
	);
	check(
		"CREATE INDEX i ON t(a)",
		"SELECT a, count(*) FROM t GROUP BY a ORDER BY a LIMIT 5",
		/^(?!.*(Sort|Top rows)).*in order/s,
	);
	check(
		"CREATE INDEX i ON t(n)",
		"SELECT lower(n), count(*), max(id) FROM t GROUP BY n ORDER BY n LIMIT 3",
		/in order/,
	);
	check(
		"CREATE INDEX i ON t(a)",
		"SELECT a, sum(id) FROM t WHERE a > 5 GROUP BY a HAVING count(*) > 9 ORDER BY a",
		/in order/,
	);
	check("CREATE INDEX i ON t(a)", "SELECT a, count(*) FROM t GROUP BY a ORDER BY a DESC", /^Sort/);
	check("CREATE INDEX i ON t(a, b)", "SELECT b, count(*) FROM t WHERE a = 7 GROUP BY b", /in order/);
	check(
		"CREATE INDEX i ON t(b COLLATE NOCASE)",
		"SELECT b, count(*) FROM t GROUP BY b ORDER BY b",
		/^(?!.*(Sort|in order))/s,
	);
});

test("min and max read one entry, count(*) reads none", () => {
	const first = /Limit 1\n.*index i/;
	check("CREATE INDEX i ON t(b)", "SELECT min(b) FROM t", first);
	check("CREATE INDEX i ON t(a)", "SELECT max(a) FROM t WHERE a < 40", /Limit 1\n.*index i .*, in reverse/);
	check("CREATE INDEX i ON t(a, b)", "SELECT max(b) FROM t WHERE a = 7", first);
	check("CREATE INDEX i ON t(b DESC)", "SELECT min(b) FROM t", /Limit 1\n.*index i .*, in reverse/);
	check("", "SELECT max(id) FROM t", /Limit 1\n *Scan t, in reverse \(/);
	check("", "SELECT min(rowid) FROM t WHERE c = 3", /Limit 1\n *Scan t, where c = 3/);
	check("CREATE INDEX i ON t(a)", "SELECT min(a) FROM t WHERE id > 5000", /Aggregate/);
	check("CREATE INDEX i ON t(n)", "SELECT lower(max(n)) FROM t", first);
	check("CREATE INDEX i ON t(b COLLATE NOCASE)", "SELECT max(b) FROM t", /^(?!.*Limit)/s);
	check("CREATE INDEX i ON t(a)", "SELECT min(a), max(a) FROM t", /^(?!.*Limit)/s);
	check("CREATE INDEX i ON t(a)", "SELECT max(a), id FROM t", /^(?!.*Limit)/s);
	const counted = /Count rows/;
	check("", "SELECT count(*) FROM t", counted);
	check("CREATE INDEX i ON t(a)", "SELECT count(*), count(*) + 1 FROM t", /Count rows\n *Scan t over covering index i/);
	check("CREATE INDEX i ON t(a)", "SELECT count(*) FROM t WHERE a > 5 AND a < 9", counted);
	check("CREATE INDEX i ON t(a)", "SELECT count(*) FROM t WHERE id IN (1, 2, 77777)", counted);
	check("", "SELECT count(*) FROM t WHERE id > 3 AND id < 1", counted);
	check("", "SELECT count(*) FROM t WHERE c = 3", /^(?!.*Count rows)/s);
	check("", "SELECT count(*) FILTER (WHERE c = 3), count(c) FROM t", /^(?!.*Count rows)/s);
});

test("queries that are run for each row look at all rows twice at most", () => {
	const sql = database(TABLE);
	const same = (query: string) => {
		const indexed = database(
			TABLE,
			"CREATE INDEX i ON t(a); CREATE INDEX j ON t(b); CREATE INDEX k ON t(c); CREATE INDEX l ON t(n)",
		);
		assert.is(rows(sql, query), rows(indexed, query), query);
	};
	same("SELECT id, (SELECT count(*) FROM t AS u WHERE u.a = t.c AND u.id < 90) FROM t");
	same("SELECT id FROM t WHERE EXISTS (SELECT 1 FROM t AS u WHERE u.b = t.n OR u.n = t.b)");
	same("SELECT id FROM t WHERE NOT EXISTS (SELECT 1 FROM t AS u WHERE u.a = t.c + 20 AND u.id > t.id)");
	same("SELECT id, (SELECT max(u.id) FROM t AS u WHERE u.n = t.b AND u.c = t.c) FROM t");
	same("SELECT id, c IN (SELECT u.c FROM t AS u WHERE u.a = t.a) FROM t");
	same("SELECT id, (SELECT u.id FROM t AS u WHERE u.a = t.c ORDER BY u.id DESC LIMIT 1) FROM t");
	// What the query inside looks at is counted by a function.
	let looked = 0;
	sql.function("look", { deterministic: true }, (x: unknown) => {
		looked++;
		return x;
	});
	const count = sql.prepare(
		"SELECT count(*) FROM t WHERE EXISTS (SELECT 1 FROM t AS u WHERE look(u.id) > 0 AND u.a = t.c)",
	);
	count.get();
	assert.ok(looked < 3 * 507, `looked at ${looked} rows`);
	same("SELECT id, (SELECT sum(v.id) FROM t AS u, t AS v WHERE v.a = u.c AND u.b = t.n AND u.id <> t.id) FROM t");
	same(
		"SELECT id FROM t WHERE EXISTS (SELECT 1 FROM t AS u LEFT JOIN t AS v ON v.c = u.c + 1 WHERE u.b = t.b AND v.id > 9)",
	);
	looked = 0;
	sql
		.prepare(
			"SELECT sum((SELECT count(*) FROM t AS u, t AS v WHERE look(v.id) > 0 AND v.a = u.a AND u.id = t.id)) FROM t",
		)
		.get();
	assert.ok(looked < 3 * 507, `looked at ${looked} rows`);
	sql.exec("UPDATE t SET c = (SELECT count(*) FROM t AS u WHERE u.c = t.c)");
	const other = database(TABLE, "CREATE INDEX k ON t(c)");
	other.exec("UPDATE t SET c = (SELECT count(*) FROM t AS u WHERE u.c = t.c)");
	assert.is(rows(sql, "SELECT * FROM t"), rows(other, "SELECT * FROM t"));
});

test("joins by the rowids of both sides go through both in order", () => {
	const sql = database(
		TABLE,
		`CREATE TABLE u(id INTEGER PRIMARY KEY, d INT); ${VALUES} INSERT INTO u SELECT x * 2 - 100, x FROM n;
		INSERT INTO u VALUES (9223372036854775807, 1), (-9223372036854775808, 2); INSERT INTO t(id, a) VALUES (9223372036854775807, 1), (-9223372036854775808, 2);
		CREATE TABLE v(id INTEGER PRIMARY KEY, e); INSERT INTO v SELECT id, d FROM u WHERE d % 3 = 0`,
	);
	const queries = [
		"SELECT t.id, t.a, u.d FROM t JOIN u ON u.id = t.id",
		"SELECT t.id, t.a, u.d FROM t LEFT JOIN u ON u.id = t.id",
		"SELECT t.id, u.d FROM t LEFT JOIN u ON u.id = t.id AND u.d > t.a",
		"SELECT t.id, u.d, v.e FROM t JOIN u ON u.id = t.id LEFT JOIN v ON v.id = t.id WHERE t.id > 3",
		"SELECT t.id, u.d FROM t JOIN u ON u.id = t.id AND u.d = t.a WHERE u.d > 7",
		"SELECT t.id, u.d FROM t RIGHT JOIN u ON u.id = t.id LIMIT 600 OFFSET 5",
	];
	for (const query of queries) {
		assert.match(sql.explain(query), /erge join on/, query);
		const other = query.replaceAll(/ON ([uv])\.id/g, "ON +$1.id");
		assert.not.match(sql.explain(other), /erge join/);
		const sorted = (text: string) => [...sql.prepare(text).raw().safeIntegers().all()].map(String).sort();
		assert.equal(sorted(query), sorted(other), query);
	}
	assert.match(sql.explain("SELECT t.id FROM t JOIN u ON u.id = t.id ORDER BY t.id"), /^(?!.*Sort).*Merge join/s);
	assert.not.match(sql.explain("SELECT t.id FROM t JOIN u ON u.id = t.a"), /erge join/);
	assert.match(sql.explain("SELECT t.id FROM t FULL JOIN u ON u.id = t.id"), /Full merge join/);
	assert.match(sql.explain("SELECT t.id FROM t FULL JOIN u ON u.id = t.id AND u.d > t.a"), /Full Hash join/);
});

test("joins of which few rows are asked for stop early", () => {
	const sql = database(
		TABLE,
		`CREATE TABLE u(id INTEGER PRIMARY KEY, t INT, d INT); CREATE INDEX ut ON u(t); CREATE INDEX ud ON u(d);
		${VALUES} INSERT INTO u SELECT x * 500 + y, y, x FROM n, (SELECT x AS y FROM n) WHERE x < 20; ANALYZE`,
	);
	const whole = /Hash join/;
	const join = "SELECT t.b, u.d FROM u JOIN t ON t.id = u.t";
	assert.match(sql.explain(join), whole);
	assert.match(sql.explain(`${join} LIMIT 5`), /Nested loop/);
	assert.match(
		sql.explain(`${join} ORDER BY u.d DESC, u.id DESC LIMIT 5`),
		/^(?!.*Top rows).*Nested loop join .*\n.*Scan u over index ud.*, in reverse/s,
	);
	assert.match(sql.explain(`${join} ORDER BY u.d DESC`), whole);
	assert.match(
		sql.explain("SELECT t.b, u.d FROM t LEFT JOIN u ON u.t = t.id ORDER BY t.id LIMIT 3"),
		/^(?!.*Top rows).*Left nested loop/s,
	);
	assert.match(sql.explain(`SELECT count(*) FROM (${join} LIMIT 5)`), /Nested loop/);
	assert.match(sql.explain("SELECT count(*), t.b FROM u JOIN t ON t.id = u.t GROUP BY t.b LIMIT 5"), whole);
	for (const query of [
		`${join} ORDER BY u.d DESC, u.id DESC LIMIT 5`,
		`${join} ORDER BY t.b, u.id LIMIT 7 OFFSET 3`,
		"SELECT t.id, u.id FROM t LEFT JOIN u ON u.t = t.id ORDER BY t.id, u.id LIMIT 30",
	])
		assert.is(rows(sql, query), rows(sql, query.replaceAll(/ORDER BY ([tu])/g, "ORDER BY +$1")), query);
});

test.run();
