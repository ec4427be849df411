/** Runs the command line in a process of its own. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import type { Test } from "uvu";
import { VARIABLE } from "../coverage/paths.js";

const installed = fileURLToPath(new URL("../../lib/wlsm.js", import.meta.url));
/** As it is compiled, each module by itself. */
export const modules = fileURLToPath(new URL("../../cli/main.js", import.meta.url));
/** As it is installed, which starts in half the time; where covered lines are counted, they are those of the modules. */
export const main = process.env[VARIABLE] === undefined ? installed : modules;

export interface Outcome {
	readonly exitCode: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

export interface Surroundings {
	readonly cwd: string;
	readonly input?: string | Uint8Array;
	readonly env?: Readonly<Record<string, string>>;
	/** `main` unless given. */
	readonly program?: string;
}

/** Gives each test of the suite a working directory of its own. */
export function inDirectories(test: Test<{ cwd: string }>): void {
	test.before.each((context) => {
		context.cwd = mkdtempSync(path.join(tmpdir(), "wlsm-cli-"));
	});
	test.after.each(({ cwd }) => rmSync(cwd, { recursive: true }));
}

export function runCli(words: readonly string[], surroundings: Surroundings): Promise<Outcome> {
	const { cwd, input = "", env = {}, program = main } = surroundings;
	const { WLSM_DB: _, FORCE_COLOR: _f, ...inherited } = process.env;
	const child = spawn(process.execPath, [program, ...words], { cwd, env: { ...inherited, NO_COLOR: "1", ...env } });
	const stdout: Uint8Array[] = [];
	const stderr: Uint8Array[] = [];
	child.stdout.on("data", (chunk) => stdout.push(chunk));
	child.stderr.on("data", (chunk) => stderr.push(chunk));
	// A command that does not read its input may be gone before it is written.
	child.stdin.on("error", () => {});
	child.stdin.end(input);
	return new Promise((resolve, reject) => {
		child.once("error", reject);
		child.once("close", (exitCode) => resolve({ exitCode, stdout: join(stdout), stderr: join(stderr) }));
	});
}

function join(chunks: readonly Uint8Array[]): string {
	const decoder = new TextDecoder();
	return chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join("") + decoder.decode();
}
