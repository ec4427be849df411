/** ORDER BY with LIMIT, and chains of compounds: as many rows and operators as it takes, no more. */

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SqlDatabase } from "../../host/index.js";
import { MemoryStore } from "../support/memory-store.js";
import { Random } from "../support/random.js";

const test = suite("top rows and chains of compounds");

function filled(): SqlDatabase {
	const sql = new SqlDatabase(new MemoryStore());
	sql.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, k, s TEXT COLLATE NOCASE, json)");
	const random = new Random(5);
	const insert = sql.prepare("INSERT INTO t (k, s, json) VALUES (?, ?, ?)");
	for (let i = 0; i < 5000; i++) {
		const k = random.below(9) === 0 ? null : random.below(200);
		insert.run(k, random.pick(["a", "A", "b", "B", "c"]), k === null || k > 150 ? "{bad" : "[1]");
	}
	return sql;
}

test("the first rows are those of the whole sort, equals in the order in which they came", () => {
	const sql = filled();
	for (const order of ["k", "k DESC, id DESC", "k NULLS LAST", "s", "s, k", "k + 1 DESC, s"]) {
		for (const columns of ["id", "id, k, s", "k, id || s", "*"]) {
			const all = sql.prepare(`SELECT ${columns} FROM t ORDER BY ${order}`).raw().all();
			for (const [limit, offset] of [
				[1, 0],
				[0, 0],
				[10, 5],
				[1100, 0],
				[2000, 1500],
				[5, 6000],
				[-1, 4990],
			] as const) {
				const text = `SELECT ${columns} FROM t ORDER BY ${order} LIMIT ${limit} OFFSET ${offset}`;
				const expected = all.slice(offset, limit < 0 ? undefined : offset + limit);
				assert.equal(sql.prepare(text).raw().all(), expected, text);
			}
		}
	}
});

test("of rows that are not wanted only what they are sorted by is computed", () => {
	const sql = filled();
	let calls = 0;
	sql.function("counted", ((value: unknown) => {
		calls++;
		return value;
	}) as never);
	const query = sql.prepare("SELECT counted(id), counted(s), k FROM t ORDER BY k DESC, id LIMIT 7 OFFSET 2");
	assert.is(query.all().length, 7);
	assert.ok(calls <= 2 * 9, `${calls} calls`);
	calls = 0;
	assert.is(sql.prepare("SELECT counted(k) AS n, s FROM t ORDER BY n LIMIT 3").all().length, 3);
	assert.ok(calls >= 5000 && calls <= 5003, `${calls} calls`);
	// A function that fails is not asked about them, as in SQLite.
	const json = "SELECT json_extract(json, '$[0]') FROM t WHERE k IS NOT NULL ORDER BY";
	assert.equal(sql.prepare(`${json} k LIMIT 3`).pluck().all(), [1, 1, 1]);
	assert.throws(() => sql.prepare(`${json} k DESC LIMIT 3`).all(), /malformed JSON/);
});

test("subqueries and parameters in what is computed last", () => {
	const sql = filled();
	const query = sql.prepare(
		"SELECT id, (SELECT count(*) FROM t AS u WHERE u.k = t.k AND u.id < ?) FROM t ORDER BY k, id LIMIT ?",
	);
	const whole = sql.prepare(
		"SELECT id, (SELECT count(*) FROM t AS u WHERE u.k = t.k AND u.id < ?) FROM t ORDER BY k, id",
	);
	assert.equal(query.raw().all(100n, 5n), whole.raw().all(100n).slice(0, 5));
});

test("a chain of UNIONs is one operator, and so is one of UNION ALLs", () => {
	const sql = filled();
	const operators = (text: string) =>
		sql
			.explain(text)
			.split("\n")
			.filter((line) => /Union|Except|Intersect/.test(line))
			.map((line) => line.trim());
	const one = "SELECT k FROM t";
	assert.equal(operators(`${one} UNION ${one} UNION ${one} UNION ${one}`), ["Union"]);
	assert.equal(operators(`${one} UNION ALL ${one} UNION ALL ${one} UNION ${one}`), ["Union"]);
	assert.equal(operators(`${one} UNION ${one} UNION ALL ${one} UNION ALL ${one}`), ["Union all", "Union"]);
	assert.equal(operators(`${one} UNION ${one} EXCEPT ${one} UNION ${one} UNION ${one}`), ["Union", "Except", "Union"]);
	const rows = (text: string) => sql.prepare(text).pluck().all();
	assert.equal(rows("SELECT 3 UNION ALL SELECT 1 UNION ALL SELECT 1"), [3, 1, 1]);
	assert.equal(rows("SELECT 3 UNION SELECT 1 UNION ALL SELECT 1 UNION ALL SELECT 0"), [1, 3, 1, 0]);
	assert.equal(rows("SELECT 3 UNION ALL SELECT 1 UNION ALL SELECT 1 UNION SELECT 3"), [1, 3]);
	assert.equal(rows("SELECT 1 UNION SELECT 2 EXCEPT SELECT 1 UNION SELECT 1 INTERSECT SELECT 1"), [1]);
	// Of rows that are equal by their collation the last one stays.
	assert.equal(rows("SELECT s FROM t WHERE s = 'x' UNION SELECT 'Q' UNION SELECT 'q' UNION SELECT 'p'"), ["p", "q"]);
	const many = Array.from({ length: 3000 }, (_, i) => `SELECT ${i % 1500}`).join(" UNION ");
	assert.is(rows(many).length, 1500);
});

test.run();
