import { suite } from "uvu";
import * as assert from "uvu/assert";
import { sources } from "../support/sources.js";

const MAX_LINES = 400;
const MAX_COLUMNS = 150;

/** Longer than that, and why. */
const LONG: Readonly<Record<string, string>> = {
	"grammar/sql.peggy": "one grammar: peggy has no imports, and rules refer to each other in all directions",
};

const tidy = suite("style");
const files = sources(["assembly", "host", "cli", "grammar", "test"], [".ts", ".js", ".peggy"]);

tidy("no file is so long that it wants to be two", () => {
	const long = files.filter(({ path, text }) => text.split("\n").length > MAX_LINES + 1 && LONG[path] === undefined);
	assert.equal(
		long.map(({ path }) => path),
		[],
	);
	for (const path of Object.keys(LONG))
		assert.ok(
			files.some((file) => file.path === path),
			`${path} is gone from LONG`,
		);
});

// Of the other files the formatter takes care.
tidy("in the kernel and the grammar tabs indent, nothing trails, lines end with a newline alone", () => {
	const wrong: string[] = [];
	for (const { path, text } of files) {
		if (!path.startsWith("assembly/") && !path.endsWith(".peggy")) continue;
		for (const [index, line] of text.split("\n").entries()) {
			if (/[ \t\r]$/.test(line)) wrong.push(`${path}:${index + 1} ends in a blank`);
			if (/^\t* +(?!\*)/.test(line)) wrong.push(`${path}:${index + 1} is indented by spaces`);
		}
		if (!text.endsWith("\n") || text.endsWith("\n\n")) wrong.push(`${path} does not end with one newline`);
	}
	assert.equal(wrong, []);
});

tidy("lines of the kernel stay readable", () => {
	const wrong: string[] = [];
	for (const { path, text } of files) {
		if (!path.startsWith("assembly/")) continue;
		for (const [index, line] of text.split("\n").entries()) {
			const columns = line.replace(/\t/g, "    ").length;
			if (columns > MAX_COLUMNS && !/^import|^\t[A-Z_, ]+,?$/.test(line))
				wrong.push(`${path}:${index + 1} has ${columns} columns`);
		}
	}
	assert.equal(wrong, []);
});

tidy("nothing is left to do, and nothing skips", () => {
	const wrong = files.filter(
		({ path, text }) =>
			!path.endsWith("tidy/style.test.ts") && /\b(TODO|FIXME|XXX)\b|\.only\(|\btest\.skip\(/.test(text),
	);
	assert.equal(
		wrong.map(({ path }) => path),
		[],
	);
});

tidy.run();
