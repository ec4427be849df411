/** How much the parser works, in rules that it enters: for a text four times as long, or nested twice as deeply, no more. */

import peggy from "peggy";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SqlDatabase } from "../../host/sql/index.js";
import { MAX_NESTING } from "../../host/sql/parse/split.js";
import { MemoryStore } from "../support/memory-store.js";

interface GrammarModule {
	grammarSource(): Promise<string>;
}

// By a variable: it stands beside dist, not in it.
const path = new URL("../../../grammar/source.js", import.meta.url).href;
const { grammarSource } = (await import(path)) as GrammarModule;
const parser = peggy.generate(await grammarSource(), { allowedStartRules: ["Start"], trace: true });

function rulesEntered(text: string): number {
	let count = 0;
	const tracer = {
		trace: ({ type }: { readonly type: string }) => {
			if (type === "rule.enter") count++;
		},
	};
	parser.parse(text, { tracer });
	return count;
}

const times = (count: number, item: (index: number) => string, between = ", ") =>
	Array.from({ length: count }, (_, i) => item(i)).join(between);

const LONG: Readonly<Record<string, (count: number) => string>> = {
	"result columns": (n) => `SELECT ${times(n, (i) => `t.a${i} AS b${i}`)} FROM t`,
	"calls and CASE": (n) => `SELECT ${times(n, (i) => `CASE WHEN abs(${i}) IN (1, (2)) THEN -x ELSE 'y' END`)}`,
	conditions: (n) => `SELECT 1 WHERE ${times(n, (i) => `(a${i} = ? OR b LIKE '%' || c${i})`, " AND ")}`,
	arithmetic: (n) => `SELECT 1${times(n, (i) => ` + ${i} * 2 - -3`, "")}`,
	comparisons: (n) => `SELECT 1${times(n, () => " BETWEEN 0 AND 2 IS NOT NULL", "")}`,
	"a list": (n) => `SELECT 1 IN (${times(n, String)})`,
	"rows of VALUES": (n) => `INSERT INTO t (a, b) VALUES ${times(n, (i) => `(${i}, 'text', x'00', NULL, 1.5e3)`)}`,
	"rows compared": (n) => `SELECT ${times(n, () => "(a, b) = (1, 2)", " OR ")}`,
	joins: (n) => `SELECT * FROM t${times(n, (i) => ` LEFT JOIN u AS u${i} ON u${i}.a = t.a`, "")}`,
	"a compound": (n) => times(n, (i) => `SELECT ${i} FROM t WHERE a > 1`, " UNION ALL "),
	"common tables": (n) => `WITH ${times(n, (i) => `c${i}(x) AS (SELECT ${i})`)} SELECT * FROM c0`,
	windows: (n) => `SELECT ${times(n, () => "sum(a) OVER (PARTITION BY b ORDER BY c ROWS 2 PRECEDING)")} FROM t`,
	"columns of a table": (n) => `CREATE TABLE t (${times(n, (i) => `c${i} VARCHAR(10) NOT NULL DEFAULT 'x'`)})`,
	"constraints of a table": (n) => `CREATE TABLE t (a, ${times(n, (i) => `CONSTRAINT k${i} CHECK (a <> ${i})`)})`,
	"steps of a trigger": (n) =>
		`CREATE TRIGGER r AFTER INSERT ON t BEGIN ${times(n, () => "UPDATE t SET a = new.a WHERE b = 1;", " ")} END`,
	assignments: (n) => `UPDATE t SET ${times(n, (i) => `c${i} = c${i} + 1`)} WHERE a = 1`,
	"an upsert": (n) =>
		`INSERT INTO t VALUES (1)${times(n, () => " ON CONFLICT (a) DO UPDATE SET b = excluded.b WHERE c > 1", "")}`,
	"white space": (n) => `SELECT${" /* nothing */ -- here\n".repeat(n)}1`,
};

const DEEP: Readonly<Record<string, readonly [open: string, close: string]>> = {
	brackets: ["(", ")"],
	"signed brackets": ["-(", ")"],
	calls: ["coalesce(1, ", ")"],
	CASE: ["CASE WHEN 1 THEN ", " END"],
	"CASE of CASE": ["CASE ", " WHEN 1 THEN 2 END"],
	subqueries: ["(SELECT ", ")"],
	EXISTS: ["EXISTS (SELECT ", ")"],
	IN: ["1 IN (", ")"],
	"IN of queries": ["1 IN (SELECT ", ")"],
	rows: ["(1, 2) = (1, ", ")"],
	CAST: ["CAST(", " AS INT)"],
	"conditions in brackets": ["(1 AND 2 OR ", ")"],
	"comparisons in brackets": ["1 < (2 + ", ")"],
	FILTER: ["count(*) FILTER (WHERE ", ")"],
};

const FROM: Readonly<Record<string, readonly [open: string, close: string]>> = {
	"subqueries in FROM": ["(SELECT * FROM ", ")"],
	"bracketed joins": ["(t JOIN ", ")"],
	"common tables within each other": ["(WITH c AS (SELECT 1) SELECT * FROM ", ")"],
};

const COUNT = 20;
const DEPTH = 24;

const test = suite("work of the parser");

for (const [name, text] of Object.entries(LONG)) {
	test(`grows with the length of ${name}`, () => {
		const [short, long] = [rulesEntered(text(COUNT)), rulesEntered(text(COUNT * 4))];
		assert.ok(long <= short * 4.1, `${short} rules for ${COUNT} of them, ${long} for ${COUNT * 4}`);
	});
}

function nested([open, close]: readonly [string, string], depth: number, inner: string): string {
	return `${open.repeat(depth)}${inner}${close.repeat(depth)}`;
}

for (const [shapes, start, inner] of [
	[DEEP, "SELECT ", "1"],
	[FROM, "SELECT * FROM ", "t"],
] as const) {
	for (const [name, shape] of Object.entries(shapes)) {
		test(`grows with the depth of ${name}`, () => {
			const [flat, deep] = [DEPTH, DEPTH * 2].map((depth) => rulesEntered(start + nested(shape, depth, inner)));
			assert.ok((deep ?? 0) <= (flat ?? 0) * 2.1, `${flat} rules at ${DEPTH} levels, ${deep} at ${DEPTH * 2}`);
		});
	}
}

test("what nests as deeply as may be is parsed, what nests more is refused", () => {
	const sql = new SqlDatabase(new MemoryStore());
	const all = [...Object.values(DEEP).map((shape) => [shape, "SELECT ", "1"] as const)];
	for (const [shape, start, inner] of [
		...all,
		...Object.values(FROM).map((each) => [each, "SELECT * FROM ", "t"] as const),
	]) {
		for (const depth of [MAX_NESTING / 4, MAX_NESTING + 1, 20_000]) {
			try {
				sql.prepare(start + nested(shape, depth, inner));
			} catch (error) {
				const { code, message } = error as { code?: string; message: string };
				assert.is(code, "WLSM_SQL", `${shape[0]}: ${message.slice(0, 200)}`);
				if (depth > MAX_NESTING) assert.match(message, /nested too deeply/, shape[0]);
			}
		}
	}
});

test.run();
