/** Several command lines in one process, which takes most of the time that each of them would take by itself to start. */

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import type { Outcome } from "../process.js";

const MARK = "\n\0next\0\n";

const SCRIPT = `
	const { run } = await import(process.argv[1]);
	const codes = [];
	for (const words of JSON.parse(process.argv[2])) {
		codes.push(await run(words));
		process.stdout.write(${JSON.stringify(MARK)});
		process.stderr.write(${JSON.stringify(MARK)});
	}
	process.stdout.write(JSON.stringify(codes));
`;

export function runLines(lines: readonly (readonly string[])[], cwd: string): Outcome[] {
	const run = fileURLToPath(new URL("../../../cli/run.js", import.meta.url));
	const { WLSM_DB: _, ...inherited } = process.env;
	const { stdout, stderr, status } = spawnSync(
		process.execPath,
		["--input-type=module", "-e", SCRIPT, run, JSON.stringify(lines)],
		{ cwd, encoding: "utf8", env: { ...inherited, NO_COLOR: "1" } },
	);
	assert.is(status, 0, stderr);
	const outs = stdout.split(MARK);
	const errors = stderr.split(MARK);
	const codes = JSON.parse(outs.at(-1) ?? "[]") as number[];
	return codes.map((exitCode, i) => ({ exitCode, stdout: outs[i] ?? "", stderr: errors[i] ?? "" }));
}
