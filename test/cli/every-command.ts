/** All commands, to be tried under conditions that people meet. */

import * as assert from "uvu/assert";
import type { Access } from "../../cli/database.js";
import { installed, type Outcome, runCli } from "./process.js";

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

/** Runs command lines, so many at the same time, and looks at what came of each. */
export async function each(
	lines: readonly (readonly string[])[],
	cwd: string,
	check: (outcome: Outcome, what: string, at: number) => void,
	atOnce = 4,
): Promise<void> {
	for (let at = 0; at < lines.length; at += atOnce) {
		const some = lines.slice(at, at + atOnce);
		const outcomes = await Promise.all(
			some.map((words) => runCli(words, { cwd, input: "SELECT 1;\n", program: installed })),
		);
		for (const [i, outcome] of outcomes.entries()) check(outcome, some[i]?.join(" ") ?? "", at + i);
	}
}
