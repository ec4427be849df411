/** The contract tests: files of the project's own tests that say what is promised to users, run by each runtime. */

import { join } from "node:path";
import { countsIn } from "../support/counts.js";
import { root } from "../support/sources.js";
import { type Outcome, outcome } from "./outcome.js";
import { permissionsFor } from "./permissions.js";
import { run } from "./process.js";
import type { Runtime } from "./runtimes.js";

/** Over both kernels, in memory and on disk where that applies. What needs another process, or is slow, runs in Node alone. */
const FILES = [
	"engine/contract",
	"engine/background",
	"engine/iterators",
	"engine/encodings",
	"engine/ttl",
	"storage/storage",
	"sql/api",
	"sql/slt",
	"sql/user-functions",
	"level/level",
	"load/sources",
];

/** Where the runtime is not Node, in one version of which all tests run anyway. */
const MORE_FILES = [
	"engine/transactions",
	"engine/checkpoint",
	"engine/ingest",
	"level/keyv",
	"level/unstorage",
	"typed/table",
	"sql/as-sqlite",
	"sql/functions",
	"load/load",
	"load/records",
];

export function filesFor({ isNode }: Runtime): readonly string[] {
	return isNode ? FILES : [...FILES, ...MORE_FILES];
}

export async function contract(runtime: Runtime, file: string, temporary: string): Promise<Outcome> {
	const script = join(root, "dist/test", `${file}.test.js`);
	const ended = await run(runtime, {
		words: [script],
		cwd: root,
		temporary,
		permissions: runtime.isDeno ? testPermissions(temporary) : [],
	});
	const counts = countsIn(ended.output);
	if (counts === undefined) return outcome(runtime.name, file, { failed: 1, ...ended });
	const { total, passed, skipped } = counts;
	const failed = total - passed - skipped;
	// A file that fails outside its tests counts as one.
	return outcome(runtime.name, file, {
		passed,
		skipped,
		...ended,
		failed: failed === 0 && ended.code !== 0 ? 1 : failed,
	});
}

/** Those of the library, and what the tests themselves need: variables, and the files that they compare with. */
function testPermissions(temporary: string): readonly string[] {
	const places = { FOLDER: temporary, DATA: temporary, PACKAGE: root };
	return [
		...permissionsFor("the library", places).map((flag) =>
			flag.startsWith("--allow-read=") ? `${flag},${root}` : flag,
		),
		"--allow-env",
	];
}
