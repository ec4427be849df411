import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Keyspace } from "../../host/engine/store.js";
import { WlsmError, type WlsmErrorCode } from "../../host/errors.js";
import { SCHEMA_ID, STATE_ID } from "../../host/sql/catalog/catalog.js";
import { objectPrefix, rowKey } from "../../host/sql/codec/key.js";
import { RowWriter } from "../../host/sql/codec/row-writer.js";
import { SqlDatabase } from "../../host/sql/index.js";
import { thrown } from "../support/database.js";
import { MemoryStore } from "../support/memory-store.js";

/* What is refused: by its code, by what it says, and where in the text. */

const errors = suite("SQL errors");

const SCHEMA =
	"CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT, c REAL UNIQUE); INSERT INTO t VALUES (1, 'x', 1.5), (2, 'y', 2.5)";

function database(): SqlDatabase {
	return new SqlDatabase(new MemoryStore()).exec(SCHEMA);
}

/** The place is what stands in the statement there, or "" where none is named. */
type Refusal = readonly [sql: string, message: string, place: string];

// biome-ignore format: one statement per line
const UNSUPPORTED: readonly Refusal[] = [
	["DELETE FROM t LIMIT 1", "ORDER BY and LIMIT in DELETE", "t LIMIT"],
];

// biome-ignore format: one statement per line
const WRONG: readonly Refusal[] = [
	["SELECT (1, 2)", "row value misused", "(1"],
	["SELECT (1, 2) + 1", "row value misused", "(1"],
	["SELECT (1, 2) = (1, 2, 3)", "row value misused", "(1, 2, 3"],
	["SELECT (1, 2) IN (SELECT 1)", "sub-select returns 1 columns - expected 2", "IN"],
	["SELECT a FROM t WHERE a IN t", "sub-select returns 3 columns - expected 1", "IN"],
	["SELECT (SELECT 1, 2)", "sub-select returns 2 columns - expected 1", "(SELECT"],
	["SELECT sum(a) OVER w FROM t", "no such window: w", "w FROM"],
	["SELECT row_number() FROM t", "misuse of window function row_number()", "row_number"],
	["SELECT upper(a) OVER () FROM t", "upper() may not be used as a window function", "upper"],
	["SELECT a FROM t WHERE sum(a) OVER () > 1", "misuse of window function sum()", "sum"],
	["SELECT 1 UNION SELECT 2, 3", "SELECTs to the left and right of UNION do not have the same number of result columns", ""],
	["SELECT 1 UNION SELECT 2 ORDER BY nosuch", "1st ORDER BY term does not match any column in the result set", "nosuch"],
	["SELECT 1 UNION SELECT 2 ORDER BY 2", "1st ORDER BY term out of range - should be between 1 and 1", "2"],
	["WITH x AS (SELECT 1), x AS (SELECT 2) SELECT 1", "duplicate WITH table name: x", "x AS (SELECT 2"],
	["WITH x(p, q) AS (SELECT 1) SELECT * FROM x", "table x has 1 values for 2 columns", "p"],
	["WITH x AS (SELECT * FROM x) SELECT * FROM x", "circular reference: x", "x) SELECT"],
	["WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT x.n FROM x, x AS y) SELECT n FROM x", "multiple references to recursive table: x", "SELECT x.n"],
	["SELECT * FROM t JOIN t AS u USING (nosuch)", "cannot join using column nosuch - column not present in both tables", "nosuch"],
	["SELECT a FROM t JOIN t AS u", "ambiguous column name: a", "a FROM"],
	["SELECT * FROM t(1)", "'t' is not a function", "t(1"],
	["SELECT * FROM nosuch(1)", "no such table-valued function: nosuch", "nosuch"],
	["SELECT b REGEXP 'x' FROM t", "no such function: REGEXP", "REGEXP"],
	["SELECT b MATCH 'x' FROM t", "no such function: MATCH", "MATCH"],
	["SELECT upper(b) FILTER (WHERE 1) FROM t", "FILTER may not be used with non-aggregate upper()", "upper"],
	["SELECT upper(DISTINCT b) FROM t", "DISTINCT is not supported for upper()", "upper"],
	["SELECT ifnull(1)", "wrong number of arguments to function ifnull()", "ifnull"],
	["SELECT coalesce(1)", "wrong number of arguments to function coalesce()", "coalesce"],
	["SELECT iif(1, 2)", "wrong number of arguments to function iif()", "iif"],
	["SELECT group_concat(DISTINCT b, ',') FROM t", "DISTINCT aggregates must have exactly one argument", "group_concat"],
	["SELECT b COLLATE klingon FROM t", "no such collation sequence: klingon", "klingon"],
	["SELECT max(a) AS m FROM t WHERE m > 1", "misuse of aliased aggregate m", "m > 1"],
	["VALUES (1, 2), (3)", "all VALUES must have the same number of terms", "VALUES"],
	["VALUES (1), (2) ORDER BY nosuch", "ORDER BY term does not match any column in the result set", "nosuch"],
	["SELECT a FROM t HAVING a > 1", "a GROUP BY clause is required before HAVING", "a > 1"],
	["SELECT *", "no tables specified", "*"],
	["SELECT nosuch.* FROM t", "no such table: nosuch", "nosuch"],
	["SELECT max(a) FROM t GROUP BY 1", "aggregate functions are not allowed in the GROUP BY clause", "1"],
	["CREATE TABLE w (a) NONSENSE", "unknown table option: nonsense", "TABLE"],
	["CREATE TABLE w (a, UNIQUE (a + 1))", "expressions prohibited in PRIMARY KEY and UNIQUE constraints", ""],
	["CREATE TABLE w (a) WITHOUT ROWID", "PRIMARY KEY missing on table w", "TABLE"],
	["CREATE TABLE w (a FOO) STRICT", 'unknown datatype for w.a: "FOO"', "a FOO"],
	["DROP INDEX i", "no such index: i", "i"],
	["CREATE TABLE w (a, A)", "duplicate column name: A", "A)"],
	["CREATE TABLE w (a TEXT PRIMARY KEY AUTOINCREMENT)", "AUTOINCREMENT is only allowed on an INTEGER PRIMARY KEY", "PRIMARY"],
	["CREATE TABLE w (a INTEGER PRIMARY KEY, b PRIMARY KEY)", 'table "w" has more than one primary key', "PRIMARY KEY)"],
	["CREATE TABLE w (a, UNIQUE (nosuch))", "no such column: nosuch", "nosuch"],
	["CREATE TABLE other.w (a)", "unknown database other", "other"],
	["CREATE TABLE t (x)", "table t already exists", "t ("],
	["CREATE TABLE sqlite_x (x)", "object name reserved for internal use: sqlite_x", "sqlite"],
	["CREATE TABLE sqlite_autoindex_t_1 (x)", "there is already an index named sqlite_autoindex_t_1", "sqlite"],
	["INSERT INTO t VALUES (1)", "table t has 3 columns but 1 values were supplied", "t VALUES"],
	["INSERT INTO t (a, b) VALUES (1)", "1 values for 2 columns", "t ("],
	["INSERT INTO t (a, nosuch) VALUES (1, 2)", "table t has no column named nosuch", "nosuch"],
	["INSERT INTO sqlite_schema VALUES (1, 2, 3, 4, 5)", "table sqlite_schema may not be modified", "sqlite_schema"],
	["UPDATE t SET nosuch = 1", "no such column: nosuch", "nosuch"],
	["UPDATE sqlite_schema SET name = 1", "table sqlite_schema may not be modified", "sqlite_schema"],
	["DROP TABLE sqlite_schema", "table sqlite_schema may not be dropped", "sqlite_schema"],
	["SELECT ?40000", "variable number must be between ?1 and ?32766", "?40000"],
	["ROLLBACK TO nosuch", "no such savepoint: nosuch", ""],
	["RELEASE nosuch", "no such savepoint: nosuch", ""],
	["COMMIT", "cannot commit - no transaction is active", ""],
	["ROLLBACK", "cannot rollback - no transaction is active", ""],
	["SELECT b LIKE 'x' ESCAPE 'ab' FROM t", "ESCAPE expression must be a single character", ""],
	["SELECT like('a', 'b', 'cc')", "ESCAPE expression must be a single character", ""],
	["SELECT sum(9223372036854775807) FROM t", "integer overflow", ""],
];

