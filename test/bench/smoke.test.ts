/* The benchmarks run on tiny inputs, so that none rots: each checks its answers and fails where one is wrong. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const test = suite("benchmarks");

for (const [name, expected] of [
	["key-value", /2000 entries[\s\S]*await get, random/],
	["kernel", /scan of the table, keys and values: check 100000/],
] as const) {
	test(`${name} runs`, () => {
		const script = fileURLToPath(new URL(`../../bench/${name}.js`, import.meta.url));
		const { status, stdout, stderr } = spawnSync(process.execPath, [script, "--smoke"], { encoding: "utf8" });
		assert.is(status, 0, stderr);
		assert.match(stdout, expected);
	});
}

test.run();
