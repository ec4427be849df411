import { suite } from "uvu";
import * as assert from "uvu/assert";
import { sqlStores } from "../support/sql-stores.js";

/** The error's code, and that its message matches. */
function fails(body: () => unknown, code: string, message: RegExp): Error & { line?: number; column?: number } {
	try {
		body();
	} catch (error) {
		const { code: actual, message: text } = error as { code?: string; message: string };
		assert.is(actual, code, text);
		assert.match(text, message);
		return error as Error;
	}
	throw new Error(`expected ${code} ${message}`);
}

for (const store of await sqlStores()) {
	const test = suite(`SQL API over the ${store.name}`);
	const with_ = (name: string, body: (sql: ReturnType<typeof store.open>["sql"]) => void) =>
		test(name, () => {
			const { sql, close } = store.open();
			body(sql);
			close();
		});

	with_("get, all, iterate, raw, pluck, columns, reader", (sql) => {
		sql.exec("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES(1,'x'),(2,'y'),(3,'z')");
		const statement = sql.prepare("SELECT id, a FROM t WHERE id >= ?");
		assert.ok(statement.reader);
		assert.equal(statement.get(2), { id: 2, a: "y" });
		assert.is(statement.get(9), undefined);
		assert.equal(statement.all(2), [
			{ id: 2, a: "y" },
			{ id: 3, a: "z" },
		]);
		assert.equal([...statement.iterate(3)], [{ id: 3, a: "z" }]);
		assert.equal(statement.raw().all(3), [[3, "z"]]);
		assert.equal(statement.pluck().all(1), [1, 2, 3]);
		assert.equal(statement.columns()[0], { name: "id", column: "id", table: "t", database: "main", type: "INTEGER" });
		const insert = sql.prepare("INSERT INTO t(a) VALUES(?)");
		assert.not(insert.reader);
		assert.equal(insert.run("w"), { changes: 1, lastInsertRowid: 4 });
		fails(() => insert.all("w"), "WLSM_INVALID_ARGUMENT", /does not return data/);
		fails(() => statement.run(1), "WLSM_INVALID_ARGUMENT", /returns data/);
	});

	with_("iterate sees the data of its start and lets go on break", (sql) => {
		sql.exec("CREATE TABLE t(id INTEGER PRIMARY KEY)");
		const insert = sql.prepare("INSERT INTO t DEFAULT VALUES");
		for (let i = 0; i < 50; i++) insert.run();
		let seen = 0;
		for (const _ of sql.prepare("SELECT * FROM t").iterate()) {
			insert.run();
			seen++;
		}
		assert.is(seen, 50);
		for (const row of sql.prepare("SELECT * FROM t").iterate()) if ((row as { id: number }).id === 3) break;
		assert.throws(() => {
			for (const _ of sql.prepare("SELECT * FROM t").iterate()) throw new Error("stop");
		}, /stop/);
	});

	with_("a table that is made of the schema does not see itself", (sql) => {
		sql.exec("CREATE TABLE a (x); CREATE VIEW v AS SELECT name FROM sqlite_master");
		sql.exec(
			"CREATE TABLE b AS SELECT x.name FROM a LEFT JOIN sqlite_schema AS x; CREATE TABLE c AS SELECT name FROM v",
		);
		assert.equal(sql.prepare("SELECT name FROM c").pluck().all(), ["a", "v", "b"]);
	});

	with_("parameters: positional, numbered, named", (sql) => {
		assert.equal(sql.prepare("SELECT ? AS a, ?1 AS b, ? AS c").raw().get("x", "y"), ["x", "x", "y"]);
		assert.equal(sql.prepare("SELECT :a, @b, $c, :a").raw().get({ a: "1", b: "2", c: "3" }), ["1", "2", "3", "1"]);
		assert.equal(sql.prepare("SELECT ?, :a, ?").raw().get("p", { a: "n" }, "q"), ["p", "n", "q"]);
		assert.equal(sql.prepare("SELECT ?, ?").raw().get(["a", "b"]), ["a", "b"]);
		const clauses = "SELECT (SELECT ? LIMIT ?), ? FROM (SELECT ? AS v LIMIT ?) WHERE v = ? ORDER BY ? LIMIT ?";
		assert.equal(sql.prepare(clauses).raw().all("a", 1n, "b", "v", 1n, "v", "o", 1n), [["a", "b"]]);
		const common = "WITH c AS (SELECT ?3 AS x, ? AS y) SELECT x, y, ? FROM c";
		assert.equal(sql.prepare(common).raw().get("1", "2", "3", "4", "5"), ["3", "4", "5"]);
		assert.equal(
			sql.prepare("SELECT typeof(?), typeof(?), typeof(?), typeof(?)").raw().get(1, 1n, null, Buffer.from("x")),
			["real", "integer", "null", "blob"],
		);
		fails(() => sql.prepare("SELECT ?").get(), "WLSM_INVALID_ARGUMENT", /too few parameter values/);
		fails(() => sql.prepare("SELECT ?").get(1, 2), "WLSM_INVALID_ARGUMENT", /too many parameter values/);
		fails(() => sql.prepare("SELECT :a").get({ b: 1 }), "WLSM_INVALID_ARGUMENT", /missing named parameter "a"/);
		for (const value of [true, undefined, {}, Symbol("s"), new Date(0), () => 0]) {
			if (value !== null && typeof value === "object" && value.constructor === Object) continue;
			fails(() => sql.prepare("SELECT ?").get(value), "WLSM_INVALID_ARGUMENT", /cannot bind/);
		}
		fails(() => sql.prepare("SELECT ?").get(2n ** 63n), "WLSM_INVALID_ARGUMENT", /64 bits/);
		const hostile = "'); DROP TABLE t; --";
		assert.is(sql.prepare("SELECT ?").pluck().get(hostile), hostile);
	});

	with_("integers beyond 2^53 are bigints, reals stay reals", (sql) => {
		sql.exec("CREATE TABLE t(v)");
		const insert = sql.prepare("INSERT INTO t VALUES(?)");
		for (const value of [9007199254740993n, 2n ** 63n - 1n, -(2n ** 63n), 3n, 3, 0.5]) insert.run(value);
		assert.equal(sql.prepare("SELECT v FROM t").pluck().all(), [
			9007199254740993n,
			2n ** 63n - 1n,
			-(2n ** 63n),
			3,
			3,
			0.5,
		]);
		assert.equal(sql.prepare("SELECT typeof(v) FROM t WHERE v = 3").pluck().all(), ["integer", "real"]);
		assert.is(sql.prepare("SELECT 3").safeIntegers().pluck().get(), 3n);
	});

	with_("blobs come back as Buffers of their own", (sql) => {
		const bytes = Buffer.from([0, 255, 1]);
		const got = sql.prepare("SELECT ? || '' IS NOT NULL, x'00ff01'").raw().get(bytes) as [number, Buffer];
		assert.ok(Buffer.isBuffer(got[1]));
		assert.equal([...got[1]], [...bytes]);
	});

	with_("column names that are special in JavaScript", (sql) => {
		sql.exec('CREATE TABLE t("__proto__" INT, constructor INT, "toString" INT); INSERT INTO t VALUES(1,2,3)');
		const row = sql.prepare("SELECT * FROM t").get() as Record<string, number>;
		assert.equal(Object.keys(row), ["__proto__", "constructor", "toString"]);
		assert.is(Object.getOwnPropertyDescriptor(row, "__proto__")?.value, 1);
		assert.is(Object.getPrototypeOf(row), Object.prototype);
		assert.is(sql.prepare('SELECT count(*) FROM t WHERE "__proto__" = 1 AND constructor = 2').pluck().get(), 1);
	});

	with_("transactions: commit, rollback, nesting, and a failing statement inside one", (sql) => {
		sql.exec("CREATE TABLE t(id INTEGER PRIMARY KEY)");
		const insert = sql.prepare("INSERT INTO t VALUES(?)");
		const add = sql.transaction((...ids: number[]) => {
			for (const id of ids) insert.run(id);
			return ids.length;
		});
		assert.is(add(1, 2), 2);
		assert.throws(() => add(3, 1), /UNIQUE constraint failed: t.id/);
		const outer = sql.transaction(() => {
			insert.run(10);
			assert.throws(() => add.immediate(11, 10), /UNIQUE/);
			add(12);
		});
		outer();
		assert.equal(sql.prepare("SELECT id FROM t").pluck().all(), [1, 2, 10, 12]);
		sql.exec("BEGIN; INSERT INTO t VALUES(20)");
		assert.ok(sql.inTransaction);
		assert.throws(() => sql.exec("INSERT INTO t VALUES(21),(20)"), /UNIQUE/);
		assert.equal(sql.prepare("SELECT id FROM t WHERE id > 12").pluck().all(), [20]);
		sql.exec("COMMIT");
		assert.not(sql.inTransaction);
		assert.throws(() => sql.transaction(() => Promise.resolve())(), /promise/);
	});

	with_("kv: the key-value data as a table", (sql) => {
		sql.exec("INSERT INTO kv VALUES('abc', 'one'), ('abd', 'two'), ('b', '3')");
		assert.is(sql.prepare('SELECT value FROM kv WHERE key = "abc"').pluck().get(), "one");
		assert.equal(sql.prepare("SELECT key FROM kv WHERE key >= 'abd' ORDER BY key DESC").pluck().all(), ["b", "abd"]);
		assert.throws(() => sql.exec("INSERT INTO kv VALUES('abc', 'again')"), /UNIQUE constraint failed: kv.key/);
		assert.throws(() => sql.exec("INSERT INTO kv VALUES('x', NULL)"), /NOT NULL constraint failed: kv.value/);
		sql.exec(
			"INSERT OR REPLACE INTO kv VALUES('abc', 'again'); UPDATE kv SET key = 'c' WHERE key = 'b'; DELETE FROM kv WHERE key < 'abd'",
		);
		assert.equal(sql.prepare("SELECT * FROM kv").raw().all(), [
			["abd", "two"],
			["c", "3"],
		]);
		sql.exec("INSERT INTO kv VALUES(x'ff00', 7)");
		assert.equal(sql.prepare("SELECT typeof(key), value FROM kv WHERE key = x'ff00'").raw().all(), [["blob", "7"]]);
		fails(() => sql.exec("INSERT INTO kv VALUES('', 'x')"), "WLSM_INVALID_ARGUMENT", /1 to 65535 bytes/);
	});

	with_("plans: keys, ranges, order, limit", (sql) => {
		sql.exec("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT UNIQUE, b INT)");
		assert.is(sql.explain("SELECT * FROM t WHERE id = 5"), "Search t by primary key (id = 5) (~1 row)");
		assert.is(
			sql.explain("SELECT * FROM t WHERE id > 5 AND b = 1 ORDER BY id DESC"),
			"Scan t over a range of the primary key (id > 5), in reverse, where b = 1 (~7 rows)",
		);
		assert.match(sql.explain("SELECT b FROM t WHERE a = ?"), /Search t by index sqlite_autoindex_t_1 \(a = \?1\)/);
		assert.match(sql.explain("SELECT b FROM t ORDER BY b LIMIT 3"), /^Limit 3\n {2}Top rows by b\n/);
		assert.match(sql.explain("SELECT value FROM kv WHERE key = 'a'"), /Search kv by key \(key = 'a'\)/);
		assert.equal(sql.prepare("EXPLAIN QUERY PLAN SELECT * FROM t").all(), [
			{ id: 1, parent: 0, notused: 0, detail: "Scan t (~200 rows)" },
		]);
	});

	with_("EXPLAIN needs no parameters, and takes them", (sql) => {
		const statement = sql.prepare("EXPLAIN QUERY PLAN SELECT value FROM kv WHERE key = ?").pluck();
		assert.is(statement.all().length, statement.all("x").length);
	});

	with_("statements are planned again when the schema changes", (sql) => {
		sql.exec("CREATE TABLE t(a); INSERT INTO t VALUES(1)");
		const statement = sql.prepare("SELECT * FROM t");
		assert.equal(statement.all(), [{ a: 1 }]);
		sql.exec("DROP TABLE t; CREATE TABLE t(x, y); INSERT INTO t VALUES(2, 3)");
		assert.equal(statement.all(), [{ x: 2, y: 3 }]);
		sql.exec("DROP TABLE t");
		fails(() => statement.all(), "WLSM_SQL", /no such table: t/);
	});

	with_("an aggregate over an empty table in UPDATE FROM changes nothing", (sql) => {
		sql.exec("CREATE TABLE t(a, b); CREATE TABLE none(q); INSERT INTO t VALUES (1, 2)");
		assert.is(sql.prepare("UPDATE t SET b = sum(a) FROM none").run().changes, 0);
		assert.equal(sql.prepare("SELECT a, b FROM t").raw().all(), [[1, 2]]);
	});

	with_("the values of a row that is assigned come from one run of its query", (sql) => {
		sql.exec("CREATE TABLE t(a, b); INSERT INTO t VALUES (1, 2)");
		sql.exec("UPDATE t SET (a, b) = (SELECT x, x FROM (SELECT random() AS x))");
		assert.equal(sql.prepare("SELECT a = b FROM t").pluck().all(), [1]);
		fails(
			() => sql.exec("UPDATE t SET (a, b) = (SELECT * FROM (SELECT 1, 2, 3))"),
			"WLSM_SQL",
			/2 columns assigned 3 values/,
		);
	});

	with_("errors point into the text", (sql) => {
		const error = fails(() => sql.exec("SELECT 1;\nSELECT a,\n  b FORM t"), "WLSM_SQL", /near "t": syntax error/);
		assert.is(error.line, 3);
		assert.is(error.column, 10);
		assert.match(error.message, / {2}b FORM t\n {9}\^$/);
		sql.exec("CREATE TABLE users(name)");
		fails(() => sql.exec("SELECT nmae FROM users"), "WLSM_SQL", /no such column: nmae; did you mean name\?/);
		fails(() => sql.exec("SELECT 1 FROM usres"), "WLSM_SQL", /did you mean users\?/);
		fails(() => sql.exec("DELETE FROM users LIMIT 1"), "WLSM_UNSUPPORTED", /LIMIT in DELETE/);
		fails(() => sql.prepare(""), "WLSM_INVALID_ARGUMENT", /no statements/);
		fails(() => sql.prepare("SELECT 1; SELECT 2"), "WLSM_INVALID_ARGUMENT", /more than one/);
		fails(() => sql.prepare(5 as unknown as string), "WLSM_INVALID_ARGUMENT", /as a string/);
	});

	with_("AUTOINCREMENT never gives a rowid twice, INTEGER PRIMARY KEY does", (sql) => {
		sql.exec("CREATE TABLE a(id INTEGER PRIMARY KEY AUTOINCREMENT, v); CREATE TABLE b(id INTEGER PRIMARY KEY, v)");
		for (const table of ["a", "b"]) {
			sql.exec(`INSERT INTO ${table}(v) VALUES(1),(2),(3); DELETE FROM ${table}; INSERT INTO ${table}(v) VALUES(4)`);
		}
		assert.is(sql.prepare("SELECT id FROM a").pluck().get(), 4);
		assert.is(sql.prepare("SELECT id FROM b").pluck().get(), 1);
		sql.exec("BEGIN; INSERT INTO a(v) VALUES(5); ROLLBACK; INSERT INTO a(v) VALUES(6)");
		assert.equal(sql.prepare("SELECT id FROM a").pluck().all(), [4, 5]);
		sql.exec("DROP TABLE a; CREATE TABLE a(id INTEGER PRIMARY KEY AUTOINCREMENT, v); INSERT INTO a(v) VALUES(7)");
		assert.is(sql.prepare("SELECT id FROM a").pluck().get(), 1);
	});

	with_("pragma", (sql) => {
		assert.is(sql.pragma("user_version", { simple: true }), 0);
		sql.pragma("user_version = 12");
		assert.is(sql.pragma("user_version", { simple: true }), 12);
		assert.is(sql.pragma("foreign_keys", { simple: true }), 0);
		sql.exec("CREATE TABLE t(a INT PRIMARY KEY, b TEXT NOT NULL DEFAULT 'x')");
		assert.equal(sql.pragma("table_info(t)"), [
			{ cid: 0, name: "a", type: "INT", notnull: 0, dflt_value: null, pk: 1 },
			{ cid: 1, name: "b", type: "TEXT", notnull: 1, dflt_value: "'x'", pk: 0 },
		]);
		assert.equal(sql.pragma("no_such_pragma"), []);
	});

	test.run();
}
