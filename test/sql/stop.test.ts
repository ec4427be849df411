/** Statements that are stopped before their end: by a time limit wherever their work is, and by a signal. */

import { Worker } from "node:worker_threads";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSync, type SqlDatabase, WlsmError } from "../../host/index.js";
import type { StopOptions } from "../../host/sql/index.js";
import { sqlStores } from "../support/sql-stores.js";

const TIMEOUT_MS = 40;
/** Without its limit each of the statements here takes longer than that. */
const SOON_MS = 2000;

function failure(body: () => unknown): WlsmError {
	try {
		body();
	} catch (error) {
		assert.instance(error, WlsmError, String(error));
		return error as WlsmError;
	}
	throw new Error("expected a failure");
}

function stops(sql: SqlDatabase, text: string, options: StopOptions = { timeoutMs: TIMEOUT_MS }): WlsmError {
	const started = performance.now();
	const statement = sql.prepare(text, options);
	const error = failure(() => (statement.reader ? statement.all() : statement.run()));
	assert.is(error.code, "WLSM_TIMEOUT", text);
	assert.ok(performance.now() - started < SOON_MS, `${text} went on for ${performance.now() - started} ms`);
	return error;
}

const SCHEMA = `
	CREATE TABLE t (id INTEGER PRIMARY KEY, a, b);
	CREATE INDEX t_a ON t (a);
	INSERT INTO t SELECT value, value % 10, 'text ' || value FROM generate_series(1, 3000);
	CREATE TABLE log (n);
`;

const FOREVER = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)";

const QUERIES: readonly string[] = [
	"SELECT count(*) FROM generate_series(1, 1000000000)",
	"SELECT count(*) FROM t, t AS u, t AS v WHERE t.b = u.b || v.b",
	"SELECT * FROM t, t AS u, t AS v WHERE t.a + u.a + v.a < 0",
	"SELECT * FROM t JOIN t AS u ON t.a = u.a JOIN t AS v ON u.a = v.a AND t.id + u.id + v.id < 0",
	"SELECT * FROM t FULL JOIN t AS u ON t.a + u.a < 0 FULL JOIN t AS v ON v.a + u.a < 0",
	"SELECT count(*) FROM t AS o WHERE (SELECT count(*) FROM t AS i WHERE i.b < o.b) < 0",
	"SELECT count(*) FROM t AS o WHERE EXISTS (SELECT 1 FROM t AS i WHERE i.a = o.a AND i.b || o.b = 'x' AND i.id > o.a)",
	"SELECT count(*) FROM t AS o, t AS p WHERE (o.a, p.id) NOT IN (SELECT NULL, -id FROM t)",
	`${FOREVER} SELECT count(*) FROM c`,
	`${FOREVER} SELECT x FROM c WHERE x < 0`,
	"WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c ORDER BY 1 DESC) SELECT sum(x) FROM c",
	"SELECT value FROM generate_series(1, 3000000) ORDER BY -value % 1000003, value",
	"SELECT DISTINCT value % 10 FROM generate_series(1, 1000000000)",
	"SELECT value % 10, count(*) FROM generate_series(1, 1000000000) GROUP BY 1",
	"SELECT value FROM generate_series(1, 3000000) UNION SELECT -value FROM generate_series(1, 3000000)",
	"SELECT sum(id) OVER (ORDER BY b ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW) FROM (SELECT id, b FROM t UNION ALL SELECT id, b FROM t UNION ALL SELECT id, b FROM t)",
	"SELECT count(*) FROM t WHERE slowly(id) < 0",
	"SELECT count(*) FROM t WHERE a IN (0, 1, 2, 3, 4, 5, 6, 7, 8, 9) AND slowly(1) < 0",
	"PRAGMA integrity_check",
];

const CHANGES: readonly string[] = [
	"INSERT INTO t SELECT value, value, value FROM generate_series(5000, 1000000000)",
	"UPDATE t SET a = (SELECT count(*) FROM t AS u WHERE u.b < t.b)",
	"DELETE FROM t WHERE a = (SELECT count(*) FROM t AS u, t AS v WHERE u.b < v.b || t.b)",
	"CREATE TABLE other AS SELECT value FROM generate_series(1, 1000000000)",
	"INSERT INTO log VALUES (-9)",
	"CREATE INDEX t_b ON t (slow(b))",
];

