import { test } from "uvu";
import * as assert from "uvu/assert";
import { type ColumnType, classify, convert, fits, Seen, typeOf } from "../../host/csv/column-type.js";

const typeOfAll = (...values: string[]) =>
	typeOf(values.reduce<number>((seen, value) => seen | classify(value), Seen.nothing));

test("a column has the narrowest type that loses nothing", () => {
	const cases: [string[], ColumnType][] = [
		[["1", "-17", "0", ""], "integer"],
		[["9223372036854775807", "-9223372036854775808"], "integer"],
		[["9223372036854775808"], "text"],
		[["-9223372036854775809"], "text"],
		[["99999999999999999999999999"], "text"],
		[["1", "2.5"], "real"],
		[["9007199254740991", "0.5"], "real"],
		[["9007199254740993", "0.5"], "text"],
		[[".5", "5.", "1e5", "-1.25E-3"], "real"],
		[["-0"], "real"],
		[["007"], "text"],
		[["00.5"], "text"],
		[["+49"], "text"],
		[["1e400"], "text"],
		[["1e-400"], "text"],
		[["0e-400"], "real"],
		[["1", "x"], "text"],
		[["NULL"], "text"],
		[[" 5"], "text"],
		[["0x1f"], "text"],
		[["Infinity"], "text"],
		[["nan"], "text"],
		[["1_000"], "text"],
		[["-"], "text"],
		[["."], "text"],
		[["", ""], "text"],
		[["=cmd()"], "text"],
	];
	for (const [values, expected] of cases) assert.is(typeOfAll(...values), expected, JSON.stringify(values));
});

test("values become what their column's type says", () => {
	assert.is(convert("42", "integer"), 42);
	assert.is(convert("9007199254740993", "integer"), 9007199254740993n);
	assert.is(convert("9007199254740991", "integer"), 9007199254740991);
	assert.is(convert("1.5", "real"), 1.5);
	assert.ok(Object.is(convert("-0", "real"), -0));
	assert.is(convert("007", "text"), "007");
	assert.is(convert("", "integer"), null);
	assert.is(convert("", "real"), null);
	assert.is(convert("", "text"), "");
});

test("every value of a sniffed column can be told from the stored one", () => {
	for (const text of ["0", "-1", "123456789012345678", "9223372036854775807", "-9007199254740993"]) {
		assert.is(String(convert(text, typeOfAll(text))), text);
	}
});

test("fixed types take what fits them", () => {
	assert.ok(fits(classify("1"), "integer"));
	assert.ok(fits(classify(""), "integer"));
	assert.not(fits(classify("1.0"), "integer"));
	assert.not(fits(classify("9223372036854775808"), "integer"));
	assert.ok(fits(classify("1"), "real"));
	assert.not(fits(classify("one"), "real"));
	assert.ok(fits(classify("one"), "text"));
});

test.run();
