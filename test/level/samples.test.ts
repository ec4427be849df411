import { execFile } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { withDirectory } from "../support/database.js";
import { root } from "../support/sources.js";

const samples = suite("samples of docs/level.md");
const text = readFileSync(path.join(root, "docs/level.md"), "utf8");
const blocks = [...text.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, code]) => code as string);

samples("there are some", () => {
	assert.is(blocks.length, 3);
});

for (const [index, code] of blocks.entries()) {
	samples(`number ${index + 1} runs`, () =>
		withDirectory(async (directory) => {
			// Within the package, which resolves its own name.
			const file = fileURLToPath(new URL(`sample-${process.pid}-${index}.mjs`, import.meta.url));
			writeFileSync(file, code);
			try {
				const { stderr } = await promisify(execFile)(process.execPath, [file], { cwd: directory });
				assert.is(stderr, "");
			} finally {
				rmSync(file);
			}
		}),
	);
}

samples.run();
