/** What is said of the results of functions holds for whatever they are given. */

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { aggregateType } from "../../host/sql/describe/aggregates.js";
import { signatureOf } from "../../host/sql/describe/signatures.js";
import type { ValueType } from "../../host/sql/describe/value-type.js";
import { anyOf, typeOfValue } from "../../host/sql/describe/value-type.js";
import { AGGREGATE_FUNCTIONS } from "../../host/sql/function/aggregate.js";
import { statementContext } from "../../host/sql/function/definition.js";
import { SCALAR_FUNCTIONS } from "../../host/sql/function/scalar.js";
import type { Value } from "../../host/sql/value/value.js";
import { real } from "../../host/sql/value/value.js";
import { Random } from "../support/random.js";

const test = suite("types of functions");

const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** No infinities, with which sums and differences are NULL. */
const VALUES: readonly Value[] = [
	null,
	0,
	1,
	-1,
	2,
	3,
	5,
	100,
	2 ** 60,
	9223372036854775807n,
	-9223372036854775807n,
	0.5,
	-2.5,
	1e100,
	real(3),
	real(0),
	"",
	"a",
	"abc",
	"5",
	"2.5",
	" 7 ",
	"abc 5",
	"%d",
	"%s %f",
	"%",
	"now",
	"2024-02-29",
	"12:30",
	"+1 day",
	"start of month",
	"%Y",
	"$",
	"$.a",
	"$.a[0]",
	"$[1]",
	"a",
	"[1,null]",
	'{"a":[1,"x",null],"b":null}',
	"null",
	"é😀",
	bytes(""),
	bytes("a"),
	bytes("[1]"),
	bytes("5"),
];

function admits({ classes, nullable }: ValueType, value: Value): boolean {
	const found = typeOfValue(value);
	return value === null ? nullable : (classes & found.classes) !== 0;
}

const CONTEXT = () => statementContext({ changes: 3, totalChanges: 4, lastInsertRowId: 5 });
/** The binder makes something else of their calls. */
const NOT_CALLED = /^(?:coalesce|ifnull|iif|load_extension)$/;

test("every built-in scalar function has one, and keeps to it", () => {
	const unknown = signatureOf({ name: "no such function" });
	const random = new Random(11);
	let calls = 0;
	for (const { name, minimum, maximum, call } of SCALAR_FUNCTIONS.values()) {
		if (NOT_CALLED.test(name)) continue;
		const signature = signatureOf({ name });
		assert.is.not(signature, unknown, `${name} has no type`);
		for (let count = minimum; count <= Math.min(maximum, minimum + 3); count++) {
			for (let i = 0; i < (count === 0 ? 1 : 300); i++) {
				const given = Array.from({ length: count }, () => random.pick(VALUES));
				let result: Value;
				try {
					result = call(given, CONTEXT(), "binary");
				} catch {
					continue; // an error is no value
				}
				calls++;
				const type = signature.result(given.map(typeOfValue));
				const shown = `${name}(${given.map(String).join(", ")}) is ${String(result)}`;
				assert.ok(admits(type, result), `${shown}, not ${JSON.stringify(type)}`);
				if (signature.strict && given.includes(null)) assert.is(result, null, shown);
			}
		}
	}
	assert.ok(calls > 10_000);
});

test("aggregates keep to theirs", () => {
	const random = new Random(12);
	for (const called of AGGREGATE_FUNCTIONS.values()) {
		for (let i = 0; i < 300; i++) {
			const count = random.between(called.minimum, called.maximum);
			const some = Array.from({ length: random.between(1, 4) }, () => random.pick(VALUES));
			const rows = Array.from({ length: random.below(4) }, () =>
				Array.from({ length: count }, () => random.pick(some)),
			);
			const state = called.create("binary");
			try {
				for (const row of rows) state.step([...row]);
				const given = Array.from({ length: count }, (_, at) => anyOf(rows.map((row) => typeOfValue(row[at] ?? null))));
				const type = aggregateType(called, { given, hasRows: rows.length > 0 });
				const result = state.finish();
				assert.ok(admits(type, result), `${called.name} of ${rows.map(String).join("; ")} is ${String(result)}`);
			} catch (error) {
				if (error instanceof assert.Assertion) throw error;
			}
		}
	}
});

test.run();
