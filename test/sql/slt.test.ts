/**
 * The sqllogictest files: no file that passed fails again, and of an unfinished one no more records fail than
 * test/sql/slt/unfinished.json says. That list only ever shrinks: `node dist/test/sql/slt.js --accept`.
 */

import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
	OWN_FOLDER,
	PUBLIC_FOLDER,
	readUnfinished,
	runFile,
	type SltFile,
	shortRunQueries,
	sltFiles,
} from "./slt-files.js";

const MAX_SHOWN = 5;

/** SLT_PUBLIC=0 leaves out the files that are no part of the project. */
const folders = process.env.SLT_PUBLIC === "0" ? [OWN_FOLDER] : [OWN_FOLDER, PUBLIC_FOLDER];
/** SLT_ALL=1 runs every record of the long files too. */
const runsAll = process.env.SLT_ALL !== undefined;
const unfinished = readUnfinished();
const better: string[] = [];

function check(file: SltFile): void {
	const { failed, unsupported, failures } = runFile(file, runsAll ? undefined : shortRunQueries(file));
	const left = failed + unsupported;
	const known = unfinished[file.name] ?? 0;
	// What is not in a short run was never counted.
	const allowed = known > 0 && runsAll ? left : known;
	const shown = failures.slice(0, MAX_SHOWN).map(({ line, sql, reason }) => `line ${line}: ${sql}\n  ${reason}`);
	assert.ok(left <= allowed, `${failed} failed, ${unsupported} unsupported, ${known} known\n${shown.join("\n")}`);
	if (left < known) better.push(`${file.name}: ${known} -> ${left}`);
}

for (const folder of folders) {
	const test = suite(`sqllogictest files in ${folder}`);
	for (const file of sltFiles(folder)) test(file.path, () => check(file));
	test.after(() => {
		if (better.length > 0) console.log(`\n${better.length} files pass more than unfinished.json knows`);
		better.length = 0;
	});
	test.run();
}