function refuse(code: WlsmErrorCode, refusals: readonly Refusal[]): void {
	const sql = database();
	for (const [text, message, place] of refusals) {
		const error = thrown(() => sql.exec(text), code);
		assert.match(error.message, message, text);
		const { line, column } = error as { line?: number; column?: number };
		if (place === "") continue;
		assert.is(line, 1, text);
		assert.ok(text.slice((column ?? 0) - 1).startsWith(place), `${text}: column ${column}`);
	}
	assert.equal(sql.prepare("SELECT * FROM t").raw().all(), [
		[1, "x", 1.5],
		[2, "y", 2.5],
	]);
	assert.equal(sql.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all(), ["t"]);
}

errors("what SQLite has and this has not says so", () => refuse("WLSM_UNSUPPORTED", UNSUPPORTED));
errors("what SQLite refuses is refused in its words", () => refuse("WLSM_SQL", WRONG));

errors("too many columns, too many parameters, too long a value", () => {
	const sql = database();
	const list = (count: number, item: (index: number) => string) =>
		Array.from({ length: count }, (_, i) => item(i)).join();
	const columns = thrown(() => sql.exec(`CREATE TABLE w (${list(32_768, (i) => `c${i}`)})`), "WLSM_SQL");
	assert.match(columns.message, "too many columns on w");
	for (const parameter of [(i: number) => `:p${i}`, () => "?"]) {
		assert.is(sql.prepare(`SELECT ${list(32_766, parameter)}`).reader, true);
		for (const count of [32_767, 200_000]) {
			const error = thrown(() => sql.prepare(`SELECT ${list(count, parameter)}`), "WLSM_SQL");
			assert.match(error.message, "too many SQL variables");
		}
	}
	const value = () => sql.prepare("INSERT INTO kv VALUES ('k', ?)").run(Buffer.alloc(2 ** 28 + 1));
	assert.match(thrown(value, "WLSM_INVALID_ARGUMENT").message, "kv.value may have 268435456 bytes, not 268435457");
});

