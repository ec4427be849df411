/** abstract-level's own test suite over WlsmLevel: `node suite-child.js KERNEL STORAGE`. Ends with tape's summary. */

import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { type LevelOpenOptions, WlsmLevel } from "../../host/level/index.js";

type Suite = (options: { test: unknown; factory: (options?: object) => object }) => void;

const require = createRequire(import.meta.url);
const test = require("tape") as { onFinish(end: () => void): void };
const suite = require("abstract-level/test") as Suite;

const [kernel, storage] = process.argv.slice(2) as ["wasm" | "ts", "disk" | "memory"];
const root = mkdtempSync(path.join(tmpdir(), "wlsm-level-"));
let databases = 0;

class Tested extends WlsmLevel {
	// Not by the constructor: the suite looks at the options that it gave.
	protected override _open(options: LevelOpenOptions): Promise<void> {
		// Jobs on the calling thread: hundreds of databases are opened, each for moments.
		return super._open({ ...options, kernel, background: "inline" });
	}
}

suite({
	test,
	factory: (options) => new Tested(storage === "memory" ? ":memory:" : path.join(root, String(databases++)), options),
});

test.onFinish(() => rmSync(root, { recursive: true, force: true }));
