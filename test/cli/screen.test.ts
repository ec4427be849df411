import { suite } from "uvu";
import * as assert from "uvu/assert";
import { formatNames } from "../../cli/choices.js";
import { cut, fitted, widthOf } from "../../cli/format/fit.js";
import { Random } from "../support/random.js";
import { inDirectories, runCli } from "./process.js";
import { hasTerminals, Terminal } from "./terminal.js";

const test = suite<{ cwd: string }>("command line: on a terminal");

inDirectories(test);

async function printed(words: readonly string[], cwd: string, columns: number): Promise<string> {
	const terminal = new Terminal(words, { cwd, columns });
	assert.is(await terminal.exit, 0, terminal.text);
	return terminal.text;
}

const script = `CREATE TABLE t (id INTEGER PRIMARY KEY, text, blob, none); CREATE INDEX t_text ON t (text);
	INSERT INTO t VALUES (1, 'a text that is too long for narrow terminals, and then some more of it', x'00ff', NULL),
	(2, char(27) || ']0;title' || char(7), x'1b', NULL)`;

if (hasTerminals) {
	test("nothing is wider than the terminal, and nothing controls it", async ({ cwd }) => {
		await runCli(["query", script], { cwd });
		for (const columns of [40, 120]) {
			const lines: (readonly string[])[] = [
				["query", "SELECT * FROM t"],
				["explain", "--analyze", "SELECT a.text FROM t a JOIN t b ON a.id = b.id WHERE b.text > 'a' ORDER BY 1"],
				["analyze"],
				["stats"],
				["config"],
			];
			for (const words of lines) {
				const text = await printed(words, cwd, columns);
				const tables = text.split("\n").filter((line) => /^[│┌├└]/.test(line) || words[0] === "explain");
				for (const line of tables) assert.ok(widthOf(line) <= columns, `${words[0]}, ${columns} columns: ${line}`);
			}
		}
		const text = await printed(["query", "SELECT * FROM t"], cwd, 120);
		assert.match(text, /│ {2}1 │ a text that is too long .*│ x'00ff' │ NULL │/);
		assert.match(text, /│ {2}2 │ \\x1b\]0;title\\x07 +│ x'1b' +│ NULL │/);
		assert.match(await printed(["query", "SELECT * FROM t"], cwd, 40), /│ {2}1 │ a text.*… │/);
		for (const format of formatNames) {
			const terminal = new Terminal(["query", "--format", format, "SELECT text FROM t WHERE id = 2"], { cwd });
			assert.is(await terminal.exit, 0);
			assert.not.match(terminal.raw, "\x1b]", format);
			assert.not.match(terminal.raw, "\x07", format);
		}
	});

	test("stats --watch draws in the same place until Ctrl-C", async ({ cwd }) => {
		await runCli(["put", "k", "v"], { cwd });
		const terminal = new Terminal(["stats", "--watch", "0.2"], { cwd });
		await terminal.until(/every 0\.2 s[\s\S]*iterators[\s\S]*every 0\.2 s/);
		assert.match(terminal.raw, "\x1b[H\x1b[2J");
		terminal.write("\x03");
		assert.is(await terminal.exit, 0);
	});
}

test("columns are as wide as there is room", () => {
	const random = new Random(8);
	for (let round = 0; round < 2000; round++) {
		const widths = Array.from({ length: 1 + random.below(8) }, () => 1 + random.below(60));
		const areNumbers = widths.map(() => random.below(3) === 0);
		const terminal = 10 + random.below(150);
		const fit = fitted(widths, areNumbers, terminal);
		const drawn = (all: readonly number[]) => all.reduce((sum, width) => sum + width + 3, 1);
		const where = JSON.stringify({ widths, areNumbers, terminal, fit });
		if (fit === undefined) {
			assert.ok(drawn(widths.map((width) => Math.min(width, 5))) > terminal, where);
			continue;
		}
		const wanted = Math.min(terminal, drawn(widths));
		assert.is(drawn(fit), wanted, where);
		for (const [i, width] of fit.entries()) {
			const natural = widths[i] as number;
			assert.ok(width <= natural && width >= Math.min(natural, 5), where);
		}
	}
});

test("a text is cut between characters, by the columns that they take", () => {
	assert.is(cut("plain", 5), "plain");
	assert.is(cut("plainer", 5), "plai…");
	assert.is(cut("東京都庁", 8), "東京都庁");
	assert.is(cut("東京都庁", 6), "東京…");
	assert.is(cut("e\u0301e\u0301e\u0301", 2), "e\u0301…");
});

test.run();