for (const store of await sqlStores()) {
	const test = suite(`statements that are stopped, over the ${store.name}`);

	/** With a function that takes longer than a row does, and a trigger that fires itself for hours. */
	const opened = () => {
		const { sql, close } = store.open();
		sql.exec(SCHEMA);
		const slow = (value: unknown) => {
			const until = performance.now() + 2;
			while (performance.now() < until);
			return value;
		};
		sql.function("slowly", slow as never);
		sql.function("slow", { deterministic: true }, slow as never);
		sql.exec(
			"CREATE TRIGGER more AFTER INSERT ON log BEGIN INSERT INTO log SELECT new.n + 1 FROM generate_series(1, 9) WHERE new.n < 9; END",
		);
		sql.pragma("recursive_triggers = ON");
		return { sql, close };
	};

	test("a time limit ends queries, and leaves nothing open", () => {
		const { sql, close } = opened();
		// So that the check of 3000 rows takes its time too.
		const check = "PRAGMA integrity_check";
		sql.exec("CREATE TABLE checked (a CHECK (slowly(a) > 0))");
		for (let i = 1; i <= 100; i++) sql.prepare("INSERT INTO checked VALUES (?)").run(i);
		assert.ok(QUERIES.includes(check));
		for (const text of QUERIES) stops(sql, text);
		assert.is(sql.prepare("SELECT count(*) FROM t").pluck().get(), 3000);
		close();
	});

	test("a statement that changes data is undone, and the transaction goes on", () => {
		const { sql, close } = opened();
		const whole = () => sql.prepare("SELECT count(*), sum(a), (SELECT count(*) FROM log) FROM t").raw().get();
		const tables = () => sql.prepare("SELECT group_concat(name) FROM sqlite_schema").pluck().get();
		const [before, schema] = [whole(), tables()];
		for (const text of CHANGES) {
			stops(sql, text);
			assert.equal(whole(), before, text);
		}
		assert.is(tables(), schema);
		sql.exec("BEGIN; UPDATE t SET a = -1 WHERE id = 1");
		const changed = whole();
		for (const text of CHANGES) {
			stops(sql, text);
			assert.ok(sql.inTransaction);
			assert.equal(whole(), changed, text);
		}
		sql.exec("COMMIT");
		assert.equal(whole(), changed);
		assert.equal(sql.pragma("integrity_check", { simple: true }), "ok");
		close();
	});

	test("a check of foreign keys is ended too", () => {
		const { sql, close } = opened();
		sql.exec(
			"CREATE TABLE parent (id INTEGER PRIMARY KEY); CREATE TABLE child (id INTEGER PRIMARY KEY, p REFERENCES parent)",
		);
		sql.exec("INSERT INTO child SELECT value, value FROM generate_series(1, 30000)");
		const check = sql.prepare("PRAGMA foreign_key_check(child)", { timeoutMs: 1 });
		assert.is(failure(() => check.all()).code, "WLSM_TIMEOUT");
		assert.is(check.stopOn({}).all().length, 30000);
		close();
	});

	test("the limit is for each run, and can be changed", () => {
		const { sql, close } = opened();
		const statement = sql.prepare(`${FOREVER} SELECT x FROM c`, { timeoutMs: TIMEOUT_MS }).pluck();
		assert.is(statement.get(), 1);
		const started = performance.now();
		assert.is(failure(() => statement.all()).code, "WLSM_TIMEOUT");
		assert.ok(performance.now() - started >= TIMEOUT_MS);
		assert.is(statement.get(), 1);
		let last = 0;
		assert.is(
			failure(() => {
				for (const row of statement.iterate()) last = row as number;
			}).code,
			"WLSM_TIMEOUT",
		);
		assert.ok(last > 0);
		assert.is(
			failure(() => sql.exec(`SELECT 1; ${FOREVER} SELECT count(*) FROM c`, { timeoutMs: TIMEOUT_MS })).code,
			"WLSM_TIMEOUT",
		);
		const later = sql.prepare("SELECT count(*) FROM generate_series(1, 300000)", { timeoutMs: 1 }).pluck();
		assert.is(failure(() => later.get()).code, "WLSM_TIMEOUT");
		assert.is(later.stopOn({}).get(), 300000);
		assert.is(later.stopOn({ timeoutMs: 0 }).get(), 300000);
		close();
	});

	test("a signal ends a run that has not begun, and one between rows", () => {
		const { sql, close } = opened();
		const controller = new AbortController();
		const { signal } = controller;
		const query = sql.prepare("SELECT id FROM t", { signal }).pluck();
		const insert = sql.prepare("INSERT INTO log VALUES (1000)", { signal });
		const table = sql.prepare("CREATE TABLE n (a)", { signal });
		const own = new Error("enough");
		const seen: unknown[] = [];
		const error = failure(() => {
			for (const id of query.iterate()) {
				seen.push(id);
				if (id === 5) controller.abort(own);
			}
		});
		assert.is(error.code, "WLSM_ABORTED");
		assert.is(error.cause, own);
		assert.equal(seen, [1, 2, 3, 4, 5]);
		for (const again of [
			() => query.all(),
			() => query.get(),
			() => query.iterate().next(),
			() => insert.run(),
			() => table.run(),
			() => sql.exec("INSERT INTO log VALUES (1)", { signal }),
		])
			assert.is(failure(again).code, "WLSM_ABORTED");
		assert.is(sql.prepare("SELECT count(*) FROM log").pluck().get(), 0);
		assert.is(query.stopOn({}).all().length, 3000);
		close();
	});

	test("another thread ends a run anywhere, by a flag in shared memory", async () => {
		const { sql, close } = store.open();
		sql.exec(SCHEMA);
		const flag = new Int32Array(new SharedArrayBuffer(4));
		const source =
			"const { workerData } = require('node:worker_threads'); setTimeout(() => Atomics.store(workerData, 0, 1), 50)";
		for (const text of [`${FOREVER} SELECT count(*) FROM c`, `INSERT INTO log ${FOREVER} SELECT x FROM c`]) {
			Atomics.store(flag, 0, 0);
			const thread = new Worker(source, { eval: true, workerData: flag });
			const signal = {
				get aborted() {
					return Atomics.load(flag, 0) === 1;
				},
			};
			const statement = sql.prepare(text, { signal });
			assert.is(failure(() => (statement.reader ? statement.all() : statement.run())).code, "WLSM_ABORTED", text);
			await thread.terminate();
		}
		assert.is(sql.prepare("SELECT count(*) FROM log").pluck().get(), 0);
		close();
	});

	test("a function that a statement calls can abort it", () => {
		const { sql, close } = opened();
		const controller = new AbortController();
		sql.function("stop_at", ((value: unknown) => {
			if (value === 700) controller.abort();
			return value;
		}) as never);
		const statement = sql.prepare("UPDATE t SET a = stop_at(id)", { signal: controller.signal });
		assert.is(failure(() => statement.run()).code, "WLSM_ABORTED");
		assert.is(sql.prepare("SELECT max(a) FROM t").pluck().get(), 9);
		close();
	});

	test("what is no option is refused", () => {
		const { sql, close } = opened();
		for (const options of [
			{ timeoutMs: -1 },
			{ timeoutMs: Number.NaN },
			{ timeoutMs: "1" },
			{ signal: {} },
			{ signal: null },
			{ timeout: 5 },
			null,
			5,
		]) {
			for (const call of [
				() => sql.prepare("SELECT 1", options as StopOptions),
				() => sql.exec("SELECT 1", options as StopOptions),
				() => sql.prepare("SELECT 1").stopOn(options as StopOptions),
			])
				assert.is(failure(call).code, "WLSM_INVALID_ARGUMENT");
		}
		close();
	});

	test.run();
}

const databases = suite("statements that are stopped, by the database's own limit");

databases("the database's limit is that of statements that have none", () => {
	const db = openSync(":memory:", { sqlTimeoutMs: TIMEOUT_MS });
	const text = `${FOREVER} SELECT count(*) FROM c`;
	stops(db.sql, text, {});
	assert.is(failure(() => db.sql.exec(text)).code, "WLSM_TIMEOUT");
	const long = "SELECT count(*) FROM generate_series(1, 2000000)";
	stops(db.sql, long.replace("2000000", "2000000000"), {});
	assert.is(db.sql.prepare(long, { timeoutMs: 0 }).pluck().get(), 2000000);
	db.putSync("a", "1");
	assert.is(db.getSync("a"), "1");
	db.closeSync();
	assert.is(failure(() => openSync(":memory:", { sqlTimeoutMs: -1 })).code, "WLSM_INVALID_ARGUMENT");
});

databases.run();
