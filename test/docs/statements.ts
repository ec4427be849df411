/** Samples in SQL. */

import * as path from "node:path";
import { openSync, statementsOf } from "../../host/index.js";
import { type Block, placeOf } from "./blocks.js";
import { filesInto } from "./surroundings.js";

/**
 * Runs those of a document one after the other over one database. A statement that yields rows may have them behind it, on its last line:
 * `-- 1, Ada; 2, Grace`. Answers what is wrong.
 */
export function runStatements(directory: string, blocks: readonly Block[]): readonly string[] {
	const [first] = blocks;
	if (first === undefined) return [];
	filesInto(directory, first);
	// read_csv looks for files in the working directory.
	const before = process.cwd();
	process.chdir(directory);
	const db = openSync(path.join(directory, "db"));
	try {
		return blocks.flatMap((block) => [...problemsOf(db, block)]);
	} finally {
		db.closeSync();
		process.chdir(before);
	}
}

function* problemsOf(db: ReturnType<typeof openSync>, block: Block): Generator<string> {
	for (const { text: statement, start } of statementsOf(block.text)) {
		const where = `${placeOf(block)}: ${statement}`;
		const [, expected] = /^;?[ \t]*-- (.*)\n/.exec(block.text.slice(start + statement.length)) ?? [];
		try {
			const prepared = db.sql.prepare(statement);
			if (!prepared.reader) {
				prepared.run();
				continue;
			}
			const rows = prepared.raw().all() as unknown[][];
			const found = rows.map((row) => row.map((value) => (value === null ? "NULL" : String(value))).join(", "));
			if (expected !== undefined && found.join("; ") !== expected) yield `${where}\nyields ${found.join("; ")}`;
		} catch (error) {
			yield `${where}\n${error instanceof Error ? error.message : String(error)}`;
		}
	}
}
