/** What `describe` tells of statements. A type is its storage classes, `any` for all of them, and `?` where NULL may be among them. */

import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ByteStore } from "../../host/engine/store.js";
import type { DescribedType } from "../../host/index.js";
import { SqlDatabase } from "../../host/sql/index.js";
import { MemoryStore } from "../support/memory-store.js";

const SCHEMA = `
	CREATE TABLE users (
		id INTEGER PRIMARY KEY, name TEXT NOT NULL, email VARCHAR(50) UNIQUE, age INT, score REAL NOT NULL DEFAULT 0,
		photo BLOB, made DATE, notes
	);
	CREATE TABLE orders (id INTEGER PRIMARY KEY, user INT NOT NULL REFERENCES users, total REAL NOT NULL, state TEXT);
	CREATE TABLE strict (a INT NOT NULL, b ANY, c TEXT, PRIMARY KEY (c)) STRICT, WITHOUT ROWID;
	CREATE TABLE computed (a TEXT NOT NULL, b AS (a || '!'), c TEXT AS (upper(a)), d AS (length(e)), e, f INT AS (b));
	CREATE VIEW spent (name, total) AS SELECT u.name, sum(o.total) FROM users u JOIN orders o ON o.user = u.id GROUP BY u.id;
	CREATE TRIGGER spend INSTEAD OF INSERT ON spent BEGIN SELECT 1; END;
	CREATE TRIGGER respend INSTEAD OF UPDATE ON spent BEGIN SELECT 1; END;
`;

function database(): SqlDatabase {
	return new SqlDatabase(new MemoryStore() as ByteStore).exec(SCHEMA);
}

function shown({ types, nullable }: DescribedType): string {
	return `${types.length === 4 ? "any" : types.join("|") || "none"}${nullable ? "?" : ""}`;
}

const test = suite("describe()");

function tell(title: string, cases: readonly (readonly [sql: string, told: string])[]): void {
	test(title, () => {
		const db = database();
		for (const [sql, told] of cases) {
			const { columns, parameters } = db.describe(sql);
			const list = (named: readonly (DescribedType & { readonly name: string | null })[]) =>
				named.map((one) => `${one.name ?? ""} ${shown(one)}`.trim()).join(", ");
			assert.is(`(${list(parameters)}) ${columns.map(shown).join(", ")}`.trim(), told, sql);
		}
	});
}

tell("columns are what they are declared to hold, and NULL where that is not excluded", [
	["SELECT * FROM users", "() integer, text, text?, integer|real?, real, blob?, any?, any?"],
	["SELECT rowid, oid FROM orders", "() integer, integer"],
	["SELECT * FROM strict", "() integer, any?, text"],
	["SELECT * FROM computed", "() text, text, text, integer?, any?, integer|real?"],
	["SELECT * FROM spent", "() text, real"],
	["SELECT key, value FROM kv", "() text|blob, text|blob"],
	["SELECT name, sql FROM sqlite_schema", "() text?, text?"],
	["SELECT value, key, type FROM json_each('[1]')", "() integer|real|text?, integer|text?, text"],
	["SELECT value FROM generate_series(1, ?)", "(integer) integer"],
	["VALUES (1, NULL), (2.5, 'a')", "() integer|real, text?"],
]);

tell("a side of an outer join may be missing, unless a condition asks for it", [
	["SELECT u.id, o.id, o.rowid FROM users u LEFT JOIN orders o ON o.user = u.id", "() integer, integer?, integer?"],
	["SELECT u.id, o.id FROM users u RIGHT JOIN orders o ON o.user = u.id", "() integer?, integer"],
	["SELECT u.id, o.id FROM users u FULL JOIN orders o ON o.user = u.id", "() integer?, integer?"],
	["SELECT o.id, o.state FROM users u LEFT JOIN orders o ON o.user = u.id WHERE o.total > 1", "() integer, text?"],
	["SELECT u.age FROM users u JOIN orders o ON o.total = u.age", "() integer|real"],
	["SELECT id, name, total FROM users NATURAL LEFT JOIN orders", "() integer, text, real?"],
]);

tell("what a condition refuses is not NULL behind it", [
	["SELECT email, age FROM users WHERE email IS NOT NULL AND age + 1 > 3", "() text, integer|real"],
	["SELECT email, age FROM users WHERE email = 'a' OR email LIKE 'b' AND age = 1", "() text, integer|real?"],
	["SELECT email FROM users WHERE NOT (email IS NULL OR age = 1)", "() text"],
	["SELECT email, age FROM users WHERE email IN ('a') AND age NOT BETWEEN 1 AND 2", "() text, integer|real"],
	["SELECT email FROM users WHERE email NOT IN (SELECT state FROM orders)", "() text?"],
	["SELECT email FROM users WHERE email IS 'a' OR age IS NULL", "() text?"],
	["SELECT CASE WHEN email IS NOT NULL THEN email ELSE name END FROM users", "() text"],
	["SELECT iif(age > 1, age, 0), iif(age > 1, 0, age) FROM users", "() integer|real, integer|real?"],
	["SELECT max(age) AS most FROM users GROUP BY name HAVING max(age) > 3", "() integer|real"],
]);

