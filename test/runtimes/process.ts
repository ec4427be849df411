/** Processes in the runtimes. */

import { spawn } from "node:child_process";
import type { Runtime } from "./runtimes.js";

/** What does not end by then hangs. No figure is taken from it: machines are busy. */
const LIMIT_SECONDS = 300;

export interface Ended {
	readonly code: number | null;
	/** Standard output and standard error as they came. */
	readonly output: string;
	/** Standard output alone. */
	readonly answer: string;
	readonly seconds: number;
}

export interface Script {
	readonly words: readonly string[];
	readonly cwd: string;
	/** The folder for temporary files. */
	readonly temporary: string;
	readonly permissions: readonly string[];
	/** Done once the process has said something; then it is killed. */
	readonly meanwhile?: { readonly said: string; readonly work: () => Promise<unknown> };
}

export async function run(runtime: Runtime, script: Script): Promise<Ended> {
	const from = performance.now();
	const { words, cwd, permissions, meanwhile } = script;
	const child = spawn(runtime.program, [...runtime.words(permissions), ...words], {
		cwd,
		env: environmentIn(script.temporary),
		stdio: ["ignore", "pipe", "pipe"],
	});
	let [output, answer] = ["", ""];
	let work: Promise<unknown> | undefined;
	child.stdout.setEncoding("utf8").on("data", (text: string) => {
		output += text;
		answer += text;
		if (meanwhile === undefined || work !== undefined || !answer.includes(meanwhile.said)) return;
		work = meanwhile.work().finally(() => child.kill("SIGKILL"));
	});
	child.stderr.setEncoding("utf8").on("data", (text: string) => {
		output += text;
	});
	const guard = setTimeout(() => {
		output += `\nno end after ${LIMIT_SECONDS} s\n`;
		child.kill("SIGKILL");
	}, LIMIT_SECONDS * 1000);
	const code = await new Promise<number | null>((resolve, reject) => {
		child.once("error", reject).once("close", resolve);
	});
	clearTimeout(guard);
	await work;
	return { code, output, answer, seconds: (performance.now() - from) / 1000 };
}

/** Nothing is written outside of the folder, and nobody looks for newer versions. */
function environmentIn(temporary: string): NodeJS.ProcessEnv {
	const { FORCE_COLOR: _force, NODE_OPTIONS: _options, WLSM_DB: _db, WLSM_CONFIG: _config, ...env } = process.env;
	return {
		...env,
		...{ TMPDIR: temporary, TMP: temporary, TEMP: temporary },
		NO_COLOR: "1",
		SLT_PUBLIC: "0",
		DENO_DIR: `${temporary}/deno`,
		DENO_NO_UPDATE_CHECK: "1",
		BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0",
		DO_NOT_TRACK: "1",
	};
}
