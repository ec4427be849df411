import { readdirSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CONFIGURATIONS } from "../support/configurations.js";
import type { ModelCase } from "../support/model-case.js";
import { runCase } from "../support/model-run.js";
import { under } from "./metamorphic.js";

/* Sequences of operations that once failed, each made as small as it gets: a module each in found/, as campaigns print them. */
const found = suite("reliability: found");
const folder = new URL("./found/", import.meta.url);

for (const name of readdirSync(folder).filter((file) => file.endsWith(".js"))) {
	found(`${name.slice(0, -3)}, as it was found and under every configuration`, async () => {
		const { found: testCase } = (await import(new URL(name, folder).href)) as { found?: ModelCase };
		assert.ok(testCase !== undefined, `${name} exports no case`);
		await runCase(testCase);
		for (const configuration of CONFIGURATIONS) await runCase(under(testCase, configuration));
	});
}

found.run();