tell("aggregates and window functions", [
	["SELECT count(*), count(age), total(age) FROM users", "() integer, integer, real"],
	[
		"SELECT sum(age), sum(score), avg(score), min(name), group_concat(name) FROM users",
		"() integer|real?, real?, real?, text?, text?",
	],
	["SELECT sum(score), avg(age), max(name) FROM users GROUP BY email", "() real, real?, text"],
	["SELECT sum(score) FILTER (WHERE age > 1), json_group_array(age) FROM users GROUP BY email", "() real?, text"],
	["SELECT name, max(score) FROM users", "() text?, real?"],
	["SELECT sum(id), sum(rowid + 0) FROM users GROUP BY name", "() integer, integer|real"],
	[
		"SELECT rank() OVER w, lag(name) OVER w, lag(name, 1, '') OVER w FROM users WINDOW w AS (ORDER BY id)",
		"() integer, text?, text",
	],
	[
		"SELECT sum(score) OVER (ORDER BY id), sum(score) OVER (ROWS 1 PRECEDING EXCLUDE CURRENT ROW) FROM users",
		"() real, real?",
	],
	[
		"SELECT first_value(name) OVER (), nth_value(name, 2) OVER (), percent_rank() OVER () FROM users",
		"() text, text?, real",
	],
]);

tell("operators and functions", [
	[
		"SELECT age + 1, score * 2, score / 2, score / age, -id, ~id, id || name FROM users",
		"() integer|real?, integer|real, integer|real, integer|real?, integer|real, integer, text",
	],
	[
		"SELECT id = 1, age = 1, age IS 1, age BETWEEN 1 AND 2, id IN (1), id IN (1, NULL), NOT age FROM users",
		"() integer, integer?, integer, integer?, integer, integer?, integer?",
	],
	[
		"SELECT coalesce(email, name), coalesce(email, age), ifnull(age, 'none'), nullif(id, 1) FROM users",
		"() text, integer|real|text?, integer|real|text, integer?",
	],
	[
		"SELECT CASE id WHEN 1 THEN 'a' END, CASE WHEN id THEN 1 ELSE 2.5 END, id IS TRUE FROM users",
		"() text?, integer|real, integer",
	],
	[
		"SELECT CAST(age AS TEXT), CAST(name AS INT), CAST(name AS DECIMAL), CAST('a' AS BLOB) FROM users",
		"() text?, integer, integer|real, blob",
	],
	[
		"SELECT lower(name), length(email), round(score), abs(id), typeof(age), hex(age), sqrt(id), sin(id) FROM users",
		"() text, integer?, real, integer, text, text, real?, real",
	],
	[
		"SELECT date('now'), strftime('%Y', 'now', '-1 day'), date(made), strftime('%Q', 'now'), printf('%d', 5) FROM users",
		"() text, text, text?, none?, text",
	],
	[
		"SELECT json_extract(notes, '$.a'), notes ->> 'a', notes -> 'a', json_array(id), json_valid(notes) FROM users",
		"() integer|real|text?, integer|real|text?, text?, text, integer",
	],
	[
		"SELECT substr(name, 1), substr(photo, 1), replace(name, 'a', 'b'), max(id, score), random() FROM users",
		"() text, blob?, text, integer|real, integer",
	],
	[
		"SELECT NULL, 1, 1.0, 'a', x'00', 9223372036854775807, TRUE, current_timestamp",
		"() none?, integer, real, text, blob, integer, integer, text",
	],
	["SELECT name LIKE 'a', email GLOB '*', name COLLATE NOCASE FROM users", "() integer, integer?, text"],
]);

tell("queries inside others", [
	[
		"SELECT (SELECT count(*) FROM orders WHERE user = users.id), (SELECT id FROM orders) FROM users",
		"() integer, integer?",
	],
	[
		"SELECT (SELECT u.name FROM orders), EXISTS (SELECT 1), id IN (SELECT user FROM orders) FROM users u",
		"() text?, integer, integer",
	],
	[
		"SELECT (SELECT 1), (SELECT 1 LIMIT 0), (SELECT sum(id) FROM users HAVING sum(id) > 1)",
		"() integer, integer?, integer?",
	],
	["SELECT name FROM users UNION SELECT total FROM orders UNION ALL SELECT NULL", "() real|text?"],
	["SELECT age FROM users INTERSECT SELECT id FROM orders", "() integer|real"],
	["SELECT age FROM users EXCEPT SELECT name FROM users", "() integer|real?"],
	[
		"WITH a AS (SELECT email FROM users WHERE email > ''), b AS (SELECT * FROM a, a AS c) SELECT * FROM b",
		"() text, text",
	],
	[
		"WITH RECURSIVE c(n, t) AS (SELECT 1, NULL UNION ALL SELECT n + 1, 'x' FROM c WHERE n < 9) SELECT * FROM c",
		"() integer|real, text?",
	],
	["SELECT s.x FROM (SELECT email AS x FROM users) AS s WHERE s.x <> ''", "() text"],
]);

