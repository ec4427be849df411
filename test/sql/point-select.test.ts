import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Random } from "../support/random.js";
import { sqlStores } from "../support/sql-stores.js";

type Sql = ReturnType<Awaited<ReturnType<typeof sqlStores>>[number]["open"]>["sql"];

const TABLES: readonly string[] = [
	"id INTEGER PRIMARY KEY, a TEXT, b INT, c REAL, d BLOB, e",
	"a TEXT PRIMARY KEY, b INT UNIQUE, c REAL, d BLOB, e",
	"a TEXT COLLATE NOCASE, b INT, c REAL, d BLOB, e, UNIQUE (a, b)",
	"a TEXT, b INT, c REAL, d BLOB, e, PRIMARY KEY (b DESC, a)",
	"a TEXT, b INT, c REAL, d BLOB, e, PRIMARY KEY (a, b)) WITHOUT ROWID; SELECT (1",
	"a TEXT UNIQUE, b INT, c REAL AS (b * 2) STORED, d BLOB, e AS (a || 'x')",
];

const CONDITIONS: readonly string[] = [
	"rowid = ?",
	"id = ?",
	"a = ?",
	"b = ?",
	"a = ? AND b = ?",
	"b = ?2 AND a = ?1",
	"a IS ?",
	"rowid = ? AND b > 3",
	"a = :a",
	"e = ?",
];

const COLUMNS: readonly string[] = ["*", "a", "b, a, b", "rowid, *", "e, d, c", "d", "length(a), b", "missing"];

const VALUES: readonly (string | number | bigint | null | Uint8Array)[] = [
	null,
	0,
	1,
	2,
	3,
	3.5,
	-1,
	7n,
	2n ** 62n,
	2 ** 53,
	"",
	"1",
	"2x",
	"3.0",
	"a",
	"A",
	"ünï\u{1f600}",
	"nul\0nul",
	"long ".repeat(400),
	new Uint8Array([0, 255, 7]),
	new Uint8Array(0),
];

function outcome(work: () => unknown): unknown {
	try {
		return work();
	} catch (error) {
		return (error as Error).message;
	}
}

function random(sql: Sql, seed: number): void {
	const random = new Random(seed);
	sql.exec(`CREATE TABLE t(${TABLES[seed % TABLES.length]})`);
	const names = (sql.pragma("table_info(t)") as { readonly name: string }[]).map(({ name }) => name);
	const stored = names.filter((name) => seed % TABLES.length !== 5 || !"ce".includes(name));
	const insert = sql.prepare(`INSERT OR REPLACE INTO t(${stored.join()}) VALUES (${stored.map(() => "?").join()})`);
	const fill = () => {
		for (let i = 0; i < 30; i++) outcome(() => insert.run(...stored.map(() => random.pick(VALUES))));
	};
	fill();
	sql.exec("ALTER TABLE t ADD COLUMN missing DEFAULT 'none'");
	fill();
	for (let round = 0; round < 60; round++) {
		const text = `SELECT ${random.pick(COLUMNS)} FROM t WHERE ${random.pick(CONDITIONS)}`;
		const prepared = outcome(() => sql.prepare(text));
		if (typeof prepared === "string") continue;
		const statement = prepared as ReturnType<Sql["prepare"]>;
		if (random.below(2) === 0) statement.raw();
		if (random.below(4) === 0) statement.safeIntegers();
		const inTransaction = random.below(3) === 0;
		if (inTransaction) {
			sql.exec("BEGIN");
			fill();
		}
		for (let i = 0; i < 10; i++) {
			const values = Array.from({ length: text.split("?").length - 1 }, () => random.pick(VALUES));
			const given = text.includes(":a") ? [{ a: random.pick(VALUES) }] : values;
			const all = outcome(() => statement.all(...given));
			assert.equal(
				all,
				outcome(() => [...statement.iterate(...given)]),
				text,
			);
			assert.equal(
				outcome(() => statement.get(...given)),
				Array.isArray(all) ? all[0] : all,
				text,
			);
		}
		if (inTransaction) sql.exec("ROLLBACK");
	}
}

for (const store of await sqlStores()) {
	const test = suite(`SELECT of one row by the short way, over the ${store.name}`);

	test("finds what the long way finds, whatever is given", () => {
		for (let seed = 1; seed <= 18; seed++) {
			const { sql, close } = store.open();
			random(sql, seed);
			close();
		}
	});

	test("answers with bytes of its own", () => {
		const { sql, close } = store.open();
		sql.exec("CREATE TABLE t(id INTEGER PRIMARY KEY, d BLOB); INSERT INTO t VALUES (1, x'010203'), (2, x'040506')");
		const statement = sql.prepare("SELECT d FROM t WHERE id = ?").pluck();
		const first = statement.get(1) as Uint8Array;
		statement.get(2);
		first[0] = 9;
		assert.equal([...first], [9, 2, 3]);
		assert.equal([...(statement.get(1) as Uint8Array)], [1, 2, 3]);
		close();
	});

	test("sees each commit and another schema", () => {
		const { sql, close } = store.open();
		sql.exec("CREATE TABLE t(a TEXT PRIMARY KEY, b)");
		const statement = sql.prepare("SELECT * FROM t WHERE a = ?");
		assert.is(statement.get("x"), undefined);
		sql.exec("INSERT INTO t VALUES ('x', 1)");
		assert.equal(statement.get("x"), { a: "x", b: 1 });
		sql.exec("UPDATE t SET b = 2; ALTER TABLE t ADD COLUMN c DEFAULT 3");
		assert.equal(statement.get("x"), { a: "x", b: 2, c: 3 });
		sql.exec("DELETE FROM t");
		assert.equal(statement.all("x"), []);
		sql.exec("DROP TABLE t");
		assert.throws(() => statement.get("x"), /no such table/);
		close();
	});

	test("wants as many values as there are parameters, and looks at a signal", () => {
		const { sql, close } = store.open();
		sql.exec("CREATE TABLE t(id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)");
		const statement = sql.prepare("SELECT id FROM t WHERE id = ?");
		assert.throws(() => statement.get(), /too few parameter values/);
		assert.throws(() => statement.get(1, 2), /too many parameter values/);
		assert.throws(() => sql.prepare("SELECT id FROM t WHERE id = ?", { signal: AbortSignal.abort() }).get(1));
		close();
	});

	test.run();
}
