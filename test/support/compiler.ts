/** The project's own TypeScript compiler, and what it says. */

import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { root } from "./sources.js";

export interface Diagnostic {
	readonly file: string;
	/** From 1. */
	readonly line: number;
	/** All its lines. */
	readonly message: string;
}

const compiler = path.join(root, "node_modules/typescript/bin/tsc");

/** Compiles the project in a folder, with its tsconfig.json and these options besides. */
export function runCompiler(
	folder: string,
	...options: readonly string[]
): { readonly status: number; readonly output: string } {
	const words = [compiler, "-p", ".", "--pretty", "false", ...options];
	const { status, stdout, stderr, error } = spawnSync(process.execPath, words, { encoding: "utf8", cwd: folder });
	if (status === null) throw error ?? new Error("the compiler was ended");
	return { status, output: stdout + stderr };
}

export function diagnosticsOf(output: string): Diagnostic[] {
	const found: Diagnostic[] = [];
	for (const line of output.split("\n")) {
		const place = /^(.*?)\((\d+),\d+\): error (TS\d+: .*)$/.exec(line);
		if (place !== null) {
			found.push({ file: path.basename(place[1] ?? ""), line: Number(place[2]), message: place[3] ?? "" });
			continue;
		}
		const last = found.pop();
		if (last !== undefined) found.push({ ...last, message: `${last.message}\n${line}`.trimEnd() });
		else if (line.trim() !== "") throw new Error(`the compiler says: ${output}`);
	}
	return found;
}
