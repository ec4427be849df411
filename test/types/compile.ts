/** Runs the compiler over files that are written for it, with the library as a program has it that installed it. */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { type Diagnostic, diagnosticsOf, runCompiler } from "../support/compiler.js";
import { root } from "../support/sources.js";

export interface Compiled {
	readonly diagnostics: readonly Diagnostic[];
	/** The declarations that came of a file, by its name without an ending. */
	declarations(name: string): string;
}

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
	const { output } = runCompiler(folder);
	return {
		diagnostics: diagnosticsOf(output),
		declarations: (file) => readFileSync(path.join(folder, "out", `${file}.d.ts`), "utf8"),
	};
}
