/** Aggregates that gather more than the memory: the answers of SQLite, and of statements that hold all, in memory and on disk. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSync, SqlDatabase } from "../../host/index.js";
import { bothKernels } from "../support/kernels.js";
import { MemoryStore } from "../support/memory-store.js";
import { mostOpen, scratchPlace, spillFilesIn } from "../support/scratch.js";
import { Sqlite } from "../support/sqlite.js";

/** `a` has values of all kinds but BLOB, `c` texts that are equal but for their case; an index has the rows in the order of `o`. */
const DATA = [
	"CREATE TABLE t (id INTEGER PRIMARY KEY, p, o INTEGER, a, n, c TEXT COLLATE NOCASE)",
	`WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 700)
		INSERT INTO t SELECT i, i * 5 % 17, i * 7 % 13, CASE i % 11 WHEN 0 THEN NULL WHEN 1 THEN i % 70 + 0.5 WHEN 2 THEN 'text ' || i % 50
			WHEN 3 THEN i % 9 * 1.0 WHEN 4 THEN 9223372036854775800 + i % 8 ELSE i * 37 % 301 END,
			CASE i % 5 WHEN 1 THEN NULL ELSE i * 31 % 257 END,
			CASE i % 3 WHEN 0 THEN 'name' WHEN 1 THEN 'NAME' ELSE 'Name' END || i * 11 % 101 FROM s`,
	"CREATE INDEX t_o ON t (o)",
];

const CALLS = [
	"count(DISTINCT a), count(DISTINCT n), count(*), sum(DISTINCT n), total(n)",
	"group_concat(DISTINCT a), group_concat(DISTINCT c), count(DISTINCT c)",
	"max(DISTINCT n), min(DISTINCT c), count(DISTINCT id % 7), avg(DISTINCT n) FILTER (WHERE id % 2), json_group_array(DISTINCT n)",
	"group_concat(id, '-' || p), json_group_array(a), json_group_object(id, n), group_concat(DISTINCT id)",
	"json_group_array(DISTINCT json_array(n)), json_group_array(CASE WHEN id % 2 THEN json_array(n) ELSE '[]' END), count(DISTINCT 1)",
];
/** One group, hashed ones of which few or many are, and such as come in order. */
const GROUPINGS = ["", "p", "id % 200", "c", "o", "a, p % 2"];

const COMPARED: readonly string[] = [
	...CALLS.flatMap((calls) =>
		GROUPINGS.map((by) => `SELECT ${calls} FROM t ${by === "" ? "" : `GROUP BY ${by} ORDER BY ${by}`}`),
	),
	"SELECT c, n, max(id), count(DISTINCT a), group_concat(n) FROM t GROUP BY c ORDER BY c",
	"SELECT p, id, min(n), count(DISTINCT a), sum(n) FROM t GROUP BY p HAVING count(DISTINCT c) > 3 ORDER BY p LIMIT 5",
	"SELECT count(DISTINCT a), group_concat(DISTINCT n), json_group_array(a) FROM t WHERE id < 0",
	"SELECT y.id, (SELECT count(DISTINCT x.a) || group_concat(DISTINCT x.n) || count(*) FROM t AS x WHERE x.p = y.p) FROM t AS y WHERE y.id < 20",
	"SELECT y.id, (SELECT count(DISTINCT x.a) || group_concat(x.n) FROM t AS x WHERE x.id < y.id * 30 GROUP BY x.c LIMIT 1) FROM t AS y WHERE y.id < 20",
];

/** SQLite 3.40 has no ORDER BY there. */
const ORDERED = [
	"group_concat(id ORDER BY c DESC, n), count(DISTINCT a), group_concat(DISTINCT c ORDER BY id DESC)",
	"json_group_array(json_array(n) ORDER BY a), json_group_array(DISTINCT n ORDER BY n DESC NULLS FIRST), sum(n ORDER BY id)",
	"max(DISTINCT c ORDER BY id), count(n ORDER BY a) FILTER (WHERE p < 9), json_group_object(id, json(n) ORDER BY n)",
].flatMap((calls) =>
	GROUPINGS.map((by) => `SELECT ${calls} FROM t ${by === "" ? "" : `GROUP BY ${by} ORDER BY ${by}`}`),
);

