/**
 * Runs sqllogictest files: `node dist/test/sql/slt.js [FOLDER [FILTER]]`, by default the project's own and those in
 * ../shared/slt, all their records. Prints what passed, what failed, what is not supported yet.
 *
 * `--accept` makes a short run, as `npm test` does, and writes down which files are unfinished. It refuses to write that
 * more records fail than before; `--accept-worse` does.
 */

import {
	OWN_FOLDER,
	PUBLIC_FOLDER,
	readUnfinished,
	runFile,
	shortRunQueries,
	sltFiles,
	type Unfinished,
	writeUnfinished,
} from "./slt-files.js";

const MAX_SHOWN = Number(process.env.SLT_SHOWN ?? 3);

const options = process.argv.slice(2).filter((word) => word.startsWith("--"));
const [folder, filter = ""] = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const accepting = options.length > 0;
const files = (folder === undefined ? [OWN_FOLDER, PUBLIC_FOLDER] : [folder]).flatMap(sltFiles);

const before = readUnfinished();
const after: Unfinished = { ...before };
const worse: string[] = [];
const total = { passed: 0, failed: 0, unsupported: 0 };
for (const file of files.filter(({ path }) => path.includes(filter))) {
	const started = performance.now();
	const report = runFile(file, accepting ? shortRunQueries(file) : undefined);
	total.passed += report.passed;
	total.failed += report.failed;
	total.unsupported += report.unsupported;
	const seconds = ((performance.now() - started) / 1000).toFixed(1);
	console.log(
		`${file.path}: ${report.passed} passed, ${report.failed} failed, ${report.unsupported} unsupported (${seconds} s)`,
	);
	for (const { line, sql, reason } of report.failures.slice(0, MAX_SHOWN)) {
		console.log(`  line ${line}: ${sql.slice(0, 300).replaceAll("\n", " ")}\n    ${reason.slice(0, 300)}`);
	}
	const left = report.failed + report.unsupported;
	if (left > (before[file.name] ?? 0)) worse.push(`${file.name}: ${left}, before ${before[file.name] ?? 0}`);
	if (left > 0) after[file.name] = left;
	else delete after[file.name];
}
console.log(`in all: ${total.passed} passed, ${total.failed} failed, ${total.unsupported} unsupported`);

if (options.includes("--accept") && worse.length > 0) {
	console.log(`not accepted, more records fail:\n${worse.join("\n")}`);
	process.exitCode = 1;
} else if (accepting) {
	writeUnfinished(after);
}
