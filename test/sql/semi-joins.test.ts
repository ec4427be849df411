/** EXISTS and IN over the rows of another query: the plans that join these, and that rows are SQLite's whatever the plan. */

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SqlDatabase, type WlsmError } from "../../host/index.js";
import { MemoryStore } from "../support/memory-store.js";
import { Random } from "../support/random.js";
import { scratchPlace } from "../support/scratch.js";
import { filled } from "../support/spill-data.js";
import { Sqlite, type SqliteValue } from "../support/sqlite.js";
import { check, database, rows } from "./plan-check.js";

const test = suite("semi joins");

const TWO = `CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b TEXT, n TEXT COLLATE NOCASE, r REAL, x);
	CREATE TABLE u(id INTEGER PRIMARY KEY, a INT, b TEXT, n TEXT COLLATE NOCASE, r REAL, x);
	INSERT INTO t SELECT value, nullif(value % 97, 3), 'b' || value % 90, 'N' || value % 70, value % 50 / 2.0, value % 20 FROM generate_series(1, 600);
	INSERT INTO u SELECT value, nullif(value * 7 % 301, 5), 'B' || value % 40, 'n' || value % 90, value % 9 / 4.0, value % 30 FROM generate_series(1, 400);
	INSERT INTO u VALUES (1000, NULL, NULL, NULL, NULL, NULL), (1001, 9, 'b9', '9', 9.0, '9')`;

const plan = (query: string, expected: RegExp, indexes = "") => check(indexes, query, expected, TWO);

test("EXISTS with equal columns is a semi join, NOT EXISTS an anti join", () => {
	plan(
		"SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a)",
		/^ *Semi join on t\.a = u\.a \(~\d+ rows\)\n/m,
	);
	plan("SELECT id FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.a = t.a)", /^ *Anti join on t\.a = u\.a/m);
	plan("SELECT id FROM t WHERE NOT (EXISTS (SELECT * FROM u WHERE a = t.a ORDER BY b))", /Anti join/);
	plan("SELECT id FROM t WHERE EXISTS (SELECT DISTINCT b FROM u WHERE t.a = u.a LIMIT 3)", /Semi join/);
	plan(
		"SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a AND u.id < t.id)",
		/Semi join on t\.a = u\.a AND u\.id < t\.id/,
	);
	plan(
		"SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a AND u.x = 3 AND t.x > 5)",
		/Semi join on .* AND t\.x > 5[\s\S]*Scan u, where x = 3/,
	);
	plan(
		"SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a + 1 = t.a * 2 AND u.n = t.b)",
		/Semi join on .* AND t\.b = u\.n/,
	);
	plan(
		"SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u JOIN t AS v ON v.x = u.x WHERE u.a = t.a AND v.id > t.id)",
		/Semi join[\s\S]*Hash join/,
	);
	plan(
		"SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u LEFT JOIN t AS v ON v.id = u.id WHERE u.a = t.a AND v.b IS NULL)",
		/Semi join/,
	);
	plan(
		"SELECT id FROM t WHERE EXISTS (SELECT 1 FROM (SELECT a AS k FROM u UNION ALL SELECT x FROM u) WHERE k = t.a)",
		/Semi join/,
	);
	plan(
		"WITH w AS (SELECT a FROM u) SELECT id FROM t WHERE EXISTS (SELECT 1 FROM w WHERE w.a = t.a) AND a IN (SELECT a FROM w)",
		/Semi join/,
	);
	plan("SELECT (SELECT max(id) FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a))", /./);
});

