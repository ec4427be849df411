/** query, queryOne and execute at run time, and the tag; what the compiler makes of them is in test/types. */

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type SqlDatabase, type SqlFragment, sql as tag } from "../../host/index.js";
import { thrown } from "../support/database.js";
import { Random } from "../support/random.js";
import { sqlStores } from "../support/sql-stores.js";

const SCHEMA = `
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER, data BLOB);
INSERT INTO users VALUES (1, 'Ada', 36, x'00ff'), (2, 'Bob', NULL, NULL);
`;

/** What a text could be broken by, or break out of. */
const PIECES = [
	...[
		"'",
		"''",
		'"',
		"`",
		"``",
		"[",
		"]",
		"{",
		"}",
		"{a}",
		"{id}",
		";",
		"--",
		"/*",
		"*/",
		"\\",
		"\0",
		"\n",
		"\r\n",
		"\t",
	],
	...["?", "?1", ":a", "@a", "$a", "%", "_", ",", "(", ")", " OR 1=1 ", "; DROP TABLE users; --", "x'00'", "NULL", "é"],
	...["漢字", "🦉", "\u2028", "\ufeff", "\ufffd", "a", "B", "0", "__proto__", "constructor", " "],
];

const hostile = (random: Random) => Array.from({ length: random.between(1, 8) }, () => random.pick(PIECES)).join("");
const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

