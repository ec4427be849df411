/* What samples/program.js is to find, wherever it runs. */
import { cpSync, mkdirSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { runNode, type Start, samples, scratchFolder } from "./package.js";

interface Outcome {
	readonly parts: readonly [
		{
			readonly background: string;
			readonly compactions: boolean;
			readonly problems: object[];
			readonly value: string;
		} & Threads,
		{ readonly loaded: number; readonly sum: number } & Threads,
		readonly unknown[],
		{ readonly address: string },
	];
	readonly failures: readonly string[];
}

interface Threads {
	readonly threads: readonly string[];
}

/** Puts the program into a project. */
export function copyProgram(project: string): void {
	mkdirSync(project, { recursive: true });
	for (const name of ["program.js", "workers.js"]) cpSync(path.join(samples, name), path.join(project, name));
}

/** Runs it. `protocol`: of the addresses that kernel and workers have; `threads`: whether there are any. */
export async function checkProgram(
	file: string,
	protocol: "file:" | "data:",
	start: Start = {},
	threads: "threads" | "none" = "threads",
): Promise<void> {
	const folder = scratchFolder();
	const { parts, failures } = await runNode<Outcome>([file, folder], { cwd: folder, ...start });
	const [keysAndValues, rows, interfaces, kernels] = parts;
	assert.equal(failures, [], "what threads have failed with");
	assert.is(keysAndValues.value, "value 2999".repeat(5));
	assert.is(keysAndValues.compactions, true);
	assert.equal(keysAndValues.problems, []);
	assert.equal([rows.loaded, rows.sum], [200_000, 19_999_900_000]);
	assert.equal(interfaces, [1, [["a", { b: 1 }]], "kept", "stored"]);
	assert.equal(kernels, {
		address: protocol,
		module: "[object WebAssembly.Module]",
		kernel: "wasm",
		value: "of the twin",
		code: "WLSM_INVALID_ARGUMENT",
	});
	const started = [...keysAndValues.threads, ...rows.threads];
	assert.is(keysAndValues.background, threads === "threads" ? "worker" : "inline");
	assert.equal([...new Set(started)], threads === "threads" ? [protocol] : []);
	if (threads === "none") return;
	assert.is(keysAndValues.threads.length, 1, "the background of the database");
	assert.ok(rows.threads.length >= 2, "threads of the load");
}
