import { suite } from "uvu";
import * as assert from "uvu/assert";
import { placeholders } from "../../host/sql/api/placeholders.js";
import { Random } from "../support/random.js";

const test = suite("placeholders");

test("become named parameters of their length, each name once", () => {
	assert.equal(placeholders("SELECT {a}, {b_1}, {a} WHERE x={größe}"), {
		text: "SELECT :a , :b_1 , :a  WHERE x=:größe ",
		names: ["a", "b_1", "größe"],
	});
	assert.equal(placeholders("SELECT 1"), { text: "SELECT 1", names: [] });
});

test("are none in strings, quoted names and comments, and where there is no name in the braces", () => {
	for (const text of [
		"'{a}'",
		"'it''s {a}'",
		'"{a}"',
		'"x""{a}"',
		"`{a}`",
		"[{a}]",
		"-- {a}",
		"/* {a} */",
		"'{a}",
		"/* {a}",
		"[{a}",
		"{}",
		"{ a }",
		"{1}",
		"{a-b}",
		"{a",
		"{a b}",
	])
		assert.equal(placeholders(text), { text, names: [] }, text);
	assert.is(placeholders("'a' {b} -- {c}\n{d}").text, "'a' :b  -- {c}\n:d ");
	assert.is(placeholders("{{a}}").text, "{:a }");
});

test("leave everything else in its place, whatever the text", () => {
	const random = new Random(1);
	const pieces = ["{a}", "{b}", "'", '"', "`", "[", "]", "--", "\n", "/*", "*/", "{", "}", " ", "x", "''"];
	for (let i = 0; i < 2000; i++) {
		const text = Array.from({ length: random.between(1, 12) }, () => random.pick(pieces)).join("");
		const { text: rewritten, names } = placeholders(text);
		assert.is(rewritten.length, text.length);
		const braces = [...text.matchAll(/\{[abx]\}/g)].flatMap(({ index }) => [index, index + 1, index + 2]);
		const changed = [...text].flatMap((character, at) => (rewritten[at] === character ? [] : [at]));
		assert.ok(
			changed.every((at) => braces.includes(at)),
			text,
		);
		assert.equal(new Set(names).size, names.length);
		assert.is(placeholders(rewritten).text, rewritten);
	}
});

test.run();
