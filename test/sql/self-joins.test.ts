import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Random } from "../support/random.js";
import { sqlStores } from "../support/sql-stores.js";

const NAMES = ["a", "b", "c", "d"];
const CONDITIONS = [
	"$1.x < 5",
	"$1.x = $2.y",
	"$1.y IN (1, 3, $2.x)",
	"EXISTS (SELECT 1 FROM u WHERE u.x = $1.x AND u.y <> $2.y)",
	"$1.x IN (SELECT y FROM u WHERE u.id = $2.id)",
	"u.id = $1.x",
	"$1.id > 3",
	"$1.y IS NULL",
];
const RESULTS = [
	"*",
	"count(*), sum($1.x + $2.y)",
	"$1.id, $2.y",
	"max($1.x), min($2.id)",
	"(SELECT max(y) FROM u WHERE u.x = $2.x), $1.y",
];

for (const store of await sqlStores()) {
	const test = suite(`tables joined to themselves, over the ${store.name}`);

	test("answer the same as where every one of them is read", () => {
		const { sql, close } = store.open();
		const random = new Random(7);
		sql.exec(
			"CREATE TABLE t(id INTEGER PRIMARY KEY, x INT, y INT); CREATE INDEX tx ON t(x); CREATE TABLE u(id INTEGER PRIMARY KEY, x INT, y INT)",
		);
		for (const table of ["t", "u"]) {
			for (let i = 0; i < 12; i++) {
				const y = random.below(4) === 0 ? null : random.below(6);
				sql.prepare(`INSERT INTO ${table}(x, y) VALUES (?, ?)`).run(random.below(8), y);
			}
		}
		const named = (text: string) => {
			const [first, second] = [random.pick(NAMES.slice(0, 3)), random.pick(NAMES.slice(0, 3))];
			return text.replaceAll("$1", first).replaceAll("$2", second);
		};
		for (let round = 0; round < 150; round++) {
			const pairs = ["a.id = b.id", random.pick(["b.id = c.id", "c.rowid = a.id", "c.x = a.x"])];
			const conditions = Array.from({ length: random.below(4) }, () => named(random.pick(CONDITIONS)));
			const from = random.pick([
				"t a, t b, t c, u",
				"t a JOIN t b JOIN t c CROSS JOIN u",
				"u, t c, t b, t a",
				"t a, t b, t c LEFT JOIN u ON u.x = b.y",
			]);
			const text = (joins: readonly string[]) =>
				`SELECT ${shown} FROM ${from} WHERE ${[...joins, ...conditions].join(" AND ")}`;
			const shown = named(random.pick(RESULTS));
			const sorted = (found: unknown[]) => found.map((row) => JSON.stringify(row)).sort();
			const once = sql.prepare(text(pairs)).raw().all();
			const each = sql
				.prepare(text(pairs.map((pair) => pair.replace(" = ", " = +"))))
				.raw()
				.all();
			assert.equal(sorted(once), sorted(each), text(pairs));
		}
		close();
	});

	test("are read once", () => {
		const { sql, close } = store.open();
		sql.exec("CREATE TABLE t(id INTEGER PRIMARY KEY, x INT); CREATE TABLE k(id TEXT PRIMARY KEY, x INT)");
		const scans = (text: string) => (sql.explain(text).match(/(Scan|Search) /g) ?? []).length;
		assert.is(scans("SELECT a.x, b.x FROM t a JOIN t b ON a.id = b.id"), 1);
		assert.is(scans("SELECT a.x, b.x FROM t a, t b, t c WHERE a.id = b.rowid AND c.id = b.id AND c.x = 1"), 1);
		assert.is(scans("SELECT a.x, b.x FROM t a JOIN t b ON a.id = b.x"), 2);
		assert.is(scans("SELECT a.x, b.x FROM t a JOIN t b ON a.id < b.id"), 2);
		assert.is(scans("SELECT a.x, b.x FROM t a LEFT JOIN t b ON a.id = b.id"), 2);
		close();
	});

	test.run();
}