errors("the statements' methods refuse what they cannot do", () => {
	const sql = database();
	const refused = (work: () => unknown, message: string) =>
		assert.match(thrown(work, "WLSM_INVALID_ARGUMENT").message, message);
	// @ts-expect-error: what no compiler checks
	refused(() => sql.transaction(5), "expected the first argument to be a function");
	// @ts-expect-error: the same
	refused(() => sql.prepare(null), "expected SQL as a string, not null");
	// @ts-expect-error: the same
	refused(() => sql.exec(5), "expected SQL as a string, not number");
	const bound = sql.prepare("SELECT b FROM t WHERE a = ?").pluck().bind(2);
	refused(() => bound.bind(1), "the bind() method can only be invoked once per statement object");
	refused(() => bound.get(1), "this statement already has bound parameters");
	assert.is(bound.get(), "y");
	refused(() => sql.prepare("SELECT :a, :b").get({ a: 1 }, { b: 2 }), "two different objects");
	refused(() => sql.prepare("DELETE FROM t").all(), "this statement does not return data; use run() instead");
	refused(() => sql.prepare("DELETE FROM t; SELECT 1"), "more than one statement");
	const rows = sql.prepare("SELECT a FROM t").iterate();
	assert.equal(rows.next().value, { a: 1 });
	assert.throws(() => rows.throw?.(new Error("of the caller")), "of the caller");
	assert.ok(rows.next().done);
	const failing = sql
		.prepare("SELECT CASE a WHEN 2 THEN abs(-9223372036854775807 - 1) ELSE a END FROM t")
		.pluck()
		.iterate();
	assert.match(thrown(() => failing.next(), "WLSM_SQL").message, "integer overflow");
	assert.ok(failing.next().done);
});

errors("a rowid after the greatest is one that is free, but for AUTOINCREMENT", () => {
	const sql = database();
	sql.exec("INSERT INTO t (a) VALUES (9223372036854775807)");
	const { lastInsertRowid } = sql.prepare("INSERT INTO t (b) VALUES ('free')").run();
	assert.is(sql.prepare("SELECT b FROM t WHERE a = ?").pluck().get(lastInsertRowid), "free");
	sql.exec("CREATE TABLE u (a INTEGER PRIMARY KEY AUTOINCREMENT, b)");
	sql.exec("INSERT INTO u VALUES (9223372036854775807, 'last')");
	assert.match(thrown(() => sql.exec("INSERT INTO u (b) VALUES (1)"), "WLSM_SQL").message, "database or disk is full");
	assert.is(sql.prepare("SELECT count(*) FROM u").pluck().get(), 1);
});