test("IN with a query that depends on the row is a semi join, NOT IN is none", () => {
	plan("SELECT id FROM t WHERE x IN (SELECT x FROM u WHERE u.a = t.a)", /Semi join on t\.a = u\.a AND t\.x = u\.x/);
	plan("SELECT id FROM t WHERE x IN (SELECT x FROM u WHERE u.a < t.a)", /Semi join on t\.x = u\.x AND u\.a < t\.a/);
	plan("SELECT id FROM t WHERE (x, b) IN (SELECT x, 'b' || a FROM u WHERE u.a = t.a)", /Semi join/);
	plan("SELECT id FROM t WHERE x NOT IN (SELECT x FROM u WHERE u.a = t.a)", /NOT IN \(SELECT/);
	plan("SELECT id FROM t WHERE x IN (SELECT x FROM u WHERE u.a = t.a ORDER BY x LIMIT 1)", /IN \(SELECT/);
	plan("SELECT id FROM t WHERE x IN (SELECT x FROM u)", /^(?!.*Semi)/s);
});

test("queries that yield other rows for each row around them stay as they are", () => {
	const none = /^(?!.*(Semi|Anti))/s;
	plan("SELECT id FROM t WHERE EXISTS (SELECT count(*) FROM u WHERE u.a = t.a)", none);
	plan("SELECT id FROM t WHERE EXISTS (SELECT u.x FROM u WHERE u.a = t.a GROUP BY u.x HAVING count(*) > 2)", none);
	plan("SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a LIMIT 1 OFFSET 1)", none);
	plan("SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a LIMIT 0)", none);
	plan("SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a UNION SELECT 1 FROM u WHERE u.x = t.x)", none);
	plan("SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a < t.a)", none);
	plan("SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a IS t.a)", none);
	plan("SELECT id FROM t WHERE EXISTS (SELECT 1 FROM (SELECT a FROM u WHERE u.x = t.x) AS v WHERE v.a = t.a)", none);
	plan("SELECT id FROM t WHERE id < 9 OR EXISTS (SELECT 1 FROM u WHERE u.a = t.a)", none);
	plan("SELECT id, EXISTS (SELECT 1 FROM u WHERE u.a = t.a) FROM t", none);
	plan("SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.id > 3)", none);
	plan("SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a AND random() IS NOT NULL)", none);
});

test("the cheaper way is taken: by the row, the whole query once, the table searched by what the query yields", () => {
	const one = "CREATE INDEX i ON u(a); CREATE INDEX j ON t(a)";
	plan("SELECT id FROM t WHERE id = 5 AND EXISTS (SELECT 1 FROM u WHERE u.a = t.a)", /EXISTS \(SELECT/, one);
	plan("SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a) ORDER BY id LIMIT 3", /EXISTS \(SELECT/, one);
	plan("SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a) ORDER BY id", /^(?!.*Sort).*Semi join/s, one);
	plan(
		"SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a AND u.id = 7)",
		/Search t by .*index j \(a IN \(SELECT/,
		one,
	);
	plan(
		"SELECT id FROM t WHERE id < 4 AND EXISTS (SELECT 1 FROM u WHERE u.x = t.x)",
		/Semi join on .*, by the left side/,
	);
});

test("a semi join stands before or behind joins", () => {
	plan(
		"SELECT t.id, v.id FROM t JOIN u AS v ON v.x = t.x WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a) AND v.id < 50",
		/join on[\s\S]*Semi join on t\.a = u\.a[^\n]*\n *Scan t/,
	);
	plan(
		"SELECT t.id, v.id FROM u AS v JOIN t ON t.id = v.x WHERE v.id < 9 AND NOT EXISTS (SELECT 1 FROM u WHERE u.b = t.b)",
		/Anti join[^\n]*\n *Nested loop join/,
	);
	plan(
		"SELECT t.id, v.id FROM t JOIN u AS v ON v.x = t.x WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a AND u.r = v.r)",
		/Semi join on t\.a = u\.a AND v\.r = u\.r/,
	);
	plan("SELECT t.id, v.id FROM t LEFT JOIN u AS v ON v.id = t.id AND EXISTS (SELECT 1 FROM u WHERE u.a = v.a)", /Left/);
	plan(
		"SELECT t.id, v.id FROM t LEFT JOIN u AS v ON v.id = t.id WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.a = v.a)",
		/Anti join[^\n]*\n.*Left/,
	);
	plan(
		"SELECT t.id, v.id FROM t FULL JOIN u AS v ON v.id = t.id WHERE EXISTS (SELECT 1 FROM u WHERE u.a = v.a AND u.x = t.x)",
		/Semi join[^\n]*\n.*Full/,
	);
});

test("nested queries, recursion and statements that change rows", () => {
	const sql = database(TWO);
	const by = database(TWO, "CREATE INDEX i ON u(a); CREATE INDEX j ON t(x); CREATE INDEX k ON u(b)");
	for (const query of [
		"SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a AND EXISTS (SELECT 1 FROM t AS v WHERE v.x = u.x AND v.r = t.r))",
		"SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a AND NOT EXISTS (SELECT 1 FROM t AS v WHERE v.id = u.id))",
		"SELECT id, (SELECT count(*) FROM u WHERE u.x = t.x AND EXISTS (SELECT 1 FROM t AS v WHERE v.b = u.b AND v.a > t.a)) FROM t",
		"SELECT id, (SELECT count(*) FROM u WHERE u.x < t.x AND EXISTS (SELECT 1 FROM t AS v WHERE v.a = u.a)) FROM t",
		"WITH RECURSIVE c(k) AS (SELECT 1 UNION SELECT u.id FROM c, u WHERE u.a > c.k * 3 AND EXISTS (SELECT 1 FROM t WHERE t.a = u.a) LIMIT 90) SELECT count(*) FROM c",
	]) {
		assert.is(rows(sql, query), rows(by, query), query);
	}
	for (const change of [
		"UPDATE u SET a = (SELECT count(*) FROM t WHERE t.id < u.id AND EXISTS (SELECT 1 FROM u AS v WHERE v.a = t.x AND v.id < 9)) WHERE u.id < 80",
		"UPDATE t SET x = x + 1 WHERE EXISTS (SELECT 1 FROM t AS v WHERE v.x = t.x + 1 AND v.id > t.id)",
		"DELETE FROM t WHERE EXISTS (SELECT 1 FROM t AS v WHERE v.b = t.b AND v.id < t.id)",
		"INSERT INTO t SELECT id + 2000, a, b, n, r, x FROM u WHERE NOT EXISTS (SELECT 1 FROM t WHERE t.a = u.a)",
	]) {
		sql.exec(change);
		by.exec(change);
		assert.is(rows(sql, "SELECT * FROM t ORDER BY id"), rows(by, "SELECT * FROM t ORDER BY id"), change);
	}
});

const SPILLING = [
	"SELECT id, c FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a) ORDER BY id",
	"SELECT id FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.b = t.b AND u.id < t.id)",
	"SELECT id FROM t WHERE EXISTS (SELECT 1 FROM t AS v WHERE v.c = t.c AND v.id > t.id + 2000)",
	"SELECT id FROM u WHERE b IN (SELECT b FROM t WHERE t.id % 7 = u.id % 7)",
	"SELECT id FROM u WHERE id < 90 AND NOT EXISTS (SELECT 1 FROM t, t AS v WHERE v.id = t.id AND t.a = u.a)",
];

for (const memoryBytes of [1, 3000, 60_000]) {
	test(`rows in their order within ${memoryBytes} bytes, and nothing is left`, () => {
		const plain = filled(new SqlDatabase(new MemoryStore()));
		const place = scratchPlace();
		const store = new MemoryStore();
		const sql = filled(new SqlDatabase(store, { memoryBytes, scratch: place.scratch }));
		for (const query of SPILLING) {
			assert.match(sql.explain(query), /Semi join|Anti join/, query);
			const before = place.changes;
			assert.is(rows(sql, query), rows(plain, query), query);
			assert.ok(place.changes > before || memoryBytes > 1, `${query} did not spill`);
			for (const _ of sql.prepare(query).iterate()) break;
			place.checkEmpty();
			assert.is(store.open, 0);
		}
	});
}

test("a time limit ends a semi join", () => {
	const sql = database("CREATE TABLE t AS SELECT value AS id, value % 3 AS a FROM generate_series(1, 9000)");
	for (const query of [
		"SELECT count(*) FROM t WHERE EXISTS (SELECT 1 FROM t AS u WHERE u.a = t.a AND u.id > t.id + 20000)",
		"SELECT count(*) FROM t WHERE id < 4000 AND NOT EXISTS (SELECT 1 FROM t AS u, t AS v WHERE u.a = t.a AND v.a = u.a AND v.id < t.id - 9000)",
	]) {
		const started = performance.now();
		try {
			sql.prepare(query, { timeoutMs: 30 }).all();
			assert.unreachable(query);
		} catch (error) {
			assert.is((error as WlsmError).code, "WLSM_TIMEOUT", query);
		}
		assert.ok(performance.now() - started < 2000);
	}
});

test("the last and the first of many with the same key are found without comparing each with each", () => {
	const sql = database("CREATE TABLE t AS SELECT value AS id, value % 3 AS a FROM generate_series(1, 3000)");
	for (const operator of [">", "<"]) {
		let looked = 0;
		sql.function("look", { deterministic: true }, (x: unknown) => {
			looked++;
			return x;
		});
		const query = `SELECT count(*) FROM t WHERE NOT EXISTS (SELECT 1 FROM t AS u WHERE u.a = t.a AND look(u.id) ${operator} t.id)`;
		assert.match(sql.explain(query), /Anti join/);
		assert.is(sql.prepare(query).pluck().get(), 3);
		assert.ok(looked < 5 * 3000, `${looked} pairs were compared`);
	}
});

/* Random queries over small tables with NULLs, all affinities and collations, duplicates, none or few rows. */

const COLUMNS = ["a", "b", "c", "d", "e"];
const TYPES = ["INT", "TEXT", "REAL", "", "TEXT COLLATE NOCASE", "NUMERIC", "BLOB", "TEXT COLLATE RTRIM"];
const VALUES = [
	"NULL",
	"0",
	"1",
	"2",
	"3",
	"1.0",
	"2.5",
	"'1'",
	"'2.0'",
	"'a'",
	"'A'",
	"'a '",
	"'b'",
	"x'61'",
	"x'31'",
	"1e300",
];

function tables(random: Random): string {
	let script = "";
	for (const name of ["p", "q", "s"]) {
		const columns = COLUMNS.map((column) => `${column} ${random.pick(TYPES)}`).join(", ");
		script += `CREATE TABLE ${name}(id INTEGER PRIMARY KEY, ${columns});`;
		const count = random.pick([0, 1, 8, 40, 90]);
		const row = () => `(${["NULL", ...COLUMNS.map(() => random.pick(VALUES))].join(", ")})`;
		if (count > 0) script += `INSERT INTO ${name} VALUES ${Array.from({ length: count }, row).join(", ")};`;
		while (random.once(2)) {
			const parts = [random.pick(COLUMNS), random.pick(COLUMNS)].slice(0, random.between(1, 2));
			script += `CREATE INDEX i${name}${random.below(1e9)} ON ${name}(${[...new Set(parts)].join(", ")});`;
		}
	}
	return `${script}CREATE VIEW w AS SELECT a, c AS b, d, e, c FROM q WHERE id > 2;`;
}

class Queries {
	#count = 0;
	constructor(readonly random: Random) {}

	#column(alias: string): string {
		const column = `${alias}.${this.random.pick(COLUMNS)}`;
		const form = this.random.below(9);
		return form === 0 ? `${column} + 0` : form === 1 ? `${column} COLLATE NOCASE` : column;
	}

	/** FROM, and the aliases that it has. */
	#from(): { readonly text: string; readonly aliases: readonly string[] } {
		const { random } = this;
		const [x, y] = [`x${this.#count++}`, `x${this.#count++}`];
		const table = () => random.pick(["p", "q", "s", "s", "w", "(SELECT * FROM p WHERE id < 30)"]);
		if (random.once(2)) return { text: `${table()} AS ${x}`, aliases: [x] };
		const join = random.pick(["JOIN", "JOIN", "LEFT JOIN", "FULL JOIN"]);
		const on = `${this.#column(x)} = ${this.#column(y)}`;
		return { text: `${table()} AS ${x} ${join} ${table()} AS ${y} ON ${on}`, aliases: [x, y] };
	}

	#plain(one: string, other: string): string {
		const { random } = this;
		const operator = random.pick(["=", "=", "=", "<", "IS", "<>"]);
		return `${this.#column(one)} ${operator} ${random.once(4) ? random.pick(VALUES) : this.#column(other)}`;
	}

	condition(aliases: readonly string[], depth: number): string {
		const { random } = this;
		const around = () => random.pick(aliases);
		if (depth === 0 || random.once(4)) return this.#plain(around(), around());
		const { text, aliases: own } = this.#from();
		const inner = () => random.pick(own);
		const conditions = Array.from({ length: random.between(0, 2) }, () =>
			random.once(2) ? this.#plain(inner(), inner()) : this.condition([...own, ...own, ...aliases], depth - 1),
		);
		conditions.push(`${this.#column(inner())} = ${this.#column(around())}`);
		if (random.once(3)) conditions.push(this.#plain(inner(), around()));
		/** Without COLLATE, which the two do not take alike behind IN; nor do they rows of values behind NOT IN. */
		const yielded = () => `${inner()}.${random.pick(COLUMNS)}`;
		const where = `FROM ${text} WHERE ${conditions.join(" AND ")}`;
		const not = random.once(3) ? "NOT " : "";
		if (random.once(2))
			return `${not}EXISTS (SELECT ${random.pick(["1", "*", "NULL"])} ${where}${random.pick(["", "", " LIMIT 2"])})`;
		if (random.once(3))
			return `(${this.#column(around())}, ${this.#column(around())}) IN (SELECT ${yielded()}, ${yielded()} ${where})`;
		return `${this.#column(around())} ${not}IN (SELECT ${yielded()} ${random.once(3) ? `FROM ${text}` : where})`;
	}

	query(): string {
		const { random } = this;
		const { text, aliases } = this.#from();
		const conditions = Array.from({ length: random.between(1, 3) }, () => this.condition(aliases, 2));
		const columns = aliases.flatMap((alias) => [`${alias}.a`, `${alias}.b`]).join(", ");
		if (random.once(6)) return `SELECT count(*) FROM p AS o WHERE ${this.condition(["o"], 3)}`;
		return `SELECT ${columns} FROM ${text} WHERE ${conditions.join(random.once(9) ? " OR " : " AND ")}`;
	}
}

function cell(value: unknown): string {
	if (value instanceof Uint8Array) return `x${Array.from(value).join(" ")}`;
	return `${typeof value} ${value}`;
}

/** In any order. */
const shown = (found: readonly (readonly unknown[])[]) =>
	found
		.map((row) => row.map(cell).join(" | "))
		.sort()
		.join("\n");

function ours(sql: SqlDatabase, query: string): string {
	return shown(sql.prepare(query).raw().safeIntegers().all() as SqliteValue[][]);
}

test("random conditions hold for the rows that they hold for in SQLite", () => {
	let joins = 0;
	for (let seed = 1; seed <= 25; seed++) {
		const random = new Random(seed);
		const script = tables(random);
		const sqlite = new Sqlite();
		const sql = new SqlDatabase(new MemoryStore());
		for (const statement of script.split(";")) if (statement !== "") sqlite.run(statement);
		sql.exec(script);
		if (seed % 4 === 0) sql.exec("ANALYZE");
		const queries = new Queries(random);
		for (let i = 0; i < 25; i++) {
			const query = queries.query();
			const expected = shown(sqlite.run(query).rows);
			assert.is(ours(sql, query), expected, `seed ${seed}: ${query}\n${sql.explain(query)}`);
			if (/Semi join|Anti join/.test(sql.explain(query))) joins++;
		}
		sqlite.close();
	}
	assert.ok(joins > 150, `only ${joins} queries have such joins`);
});

test.run();
