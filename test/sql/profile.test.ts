/** What a statement's operators did in a run: rows as they are, time that adds up, and the plan as it was. */

import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { OperatorProfile, SqlDatabase } from "../../host/index.js";
import { sqlStores } from "../support/sql-stores.js";

const SCHEMA = `
	CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, b TEXT);
	CREATE INDEX t_a ON t (a);
	CREATE TABLE u (id INTEGER PRIMARY KEY, a INT);
	INSERT INTO t SELECT value, value % 10, 'b' || value FROM generate_series(1, 1000);
	INSERT INTO u SELECT value, value FROM generate_series(1, 20);
`;

const QUERIES = [
	"SELECT * FROM t",
	"SELECT b FROM t WHERE id = 7",
	"SELECT b FROM t WHERE a = 3 LIMIT 5",
	"SELECT a, count(*) FROM t GROUP BY a ORDER BY 2, 1",
	"SELECT t.b FROM u JOIN t ON t.id = u.a",
	"SELECT t.b, u.id FROM t LEFT JOIN u ON u.a = t.a + 1 AND u.id % 2 = 0",
	"SELECT count(*) FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a)",
	"SELECT (SELECT max(a) FROM u WHERE u.id < t.id) FROM t WHERE a = 1",
	"WITH c AS (SELECT a FROM t LIMIT 30) SELECT * FROM c x JOIN c y ON x.a = y.a",
	"WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 50) SELECT sum(x) FROM c",
	"SELECT a, sum(id) OVER (PARTITION BY a ORDER BY id) FROM t",
	"SELECT a FROM t UNION SELECT a FROM u",
	"SELECT a FROM t EXCEPT SELECT a FROM u ORDER BY 1",
	"SELECT DISTINCT a FROM t ORDER BY a DESC LIMIT 3",
];

function plan(operators: readonly OperatorProfile[]): string {
	return operators.map(({ operator, depth }) => "  ".repeat(depth) + operator).join("\n");
}

function check(sql: SqlDatabase, text: string): void {
	const rows = sql.prepare(text).all();
	const profile = sql.profile(text);
	assert.is(profile.rows, rows.length, text);
	assert.is(plan(profile.operators), sql.explain(text), text);
	const [root] = profile.operators as [OperatorProfile];
	assert.equal([root.runs, root.rows], [1, rows.length], text);
	assert.ok(root.milliseconds <= profile.milliseconds, text);
	for (const { runs, rows, milliseconds, ownMilliseconds } of profile.operators) {
		assert.ok(ownMilliseconds >= 0 && ownMilliseconds <= milliseconds, text);
		assert.ok(runs > 0 || (rows === 0 && milliseconds === 0), text);
	}
	// Measuring leaves nothing behind.
	assert.equal(sql.prepare(text).all(), rows, text);
}

for (const store of await sqlStores()) {
	const test = suite(`profiles, ${store.name}`);

	test("of queries", () => {
		const { sql, close } = store.open();
		sql.exec(SCHEMA);
		for (const text of QUERIES) check(sql, text);
		const scan = (text: string, parameters: readonly unknown[]) => sql.profile(text, parameters).operators.at(-1);
		const whole = scan("SELECT b FROM t WHERE b LIKE ?", ["b1%"]);
		assert.equal([whole?.runs, whole?.rows], [1, 112], "rows behind the condition of the scan");
		const cut = scan("SELECT b FROM t LIMIT ?", [5]);
		assert.equal([cut?.runs, cut?.rows], [1, 5], "no more than were asked for");
		close();
	});

	test("of statements that change data, which are changed", () => {
		const { sql, close } = store.open();
		sql.exec(SCHEMA);
		assert.is(sql.profile("DELETE FROM t WHERE a = ?", [3]).rows, 100);
		assert.is(sql.profile("UPDATE u SET a = 0 WHERE id > $least", [{ least: 15 }]).rows, 5);
		const insert = sql.profile("INSERT INTO u SELECT id + 100, a FROM t WHERE a = 4");
		assert.is(insert.rows, 100);
		assert.is(
			insert.operators.find(({ operator }) => operator.includes("Search") || /t_a|Scan/.test(operator))?.rows,
			100,
		);
		assert.is(sql.profile("UPDATE u SET a = 1 WHERE id = 1 RETURNING id").rows, 1);
		assert.equal(sql.profile("CREATE TABLE v (a)").operators, []);
		assert.is(sql.prepare("SELECT count(*) FROM t").pluck().get(), 900);
		assert.is(sql.prepare("SELECT count(*) FROM u").pluck().get(), 120);
		close();
	});

	test("fail as statements do, and leave nothing open", () => {
		const { sql, close } = store.open();
		sql.exec(SCHEMA);
		const forever =
			"WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c JOIN t ON t.id = x";
		const failing: [work: () => unknown, message: RegExp][] = [
			[() => sql.profile(forever, [], { timeoutMs: 30 }), /longer than its 30/],
			[() => sql.profile("SELECT abs(-9223372036854775808) FROM t"), /overflow/],
			[() => sql.profile("SELECT ?"), /parameter/],
			[() => sql.profile("SELECT 1; SELECT 2"), /more than one statement/],
			[() => sql.profile("INSERT INTO u VALUES (1, 1)"), /UNIQUE/],
		];
		for (const [work, message] of failing) assert.throws(work, (error: Error) => message.test(error.message));
		assert.is(sql.prepare("SELECT count(*) FROM u").pluck().get(), 20);
		close();
	});

	test.run();
}
