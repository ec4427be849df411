/** A terminal of 40 columns, and one of the usual 80. */

import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { widthOf } from "../../cli/format/fit.js";
import { inDirectories, runCli } from "./process.js";
import { hasTerminals, keys, Terminal } from "./terminal.js";

const test = suite<{ cwd: string }>("command line: narrow terminals");
inDirectories(test);

function tooWide(text: string, columns: number): string[] {
	return text.split("\n").filter((line) => widthOf(line) > columns);
}

async function printed(words: readonly string[], cwd: string, columns: number): Promise<string> {
	const terminal = new Terminal(words, { cwd, columns });
	assert.is(await terminal.exit, 0, terminal.text);
	return terminal.text;
}

if (hasTerminals) {
	test("help, figures and settings fit, and no figure and no name of a setting is cut", async ({ cwd }) => {
		await runCli(["query", "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT)"], { cwd });
		for (const columns of [40, 80]) {
			const [help = "", stats = "", config = ""] = await Promise.all(
				[["--help"], ["stats"], ["config"]].map((words) => printed(words, cwd, columns)),
			);
			assert.equal(tooWide(help, columns), []);
			assert.match(stats, columns === 40 ? /│ place +│ entries +│ size +│\n/ : /│ tables │ +│\n/);
			assert.match(stats, /│ memtables │ +\d+ │ +\d+ B │/);
			// But for the path, which is as long as it is, and for what is one piece.
			assert.equal(tooWide(stats.split("\n").slice(1).join("\n"), columns + 10), []);
			assert.match(config, columns === 40 ? /│ sqlMemoryBytes +│ - +│\n/ : /│ sqlMemoryBytes +│ - +│ default +│\n/);
			for (const text of [stats, config]) assert.not.match(text, "…");
		}
	});

	test("the shell's results, its help and a plan can be read", async ({ cwd }) => {
		const terminal = new Terminal(["shell"], { cwd, columns: 40, env: { WLSM_PAGER: "off" } });
		try {
			await terminal.until(/wlsm> $/);
			await terminal.line("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, born REAL, note TEXT);");
			await terminal.line(`INSERT INTO people VALUES (1, 'Ada', 1815.5, '${"a long note ".repeat(5)}');`);
			const lineByLine = await terminal.line("SELECT *, 2 AS more, 3 AS still_more FROM people;");
			assert.match(lineByLine, / {8}id = 1\n {6}name = Ada\n {6}born = 1815\.5\n/);
			const table = await terminal.line("SELECT name, note FROM people;");
			assert.match(table, /│ Ada +│ a long note a long note.*… │/);
			assert.equal(tooWide(table, 40), []);
			const help = await terminal.line(".help");
			assert.match(help, /\.tables \[PATTERN\]\n {4}Lists tables and views\n/);
			assert.match(await terminal.line(".explain SELECT name FROM people WHERE id = 1"), /Search people/);
			for (const word of ["help", "HELP;"]) assert.match(await terminal.line(word), /\.tables \[PATTERN\]/);
			terminal.write(`exit${keys.enter}`);
			assert.is(await terminal.exit, 0);
		} finally {
			terminal.kill();
		}
	});

	test("a load's progress stays in its line, with its figures", async ({ cwd }) => {
		const rows = Array.from({ length: 300_000 }, (_, i) => `${i},name ${i}`);
		writeFileSync(path.join(cwd, "rows.csv"), `id,name\n${rows.join("\n")}\n`);
		const terminal = new Terminal(["load", "rows.csv"], { cwd, columns: 80 });
		assert.is(await terminal.exit, 0, terminal.text);
		assert.match(terminal.text, /300000 of 300000 rows loaded/);
		// The terminal is told not to wrap; what it shows of it begins with the figures that matter.
		assert.match(terminal.raw, /loading \[[=-]{5}\] +\d+% \| \S+ \S?i?B of \S+ MiB \| \S+ rows/);
		assert.not.match(terminal.text, /\d{3,} h \d+ min left/);
	});
}

test.run();
