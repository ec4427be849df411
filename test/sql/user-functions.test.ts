import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { FunctionContext } from "../../host/sql/function/definition.js";
import { SqlDatabase } from "../../host/sql/index.js";
import type { Value } from "../../host/sql/value/value.js";
import { real } from "../../host/sql/value/value.js";
import { MemoryStore } from "../support/memory-store.js";

const context: FunctionContext = { changes: 0, totalChanges: 0, lastInsertRowId: 0 };

function open(): SqlDatabase {
	return new SqlDatabase(new MemoryStore());
}

function call(sql: SqlDatabase, name: string, ...values: Value[]): Value | undefined {
	return sql.functions.scalar(name, values.length)?.call(values, context, "binary");
}

function throws(body: () => unknown, message: string): void {
	assert.throws(body, (error: Error & { code?: string }) => {
		assert.is(error.message, message);
		return error.code === "WLSM_INVALID_ARGUMENT";
	});
}

// biome-ignore lint/suspicious/noExplicitAny: calls that the types forbid
const wrong = (sql: SqlDatabase) => sql as any;

const test = suite("user-defined SQL functions");

test("a function takes as many arguments as it has parameters, under any case of its name", () => {
	const sql = open();
	assert.is(
		sql.function("addTwo", (a, b) => a + b),
		sql,
	);
	assert.equal(call(sql, "ADDTWO", 1, 2), real(3));
	assert.is(sql.functions.scalar("addtwo", 1), undefined);
	assert.ok(sql.functions.hasName("AddTwo"));
	assert.ok(sql.functions.names().includes("addtwo"));
	sql.function("all", { varargs: true }, (...values) => values.length);
	assert.equal([call(sql, "all"), call(sql, "all", 1, 2, 3)], [real(0), real(3)]);
});

test("arguments are JavaScript values; INTEGERs are bigints where that is asked for", () => {
	const sql = open();
	let seen: unknown[] = [];
	const see = (...values: unknown[]) => {
		seen = values;
	};
	sql.function("see", { varargs: true }, see);
	sql.function("see_big", { varargs: true, safeIntegers: true }, see);
	const bytes = new Uint8Array([1, 2]);
	assert.is(call(sql, "see", null, 1, real(2), 2.5, "x", bytes, 2n ** 60n), null);
	assert.equal(seen, [null, 1, 2, 2.5, "x", Buffer.from([1, 2]), 2n ** 60n]);
	assert.ok(Buffer.isBuffer(seen[5]));
	(seen[5] as Buffer)[0] = 9;
	assert.equal(bytes, new Uint8Array([1, 2]));
	call(sql, "see_big", 1, real(2), null);
	assert.equal(seen, [1n, 2, null]);
	sql.defaultSafeIntegers();
	sql.function("see_default", { varargs: true }, see);
	sql.function("see_small", { varargs: true, safeIntegers: false }, see);
	call(sql, "see_default", 1);
	assert.equal(seen, [1n]);
	call(sql, "see_small", 1);
	assert.equal(seen, [1]);
});

test("results are SQL values: numbers REAL, bigints INTEGER, undefined NULL", () => {
	const sql = open();
	let result: unknown;
	sql.function("result", () => result);
	const of = (value: unknown) => {
		result = value;
		return call(sql, "result");
	};
	assert.equal([1, 1.5, 5n, 2n ** 62n, "x", null, undefined].map(of), [real(1), 1.5, 5, 2n ** 62n, "x", null, null]);
	assert.equal(of(Buffer.from([1])), new Uint8Array([1]));
	assert.is(of(Number.NaN), null);
	throws(() => of(2n ** 63n), "User-defined function result() returned a bigint that was too big");
	for (const value of [true, {}, [], () => 1, Symbol("x"), new Date(0)]) {
		throws(() => of(value), "User-defined function result() returned an invalid value");
	}
});

test("what a function throws comes out as it is", () => {
	const sql = open();
	const thrown = { not: "an error" };
	sql.function("fail", () => {
		throw thrown;
	});
	try {
		call(sql, "fail");
		assert.unreachable();
	} catch (error) {
		assert.is(error, thrown);
	}
});

