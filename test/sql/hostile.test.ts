/** SQL that means harm: always a right answer or a WlsmError, and soon. */

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SqlDatabase } from "../../host/sql/index.js";
import { MemoryStore } from "../support/memory-store.js";

const MANY = 100_000;
const MAX_MILLISECONDS = 5000;

const test = suite("hostile SQL");
const sql = new SqlDatabase(new MemoryStore());

function value(text: string): unknown {
	const started = performance.now();
	try {
		return sql.prepare(text).pluck().get();
	} catch (error) {
		const { code, message } = error as { code?: string; message: string };
		assert.ok(code?.startsWith("WLSM_"), `${message.slice(0, 100)} has no code`);
		return code;
	} finally {
		const elapsed = performance.now() - started;
		assert.ok(elapsed < MAX_MILLISECONDS, `${text.slice(0, 40)}… took ${elapsed} ms`);
	}
}

test("deep nesting is an error, not a stack overflow", () => {
	for (const [open, close] of [
		["(", ")"],
		["-(", ")"],
		["NOT (", ")"],
		["abs(", ")"],
		["CASE WHEN 1 THEN ", " END"],
	] as const) {
		assert.is(value(`SELECT ${open.repeat(MANY)}1${close.repeat(MANY)}`), "WLSM_SQL", open);
		assert.ok([1, -1, 0].includes(value(`SELECT ${open.repeat(100)}1${close.repeat(100)}`) as number), open);
	}
	assert.is(value(`SELECT ${"1 + NOT ".repeat(MANY)}1`), "WLSM_SQL");
	assert.is(value(`SELECT ${"(SELECT ".repeat(MANY)}1${")".repeat(MANY)}`), "WLSM_SQL");
});

test("long flat chains work", () => {
	assert.is(value(`SELECT ${"NOT ".repeat(MANY)}1`), 1);
	assert.is(value(`SELECT ${"- ".repeat(MANY)}1`), 1);
	assert.is(value(`SELECT 1${" AND 1".repeat(MANY)}`), 1);
	assert.is(value(`SELECT 0${" OR 0".repeat(MANY)}`), 0);
	assert.is(value(`SELECT 1${"+1".repeat(MANY)}`), MANY + 1);
	assert.is(value(`SELECT 1${" COLLATE NOCASE".repeat(MANY)}`), 1);
	assert.is(value(`SELECT 1 IN (${Array.from({ length: MANY }, (_, i) => i + 2).join(",")})`), 0);
	assert.is(value(`SELECT 1${" = 1".repeat(MANY)}`), "WLSM_SQL");
});

test("nested operators that SQL evaluates once are evaluated once", () => {
	assert.is(value(`SELECT 1${" BETWEEN 0 AND 1".repeat(900)}`), 1);
	assert.is(value(`SELECT ${"CASE ".repeat(100)}1${" WHEN 1 THEN 1 WHEN 2 THEN 2 END".repeat(100)}`), 1);
});

test("parse time grows with the length, not faster", () => {
	const elapsed = (count: number): number => {
		const text = `SELECT ${Array.from({ length: count }, (_, i) => `CASE WHEN ${i}=1 AND (2+${i})*2 IN (1,(3)) THEN abs(1) ELSE 2 END`).join(",")}`;
		const started = performance.now();
		sql.prepare(text);
		return performance.now() - started;
	};
	elapsed(500);
	const short = Math.min(elapsed(1000), elapsed(1000), elapsed(1000));
	assert.ok(elapsed(8000) < short * 8 * 4);
});

test("LIKE and GLOB stay close to linear", () => {
	const text = "a".repeat(MANY);
	for (const pattern of ["%a%a%a%a%a%b", "%a_a_a_a_a%b_", `%${"a%".repeat(1000)}b`, `%${"a".repeat(5000)}b%c`]) {
		assert.is(value(`SELECT '${text}' LIKE '${pattern}'`), 0, pattern.slice(0, 20));
	}
	for (const pattern of ["*a*a*a*[ab]*a*b", "*a*[a][a][a][a][a][a][a][b]"]) {
		assert.is(value(`SELECT '${text}' GLOB '${pattern}'`), 0, pattern);
	}
});

test("quoted names hold anything", () => {
	const name = "a;b\n\"c'd\0e";
	sql.exec(
		`CREATE TABLE "${name.replaceAll('"', '""')}"("x;" INT); INSERT INTO "${name.replaceAll('"', '""')}" VALUES(1)`,
	);
	assert.is(value(`SELECT "x;" FROM "${name.replaceAll('"', '""')}"`), 1);
	assert.is(value("SELECT name FROM sqlite_schema"), name);
});

test("edges of numbers and sizes", () => {
	assert.is(value("SELECT 1 LIMIT -1 OFFSET 1e18"), undefined);
	assert.is(value("SELECT 1 LIMIT 9223372036854775807"), 1);
	assert.is(value("SELECT 1 LIMIT 'abc'"), "WLSM_SQL");
	assert.is(value("SELECT abs(-9223372036854775808)"), "WLSM_SQL");
	assert.is(value("SELECT zeroblob(1e12)"), "WLSM_SQL");
	assert.is(value("SELECT length(replace(hex(zeroblob(1e6)), '0', hex(zeroblob(1e6))))"), "WLSM_SQL");
	assert.is(value("SELECT 0xfffffffffffffffff"), "WLSM_SQL");
	assert.is(value("SELECT ?99999999"), "WLSM_SQL");
});

test.run();
