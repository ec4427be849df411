import { Buffer } from "node:buffer";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { FormatName } from "../../cli/choices.js";
import { errorText } from "../../cli/error-text.js";
import { formatOf, type Value } from "../../cli/format/format.js";
import { durationText, numberOf, sizeText } from "../../cli/format/units.js";
import { visible } from "../../cli/output.js";

const columns = ["id", "name"];
const rows: Value[][] = [
	[1, "plain"],
	[9223372036854775807n, 'a "b", c|d\ne'],
	[null, ""],
	[-1.5, "東京\x1b[31m"],
	[Infinity, new Uint8Array([0, 255])],
];

async function format(name: FormatName, of: Value[][] = rows): Promise<string> {
	return [...(await formatOf(name))(columns, of)].join("");
}

test("csv", async () => {
	assert.is(
		await format("csv"),
		'id,name\n1.0,plain\n9223372036854775807,"a ""b"", c|d\ne"\n,""\n-1.5,東京\x1b[31m\nInfinity,00ff\n',
	);
});

test("numbers keep their kind", async () => {
	const numbers: Value[][] = [
		[2 ** 63, -0],
		[9007199254740993n, 0],
		[-1e300, 2 ** 53 - 1],
	];
	const csv = "id,name\n9.223372036854776e+18,-0.0\n9007199254740993,0.0\n-1e+300,9007199254740991.0\n";
	assert.is(await format("csv", numbers), csv);
	assert.is((await format("jsonl", numbers)).split("\n")[0], '{"id":9.223372036854776e+18,"name":-0.0}');
	assert.match(await format("table", numbers), "│ 9.223372036854776e+18 │             -0.0 │");
});

test("formats for people cut long values, the others do not", async () => {
	const long = [["\0".repeat(1_500_000), "x".repeat(1_000_000)]];
	const drawn = await format("table", [["\n".repeat(20_000), "x".repeat(10_000)]]);
	assert.match(drawn, "… (20000 characters)");
	assert.ok(drawn.includes(` ${"x".repeat(10_000)} `));
	for (const name of ["line", "markdown"] as const) {
		const text = await format(name, long);
		assert.ok(text.includes("\\x00… (1500000 characters)"), name);
		assert.ok(text.includes("x".repeat(1_000_000)), name);
		assert.not.match(text, /x… /);
	}
	assert.is((await format("csv", long)).length, "id,name\n,\n".length + 2_500_000);
});

test("json and jsonl", async () => {
	const lines = (await format("jsonl")).trimEnd().split("\n");
	assert.is(lines[1], '{"id":9223372036854775807,"name":"a \\"b\\", c|d\\ne"}');
	assert.is(lines[4], '{"id":1e999,"name":"00ff"}');
	const parsed = JSON.parse(await format("json"));
	assert.is(parsed.length, rows.length);
	assert.equal(parsed[2], { id: null, name: "" });
	assert.is(await format("json", []), "[]\n");
	assert.is(await format("jsonl", []), "");
});

test("table: widths count terminal columns, NULL is visible, control characters are spelt out", async () => {
	assert.is(
		await format("table", [
			[1, "東京"],
			[22, null],
			[3, "\x1b[31mred"],
		]),
		[
			"┌────┬─────────────┐",
			"│ id │ name        │",
			"├────┼─────────────┤",
			"│  1 │ 東京        │",
			"│ 22 │ NULL        │",
			"│  3 │ \\x1b[31mred │",
			"└────┴─────────────┘",
			"",
		].join("\n"),
	);
	assert.is(
		await format("table", [
			[null, "one\ntwo\tthree"],
			["e\u0301", ""],
		]),
		[
			"┌──────┬──────────────┐",
			"│ id   │ name         │",
			"├──────┼──────────────┤",
			"│ NULL │ one          │",
			"│      │ two    three │",
			"│ e\u0301    │              │",
			"└──────┴──────────────┘",
			"",
		].join("\n"),
	);
	assert.is(await format("table", []), "┌────┬──────┐\n│ id │ name │\n└────┴──────┘\n");
	const many = await format(
		"table",
		Array.from({ length: 2500 }, (_, i) => [i, "x"]),
	);
	assert.is(many.split("┌").length - 1, 3, "tables of a page of rows each");
});

test("markdown and line", async () => {
	assert.is(
		await format("markdown", rows.slice(1, 3)),
		'| id | name |\n| --- | --- |\n| 9223372036854775807 | a "b", c\\|d<br>e |\n| NULL |  |\n',
	);
	assert.is(
		await format("line", rows.slice(0, 2)),
		'  id = 1\nname = plain\n\n  id = 9223372036854775807\nname = a "b", c|d\ne\n',
	);
});

test("values that are no texts any more are told of, however the runtime says it", () => {
	const lengths: (() => unknown)[] = [() => "x".repeat(2 ** 29), () => Buffer.alloc(2 ** 29).toString("latin1")];
	for (const length of lengths) {
		let thrown: unknown;
		try {
			length();
		} catch (error) {
			thrown = error;
		}
		assert.match(errorText(thrown), /^A value is too long to be printed like this/);
	}
});

test("nothing that controls a terminal is left in visible text", () => {
	assert.is(visible("a\x1b]0;x\x07b\x9b1m\u202ec\r\n\td"), "a\\x1b]0;x\\x07b\\x9b1m\\u202ec\\x0d\n\td");
});

test("sizes, durations and numbers for people", () => {
	const sizes = [0, 1, 1023, 1024, 1536, 23_456, 1_048_063, 1_048_064, 5e9, 2e12, 4e17, 0.5];
	assert.equal(sizes.map(sizeText), [
		"0 B",
		"1 B",
		"1,023 B",
		"1.00 KiB",
		"1.50 KiB",
		"22.9 KiB",
		"1,023 KiB",
		"1.00 MiB",
		"4.66 GiB",
		"1.82 TiB",
		"355 PiB",
		"0.50 B",
	]);
	const durations = [0, 0.123, 12.34, 999.4, 999.5, 59_949, 59_950, 3_540_000, 3_600_000, 90_061_000];
	assert.equal(durations.map(durationText), [
		"0 ms",
		"0.12 ms",
		"12.3 ms",
		"999 ms",
		"1.00 s",
		"59.9 s",
		"1 min",
		"59 min",
		"1 h 0 min",
		"25 h 1 min",
	]);
	assert.equal([0, 12, 1_234_567, 1.5, 12.34, 123.4].map(numberOf), ["0", "12", "1,234,567", "1.50", "12.3", "123"]);
});

test.run();