const answer = (sql: SqlDatabase, text: string) => sql.prepare(text).raw().safeIntegers().all();

const sqlite = new Sqlite();
const plain = new SqlDatabase(new MemoryStore());
for (const text of DATA) {
	sqlite.run(text);
	plain.exec(text);
}
const expected = new Map<string, readonly unknown[]>([
	...COMPARED.map((text) => [text, sqlite.run(text).rows] as const),
	...ORDERED.map((text) => [text, answer(plain, text)] as const),
]);
sqlite.close();

const test = suite<{ directory: string }>("aggregates that hold little memory");

test.before.each((context) => {
	context.directory = mkdtempSync(path.join(tmpdir(), "wlsm-aggregates-"));
});
test.after.each(({ directory }) => rmSync(directory, { recursive: true }));

test("SQLite's answers where all is in memory", () => {
	for (const text of COMPARED) assert.equal(answer(plain, text), expected.get(text), text);
});

/** Nothing in memory; some of the groups; all groups, but not all that one of them gathers. */
for (const memoryBytes of [1, 3000, 15_000]) {
	test(`the same answers within ${memoryBytes} bytes`, () => {
		const place = scratchPlace();
		const sql = new SqlDatabase(new MemoryStore(), { memoryBytes, scratch: place.scratch });
		for (const text of DATA) sql.exec(text);
		for (const [text, rows] of expected) {
			const before = place.changes;
			assert.equal(answer(sql, text), rows, text);
			assert.ok(place.changes > before || memoryBytes > 1 || /WHERE id < 0/.test(text), text);
			place.checkEmpty();
		}
	});
}

bothKernels(test, "the same answers on disk, and nothing is left there", (kernel, { directory }) => {
	const db = openSync(directory, { kernel, sqlMemoryBytes: 2000 });
	for (const text of DATA) db.sql.exec(text);
	for (const [text, rows] of expected) assert.equal(answer(db.sql, text), rows, text);
	db.closeSync();
	assert.equal(spillFilesIn(directory), []);
});

test("what gathers can be left, stopped and fail", () => {
	const place = scratchPlace();
	const sql = new SqlDatabase(new MemoryStore(), { memoryBytes: 500, scratch: place.scratch });
	for (const text of DATA) sql.exec(text);
	let calls = Number.NEGATIVE_INFINITY;
	sql.function("fails", ((value: unknown) => {
		if (++calls === 500) throw new Error("enough");
		return value;
	}) as never);
	for (const by of ["p", "o", "c", "id % 200"]) {
		const text = `SELECT count(DISTINCT fails(a)), group_concat(DISTINCT c), group_concat(n ORDER BY a) FROM t GROUP BY ${by}`;
		for (const _ of sql.prepare(text).iterate()) break;
		place.checkEmpty();
		calls = 0;
		assert.throws(() => sql.prepare(text).all(), /enough/);
		place.checkEmpty();
		calls = Number.NEGATIVE_INFINITY;
		const slow = text.replace("FROM t", "FROM t, generate_series(1, 100)");
		assert.throws(() => sql.prepare(slow, { timeoutMs: 50 }).all(), /milliseconds/);
		place.checkEmpty();
	}
});

test("an expression that breaks off its groups leaves no file open until the statement ends", () => {
	const place = scratchPlace();
	const sql = new SqlDatabase(new MemoryStore(), { memoryBytes: 500, scratch: place.scratch });
	for (const text of DATA) sql.exec(text);
	const most = mostOpen(sql, place);
	const inner =
		"SELECT count(DISTINCT a) + count(DISTINCT n) + length(group_concat(id ORDER BY n)) FROM t AS x WHERE x.id > y.id";
	for (const by of ["o", "p", "c"])
		sql.prepare(`SELECT (${inner} GROUP BY ${by} LIMIT 1), look() FROM t AS y WHERE id < 50`).all();
	assert.ok(most() < 10, String(most()));
	place.checkEmpty();
});

test.run();
