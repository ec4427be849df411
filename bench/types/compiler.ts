/** Runs a TypeScript compiler over one program that uses this package as it is built. */

import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What a run took: seconds of the whole process, and those and the counts that the compiler itself tells of. */
export interface CompilerRun {
	readonly seconds: number;
	readonly checkSeconds: number;
	readonly instantiations: number;
	readonly types: number;
}

/** Inside the package, so that "wlsm" is the package itself. */
const PLACE = fileURLToPath(new URL("programs/", import.meta.url));

export const ownCompiler = fileURLToPath(new URL("../../../node_modules/typescript/", import.meta.url));

/** `compiler` is the folder of a package like typescript. Fails where the program has errors. */
export function runCompiler(compiler: string, name: string, program: string): CompilerRun {
	const folder = join(PLACE, name);
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, "program.ts"), program);
	const modules = { module: "NodeNext", target: "ES2022", lib: ["ES2023", "ESNext.Disposable"], types: ["node"] };
	const compilerOptions = { strict: true, noEmit: true, skipLibCheck: true, ...modules };
	writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["program.ts"] }));
	const command = [join(compiler, "bin/tsc"), "-p", folder, "--extendedDiagnostics", "--pretty", "false"];
	const started = performance.now();
	const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: "utf8" });
	const seconds = (performance.now() - started) / 1000;
	if (status !== 0) throw new Error(`${compiler} on ${name}: ${stdout.slice(0, 2000)}${stderr}`);
	const figure = (label: string) => Number(new RegExp(`^${label}:\\s+([\\d.]+)`, "m").exec(stdout)?.[1]);
	return {
		seconds,
		checkSeconds: figure("Check time"),
		instantiations: figure("Instantiations"),
		types: figure("Types"),
	};
}
