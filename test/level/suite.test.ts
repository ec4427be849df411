import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { kernels } from "../support/kernels.js";

const child = fileURLToPath(new URL("suite-child.js", import.meta.url));
/** Of each storage, since a database in memory has no permanence to be tested. */
const TESTS = 5000;

const conformance = suite("abstract-level's own tests");

for (const kernel of kernels) {
	for (const storage of ["disk", "memory"]) {
		conformance(`pass whole (${kernel}, ${storage})`, async () => {
			const { code, text } = await output([child, kernel, storage]);
			const failures = text.split("\n").flatMap((line, at, lines) => {
				return line.startsWith("not ok") ? lines.slice(at, at + 8) : [];
			});
			assert.equal(failures, []);
			assert.is(code, 0);
			const passed = Number(/^# pass {2}(\d+)$/m.exec(text)?.[1]);
			assert.ok(passed > TESTS, `${passed} passed`);
		});
	}
}

function output(args: readonly string[]): Promise<{ readonly code: number | null; readonly text: string }> {
	return new Promise((resolve, reject) => {
		const running = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
		let text = "";
		running.stdout.setEncoding("utf8").on("data", (part: string) => {
			text += part;
		});
		running.on("error", reject).on("close", (code) => resolve({ code, text }));
	});
}

conformance.run();
