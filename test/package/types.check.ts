/* The declarations, as compilers resolve and check them. */
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { root } from "../support/sources.js";
import type { CompileJob } from "./compile.js";
import { packageUnderTest, runNode, runProgram, samples } from "./package.js";

const { project } = packageUnderTest();
const folder = path.join(project, "types");
mkdirSync(folder, { recursive: true });
for (const name of ["types.ts", "required.cts"]) cpSync(path.join(samples, name), path.join(folder, name));
// As the README says.
for (const name of ["@types/node", "undici-types"])
	cpSync(path.join(root, "node_modules", name), path.join(project, "node_modules", name), { recursive: true });

const common = {
	noEmit: true,
	// What the samples export has types that a program's own declarations can name.
	declaration: true,
	strict: true,
	target: "es2022",
	lib: ["es2022"],
	types: ["node"],
	typeRoots: [path.join(project, "node_modules/@types")],
};

interface Way {
	readonly module: string;
	readonly moduleResolution: string;
	readonly ignoreDeprecations?: string;
}

const job = (way: Way, skipLibCheck: boolean, files = ["types.ts"]): CompileJob => ({
	files,
	options: { ...common, ...way, skipLibCheck },
});

const node16 = { module: "node16", moduleResolution: "node16" };
const nodenext = { module: "nodenext", moduleResolution: "nodenext" };
const bundler = { module: "esnext", moduleResolution: "bundler" };
/** Without "exports". */
const node10 = { module: "esnext", moduleResolution: "node10" };

/** Declarations are checked whole once by each version: they are the same ones, whichever way leads to them. */
const VERSIONS: Readonly<Record<string, readonly CompileJob[]>> = {
	"5.6": [job(nodenext, false), job(node16, true), job(bundler, true), job(node10, true)],
	"6.0": [
		job(nodenext, false, ["types.ts", "required.cts"]),
		job(node16, true),
		job(bundler, true),
		job({ ...node10, ignoreDeprecations: "6.0" }, true),
	],
};

// Other checks go on meanwhile.
const compileChild = fileURLToPath(new URL("./compile.js", import.meta.url));
const compiled = compileAll();
compiled.catch(() => {});

async function compileAll(): Promise<Readonly<Record<string, readonly string[]>>> {
	const found: Record<string, readonly string[]> = {};
	for (const [version, jobs] of Object.entries(VERSIONS))
		found[version] = await runNode<string[]>([compileChild, `typescript-${version}`, folder, JSON.stringify(jobs)]);
	return found;
}

const test = suite("the types of the package");

test("resolve and hold under every way to resolve modules", async () => {
	const found = await compiled;
	for (const [version, jobs] of Object.entries(VERSIONS))
		for (const [i, { options }] of jobs.entries())
			assert.is(found[version]?.[i], "", `TypeScript ${version}, ${JSON.stringify(options)}`);
});

test("hold for the compiler of this project, all of them checked", async () => {
	const tsc = path.join(root, "node_modules/typescript/bin/tsc");
	for (const { module, moduleResolution } of [nodenext, bundler]) {
		const words = [
			"--noEmit",
			"--strict",
			"--target",
			"es2022",
			"--types",
			"node",
			"--skipLibCheck",
			"false",
			"--module",
			module,
		];
		const files = ["types.ts", ...(module === "nodenext" ? ["required.cts"] : [])];
		const all = [tsc, ...words, "--moduleResolution", moduleResolution, ...files];
		const { status, stdout } = await runProgram(process.execPath, all, { cwd: folder });
		assert.equal([stdout, status], ["", 0], moduleResolution);
	}
});

test("are those that the README promises", () => {
	assert.match(
		readFileSync(path.join(root, "README.md"), "utf8"),
		/types are for TypeScript 5\.6 or later, with `@types\/node`/,
	);
	assert.ok(Object.keys(VERSIONS).includes("5.6"));
});

test.run();
