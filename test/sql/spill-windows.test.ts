/** Window functions over partitions that are larger than the memory: SQLite's answers, in memory and on disk. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSync, SqlDatabase } from "../../host/index.js";
import { bothKernels } from "../support/kernels.js";
import { MemoryStore } from "../support/memory-store.js";
import { scratchPlace, spillFilesIn } from "../support/scratch.js";
import { Sqlite } from "../support/sqlite.js";

const ROWS = 700;

/** `a` has values of all kinds but BLOB, many of them peers, and `n` numbers alone. */
const DATA = [
	"CREATE TABLE t (id INTEGER PRIMARY KEY, p, a, n)",
	`WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < ${ROWS})
		INSERT INTO t SELECT i, i * 5 % 7 % 3, CASE i % 11 WHEN 0 THEN NULL WHEN 1 THEN i % 7 + 0.5 WHEN 2 THEN 'text ' || i % 5
			WHEN 3 THEN i % 9 * 1.0 WHEN 4 THEN 9223372036854775800 + i % 8 ELSE i * 37 % 101 END,
			CASE i % 5 WHEN 0 THEN i / 4.0 WHEN 1 THEN NULL ELSE i * 31 % 67 END FROM s`,
];

const FRAMES = [
	"",
	"ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
	"ROWS BETWEEN 3 PRECEDING AND 2 FOLLOWING",
	"ROWS BETWEEN 200 PRECEDING AND 150 PRECEDING",
	"ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW",
	"ROWS UNBOUNDED PRECEDING",
	"GROUPS BETWEEN 2 PRECEDING AND 3 FOLLOWING",
	"GROUPS BETWEEN 1 FOLLOWING AND 20 FOLLOWING EXCLUDE TIES",
	"GROUPS BETWEEN CURRENT ROW AND CURRENT ROW EXCLUDE GROUP",
	"RANGE BETWEEN 5 PRECEDING AND 2.5 FOLLOWING",
	"RANGE BETWEEN 3 FOLLOWING AND 9 FOLLOWING",
	"RANGE BETWEEN 4 PRECEDING AND 4 PRECEDING EXCLUDE TIES",
	"RANGE BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING EXCLUDE GROUP",
];
const WINDOWS = ["ORDER BY n", "ORDER BY a DESC", "PARTITION BY p ORDER BY n", "PARTITION BY p ORDER BY id"];

/** REAL whatever has left the frame: the storage class of a sum is not what is looked at here. */
const CALLS = [
	"count(*) OVER w, sum(n) OVER w + 0.0, avg(n) OVER w, total(n) FILTER (WHERE id % 3) OVER w",
	"min(id) OVER w, max(id) OVER w, sum(id) OVER w, count(a) OVER w",
	"first_value(id) OVER w, last_value(id) OVER w, nth_value(id, 4) OVER w",
];

const QUERIES = [
	...WINDOWS.flatMap((window) =>
		FRAMES.flatMap((frame) => CALLS.map((calls) => `SELECT id, ${calls} FROM t WINDOW w AS (${window} ${frame})`)),
	).filter((text) => !/ORDER BY a DESC.*RANGE BETWEEN/.test(text)),
	...WINDOWS.map(
		(window) =>
			`SELECT id, row_number() OVER w, rank() OVER w, dense_rank() OVER w, percent_rank() OVER w, cume_dist() OVER w, ntile(9) OVER w, lag(a) OVER w, lag(id, 30, -1) OVER w, lag(id, -1) OVER w, lead(n, id % 5, p) OVER w FROM t WINDOW w AS (${window})`,
	),
	"SELECT id, group_concat(id) OVER w, json_group_array(n) OVER w FROM t WINDOW w AS (ORDER BY id ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING)",
	"SELECT id, sum(n) OVER (), max(a) OVER (PARTITION BY p), lag(id, 9) OVER (ORDER BY n, id), ntile(4) OVER (PARTITION BY p ORDER BY a), count(*) OVER (ORDER BY id ROWS 2 PRECEDING) FROM t",
].map((text) => `SELECT * FROM (${text}) ORDER BY id`);

