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
				for (let tries = 0; tries < 80; tries++) {
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
				for (let tries = 0; tries < 35; tries++) {
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
				for (let tries = 0; tries < 35; tries++) {
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
						// Without a hint one scan would be both.
						const joined = (equal: string) =>
							`SELECT a.id, a.t, b.i FROM t AS a ${join} t AS b NOT INDEXED ON ${equal}${on} WHERE a.i > 0 ORDER BY a.id`;
						assert.match(sql.explain(joined("a.id = b.id")), /merge join/i);
						sameRows(sql, joined("a.id = b.id"), joined("+a.id = +b.id"));
					}
				}
				await db.close();
			}));

		test(`rows that have nobody to be joined with, ${kernel}, ${place}`, () =>
			withDirectory(async (directory) => {
				const random = new Random(place === "disk" ? 5 : 6);
				const db = openSync(place === "disk" ? directory : ":memory:", { kernel, memtableBytes: 64 << 10 });
				const { sql } = db;
				const flushes: Promise<void>[] = [];
				fill(sql, () => flushes.push(db.flush()), random);
				await Promise.all(flushes);
				for (const [column, type] of Object.entries({ i: "INTEGER", r: "REAL", t: "TEXT", b: "" })) {
					sql.exec(`CREATE TABLE few_${column} (k ${type})`);
					for (let row = 0; row < 12; row++) sql.exec(`INSERT INTO few_${column} VALUES (${literal(random)})`);
				}
				for (let tries = 0; tries < 35; tries++) {
					const few = `few_${random.pick(["i", "r", "t", "b"])}`;
					const equal = `few.k = t.${random.pick(COLUMNS)}`;
					const where = random.once(2) ? ` AND ${condition(random)}` : "";
					const joined = (on: string) =>
						`SELECT few.rowid, t.* FROM ${few} AS few, t WHERE ${on}${where} ORDER BY 1, 2`;
					sameRows(sql, joined(equal), joined(evaluated([equal])));
				}
				await db.close();
			}));
	}
}

