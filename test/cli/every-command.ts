/** All commands, to be tried under conditions that people meet. */

import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import type { Access } from "../../cli/database.js";
import { type Outcome, runCli } from "./process.js";

export interface Tried {
	/** They make sense where there is a database. A file `rows.csv` is in the working directory. */
	readonly words: readonly string[];
	readonly access: Access;
}

/** Every command that opens a database; `repair` is the one that opens it in its own way. */
export const commandsWithDatabase: readonly Tried[] = [
	{ words: ["put", "k", "v"], access: "create" },
	{ words: ["get", "k"], access: "read" },
	{ words: ["delete", "k"], access: "change" },
	{ words: ["scan"], access: "read" },
	{ words: ["load", "rows.csv"], access: "create" },
	{ words: ["query", "SELECT 1"], access: "read" },
	{ words: ["query", "CREATE TABLE t (a)"], access: "create" },
	{ words: ["dump"], access: "read" },
	{ words: ["explain", "SELECT 1"], access: "read" },
	{ words: ["explain", "--analyze", "SELECT 1"], access: "read" },
	{ words: ["analyze"], access: "change" },
	{ words: ["shell"], access: "create" },
	{ words: ["shell", "--read-only"], access: "read" },
	{ words: ["stats"], access: "read" },
	{ words: ["flush"], access: "change" },
	{ words: ["compact"], access: "change" },
	{ words: ["verify"], access: "read" },
	{ words: ["repair"], access: "change" },
	{ words: ["checkpoint", "copy"], access: "read" },
];

/** A documented exit code, and where that is no success a message that is for people. */
export function isTold({ exitCode, stderr }: Outcome, expected: readonly number[], what: string): void {
	assert.ok(expected.includes(exitCode ?? -1), `${what}: ${exitCode}\n${stderr}`);
	if (exitCode !== 0) assert.match(stderr, /^wlsm: \S/, what);
	assert.not.match(stderr, /internal error|TypeError|RangeError|undefined|\[object|\n\s+at /, what);
}

const child = fileURLToPath(new URL("./lines-child.js", import.meta.url));

/** Runs command lines one after the other, and looks at what came of each. Those of a shell have a process and input of their own. */
export async function each(
	lines: readonly (readonly string[])[],
	cwd: string,
	check: (outcome: Outcome, what: string, at: number) => void,
): Promise<void> {
	for (let from = 0; from < lines.length; ) {
		const isShell = ([name]: readonly string[]) => name === "shell";
		const next = lines.findIndex((words, at) => at > from && isShell(words) !== isShell(lines[from] ?? []));
		const end = next < 0 ? lines.length : next;
		const some = lines.slice(from, end);
		const outcomes = isShell(lines[from] ?? []) ? await separately(some, cwd) : await together(some, cwd);
		for (const [i, outcome] of outcomes.entries()) check(outcome, some[i]?.join(" ") ?? "", from + i);
		from = end;
	}
}

async function separately(lines: readonly (readonly string[])[], cwd: string): Promise<Outcome[]> {
	const outcomes: Outcome[] = [];
	for (const words of lines) outcomes.push(await runCli(words, { cwd, input: "SELECT 1;\n" }));
	return outcomes;
}

async function together(lines: readonly (readonly string[])[], cwd: string): Promise<Outcome[]> {
	const { exitCode, stdout, stderr } = await runCli([], { cwd, input: JSON.stringify(lines), program: child });
	assert.equal([exitCode, stderr], [0, ""], `${lines.length} command lines together`);
	return JSON.parse(stdout) as Outcome[];
}
