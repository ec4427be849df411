/** Runs the command line in a process of its own. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export const main = fileURLToPath(new URL("../../cli/main.js", import.meta.url));

export interface Outcome {
	readonly exitCode: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

export interface Surroundings {
	readonly cwd: string;
	readonly input?: string | Uint8Array;
	readonly env?: Readonly<Record<string, string>>;
}

export function runCli(words: readonly string[], { cwd, input = "", env = {} }: Surroundings): Promise<Outcome> {
	const { WLSM_DB: _, ...inherited } = process.env;
	const child = spawn(process.execPath, [main, ...words], { cwd, env: { ...inherited, NO_COLOR: "1", ...env } });
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