for (const store of await sqlStores()) {
	const test = suite(`inline queries over the ${store.name}`);
	const with_ = (name: string, body: (sql: SqlDatabase) => void) =>
		test(name, () => {
			const { sql, close } = store.open();
			sql.exec(SCHEMA);
			body(sql);
			close();
		});
	const refused = (work: () => unknown, message: string) =>
		assert.is(thrown(work, "WLSM_INVALID_ARGUMENT").message, message);

	with_("rows come by names, by an array, and one by one", (sql) => {
		const ada = { id: 1, name: "Ada" };
		for (const name of ["{id}", ":id", "@id", "$id"]) {
			assert.equal(sql.query(`SELECT id, name FROM users WHERE id = ${name}` as string, { id: 1 }), [ada]);
		}
		assert.equal(sql.query("SELECT id, name FROM users WHERE id = ? OR name = ?", [9, "Ada"]), [ada]);
		assert.equal(sql.query("SELECT id, name FROM users WHERE id = ?1 OR id = ?1", [1]), [ada]);
		assert.equal(sql.query("SELECT id FROM users ORDER BY id"), [{ id: 1 }, { id: 2 }]);
		assert.equal(sql.query("SELECT id FROM users WHERE id < 0", {}), []);
		assert.equal(sql.query("SELECT id FROM users WHERE id < 0", []), []);
		assert.equal(sql.queryOne("SELECT name FROM users WHERE id = {id}", { id: 2 }), { name: "Bob" });
		assert.is(sql.queryOne("SELECT name FROM users WHERE id = {id}", { id: 3 }), undefined);
		assert.equal(sql.queryOne("SELECT {a} AS a, {a} || {b} AS b, :a AS c", { a: "x", b: "y" }), {
			a: "x",
			b: "xy",
			c: "x",
		});
		assert.equal(sql.query("SELECT data FROM users WHERE data = {d}", { d: new Uint8Array([0, 255]) }), [
			{ data: Buffer.from([0, 255]) },
		]);
		assert.equal(sql.query("SELECT {n} AS n, typeof({i}) AS i", { n: null, i: 3n }), [{ n: null, i: "integer" }]);
		const odd = JSON.parse('{"__proto__": 1, "toString": 2}') as object;
		assert.equal(sql.query("SELECT {__proto__} + {toString} AS sum", odd), [{ sum: 3 }]);
		const without = Object.assign(Object.create(null) as object, { id: 1 });
		assert.equal(sql.query("SELECT id FROM users WHERE id = {id}", without), [{ id: 1 }]);
	});

	with_("braces stay what they are in strings, names and comments", (sql) => {
		const text = `SELECT '{id}' AS "{a}", '{"a":{"b":1}}' ->> '$.a' AS \`{b}\`, {id} AS [{c}] /* {d} */ -- {e}`;
		assert.equal(sql.query(text as string, { id: "it" }), [{ "{a}": "{id}", "{b}": '{"b":1}', "{c}": "it" }]);
		assert.equal(sql.query("SELECT '''{a}' AS a, \"name\" AS b FROM users LIMIT 1"), [{ a: "'{a}", b: "Ada" }]);
		assert.equal(sql.prepare("SELECT {a} AS a").all({ a: "prepared too" }), [{ a: "prepared too" }]);
		assert.equal(sql.query("SELECT {case} AS a, {end} AS b", { case: 1, end: 2 }), [{ a: 1, b: 2 }]);
	});

	with_("execute says what was changed", (sql) => {
		const insert = "INSERT INTO users (id, name, age, data) VALUES ({id}, {name}, {age}, {data})";
		const given = (id: number) => ({ id, name: `n${id}`, age: 2 ** 40, data: null });
		assert.equal(sql.execute(insert, given(7)), { changes: 1, lastInsertRowid: 7 });
		sql.exec("BEGIN");
		assert.equal(sql.execute(insert, given(8)), { changes: 1, lastInsertRowid: 8 });
		assert.equal(sql.execute("INSERT INTO users (name) VALUES ({name})", { name: "free" }).lastInsertRowid, 9);
		assert.throws(() => sql.prepare("INSERT INTO users (name) VALUES (:name)").run("by place"), "missing named|too");
		refused(
			() => sql.execute(insert, { ...given(9), name: "\ud800" }),
			"parameter name has a lone surrogate, which has no UTF-8 form",
		);
		sql.exec("COMMIT");
		assert.equal(sql.query("SELECT name, age, typeof(age) AS t FROM users WHERE id IN ({a}, {b})", { a: 7, b: 8 }), [
			{ name: "n7", age: 2 ** 40, t: "integer" },
			{ name: "n8", age: 2 ** 40, t: "integer" },
		]);
		assert.is(sql.execute("UPDATE users SET age = {age} WHERE id > {id} RETURNING id", { age: 1, id: 1 }).changes, 4);
		assert.equal(sql.query("DELETE FROM users WHERE id > {id} RETURNING id", { id: 7 }), [{ id: 8 }, { id: 9 }]);
		assert.is(sql.execute("CREATE TABLE t (a)").changes, 0);
		refused(() => sql.execute("SELECT 1" as string), "this statement returns data; use query() or queryOne() instead");
		refused(() => sql.query("DELETE FROM t" as string), "this statement does not return data; use execute() instead");
	});

	with_("what is missing, too much or no value is named", (sql) => {
		const one = (given?: object) => () =>
			sql.query("SELECT id FROM users WHERE id = {id} OR name = {name}" as string, given);
		refused(one({ id: 1 }), "missing parameter name: the statement has id, name");
		refused(one({}), "missing parameter id: the statement has id, name");
		refused(one({ id: 1, name: "x", nmae: "y", z: 1 }), "no such parameter: nmae, z; the statement has id, name");
		refused(one(), "expected an object with the values of id, name, not a value of type undefined");
		refused(one([1, "x"]), "expected an object with the values of id, name, not an object of class Array");
		refused(one(new Date(0)), "expected an object with the values of id, name, not an object of class Date");
		const values = "only numbers, strings, bigints, Uint8Arrays and null can be bound";
		refused(one({ id: 1, name: undefined }), `parameter name is undefined: ${values}`);
		refused(one({ id: true, name: "x" }), `parameter id: cannot bind a value of type boolean: ${values}`);
		refused(one({ id: 1, name: ["x"] }), `parameter name: cannot bind an object of class Array: ${values}`);
		refused(one({ id: 1, name: "a\udc00" }), "parameter name has a lone surrogate, which has no UTF-8 form");
		const two = (given?: object) => () => sql.query("SELECT ? AS a, ? AS b" as string, given);
		refused(two([1]), "1 values for 2 positional parameters: a ? inside quotes or a comment is none");
		refused(two(["\ud800", 1]), "parameter 1 has a lone surrogate, which has no UTF-8 form");
		refused(two([1, true]), `parameter 2: cannot bind a value of type boolean: ${values}`);
		refused(two({ a: 1 }), "expected an array with the values of 2 positional parameters");
		refused(() => sql.query("SELECT 1" as string, { a: 1 }), "no such parameter: a; the statement has no parameters");
		refused(
			() => sql.query("SELECT 1" as string, new Map()),
			"the statement has no parameters, and was given an object of class Map",
		);
		refused(
			() => sql.query("SELECT ?, {a}" as string, { a: 1 }),
			"the statement has parameters with and without names: use prepare(), which takes both",
		);
		refused(() => sql.query("SELECT '\ud800'" as string), "the SQL has a lone surrogate, which has no UTF-8 form");
		refused(
			() => sql.query("SELECT 1; SELECT 2" as string),
			"the supplied SQL string contains more than one statement",
		);
		refused(() => sql.query(" -- {a}" as string), "the supplied SQL string contains no statements");
		refused(() => sql.query(5 as unknown as string), "expected SQL as a string or as sql`…`, not number");
	});

	with_("errors point into the text as it was written", (sql) => {
		const text = "SELECT {first} AS a, '{b}',\n\t{second} AS b, nmae\nFROM users WHERE id = {id}";
		const error = thrown(() => sql.query(text as string, { first: 1, second: 2, id: 3 }), "WLSM_SQL");
		assert.equal([error.line, error.column], [2, 17]);
		assert.is(
			error.message,
			"no such column: nmae; did you mean name? (line 2, column 17)\n\t{second} AS b, nmae\n\t               ^",
		);
		for (const [wrong, column] of [
			["SELECT {a", 8],
			["SELECT {}", 8],
			["SELECT { a }", 8],
			["SELECT {a b}", 8],
			["SELECT {1}", 8],
			["SELECT 1 }", 10],
			["SELECT {a}}", 11],
		] as const) {
			assert.is(thrown(() => sql.query(wrong as string, { a: 1 }), "WLSM_SQL").column, column, wrong);
		}
		const view = thrown(() => sql.execute("CREATE VIEW v AS SELECT {a}"), "WLSM_SQL");
		assert.match(view.message, "parameters are not allowed");
	});

	with_("a text is planned for the schema, the functions and the integers of now", (sql) => {
		const text = "SELECT * FROM t WHERE a >= {a}" as string;
		sql.exec("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
		assert.equal(sql.query(text, { a: 0 }), [{ a: 1 }]);
		sql.exec("ALTER TABLE t ADD COLUMN b DEFAULT 2");
		assert.equal(sql.query(text, { a: 0 }), [{ a: 1, b: 2 }]);
		sql.defaultSafeIntegers();
		assert.equal(sql.query(text, { a: 0 }), [{ a: 1n, b: 2n }]);
		sql.defaultSafeIntegers(false);
		assert.equal(sql.query(text, { a: 0 }), [{ a: 1, b: 2 }]);
		sql.function("twice", (value: unknown) => Number(value) * 2);
		assert.equal(sql.query("SELECT twice({x}) AS x", { x: 2 }), [{ x: 4 }]);
		sql.function("twice", (value: unknown) => String(value).repeat(2));
		assert.equal(sql.query("SELECT twice({x}) AS x", { x: 2 }), [{ x: "22" }]);
		// The same text, asked by a function that it calls.
		const deep = "SELECT depth({n}) AS d" as string;
		sql.function("depth", (n: unknown) =>
			n === 0 ? 0 : 1 + Number((sql.queryOne(deep, { n: Number(n) - 1 }) as { d: number }).d),
		);
		assert.equal(sql.query(deep, { n: 4 }), [{ d: 4 }]);
		sql.exec("DROP TABLE t");
		assert.match(thrown(() => sql.query(text, { a: 0 }), "WLSM_SQL").message, "no such table: t");
	});

	with_("statements are as many, as long and run as often as one likes", (sql) => {
		for (let round = 0; round < 2; round++) {
			for (let i = 0; i < 300; i++)
				assert.equal(sql.query(`SELECT {a} + ${i} AS a` as string, { a: 1 }), [{ a: i + 1 }]);
		}
		const long = `SELECT {a} AS a /* ${"x".repeat(30_000)} */` as string;
		assert.equal([sql.query(long, { a: 1 }), sql.query(long, { a: 2 })], [[{ a: 1 }], [{ a: 2 }]]);
		sql.exec("CREATE TABLE t (a INTEGER PRIMARY KEY, b)");
		for (let i = 0; i < 2100; i++) sql.execute("INSERT INTO t VALUES ({a}, {b})", { a: i, b: -i });
		for (let i = 0; i < 2100; i += 3)
			assert.is(sql.queryOne("SELECT b FROM t WHERE a = {a}" as string, { a: i })?.b, -i);
	});

	with_("fragments bind their values, and go into one another", (sql) => {
		const names = (query: SqlFragment<{ name: string }>) => sql.query(query).map(({ name }) => name);
		const base = tag`SELECT name FROM users`;
		assert.equal(names(tag`${base} WHERE id = ${1}`), ["Ada"]);
		const conditions = [tag`age IS NULL`, tag`name LIKE ${"B%"}`, tag`id IN (${tag.join([1, 2, 3n])})`];
		assert.equal(
			names(tag`${base} WHERE ${tag.join(conditions, tag` AND `)} ORDER BY ${tag.identifier("users", "id")}`),
			["Bob"],
		);
		assert.equal(names(tag`${base} WHERE id IN (${tag.join([])})`), []);
		assert.equal(names(tag`${tag``}${base}${tag``}`), ["Ada", "Bob"]);
		assert.is(
			sql.execute(tag`UPDATE users SET data = ${new Uint8Array([1])}, age = ${null} WHERE id = ${1}`).changes,
			1,
		);
		assert.equal(sql.queryOne(tag<{ age: null; data: Buffer }>`SELECT age, data FROM users`), {
			age: null,
			data: Buffer.from([1]),
		});
		// No two parts become one token.
		assert.equal(sql.query(tag`SELECT 1 -${tag`-2`} AS a`), [{ a: 3 }]);
		assert.equal(sql.query(tag`SELECT ${tag`1 -- one`} + 1 AS a`), [{ a: 2 }]);
		assert.equal(sql.query(tag`SELECT ${tag.identifier("id")}${tag.identifier("b")} FROM users`), [{ b: 1 }, { b: 2 }]);
		assert.is(thrown(() => sql.query(tag`SELECT ${1}1`), "WLSM_SQL").column, 10);
		// What names nothing is no text, as it would be in double quotes.
		assert.match(
			thrown(() => sql.query(tag`SELECT ${tag.identifier("nosuch")} FROM users`), "WLSM_SQL").message,
			"no such column: nosuch",
		);
	});

	with_("the tag refuses what is no value, no name and no tag", (sql) => {
		const part = (value: unknown) => () => tag`SELECT ${value as string}`;
		const values = "is no value in sql`…`: these are numbers, strings, bigints, Uint8Arrays, null and fragments";
		refused(part(undefined), `a value of type undefined ${values}`);
		refused(part(true), `a value of type boolean ${values}`);
		refused(part([1]), `an array (sql.join makes a list of it) ${values}`);
		refused(part({ text: "1", values: [] }), `an object of class Object ${values}`);
		refused(part("\ud800"), "a value in sql`…` has a lone surrogate, which has no UTF-8 form");
		refused(() => tag`SELECT '\ud800'`, "the text of sql`…` has a lone surrogate, which has no UTF-8 form");
		refused(() => tag`SELECT '\u'`, "sql`…` has an escape sequence that JavaScript does not know");
		for (const texts of ["SELECT 1", ["SELECT 1"], { raw: ["SELECT 1"] }]) {
			refused(() => tag(texts as unknown as TemplateStringsArray), "sql is a tag for texts: write sql`…`");
		}
		refused(() => tag.identifier(""), "sql.identifier takes names: texts that are not empty");
		refused(() => tag.identifier(5 as unknown as string), "sql.identifier takes names: texts that are not empty");
		refused(() => tag.identifier(...([] as unknown as [string])), "sql.identifier takes at least one name");
		refused(() => tag.identifier("a\udc00"), "a name has a lone surrogate, which has no UTF-8 form");
		refused(() => tag.join([1], ", " as unknown as SqlFragment), "the separator of sql.join is a fragment: sql` AND `");
		refused(
			() => sql.query(tag`SELECT '${1}'`),
			"1 values for 0 positional parameters: a ? inside quotes or a comment is none",
		);
		refused(
			() => sql.query(tag`SELECT 1 -- ${1}`),
			"1 values for 0 positional parameters: a ? inside quotes or a comment is none",
		);
		const query = sql.query.bind(sql) as (query: unknown, given: unknown) => unknown;
		refused(() => query(tag`SELECT 1`, {}), "sql`…` has its values in it: no others can be given");
		refused(
			() => query({ text: "SELECT 1", values: [] }, undefined),
			"expected SQL as a string or as sql`…`, not object",
		);
		// Nothing has no class.
		refused(() => query("SELECT {a}", null), "expected an object with the values of a, not null");
		refused(() => query("SELECT 1", null), "the statement has no parameters, and was given null");
	});

	with_("hostile texts come back as they went in, and change no statement", (sql) => {
		for (let seed = 0; seed < 150; seed++) {
			const random = new Random(seed);
			const [a, b, name] = [hostile(random), hostile(random), hostile(random)];
			const what = `seed ${seed}: ${JSON.stringify([a, b, name])}`;
			const same = (rows: unknown, expected: unknown) => assert.equal(rows, expected, what);
			same(sql.query("SELECT {a} AS a, '{a}' AS t, :b AS b", { a, b }), [{ a, t: "{a}", b }]);
			same(sql.query("SELECT ? AS a, ? AS b", [a, b]), [{ a, b }]);
			// Beside texts and comments that have the same in them.
			const text = `SELECT ${quoted(a)} AS a, {b} AS b /* ${b.replaceAll("*/", "")} */ -- ${a.replaceAll("\n", "")}`;
			same(sql.query(text as string, { b }), [{ a, b }]);
			const list = tag`SELECT ${a} AS a UNION ALL ${tag`SELECT ${b}`} UNION ALL VALUES (${tag.join([name])})`;
			assert.is(list.text, "SELECT ? AS a UNION ALL SELECT ? UNION ALL VALUES (?)");
			same(sql.query(list), [{ a }, { a: b }, { a: name }]);
			const table = tag.identifier(`t${seed}${name}`);
			const [first, second] = [tag.identifier(`1${a}`), tag.identifier(`2${b}`)];
			sql.execute(tag`CREATE TABLE ${table} (${first} TEXT, ${second} TEXT)`);
			sql.execute(tag`INSERT INTO ${table} (${tag.join([first, second])}) VALUES (${tag.join([b, a])})`);
			sql.execute(
				tag`UPDATE ${table} SET ${first} = ${first} || ${name} WHERE ${tag.join([tag`${second} = ${a}`, tag`1`], tag` AND `)}`,
			);
			const row = { [`1${a}`]: b + name, [`2${b}`]: a };
			same(sql.query(tag`SELECT ${table}.* FROM ${table}`), [row]);
			same(sql.query(tag`SELECT name FROM sqlite_schema WHERE name = ${`t${seed}${name}`}`), [
				{ name: `t${seed}${name}` },
			]);
			sql.execute(tag`DROP TABLE ${table}`);
		}
		assert.equal(sql.query("SELECT id, name FROM users ORDER BY id"), [
			{ id: 1, name: "Ada" },
			{ id: 2, name: "Bob" },
		]);
		assert.equal(sql.query("SELECT name FROM sqlite_schema"), [{ name: "users" }]);
	});

	test.run();
}
