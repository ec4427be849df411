/**
 * Runs whatever sqllogictest files lie in a folder: `node dist/test/sql/slt.js [FOLDER [FILTER]]`, by default
 * ../shared/slt beside the project. Not a part of `npm test`: prints what passed, what failed, what is not supported yet.
 */

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { SqlDatabase } from "../../host/sql/index.js";
import { MemoryStore } from "../support/memory-store.js";
import { SltRun } from "../support/sqllogictest.js";

const PAGE_ENTRIES = 256;
const MAX_SHOWN = Number(process.env.SLT_SHOWN ?? 3);

function filesIn(folder: string): string[] {
	return readdirSync(folder)
		.sort()
		.flatMap((name) => {
			const path = join(folder, name);
			if (statSync(path).isDirectory()) return filesIn(path);
			return /\.test(\.gz)?$/.test(name) ? [path] : [];
		});
}

const [folder = "../shared/slt", filter = ""] = process.argv.slice(2);
if (!existsSync(folder)) {
	console.log(`no sqllogictest files in ${folder}: skipped`);
} else {
	const total = { passed: 0, failed: 0, unsupported: 0 };
	for (const path of filesIn(folder)) {
		if (!path.includes(filter)) continue;
		const bytes = readFileSync(path);
		const started = performance.now();
		const run = new SltRun(() => new SqlDatabase(new MemoryStore(PAGE_ENTRIES)));
		const report = run.run((path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8"));
		total.passed += report.passed;
		total.failed += report.failed;
		total.unsupported += report.unsupported;
		const seconds = ((performance.now() - started) / 1000).toFixed(1);
		console.log(
			`${path}: ${report.passed} passed, ${report.failed} failed, ${report.unsupported} unsupported (${seconds} s)`,
		);
		for (const { line, sql, reason } of report.failures.slice(0, MAX_SHOWN)) {
			console.log(`  line ${line}: ${sql.slice(0, 300).replaceAll("\n", " ")}\n    ${reason.slice(0, 300)}`);
		}
	}
	console.log(`in all: ${total.passed} passed, ${total.failed} failed, ${total.unsupported} unsupported`);
}
