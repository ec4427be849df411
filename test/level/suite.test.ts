import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { kernels } from "../support/kernels.js";

const child = fileURLToPath(new URL("suite-child.js", import.meta.url));
/** Of each storage, since a database in memory has no permanence to be tested. */
const TESTS = 5000;

const conformance = suite("abstract-level's own tests");
const places = kernels.flatMap((kernel) => (["disk", "memory"] as const).map((storage) => ({ kernel, storage })));
/** All at the same time: on a disk they wait for it more than they work. */
let runs: Promise<Output>[] = [];

conformance.before(() => {
	runs = places.map(({ kernel, storage }) => output([child, kernel, storage]));
});

for (const [index, { kernel, storage }] of places.entries()) {
	conformance(`pass whole (${kernel}, ${storage})`, async () => {
		const { code, text } = await (runs[index] as Promise<Output>);
		const failures = text.split("\n").flatMap((line, at, lines) => {
			return line.startsWith("not ok") ? lines.slice(at, at + 8) : [];
		});
		assert.equal(failures, []);
		assert.is(code, 0);
		const passed = Number(/^# pass {2}(\d+)$/m.exec(text)?.[1]);
		assert.ok(passed > TESTS, `${passed} passed`);
	});
}

interface Output {
	readonly code: number | null;
	readonly text: string;
}

function output(args: readonly string[]): Promise<Output> {
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