test("a definition replaces the one of its name and number of arguments, and hides built-in ones", () => {
	const sql = open();
	const { epoch } = sql.functions;
	sql.function("upper", (text) => `<${text}>`);
	assert.ok(sql.functions.epoch > epoch);
	assert.is(call(sql, "upper", "a"), "<a>");
	assert.is(call(open(), "upper", "a"), "A");
	sql.function("round", { varargs: true }, () => "any");
	sql.function("round", (_a, _b) => "two");
	assert.equal([call(sql, "round", 1), call(sql, "round", 1, 2), call(sql, "round", 1, 2, 3)], ["any", "two", "any"]);
	sql.function("sum", (value) => value);
	assert.is(sql.functions.aggregate("sum", 1), undefined);
	assert.is(call(sql, "sum", "x"), "x");
	sql.aggregate("sum", { start: 0, step: (total, value) => total + value });
	assert.is(sql.functions.scalar("sum", 1), undefined);
	assert.ok(sql.functions.aggregate("sum", 1) !== undefined);
	assert.ok(sql.functions.aggregate("max", 1) !== undefined && sql.functions.scalar("max", 2) !== undefined);
});

test("options are kept with the function", () => {
	const sql = open();
	sql.function("plain", () => 1);
	sql.function("marked", { deterministic: true, directOnly: true }, () => 1);
	const plain = sql.functions.scalar("plain", 0);
	const marked = sql.functions.scalar("marked", 0);
	assert.equal([plain?.deterministic, plain?.directOnly], [false, false]);
	assert.equal([marked?.deterministic, marked?.directOnly], [true, true]);
});

test("with directOnly the schema cannot call it, save what is temporary", () => {
	const sql = open();
	const unsafe = /unsafe use of (secret|SECRET|secrets)\(\): it was defined with directOnly/;
	sql.exec("CREATE TABLE t (a); INSERT INTO t VALUES (1); CREATE TABLE log (v)");
	sql.exec("CREATE VIEW v AS SELECT secret(a) AS s FROM t; CREATE VIEW w AS SELECT secrets(a) AS s FROM t");
	sql.exec("CREATE TRIGGER g AFTER UPDATE ON t BEGIN INSERT INTO log VALUES (SECRET(new.a)); END");
	sql.function("secret", { directOnly: true, deterministic: true }, (value: unknown) => Number(value) + 1);
	sql.aggregate("secrets", {
		start: 0,
		step: (sum: unknown, value: unknown) => Number(sum) + Number(value),
		directOnly: true,
	});
	assert.is(sql.prepare("SELECT secret(a) FROM t").pluck().get(), 2);
	assert.is(sql.prepare("SELECT secrets(a) FROM t").pluck().get(), 1);
	for (const refused of [
		"SELECT s FROM v",
		"SELECT s FROM w",
		"UPDATE t SET a = 2",
		"CREATE INDEX i ON t (secret(a))",
		"CREATE INDEX i ON t (a) WHERE secret(a) > 1",
	])
		assert.throws(() => sql.prepare(refused).run(), unsafe, refused);
	for (const [made, used] of [
		["CREATE TABLE c (a CHECK (secret(a) > 1))", "INSERT INTO c VALUES (1)"],
		["CREATE TABLE d (a, b DEFAULT (secret(1)))", "INSERT INTO d (a) VALUES (1)"],
		["CREATE TABLE e (a, b AS (secret(a)))", "INSERT INTO e (a) VALUES (1)"],
	] as const)
		assert.throws(() => sql.exec(`${made}; ${used}`), unsafe, made);
	sql.exec(
		"DROP TRIGGER g; CREATE TEMP VIEW x AS SELECT secret(a) AS s FROM t; CREATE TEMP TABLE y (a CHECK (secret(a) > 1))",
	);
	sql.exec("CREATE TEMP TRIGGER h AFTER UPDATE ON t BEGIN INSERT INTO log VALUES (secret(new.a)); END");
	assert.is(sql.prepare("SELECT s FROM x").pluck().get(), 2);
	sql.exec("INSERT INTO y VALUES (1); UPDATE t SET a = 2");
	assert.equal(sql.prepare("SELECT v FROM log").pluck().all(), [3]);
});