for (const kernel of kernels) {
	for (const blockCacheBytes of [0, 16 << 20]) {
		test(`rows that an index points to, ${kernel}, ${blockCacheBytes} bytes of blocks`, () =>
			withDirectory(async (directory) => {
				const random = new Random(blockCacheBytes + 3);
				const db = openSync(directory, { kernel, memtableBytes: 64 << 10, blockCacheBytes });
				const { sql } = db;
				const flushes: Promise<void>[] = [];
				fill(sql, () => flushes.push(db.flush()), random);
				await Promise.all(flushes);
				sql.exec(
					"CREATE TABLE w (t, i, c TEXT COLLATE NOCASE, id, PRIMARY KEY (t, id)) WITHOUT ROWID; INSERT INTO w SELECT t, i, c, id FROM t WHERE t NOT NULL",
				);
				sql.exec("CREATE INDEX t_i ON t (i); CREATE INDEX t_tb ON t (t, b DESC); CREATE INDEX w_i ON w (i)");
				await db.flush();
				const round = () => {
					for (let tries = 0; tries < 10; tries++) {
						const table = random.pick(["t", "t", "w"]);
						const [index, column] =
							table === "w"
								? ["w_i", "i"]
								: random.pick([
										["t_i", "i"],
										["t_tb", "t"],
									] as const);
						const operator = random.pick(["=", "<", ">", "<=", ">=", "IS"]);
						const range = `${column} ${operator} ${column === "t" ? `'${random.pick(TEXTS)}'` : literal(random)}`;
						const other = random.once(2) ? ` AND ${condition(random)}` : "";
						const where = `${range}${table === "w" ? "" : other}`;
						const direction = random.pick(["", "DESC"]);
						const by = `${column} ${direction}, id ${direction}`;
						const limit = random.once(3) ? ` LIMIT ${random.below(50)}` : "";
						const query = (how: string) => `SELECT * FROM ${table} ${how} WHERE ${where} ORDER BY ${by}${limit}`;
						sameRows(sql, query(`INDEXED BY ${index}`), query("NOT INDEXED"));
						const grouped = (how: string) =>
							`SELECT c, count(*), sum(id) FROM ${table} ${how} WHERE ${where} GROUP BY c COLLATE BINARY ORDER BY c COLLATE BINARY`;
						sameRows(sql, grouped(`INDEXED BY ${index}`), grouped("NOT INDEXED"));
					}
				};
				let lookups = 0;
				const joins = () => {
					// A filter over a subquery is no search by key.
					sql.exec("DROP TABLE IF EXISTS temp.r; CREATE TEMP TABLE r (num INTEGER PRIMARY KEY, ref, x)");
					const refs = Array.from({ length: 40 }, (_, n) => {
						const ref = random.once(3) ? literal(random) : random.pick([`${random.below(1800)}`, "'7'", "3.0", "-0.0"]);
						return `(${n}, ${ref}, ${literal(random)})`;
					});
					sql.exec(`INSERT INTO temp.r VALUES ${refs.join()}`);
					for (let tries = 0; tries < 6; tries++) {
						const kind = random.pick(["CROSS JOIN", "LEFT JOIN"]);
						const on = random.once(2) ? ` AND ${condition(random).replaceAll(/\bid\b/g, "t.id")}` : "";
						const across = random.once(3) ? " AND t.i < r.x" : "";
						const limit = random.once(3) ? ` LIMIT ${random.below(9)}` : "";
						const query = (equal: string) =>
							`SELECT num, ref, t.id, t.t, t.added FROM temp.r ${kind} t NOT INDEXED ON ${equal}${on}${across} ORDER BY num${limit}`;
						if (/by primary key/.test(sql.explain(query("t.id = r.ref")))) lookups++;
						sameRows(sql, query("t.id = r.ref"), query("(t.id = r.ref) IS TRUE"));
					}
				};
				round();
				joins();
				for (let transaction = 0; transaction < 6; transaction++) {
					sql.exec("BEGIN");
					for (let step = 0; step < 12; step++) {
						const value = literal(random);
						const id = random.below(1800);
						sql.exec(
							random.pick([
								`UPDATE t SET i = ${value}, t = 'new ${step}' WHERE id BETWEEN ${id} AND ${id + 20}`,
								`DELETE FROM t WHERE id BETWEEN ${id} AND ${id + 9}`,
								`INSERT INTO t (i, t, b) VALUES (${value}, 'abc', ${step}), (3, 'a', 1)`,
								`UPDATE w SET i = ${value} WHERE id % 97 = ${step}`,
								`DELETE FROM w WHERE id BETWEEN ${id} AND ${id + 9}`,
								"SAVEPOINT s",
							]),
						);
						if (step === 7) sql.exec("SAVEPOINT s; DELETE FROM t WHERE id < 200; UPDATE t SET i = 3 WHERE i = 4");
						if (step === 9) sql.exec("ROLLBACK TO s");
						if (step % 3 === 0) round();
					}
					round();
					joins();
					sql.exec(transaction % 2 === 0 ? "COMMIT" : "ROLLBACK");
					round();
					if (transaction === 3) await db.flush();
				}
				assert.ok(lookups > 8, `${lookups} joins by primary key`);
				// Rows and entries of one state: what is written in a loop over them does not show.
				const seen: number[] = [];
				const at = sql.prepare("UPDATE t SET i = 5, t = 'moved' WHERE id = ?");
				const expected = sql.prepare("SELECT id FROM t NOT INDEXED WHERE i >= 2 ORDER BY i, id").pluck().all();
				for (const row of sql.prepare("SELECT id, t FROM t INDEXED BY t_i WHERE i >= 2 ORDER BY i, id").iterate()) {
					const { id, t } = row as { id: number; t: string };
					assert.is.not(t, "moved");
					seen.push(id);
					at.run(id);
				}
				assert.equal(seen, expected);
				assert.equal(sql.pragma("integrity_check", { simple: true }), "ok");
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
