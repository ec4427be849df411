/* Each entry of the package, used from a project that has it installed. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
	emptyProject,
	filesBelow,
	installed,
	manifestIn,
	packageIn,
	packageUnderTest,
	runNode,
	runProgram,
	samples,
	scratchFolder,
} from "./package.js";
import { checkProgram, copyProgram } from "./program.js";

const { project, tarball } = packageUnderTest();

const test = suite("the package as it is installed");

test("works from modules of ECMAScript", () => {
	copyProgram(project);
	return checkProgram(path.join(project, "program.js"), "file:");
});

test("works through require()", async () => {
	const file = path.join(project, "commonjs.cjs");
	writeFileSync(file, readFileSync(path.join(samples, "commonjs.cjs")));
	const answer = await runNode<{
		readonly modules: Readonly<Record<string, readonly string[]>>;
		readonly found: readonly unknown[];
		readonly name: string;
		readonly kernel: string;
	}>([file]);
	assert.equal(answer.found, ["required", 2]);
	assert.is(answer.name, "wlsm");
	assert.is(answer.kernel, path.join(packageIn(project), "dist/kernel.wasm"));
	const { wlsm, ...others } = answer.modules;
	const expected = [
		"Database",
		"SqlDatabase",
		"Statement",
		"WlsmError",
		"destroy",
		"open",
		"openSync",
		"repair",
		"splitSql",
		"sql",
		"statementsOf",
	];
	assert.equal(wlsm, expected);
	for (const [name, exported] of Object.entries(others)) assert.ok(exported.length > 0, name);
});

test("has the kernel as a file, and what it says of itself", async () => {
	const text = `
		import { readFileSync } from "node:fs";
		import manifest from "wlsm/package.json" with { type: "json" };
		const module = new WebAssembly.Module(readFileSync(new URL(import.meta.resolve("wlsm/kernel.wasm"))));
		console.log(JSON.stringify([manifest.version, WebAssembly.Module.imports(module)]));`;
	const [version, imports] = await runNode<[string, object[]]>(["--input-type=module", "--eval", text], {
		cwd: project,
	});
	assert.is(version, manifestIn(project).version);
	assert.equal(imports, [{ module: "env", name: "memory", kind: "memory" }]);
});

test("refuses what is not exported", async () => {
	const text = `await import("wlsm/dist/lib/index.js").catch(({ code }) => console.log(JSON.stringify(code)))`;
	const code = await runNode<string>(["--input-type=module", "--eval", text], { cwd: project });
	assert.is(code, "ERR_PACKAGE_PATH_NOT_EXPORTED");
});

test("has a command, also by npx", async () => {
	const cwd = scratchFolder();
	const wlsm = path.join(project, "node_modules/.bin/wlsm");
	assert.is((await runProgram(wlsm, ["put", "a", "b"], { cwd })).status, 0);
	const npx = ["exec", "--no", "--", "wlsm", "get", "a", "--db", path.join(cwd, "wlsm-data")];
	assert.is((await runProgram("npm", npx, { cwd: project })).stdout, "b\n");
	const { stdout } = await runProgram(wlsm, ["query", "SELECT value FROM kv", "--format", "csv"], { cwd });
	assert.is(stdout, "value\nb\n");
	const version = await runProgram(wlsm, ["--version"], { cwd });
	assert.is(version.stdout.split("\n")[0], manifestIn(project).version);
	assert.is((await runProgram(wlsm, ["get", "absent"], { cwd })).status, 1);
});

test("runs nothing and builds nothing while it is installed, with or without --ignore-scripts", () => {
	const other = emptyProject(path.join(scratchFolder(), "project"));
	// What it depends on was fetched a moment ago.
	installed(other, tarball, ["--prefer-offline"]);
	const files = filesBelow(packageIn(project));
	assert.equal(filesBelow(packageIn(other)), files);
	for (const file of files) {
		const [one, two] = [project, other].map((folder) => readFileSync(path.join(packageIn(folder), file)));
		assert.ok(one?.equals(two as Buffer), file);
	}
	const lock = JSON.parse(readFileSync(path.join(other, "node_modules/.package-lock.json"), "utf8")) as {
		readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean; readonly os?: string[] }>>;
	};
	const names = Object.entries(lock.packages);
	assert.ok(names.length > 10);
	// Neither it nor anything that it brings along.
	for (const [name, { hasInstallScript, os }] of names)
		assert.equal([hasInstallScript, os], [undefined, undefined], name);
	for (const name of ["typescript", "assemblyscript", "esbuild"])
		assert.not.ok(existsSync(path.join(other, "node_modules", name)), name);
});

test.run();
