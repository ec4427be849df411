/** Runs command lines one after the other in one process: most of what a process of their own takes is starting it. */

import { readFileSync } from "node:fs";
import { run } from "../../cli/run.js";
import type { Outcome } from "./process.js";

const lines = JSON.parse(readFileSync(0, "utf8")) as (readonly string[])[];
const write = process.stdout.write.bind(process.stdout);
let printed = { stdout: "", stderr: "" };

/** A stream's `write` that keeps what it is given. */
function keptIn(name: "stdout" | "stderr"): typeof process.stdout.write {
	return (data: string | Uint8Array, ...rest: readonly unknown[]) => {
		printed[name] += typeof data === "string" ? data : Buffer.from(data).toString();
		const done = rest.find((argument) => typeof argument === "function");
		if (typeof done === "function") done();
		return true;
	};
}

// Each command line listens to its output.
process.stdout.setMaxListeners(0);
process.stdout.write = keptIn("stdout");
process.stderr.write = keptIn("stderr");
const outcomes: Outcome[] = [];
for (const words of lines) {
	printed = { stdout: "", stderr: "" };
	const exitCode = await run(words);
	outcomes.push({ exitCode, ...printed });
}
await new Promise<void>((resolve) => {
	write(JSON.stringify(outcomes), () => resolve());
});
process.exit(0);