test("wrong definitions are refused in better-sqlite3's words", () => {
	const sql = wrong(open());
	const body = () => 1;
	throws(() => sql.function(5, body), "Expected first argument to be a string");
	throws(() => sql.function("x"), "Expected last argument to be a function");
	throws(() => sql.function("x", {}), "Expected last argument to be a function");
	throws(() => sql.function("x", 5, body), "Expected second argument to be an options object");
	throws(() => sql.function("", body), "User-defined function name cannot be an empty string");
	throws(() => sql.function("x", { varargs: 1 }, body), 'Expected the "varargs" option to be a boolean');
	throws(() => sql.function("x", { safeIntegers: "no" }, body), 'Expected the "safeIntegers" option to be a boolean');
	const long = Object.defineProperty(() => 1, "length", { value: 101 });
	throws(() => sql.function("x", long), "User-defined functions cannot have more than 100 arguments");
	const odd = Object.defineProperty(() => 1, "length", { value: -1 });
	throws(() => sql.function("x", odd), "Expected function.length to be a positive integer");
	throws(() => sql.aggregate(5, { step: body }), "Expected first argument to be a string");
	throws(() => sql.aggregate("x"), "Expected second argument to be an options object");
	throws(() => sql.aggregate("x", null), "Expected second argument to be an options object");
	throws(() => sql.aggregate("", { step: body }), "User-defined function name cannot be an empty string");
	throws(() => sql.aggregate("x", {}), 'Missing required option "step"');
	throws(() => sql.aggregate("x", { step: 5 }), 'Expected the "step" option to be a function');
	throws(() => sql.aggregate("x", { step: body, result: 5 }), 'Expected the "result" option to be a function');
	throws(
		() => sql.aggregate("x", { step: body, deterministic: 1 }),
		'Expected the "deterministic" option to be a boolean',
	);
	assert.not(sql.functions.hasName("x"));
});

function aggregate(sql: SqlDatabase, name: string, rows: readonly Value[][]): Value | undefined {
	const state = sql.functions.aggregate(name, rows[0]?.length ?? 1)?.create("binary");
	for (const row of rows) state?.step(row);
	return state?.finish();
}

test("an aggregate folds rows into its state, which a function may begin", () => {
	const sql = open();
	sql.aggregate("total_of", { start: 10, step: (total, value) => total + value });
	assert.equal(aggregate(sql, "total_of", [[1], [2]]), real(13));
	sql.aggregate("words", {
		start: () => [] as string[],
		step: (words: string[], word: string) => {
			words.push(word);
		},
		result: (words: string[]) => words.join(" "),
	});
	assert.is(aggregate(sql, "words", [["a"], ["b"]]), "a b");
	assert.is(aggregate(sql, "words", [["c"]]), "c");
	assert.is(aggregate(sql, "words", []), "");
	sql.aggregate("last", { step: (_state, value) => value });
	assert.is(aggregate(sql, "last", []), null);
	sql.aggregate("pairs", { start: 0, step: (count, _a, _b) => count + 1 });
	assert.equal(aggregate(sql, "pairs", [[1, 2]]), real(1));
	sql.aggregate("any", { start: 0n, varargs: true, step: (count, ...values) => count + BigInt(values.length) });
	assert.is(aggregate(sql, "any", [[1, 2, 3]]), 3);
	sql.aggregate("bad", { start: () => ({}), step: () => {} });
	throws(() => aggregate(sql, "bad", [[]]), "User-defined function bad() returned an invalid value");
});

test("with an inverse it is a window function", () => {
	const sql = open();
	sql.aggregate("plain", { start: 0, step: (total, value) => total + value });
	assert.is(sql.functions.aggregate("plain", 1)?.notWindow, true);
	sql.aggregate("window", {
		start: 0,
		step: (total, value) => total + value,
		inverse: (total, dropped) => total - dropped,
		result: Math.round,
	});
	const definition = sql.functions.aggregate("window", 1);
	assert.is(definition?.notWindow, false);
	const state = definition?.create("binary");
	state?.step([1]);
	state?.step([2]);
	assert.equal(state?.finish(), real(3));
	state?.inverse?.([1]);
	assert.equal(state?.finish(), real(2));
});

test("functions named like and glob are what the operators call, until a PRAGMA chooses LIKE anew", () => {
	const sql = open();
	const one = (text: string) => sql.prepare(text).pluck().get();
	const before = sql.prepare("SELECT 'abc' LIKE 'A%'").pluck();
	assert.is(before.get(), 1);
	sql.function("like", (pattern, value) => `${value} like ${pattern}`);
	sql.function("glob", (pattern, value) => (value === pattern ? 1 : 0));
	assert.is(before.get(), "abc like A%");
	assert.is(one("SELECT 'abc' GLOB 'a*'"), 0);
	assert.is(one("SELECT 'a*' NOT GLOB 'a*'"), 0);
	assert.is(one("SELECT 'a%' LIKE 'A\\%' ESCAPE '\\'"), 1, "of three arguments it is still SQLite's own");
	sql.pragma("case_sensitive_like = on");
	assert.is(before.get(), 0);
	assert.is(one("SELECT like('a%', 'abc')"), 1);
	assert.throws(() => sql.prepare("SELECT 'a' GLOB 'b' ESCAPE 'c'"), /wrong number of arguments to function glob\(\)/);
	assert.throws(() => sql.prepare("SELECT 'a' MATCH 'b'"), /no such function: MATCH/);
});

test.run();
