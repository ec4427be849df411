/** What TypeScript makes of generated types: test/types/typegen/shop.ts compiles, and what must not compile there does not. */

import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { root } from "../../support/sources.js";

const test = suite("types that are generated");

test("are those of what comes out and goes in, also for Kysely", () => {
	const compiler = path.join(root, "node_modules", "typescript", "bin", "tsc");
	const { status, stdout } = spawnSync(process.execPath, [compiler, "-p", "test/types/typegen"], {
		cwd: root,
		encoding: "utf8",
	});
	assert.equal([status, stdout], [0, ""]);
});

test.run();
