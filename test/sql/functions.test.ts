import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { FunctionContext } from "../../host/sql/function/definition.js";
import { statementContext } from "../../host/sql/function/definition.js";
import { jsonArrow, jsonArrowText, jsonArrowWithJson } from "../../host/sql/function/json/functions.js";
import type { JsonValue } from "../../host/sql/function/json/subtype.js";
import { withoutJson } from "../../host/sql/function/json/subtype.js";
import { FunctionRegistry } from "../../host/sql/function/registry.js";
import { SqlDatabase } from "../../host/sql/index.js";
import type { Value } from "../../host/sql/value/value.js";
import { real } from "../../host/sql/value/value.js";
import { MemoryStore } from "../support/memory-store.js";
import { AGGREGATE_ANSWERS } from "./answers/aggregate.js";
import type { AggregateAnswer, Answer, Argument } from "./answers/answer.js";
import { decoded, encoded, isAnswer, sqlOf } from "./answers/answer.js";
import { CORE_ANSWERS } from "./answers/core.js";
import { DATE_ANSWERS } from "./answers/date.js";
import { FORMAT_ANSWERS } from "./answers/format.js";
import { JSON_ANSWERS } from "./answers/json.js";
import { MATH_ANSWERS } from "./answers/math.js";
import { TABLE_ANSWERS } from "./answers/table.js";

const registry = new FunctionRegistry();
const connection: FunctionContext = { changes: 3, totalChanges: 5, lastInsertRowId: 7 };
const context = statementContext(connection);

/** As the executor is to do it: JSON is told from text where a call is an argument of a JSON function. */
function evaluateWithJson(argument: Argument): JsonValue {
	if (typeof argument === "string") return decoded(argument);
	const [name, ...values] = argument;
	if (name === "->") return jsonArrowWithJson(...pair(values), context);
	const known = registry.scalar(name, values.length);
	if (known?.callWithJson === undefined) return evaluate(argument);
	return known.callWithJson(values.map(evaluateWithJson), context);
}

function evaluate(argument: Argument): Value {
	if (typeof argument === "string") return decoded(argument);
	const [name, ...values] = argument;
	if (name === "->") return jsonArrow(...pair(values), context);
	if (name === "->>") return jsonArrowText(...pair(values), context);
	const known = registry.scalar(name, values.length);
	if (known === undefined) {
		assert.ok(registry.hasName(name), `there is no ${name}()`);
		throw new Error(`wrong number of arguments to function ${name}()`);
	}
	if (known.callWithJson !== undefined) return withoutJson(evaluateWithJson(argument));
	return known.call(values.map(evaluate), context, "binary");
}

function pair(values: readonly Argument[]): [Value, Value] {
	return [evaluate(values[0] ?? "n"), evaluate(values[1] ?? "n")];
}

function answerOf(body: () => Value): string {
	try {
		return encoded(body());
	} catch (error) {
		return `e:${(error as Error).message}`;
	}
}

function expectAnswer(got: string, expected: string, what: string): void {
	assert.ok(isAnswer(got, expected), `${what}\ngot:      ${got}\nexpected: ${expected}`);
}

const test = suite("SQL functions");

const ANSWERS: Readonly<Record<string, readonly Answer[]>> = {
	core: CORE_ANSWERS,
	math: MATH_ANSWERS,
	format: FORMAT_ANSWERS,
	date: DATE_ANSWERS,
	json: JSON_ANSWERS,
};

for (const [name, answers] of Object.entries(ANSWERS)) {
	test(`${name}: as SQLite answers`, () => {
		for (const [call, result] of answers)
			expectAnswer(
				answerOf(() => evaluate(call)),
				result,
				sqlOf(call),
			);
	});

	test(`${name}: the same in a statement`, () => {
		const sql = new SqlDatabase(new MemoryStore());
		for (const [call, result] of answers) {
			// Calls inside of calls are the executor's matter.
			if (result.startsWith("e:") || call[0].startsWith("->") || call.some((value) => typeof value !== "string"))
				continue;
			const [value] = sql
				.prepare(`SELECT ${sqlOf(call)}`)
				.safeIntegers()
				.raw()
				.get() as [null | bigint | number | string | Uint8Array];
			const got = typeof value === "number" ? `r:${value}` : encoded(value as Value);
			expectAnswer(got, result, sqlOf(call));
		}
	});
}

test("table functions: as SQLite answers", () => {
	for (const { name, values, rows } of TABLE_ANSWERS) {
		const table = registry.table(name.toUpperCase());
		assert.ok(table !== undefined);
		const what = `${name}(${values.join(", ")})`;
		let got: Value[][];
		try {
			got = [...table.rows(values.map(decoded))];
		} catch (error) {
			assert.is(`e:${(error as Error).message}`, rows, what);
			continue;
		}
		assert.ok(
			got.every((row) => row.length === table.columns.length),
			what,
		);
		assert.equal(
			got.map((row) => row.map(encoded)),
			typeof rows === "string" ? rows : rows.map((row) => row.map((value) => encoded(decoded(value)))),
			what,
		);
	}
	assert.is(registry.table("nosuch"), undefined);
});