const sqlite = new Sqlite();
for (const text of DATA) sqlite.run(text);
const expected = new Map(QUERIES.map((text) => [text, sqlite.run(text).rows]));
sqlite.close();

const answer = (sql: SqlDatabase, text: string) => sql.prepare(text).raw().safeIntegers().all();

/** Only the first difference: whole answers are long. */
function check(sql: SqlDatabase, text: string): void {
	const rows = answer(sql, text);
	const wanted = expected.get(text) ?? [];
	assert.is(rows.length, wanted.length, text);
	for (const [i, row] of rows.entries()) assert.equal(row, wanted[i], `${text}: row ${i}`);
}

const test = suite<{ directory: string }>("windows that hold little memory");

test.before.each((context) => {
	context.directory = mkdtempSync(path.join(tmpdir(), "wlsm-windows-"));
});
test.after.each(({ directory }) => rmSync(directory, { recursive: true }));

/** All rows in memory; partitions in memory or not; none in memory. */
for (const memoryBytes of [undefined, 20_000, 1]) {
	test(`SQLite's answers within ${memoryBytes ?? "any number of"} bytes`, () => {
		const place = scratchPlace();
		const options = memoryBytes === undefined ? {} : { memoryBytes, scratch: place.scratch };
		const sql = new SqlDatabase(new MemoryStore(), options);
		for (const text of DATA) sql.exec(text);
		for (const text of QUERIES) {
			const before = place.changes;
			check(sql, text);
			assert.is(place.changes > before, memoryBytes !== undefined, text);
			place.checkEmpty();
		}
	});
}

bothKernels(test, "SQLite's answers on disk, and nothing is left there", (kernel, { directory }) => {
	const db = openSync(directory, { kernel, sqlMemoryBytes: 1024 });
	for (const text of DATA) db.sql.exec(text);
	for (const [i, text] of QUERIES.entries()) if (i % 4 === 0) check(db.sql, text);
	db.closeSync();
	assert.equal(spillFilesIn(directory), []);
});

test("a partition in files can be left, stopped and fail at any row", () => {
	const place = scratchPlace();
	const sql = new SqlDatabase(new MemoryStore(), { memoryBytes: 1000, scratch: place.scratch });
	for (const text of DATA) sql.exec(text);
	let calls = Number.NEGATIVE_INFINITY;
	sql.function("fails", ((value: unknown) => {
		if (++calls === 900) throw new Error("enough");
		return value;
	}) as never);
	for (const call of [
		"lead(fails(id)) OVER (ORDER BY n)",
		"sum(fails(id)) OVER ()",
		"max(id) OVER (ORDER BY n ROWS 9 PRECEDING)",
	]) {
		for (const rows of [1, 500]) {
			let left = rows;
			for (const _ of sql.prepare(`SELECT ${call} FROM t`).iterate()) if (--left === 0) break;
			place.checkEmpty();
		}
		calls = 0;
		assert.throws(
			() => sql.prepare(`SELECT fails(id), ${call} FROM t AS x JOIN (SELECT 1 UNION ALL SELECT 2)`).all(),
			/enough/,
		);
		place.checkEmpty();
		calls = Number.NEGATIVE_INFINITY;
		const slow = `SELECT ${call} FROM t, generate_series(1, 100)`;
		assert.throws(() => sql.prepare(slow, { timeoutMs: 50 }).all(), /milliseconds/);
		place.checkEmpty();
	}
});

test("what leaves a frame in files is what came into it", () => {
	const place = scratchPlace();
	const sql = new SqlDatabase(new MemoryStore(), { memoryBytes: 1, scratch: place.scratch });
	for (const text of DATA) sql.exec(text);
	let next = 0;
	sql.function("next", (() => next++) as never);
	const sums = sql.prepare("SELECT sum(next()) OVER (ORDER BY id ROWS 1 PRECEDING) FROM t").pluck().all();
	assert.equal(
		sums,
		Array.from({ length: ROWS }, (_, i) => (i === 0 ? 0 : 2 * i - 1)),
	);
});

test.run();
