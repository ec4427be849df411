/* What scans decide where the rows lie, against the same in a form that is evaluated row by row. */

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSync } from "../../host/index.js";
import { withDirectory } from "../support/database.js";
import { kernels } from "../support/kernels.js";
import { Random } from "../support/random.js";

const test = suite("scans of rows");

type Sql = ReturnType<typeof openSync>["sql"];

const TEXTS = ["", "a", "A", "abc", "ABD", "a_c", "%", "été", "日本", "😀x", "12", "-1", "1e3"];
const NUMBERS = [
	"0",
	"1",
	"-1",
	"2",
	"0.5",
	"1.0",
	"2147483648",
	"9007199254740993",
	"-9223372036854775808",
	"1e300",
	"9e18",
];

function literal(random: Random): string {
	switch (random.below(4)) {
		case 0:
			return random.pick(NUMBERS);
		case 1:
			return `'${random.pick(TEXTS)}'`;
		case 2:
			return `x'${random.pick(["", "00", "61", "ff"])}'`;
		default:
			return random.once(3) ? "NULL" : String(random.below(20));
	}
}

const COLUMNS = ["id", "i", "r", "n", "t", "b", "c", "added"];

function condition(random: Random): string {
	const column = random.pick(COLUMNS);
	switch (random.below(6)) {
		case 0:
			return `${column} IS ${random.once(2) ? "NOT " : ""}${literal(random)}`;
		case 1:
			return `${column} BETWEEN ${literal(random)} AND ${literal(random)}`;
		case 2:
			return `${column} LIKE '${random.pick(["%", "a%", "%b%", "_", "A__", "%é%", "1%", "%x"])}'`;
		default: {
			const operator = random.pick(["=", "<>", "<", "<=", ">", ">="]);
			return random.once(4) ? `${literal(random)} ${operator} ${column}` : `${column} ${operator} ${literal(random)}`;
		}
	}
}

/** A table with rows in sorted runs and in memory, older and newer than one of its columns. */
function fill(sql: Sql, flush: () => void, random: Random): void {
	sql.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, i INTEGER, r REAL, n NUMERIC, t TEXT, b, c TEXT COLLATE NOCASE)");
	const insert = (count: number) => {
		const rows = Array.from(
			{ length: count },
			() => `(${Array.from({ length: 6 }, () => (random.once(5) ? "NULL" : literal(random))).join()})`,
		);
		sql.exec(`INSERT INTO t (i, r, n, t, b, c) VALUES ${rows.join()}`);
	};
	insert(900);
	flush();
	sql.exec("ALTER TABLE t ADD COLUMN added DEFAULT 7");
	insert(600);
	sql.exec("DELETE FROM t WHERE id % 7 = 3");
	if (random.once(2)) flush();
	insert(100);
}

/** The rows, or what is wrong: a sum may overflow. */
function answer(sql: Sql, query: string): unknown {
	try {
		return sql.prepare(query).all();
	} catch (error) {
		return (error as Error).message;
	}
}

function sameRows(sql: Sql, query: string, other: string): void {
	assert.equal(answer(sql, query), answer(sql, other), `${query}\n${other}`);
}

/** Not a condition on a column alone: evaluated for each row. */
const evaluated = (conditions: readonly string[]) => `CASE WHEN ${conditions.join(" AND ")} THEN 1 ELSE 0 END = 1`;

for (const kernel of kernels) {
	for (const place of ["memory", "disk"]) {
		test(`conditions, groups, first rows and joins by rowid, ${kernel}, ${place}`, () =>
			withDirectory(async (directory) => {
				const random = new Random(place === "disk" ? 1 : 2);
				const db = openSync(place === "disk" ? directory : ":memory:", { kernel, memtableBytes: 64 << 10 });
				const { sql } = db;
				let flushed: Promise<void> = Promise.resolve();
				fill(
					sql,
					() => {
						flushed = db.flush();
					},
					random,
				);
				await flushed;
				for (let tries = 0; tries < 150; tries++) {
					const conditions = Array.from({ length: random.between(1, 2) }, () => condition(random));
					sameRows(
						sql,
						`SELECT * FROM t WHERE ${conditions.join(" AND ")}`,
						`SELECT * FROM t WHERE ${evaluated(conditions)}`,
					);
					sameRows(
						sql,
						`SELECT count(*), sum(id) FROM t WHERE ${conditions.join(" AND ")} ORDER BY 1`,
						`SELECT count(*), sum(id) FROM (SELECT +id AS id FROM t WHERE ${evaluated(conditions)} LIMIT -1)`,
					);
				}
				for (let tries = 0; tries < 60; tries++) {
					const keys = Array.from({ length: random.between(1, 2) }, () => random.pick(COLUMNS));
					const call = random.pick([
						"count(*)",
						"count(r)",
						"sum(i)",
						"total(r)",
						"avg(n)",
						"max(id), min(id)",
						"sum(i + 1)",
					]);
					const where = condition(random);
					sameRows(
						sql,
						`SELECT ${keys.join()}, ${call}, count(DISTINCT t) FROM t WHERE ${where} GROUP BY ${keys.join()}`,
						`SELECT ${keys.join()}, ${call}, count(DISTINCT t) FROM t WHERE ${where} GROUP BY ${keys
							.map((key) => `coalesce(${key}, NULL) COLLATE ${key === "c" ? "NOCASE" : "BINARY"}`)
							.join()}`,
					);
				}
				for (let tries = 0; tries < 60; tries++) {
					const terms = Array.from(
						{ length: random.between(1, 2) },
						() => `${random.pick(COLUMNS)} ${random.pick(["", "DESC", "NULLS LAST", "DESC NULLS FIRST"])}`,
					);
					const [limit, offset] = [random.below(40), random.below(3)];
					const all = sql.prepare(`SELECT * FROM t ORDER BY ${terms.join()}, id`).all();
					const some = sql
						.prepare(`SELECT * FROM t ORDER BY ${terms.join()}, id LIMIT ${limit} OFFSET ${offset}`)
						.all();
					assert.equal(some, all.slice(offset, offset + limit), terms.join());
				}
				for (const join of ["JOIN", "LEFT JOIN"]) {
					for (const on of ["", " AND a.i < b.r"]) {
						const joined = (equal: string) =>
							`SELECT a.id, a.t, b.i FROM t AS a ${join} t AS b ON ${equal}${on} WHERE a.i > 0 ORDER BY a.id`;
						assert.match(sql.explain(joined("a.id = b.id")), /merge join/i);
						sameRows(sql, joined("a.id = b.id"), joined("+a.id = +b.id"));
					}
				}
				await db.close();
			}));
	}
}

test("groups beyond those that the kernel has room for are found by their values", async () => {
	const db = openSync(":memory:");
	db.sql.exec("CREATE TABLE t (k TEXT, v)");
	const insert = db.sql.prepare("INSERT INTO t VALUES (printf('%d', ?) || zeroblob(1000000), ?)");
	for (let i = 0; i < 160; i++) insert.run(i % 80, i);
	const counts = db.sql.prepare("SELECT count(*) AS n, sum(v) AS s FROM t GROUP BY k").all() as {
		n: number;
		s: number;
	}[];
	assert.is(counts.length, 80);
	assert.ok(counts.every(({ n }) => n === 2));
	assert.is(
		counts.reduce((sum, { s }) => sum + s, 0),
		(159 * 160) / 2,
	);
	await db.close();
});

test.run();
