/** Every sample of the documents is run, and prints what it says. */

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Block, blocksOf, documents, grouped, placeOf } from "./blocks.js";
import { runConfiguration, runTranscript } from "./configurations.js";
import { leftOut, reasonFor, unusedEntries } from "./left-out.js";
import { prepareModules, programKey, runModules } from "./modules.js";
import { runStatements } from "./statements.js";
import { unusedSurroundings } from "./surroundings.js";
import { commandsOf, isHarmless, prepareCommands, runCommands } from "./unix-shell.js";

const test = suite<{ directory: string }>("samples of the documents");
const blocks = documents().flatMap((document) => blocksOf(document));

const ways = {
	module: ["js", "ts"],
	unixShell: ["sh", "console"],
	statements: ["sql"],
	configuration: ["json", "yaml", "toml"],
	/** What is no sample: figures, plans, messages. Of these, sessions of the shell are run. */
	text: ["text"],
} as const;

function of(way: keyof typeof ways): Block[] {
	return blocks.filter(({ language }) => (ways[way] as readonly string[]).includes(language));
}

const isRun = (block: Block) => reasonFor(block) === undefined;

test.before.each((context) => {
	context.directory = mkdtempSync(path.join(tmpdir(), "wlsm-docs-"));
});
test.after.each(({ directory }) => rmSync(directory, { recursive: true, force: true }));

function nothing(problems: readonly string[]): void {
	// The runner would show the message once more with the stack.
	if (problems.length > 0) throw Object.assign(new Error(problems.join("\n")), { stack: "Error" });
}

test("every block has a language that is run, or is text, and every exception is one", () => {
	const known: readonly string[] = Object.values(ways).flat();
	assert.equal(blocks.filter(({ language }) => !known.includes(language)).map(placeOf), []);
	const commands = of("unixShell").flatMap((block) =>
		commandsOf(block).map(({ text }) => ({ document: block.document, text })),
	);
	assert.equal([...unusedEntries([...blocks, ...commands]), ...unusedSurroundings(blocks)], []);
	const unknown = commands.filter((command) => reasonFor(command) === undefined && !isHarmless(command.text));
	assert.equal(unknown, []);
	assert.ok(leftOut.every(({ reason }) => reason.length > 10));
	assert.ok(of("module").length >= 10 && of("unixShell").length >= 5 && of("statements").length >= 1);
});

test("JavaScript and TypeScript", async ({ directory }) => {
	prepareModules(directory);
	const all = grouped(of("module").filter(isRun), programKey);
	nothing(await runModules(directory, all));
});

test("command lines", async ({ directory }) => {
	const bin = prepareCommands(path.join(directory, "bin"));
	const all = grouped(of("unixShell"), ({ document }) => document);
	const work = all.map((some, i) => async () => {
		const [{ document }] = some as [Block];
		const isLeftOut = (text: string) => reasonFor({ document, text }) !== undefined || !isHarmless(text);
		return runCommands(path.join(directory, String(i)), bin, some, isLeftOut);
	});
	nothing(await inTurn(work, 3));
});

test("SQL", ({ directory }) => {
	const all = grouped(of("statements").filter(isRun), ({ document }) => document);
	nothing(all.flatMap((some, i) => runStatements(path.join(directory, String(i)), some)));
});

test("configuration files, and sessions of the shell", async ({ directory }) => {
	const files = of("configuration").filter(isRun);
	const sessions = of("text").filter(({ text }) => text.startsWith("wlsm> "));
	mkdirSync(directory, { recursive: true });
	const work = [
		...files.map((block, i) => () => runConfiguration(path.join(directory, `file-${i}`), block)),
		...sessions.map((block, i) => () => runTranscript(path.join(directory, `session-${i}`), block)),
	];
	nothing(await inTurn(work, 2));
});

/** So many at the same time; what all of them answer. */
async function inTurn(work: readonly (() => Promise<readonly string[]>)[], atOnce: number): Promise<string[]> {
	const answers: string[] = [];
	const left = work.values();
	const take = async () => {
		for (const one of left) answers.push(...(await one()));
	};
	await Promise.all(Array.from({ length: atOnce }, take));
	return answers;
}

test.run();
