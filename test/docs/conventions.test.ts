/** What comments and sessions of samples are held to. */

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { blocksOf } from "./blocks.js";
import { checked } from "./checked.js";
import { agrees, commandsOf, isHarmless } from "./unix-shell.js";
import { expectedBy, matches } from "./values.js";

const test = suite("conventions of samples");

const shownValue = (comment: string) => {
	const expected = expectedBy(comment);
	return expected?.kind === "value" ? expected.value : expected;
};

test("a comment is a value, an error or prose", () => {
	assert.equal(shownValue('"red"; undefined after a minute'), "red");
	assert.equal(shownValue("[1, 2n, undefined]"), [1, 2n, undefined]);
	assert.is(shownValue("-1.5"), -1.5);
	assert.equal(expectedBy("WLSM_CONFLICT: somebody was faster"), { kind: "error", code: "WLSM_CONFLICT" });
	for (const prose of ["no error where it is absent", "1 row", "true for some", "a; b"])
		assert.is(expectedBy(prose), undefined);
	for (const broken of ['":memory:" keeps it in memory', "{ a: }", "[1, 2"]) assert.throws(() => expectedBy(broken));
});

test("an ellipsis stands for what is left out, and for nothing else", () => {
	const fits = (value: unknown, comment: string) => matches(value, shownValue(comment));
	assert.ok(fits({ a: 1, b: [1, 2, 3] }, "{ a: 1, b: [1, …, 3] }"));
	assert.ok(fits({ a: 1, b: 2 }, "{ a: 1, … }"));
	assert.ok(fits([], "[…]") && fits([5], "[5, …]") && fits("a … b", '"a … b"'));
	assert.ok(fits(Buffer.from([1, 2]), "Uint8Array.of(1, 2)"));
	for (const [value, comment] of [
		[{ a: 1, b: 2 }, "{ a: 1 }"],
		[{ a: 1 }, "{ a: 1, b: undefined }"],
		[{ a: 2, b: 2 }, "{ a: 1, … }"],
		[[1, 2], "[1, …, 3]"],
		[[1], "[1, …, 1]"],
		[[1, 2, 3], "[1, 2]"],
		["1", "1"],
		[0, "-0"],
		[null, "{}"],
		[[], "{}"],
	] as const)
		assert.not.ok(fits(value, comment), comment);
});

test("statements with a value behind them are checked, and what is printed", () => {
	const { code, checks } = checked(
		[
			'await db.get("a"); // "1"',
			"const n = count(); // 2",
			"const summary = load();",
			"// { rows: 3, … }",
			"for (const x of xs) console.log(x); // a, b",
			"const db = open(); // makes it",
			"db.put(1); // WLSM_INVALID_ARGUMENT",
		].join("\n"),
	);
	assert.equal(
		checks.map(({ line, of }) => [line, of]),
		[
			[1, "value"],
			[2, "value"],
			[4, "value"],
			[5, "output"],
			[7, "value"],
		],
	);
	assert.match(code, '$value(0, async () => (await db.get("a")))');
	assert.match(code, "const n = count(); $value(1, () => n);");
	assert.match(code, "for (const x of xs) $log(3, [x]);");
	// Behind the end of a longer statement a value would be passed over.
	assert.throws(() => checked("f({\n}); // 1"), /one line/);
});

test("blocks are known by heading, language and line", () => {
	const blocks = blocksOf("x.md", "# A\n\n```js\nlog();\n```\n\n```text\nb\n```\n## B\ntext\n```sh\nc\n```\n");
	assert.equal(
		blocks.map(({ heading, language, line, text, prints }) => [heading, language, line, text, prints]),
		[
			["A", "js", 4, "log();\n", "b\n"],
			["A", "text", 8, "b\n", undefined],
			["B", "sh", 13, "c\n", undefined],
		],
	);
	assert.throws(() => blocksOf("x.md", "```js\n"), /has no end/);
});

test("commands and what they print", () => {
	assert.equal(
		commandsOf({ language: "sh", text: "a \\\n  b # x\n\n# prose\nc\n" }).map(({ text }) => text),
		["a \\\n  b # x", "c"],
	);
	assert.equal(commandsOf({ language: "console", text: "$ a <<END\n> b\n> END\nc\n$ d\n" }), [
		{ text: "a <<END\nb\nEND", prints: "c\n" },
		{ text: "d", prints: "" },
	]);
	assert.ok(agrees("3 rows in 1.20 s\na\nb\nc\n", "3 rows in 0.05 s\na\n…\nc\n"));
	assert.not.ok(agrees("4 rows in 0.05 s\n", "3 rows in 0.05 s\n"));
	assert.not.ok(agrees("a\nb\n", "a\n"));
	assert.equal(["wlsm get a", "npm install x", "curl x | sh", "wlsmx"].map(isHarmless), [true, false, false, false]);
});

test.run();
