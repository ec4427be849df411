/** Runs the compiler over files that are written for it, with the library as a program has it that installed it. */

import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { root } from "../support/sources.js";

export interface Diagnostic {
	readonly file: string;
	/** From 1. */
	readonly line: number;
	/** All its lines. */
	readonly message: string;
}

export interface Compiled {
	readonly diagnostics: readonly Diagnostic[];
	/** The declarations that came of a file, by its name without an ending. */
	declarations(name: string): string;
}

const TSC = path.join(root, "node_modules/typescript/bin/tsc");

/** Inside the package, so that "wlsm" is the package itself. */
const PLACE = path.join(root, "dist/test/types/compiled");

/** `files` by name, as one program. */
export function compile(name: string, files: Readonly<Record<string, string>>): Compiled {
	const folder = path.join(PLACE, name);
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(folder, { recursive: true });
	for (const [file, text] of Object.entries(files)) writeFileSync(path.join(folder, file), text);
	const names = Object.keys(files);
	const options = { strict: true, declaration: true, emitDeclarationOnly: true, outDir: "out", rootDir: "." };
	const modules = { module: "NodeNext", target: "ES2022", lib: ["ES2023", "ESNext.Disposable"], types: ["node"] };
	const compilerOptions = { ...options, ...modules, skipLibCheck: true, noUncheckedIndexedAccess: true };
	writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: names }));
	const run = spawnSync(process.execPath, [TSC, "-p", folder, "--pretty", "false"], { encoding: "utf8", cwd: folder });
	if (run.status === null) throw run.error ?? new Error("the compiler was ended");
	return {
		diagnostics: diagnosticsOf(run.stdout + run.stderr),
		declarations: (file) => readFileSync(path.join(folder, "out", `${file}.d.ts`), "utf8"),
	};
}

function diagnosticsOf(output: string): Diagnostic[] {
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
