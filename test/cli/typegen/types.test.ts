/** What TypeScript makes of generated types: test/types/typegen/shop.ts compiles, and what must not compile there does not. */

import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runCompiler } from "../../support/compiler.js";
import { root } from "../../support/sources.js";

const test = suite("types that are generated");

test("are those of what comes out and goes in, also for Kysely", () => {
	assert.equal(runCompiler(path.join(root, "test/types/typegen")), { status: 0, output: "" });
});

test.run();