tell("parameters are what they are compared with, calculated with, matched, cast or limited to", [
	[
		"SELECT 1 FROM users WHERE id = {id} AND name = :name AND @score < score AND email = $email",
		"(id integer, name text, score real, email text) integer",
	],
	[
		"SELECT 1 FROM users WHERE id IN (?, ?) OR age BETWEEN ? AND ? OR name LIKE ? OR (id, name) = (?, ?)",
		"(integer, integer, integer|real, integer|real, text, integer, text) integer",
	],
	["SELECT 1 FROM users WHERE id = :id OR :id IS NULL", "(id integer?) integer"],
	["SELECT 1 FROM users WHERE email IS ?", "(text?) integer"],
	[
		"SELECT age + :by, name || :tail, CAST(:x AS TEXT), :y FROM users LIMIT :limit OFFSET :offset",
		"(by integer|real, tail text, x text?, y any?, limit integer, offset integer) integer|real?, text, text?, any?",
	],
	["SELECT ?3, ?1 + 1", "(integer|real, any?, any?) any?, integer|real"],
	[
		"SELECT round(?), lower(?), coalesce(?, name), coalesce(?, ?) FROM users",
		"(integer|real, text, text?, any?, any?) real, text, text, any?",
	],
	[
		"SELECT 1 FROM users WHERE ? IN (SELECT user FROM orders) AND (SELECT max(total) FROM orders) > ? COLLATE NOCASE",
		"(integer|real, real) integer",
	],
	[
		"SELECT 1 FROM users WHERE CASE WHEN id = 1 THEN ? ELSE name END = 'x' AND CASE ? WHEN id THEN 1 END",
		"(text?, integer) integer",
	],
	[
		"SELECT count(*) FROM users u JOIN orders o ON o.total > ? GROUP BY name HAVING sum(o.total) < ?",
		"(real, real) integer",
	],
	[
		"WITH RECURSIVE o AS (SELECT id FROM orders WHERE total > ?), c(n) AS (SELECT ? UNION SELECT n + o.id FROM c, o) SELECT n FROM c",
		"(real, any?) any?",
	],
	["SELECT x FROM (SELECT id AS x FROM users WHERE name = ?) UNION VALUES (?)", "(text, any?) any?"],
]);

tell("what is written is what the column takes; RETURNING is what it stores", [
	[
		"INSERT INTO users (id, name, email, score) VALUES (?, ?, ?, ?) RETURNING id, email, upper(name)",
		"(integer?, text, text?, real) integer, text?, text",
	],
	["INSERT INTO orders (user, total) SELECT ?, score FROM users WHERE id = ?", "(integer|real, integer)"],
	[
		"INSERT INTO users (name) VALUES (:n) ON CONFLICT (email) DO UPDATE SET name = :n || excluded.name, age = :a WHERE age > :b",
		"(n text, a integer|real?, b integer|real)",
	],
	["INSERT INTO users DEFAULT VALUES RETURNING *", "() integer, text, text?, integer|real?, real, blob?, any?, any?"],
	["REPLACE INTO strict VALUES (?, ?, ?)", "(integer, any?, text)"],
	[
		"UPDATE users SET name = coalesce(:name, name), (age, email) = (:age, :mail), score = score + 1 WHERE id = :id",
		"(name text?, age integer|real?, mail text?, id integer)",
	],
	[
		"UPDATE users SET age = o.total, email = ? FROM orders o WHERE o.user = users.id AND o.id > ? RETURNING age",
		"(text?, integer) integer|real?",
	],
	[
		"DELETE FROM users AS u WHERE u.id = ? AND EXISTS (SELECT 1 FROM orders WHERE user = u.id AND total > ?) RETURNING name",
		"(integer, real) text",
	],
	["WITH rich AS (SELECT user FROM orders WHERE total > ?) DELETE FROM users WHERE id IN rich", "(real)"],
	["INSERT INTO spent VALUES (?, ?) RETURNING name", "(text?, real?) any?"],
	["UPDATE spent SET total = ? WHERE name = ?", "(real?, text)"],
	["INSERT INTO kv VALUES (?, ?)", "(text|blob, text|blob)"],
	["EXPLAIN QUERY PLAN SELECT 1 FROM users WHERE id = ?", "(integer) integer, integer, integer, text"],
	["PRAGMA user_version", "() any?"],
	["CREATE TABLE IF NOT EXISTS users (id)", "()"],
]);