function aggregated({ call, rows, preceding }: AggregateAnswer): Value[] {
	const [, name = "", list = ""] = /^(\w+)\((.*)\)$/.exec(call) ?? [];
	const columns = list === "*" ? [] : list.split(",").map((column) => (column === "a" ? 0 : 1));
	const aggregate = registry.aggregate(name, columns.length);
	assert.ok(aggregate !== undefined, call);
	const inputs = rows.map((row) => columns.map((column) => decoded(row[column] as string)));
	let state = aggregate.create("binary");
	if (preceding === null) {
		for (const input of inputs) state.step(input);
		return [state.finish()];
	}
	return inputs.map((input, i) => {
		const leaving = inputs[i - preceding - 1];
		if (leaving !== undefined && state.inverse !== undefined) {
			state.inverse(leaving);
		} else if (leaving !== undefined) {
			state = aggregate.create("binary");
			for (const earlier of inputs.slice(i - preceding, i)) state.step(earlier);
		}
		state.step(input);
		return state.finish();
	});
}

test("aggregates: as SQLite answers, in groups and in frames", () => {
	for (const answer of AGGREGATE_ANSWERS) {
		const what = JSON.stringify(answer);
		let got: string[];
		try {
			got = aggregated(answer).map(encoded);
		} catch (error) {
			assert.is(`e:${(error as Error).message}`, answer.results, what);
			continue;
		}
		assert.is(got.length, answer.results.length, what);
		for (const [i, result] of got.entries()) expectAnswer(result, answer.results[i] as string, what);
	}
});

test("min and max say which row they took", () => {
	const state = registry.aggregate("max", 1)?.create("nocase");
	assert.equal(
		["b", "B", null, "a", "c"].map((value) => state?.step([value])),
		[true, false, false, false, true],
	);
});

test("JSON is nested as deep as SQLite's, and not deeper", () => {
	const nested = (depth: number, core = "") => "[".repeat(depth) + core + "]".repeat(depth);
	const valid = (text: string) => registry.scalar("json_valid", 1)?.call([text], context, "binary");
	assert.equal([nested(2000), nested(2000, "1"), nested(2001)].map(valid), [1, 1, 0]);
	assert.is(evaluate(["json", `t:${nested(2000, "1")}`]), nested(2000, "1"));
	const tree = registry.table("json_tree")?.rows([nested(1000, "1")]) ?? [];
	assert.is([...tree].length, 1001);
});

test("a document with several changes to one array keeps the others, where SQLite 3.40 does not", () => {
	assert.is(evaluate(["json_set", "t:[1]", "t:$[1]", "i:2", "t:$[0]", "i:5"]), "[5,2]");
});

test("a statement's moment stands still", () => {
	let clock = 1_700_000_000_123;
	const running = statementContext(connection, () => clock++);
	const call = (name: string, ...values: Value[]) =>
		registry.scalar(name, values.length)?.call(values, running, "binary");
	assert.is(call("strftime", "%s %f", "now"), "1700000000 20.123");
	assert.is(call("current_timestamp"), "2023-11-14 22:13:20");
	assert.equal([call("date"), call("current_date")], ["2023-11-14", "2023-11-14"]);
	assert.equal([call("time", "now"), call("current_time")], ["22:13:20", "22:13:20"]);
	assert.is(call("strftime", "%s %f", "NOW"), "1700000000 20.123");
	assert.is(call("unixepoch", "now", "+1 day"), 1_700_086_400);
	assert.equal([call("changes"), call("total_changes"), call("last_insert_rowid")], [3, 5, 7]);
});

/** Recorded under this time zone. */
const LOCAL: readonly (readonly [values: readonly string[], result: string])[] = [
	[["t:2024-01-15 12:00:00", "t:localtime"], "t:2024-01-15 07:00:00"],
	[["t:2024-07-15 12:00:00", "t:localtime"], "t:2024-07-15 08:00:00"],
	[["t:2024-07-15 12:00:00", "t:utc"], "t:2024-07-15 16:00:00"],
	[["t:2024-03-10 02:30:00", "t:utc"], "t:2024-03-10 07:30:00"],
	[["t:2024-11-03 01:30:00", "t:utc"], "t:2024-11-03 05:30:00"],
	[["t:2124-07-15 12:00:00", "t:localtime"], "t:2124-07-15 08:00:00"],
	[["t:1824-07-15 12:00:00", "t:localtime"], "t:1824-07-15 08:00:00"],
	[["t:2024-07-15 12:00:00Z", "t:utc"], "t:2024-07-15 12:00:00"],
	[["i:1700000000", "t:localtime"], "t:1999-12-31 19:00:00"],
];

test("local time is the process's", () => {
	const before = process.env.TZ;
	process.env.TZ = "America/New_York";
	try {
		for (const [values, result] of LOCAL) {
			const call = ["datetime", ...values] as const;
			expectAnswer(
				answerOf(() => evaluate(call)),
				result,
				sqlOf(call),
			);
		}
	} finally {
		if (before === undefined) delete process.env.TZ;
		else process.env.TZ = before;
	}
});

test("random values differ", () => {
	const random = registry.scalar("random", 0);
	assert.is(random?.deterministic, false);
	const seen = new Set(Array.from({ length: 20 }, () => random?.call([], context, "binary")));
	assert.is(seen.size, 20);
});

test("numbers are printed exactly where doubles alone would not tell how", () => {
	const short = (value: number) => registry.scalar("printf", 2)?.call(["%!.15g", real(value)], context, "binary");
	for (const value of [0.1, 1e23, 4.35, 1.0000000000000002, 123456789012345.67, 5e-324, 1.7976931348623157e308]) {
		assert.is(evaluate(["trim", `r:${value}`]), short(value));
	}
});

test.run();
