/** What is said of SQL that does not parse: where, with a caret, and what could have stood there in the user's words. */

import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { WlsmError } from "../../host/errors.js";
import { SqlDatabase } from "../../host/sql/index.js";
import { MemoryStore } from "../support/memory-store.js";

// biome-ignore format: one statement per line
const ERRORS: readonly (readonly [text: string, column: number, message: string])[] = [
	["SELEC 1", 1, 'near "SELEC": syntax error; did you mean SELECT?'],
	["SELECT * FORM t", 10, 'near "FORM": syntax error; did you mean FROM?'],
	["SELECT 1 +", 11, "incomplete input: expected an expression"],
	["SELECT (1, 2", 13, 'incomplete input: expected an operator, ")" or ","'],
	["SELECT a,, b", 10, 'near ",": syntax error: expected an expression or "*"'],
	["SELECT 'abc", 8, `unrecognized token: "'abc": the quote is never closed`],
	["SELECT CASE 1 END", 15, 'near "END": syntax error: expected an operator or WHEN'],
	["SELECT a FROM t ORDER a", 23, 'near "a": syntax error: expected BY'],
	["SELECT 1 FROM", 14, 'incomplete input: expected a name or "("'],
	["SELECT 1 LIMIT 1 WHERE a", 18, 'near "WHERE": syntax error: expected an operator, the end of the statement, ",", ";" or OFFSET'],
	["SELECT x'0g'", 8, "unrecognized token: \"x'0g'\""],
	["SELECT x'123'", 8, "unrecognized token: \"x'123'\""],
	["SELECT * FROM a JOIN b USING a", 30, 'near "a": syntax error: expected "("'],
	["INSERT t VALUES (1)", 8, 'near "t": syntax error: expected INTO or OR'],
	["UPDATE t a = 1", 12, 'near "=": syntax error: expected INDEXED, NOT or SET'],
	["DELETE t", 8, 'near "t": syntax error: expected FROM'],
	["DROP t", 6, 'near "t": syntax error: expected INDEX, TABLE, TRIGGER or VIEW'],
	["CREATE INDEX i t(a)", 16, 'near "t": syntax error: expected "." or ON'],
	["CREATE TABLE t (a INT,)", 23, 'near ")": syntax error: expected a name, CHECK, CONSTRAINT, FOREIGN, PRIMARY or UNIQUE'],
	["ALTER TABLE t ADD", 18, "incomplete input: expected a name or COLUMN"],
	["WITH x SELECT 1", 8, 'near "SELECT": syntax error: expected "(" or AS'],
	["VACUUM main nonsense", 13, 'near "nonsense": syntax error: expected the end of the statement, ";" or INTO'],
];

const test = suite("syntax errors");

function errorOf(text: string): WlsmError {
	try {
		new SqlDatabase(new MemoryStore()).prepare(text);
	} catch (error) {
		return error as WlsmError;
	}
	throw new Error(`${text} was accepted`);
}

for (const [text, column, message] of ERRORS) {
	test(text, () => {
		const error = errorOf(text);
		assert.is(error.code, "WLSM_SQL");
		assert.is(error.message, `${message} (line 1, column ${column})\n${text}\n${" ".repeat(column - 1)}^`);
		assert.equal([error.line, error.column], [1, column]);
	});
}

test("the line that is shown is the one with the mistake", () => {
	const { message, line, column } = errorOf("SELECT a\nFROM t\n\tWHERE a = = 2\nORDER BY a");
	assert.is(
		message,
		'near "=": syntax error: expected an expression (line 3, column 12)\n\tWHERE a = = 2\n\t          ^',
	);
	assert.equal([line, column], [3, 12]);
});

test("a line is shown without a long row of blanks in front, and the column stays the line's", () => {
	const { message, column } = errorOf(`${" ".repeat(40)}SELECT a = = 2`);
	assert.is(
		message,
		'near "=": syntax error: expected an expression (line 1, column 52)\nSELECT a = = 2\n           ^',
	);
	assert.is(column, 52);
});

test("of an endless line the part around the mistake is shown", () => {
	const { message, column } = errorOf(`SELECT ${"1, ".repeat(10_000)}, 2`);
	const [, shown = "", caret = ""] = message.split("\n");
	assert.is(column, 30_008);
	assert.ok(shown.length <= 100, `${shown.length} characters are shown`);
	assert.is(shown[caret.length - 1], ",");
});

test.run();