test("it says what kind of statement it is, and what its columns are called and show", () => {
	const db = database();
	const kinds = [
		"SELECT 1",
		"VALUES (1)",
		"INSERT INTO kv VALUES ('a', 1)",
		"UPDATE users SET age = 1 RETURNING id",
		"DELETE FROM kv",
	];
	const others = ["DROP TABLE users", "BEGIN", "PRAGMA foreign_keys", "EXPLAIN SELECT 1", "ANALYZE"];
	const told = [...kinds, ...others].map((sql) => {
		const { kind, reader, readonly } = db.describe(sql);
		return `${kind} ${reader ? "rows" : "no rows"} ${readonly ? "reads" : "writes"}`;
	});
	assert.equal(told, [
		"select rows reads",
		"select rows reads",
		"insert no rows writes",
		"update rows writes",
		"delete no rows writes",
		"schema no rows writes",
		"transaction no rows reads",
		"pragma rows reads",
		"explain rows reads",
		"upkeep no rows writes",
	]);
	const { columns, text } = db.describe(" SELECT u.id, id AS id, count(*), 1 + 1 FROM users AS u WHERE id = {id} ");
	assert.equal(
		columns.map(({ name, table, column }) => [name, table, column]),
		[
			["id", "users", "id"],
			["id", "users", "id"],
			["count(*)", null, null],
			["1 + 1", null, null],
		],
	);
	assert.is(text, "SELECT u.id, id AS id, count(*), 1 + 1 FROM users AS u WHERE id = {id}");
	// As row objects have them: of one name, the last.
	assert.equal(db.prepare("SELECT 1 AS a, 2 AS b, 3 AS a").get(), { a: 3, b: 2 });
});

test("functions of the user give anything, also in the place of built-in ones", () => {
	const db = database();
	db.function("twice", (value) => value).function("lower", (value) => value);
	db.aggregate("sum", { start: 0, step: (sum, one) => sum + one });
	const { columns } = db.describe("SELECT twice(id), lower(name), sum(id), upper(name) FROM users GROUP BY id");
	assert.equal(columns.map(shown), ["any?", "any?", "any?", "text"]);
	const store = new MemoryStore() as ByteStore;
	const other = new SqlDatabase(store).function("own", { deterministic: true }, (value) => value);
	other.exec("CREATE TABLE t (a TEXT NOT NULL, b AS (own(a)))");
	assert.equal(new SqlDatabase(store).describe("SELECT * FROM t").columns.map(shown), ["text", "any?"]);
});

test("what cannot be prepared fails in the same way, and nothing is run", () => {
	const db = database();
	const failures = [
		"SELECT nmae FROM users",
		"SELEC 1",
		"SELECT 1; SELECT 2",
		"",
		"INSERT INTO users (nme) VALUES (1)",
		"SELECT * FROM users WHERE",
	];
	for (const sql of failures) {
		const thrown = (body: () => unknown) => {
			try {
				body();
			} catch (error) {
				const { code, message, line, column } = error as Error & Record<string, unknown>;
				return { code, message, line, column };
			}
			return "nothing";
		};
		assert.equal(
			thrown(() => db.describe(sql)),
			thrown(() => db.prepare(sql)),
			sql,
		);
		assert.is.not(
			thrown(() => db.describe(sql)),
			"nothing",
		);
	}
	assert.throws(() => db.describe("SELECT {id}, nmae FROM users"), /no such column: nmae.* \(line 1, column 14\)/);
	assert.throws(() => db.describe("SELECT { id }"), /syntax error/);
	assert.throws(
		() => db.describe(`SELECT ${"(SELECT ".repeat(150)}1${")".repeat(150)}`.replace(/^/, "SELECT 1 + NOT ")),
		/./,
	);
	db.describe("INSERT INTO orders (user, total) VALUES (1, 2)");
	db.describe("DROP TABLE users");
	assert.is(db.prepare("SELECT count(*) FROM orders, users").pluck().get(), 0);
});

test("queries deep inside others take no time of their own", () => {
	const nested = `${"coalesce(NULL, (SELECT ".repeat(40)}1${"))".repeat(40)}`;
	assert.equal(database().describe(`SELECT ${nested} AS x`).columns.map(shown), ["integer"]);
	let row = "(SELECT 1, 2)";
	for (let depth = 0; depth < 40; depth++) row = `(SELECT ${row} = (1, 2), 3)`;
	assert.equal(database().describe(`SELECT ${row} < (1, 2) AS x`).columns.map(shown), ["integer"]);
});

test.run();