/** Writes under SQL's feet. */
function change(store: MemoryStore, key: Uint8Array, value: Uint8Array | undefined): void {
	const transaction = store.begin();
	if (value === undefined) transaction.delete(Keyspace.sql, key);
	else transaction.put(Keyspace.sql, key, value);
	transaction.commit();
}

/** A store with the table, and what its first row, the table's own row and the catalog's state are keyed by. */
function stored() {
	const store = new MemoryStore();
	new SqlDatabase(store).exec(SCHEMA);
	const snapshot = store.snapshot();
	const schemaKeys: Uint8Array[] = [];
	const cursor = snapshot.scan(Keyspace.sql, { gte: objectPrefix(SCHEMA_ID), lt: objectPrefix(SCHEMA_ID + 1) });
	for (let page = cursor.next(); page !== undefined; page = cursor.next())
		for (let i = 0; i < page.count; i++) schemaKeys.push(page.bytes.slice(page.bounds[2 * i], page.bounds[2 * i + 1]));
	cursor.close();
	snapshot.release();
	return { store, schemaKeys };
}

errors("a catalog of another format, or a damaged one", () => {
	const row = (...values: (string | number | null)[]) => new RowWriter().encode(values);
	const { store } = stored();
	change(store, objectPrefix(STATE_ID), row(2, 1, 10, 0, 0));
	assert.match(thrown(() => new SqlDatabase(store).prepare("SELECT 1"), "WLSM_UNSUPPORTED").message, "has format 2");
	for (const [what, values] of Object.entries({
		"a table that is an index": ["table", "t", "t", 5, "CREATE INDEX i ON t (a)"],
		"an index of no table": ["index", "i", "nosuch", 5, "CREATE INDEX i ON nosuch (a)"],
		"an index that is a table": ["index", "i", "t", 5, "CREATE TABLE i (a)"],
	})) {
		const { store, schemaKeys } = stored();
		const last = rowKey(SCHEMA_ID, schemaKeys.length + 10);
		change(store, last, row(...(values as (string | number)[])));
		const error = thrown(() => new SqlDatabase(store).prepare("SELECT 1"), "WLSM_CORRUPTION");
		assert.match(error.message, `the SQL catalog is damaged at ${values[1]}`, what);
	}
	// The row of the index that UNIQUE makes.
	const lost = stored();
	change(lost.store, lost.schemaKeys[1] as Uint8Array, undefined);
	const error = thrown(() => new SqlDatabase(lost.store).prepare("SELECT 1"), "WLSM_CORRUPTION");
	assert.match(error.message, "the SQL catalog is damaged at sqlite_autoindex_t_1");
});

errors("rows that are damaged, or missing where an index names them", () => {
	const { store } = stored();
	const sql = new SqlDatabase(store);
	const id = sql.prepare("SELECT count(*) FROM t").pluck().get();
	assert.is(id, 2);
	const table = [...Array(20).keys()].find(
		(object) => store.snapshot().get(Keyspace.sql, rowKey(object, 1)) !== undefined && object > STATE_ID + 1,
	) as number;
	const key = rowKey(table, 1);
	const whole = store.snapshot().get(Keyspace.sql, key) as Uint8Array;
	for (let length = 0; length < whole.length; length++) {
		change(store, key, whole.slice(0, length));
		try {
			sql.prepare("SELECT b, c FROM t WHERE a = 1").all();
		} catch (error) {
			if (!(error instanceof WlsmError) || error.code !== "WLSM_CORRUPTION") throw error;
			assert.match(error.message, "a stored row is damaged");
		}
	}
	change(store, key, undefined);
	const error = thrown(() => sql.prepare("SELECT b FROM t WHERE c = 1.5").all(), "WLSM_CORRUPTION");
	assert.match(error.message, "an index of table t points to a row that is not there");
});

errors.run();
