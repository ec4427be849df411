/* Types of declared tables: tables.mts is compiled once, and each of its lines has the error that it says, or none. */
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { diagnosticsOf, runCompiler } from "../support/compiler.js";
import { root } from "../support/sources.js";

const test = suite("types of declared tables");

test("compile where they are to, and else are refused with a message that says why", () => {
	const directory = path.join(root, "test/types/tables");
	const lines = readFileSync(path.join(directory, "tables.mts"), "utf8").split("\n");
	const said = new Map<number, string>();
	for (const { file, line, message } of diagnosticsOf(runCompiler(directory).output)) {
		assert.is(file, "tables.mts", message);
		said.set(line, message);
	}
	const start = lines.indexOf("// -- What must not compile");
	const wrong: string[] = [];
	let refused = 0;
	for (const [i, line] of lines.entries()) {
		const expected = i > start ? / \/\/ (.*)$/.exec(line)?.[1] : undefined;
		const found = said.get(i + 1);
		if (expected !== undefined) refused++;
		if (expected === undefined ? found !== undefined : found?.includes(expected) !== true)
			wrong.push(`line ${i + 1}: ${found}, and not ${expected}`);
	}
	assert.equal(wrong, []);
	assert.ok(refused >= 50);
});

test.run();
