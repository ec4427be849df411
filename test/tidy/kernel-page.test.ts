/* docs/kernel.md says of the kernel what the module, its types and its constants say, and what it shows works. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { abi, format, kernelUrl, status } from "../../host/kernel/index.js";
import { root } from "../support/sources.js";
import { exportedFunctions } from "../support/wasm-binary.js";

interface ExportedFunction {
	readonly section: string;
	readonly name: string;
	readonly parameters: readonly { readonly name: string; readonly type: string }[];
	readonly answer: string;
	readonly text: string;
}

interface KernelExportsTool {
	parseExports(source: string): ExportedFunction[];
	withTable(page: string, functions: readonly ExportedFunction[]): string;
	exportsSource(): string;
	kernelPage(): string;
}

const tool = (await import(
	pathToFileURL(path.join(root, "docs/reference/kernel-exports.js")).href
)) as KernelExportsTool;
const page = tool.kernelPage();
const declared = tool.parseExports(tool.exportsSource());

const tidy = suite("the kernel's page");

/** How a type of host/kernel/exports.ts stands in the module. */
const WASM_TYPES: Readonly<Record<string, readonly string[]>> = {
	Address: ["i32"],
	ByteLength: ["i32"],
	Count: ["i32"],
	Flag: ["i32"],
	Word: ["i32"],
	StatusWord: ["i32"],
	Sequence: ["f64"],
	UnixMilliseconds: ["f64"],
	LargeCount: ["f64"],
	Double: ["f64"],
	void: [],
};

tidy("the types of the exports are those of the module, and all of them are declared", () => {
	const found = declared.map(({ name, parameters, answer }) => [
		name,
		{ parameters: parameters.flatMap(({ type }) => WASM_TYPES[type] ?? type), results: WASM_TYPES[answer] ?? answer },
	]);
	const byName = (entries: Iterable<unknown>) => Object.fromEntries(entries as Iterable<[string, unknown]>);
	assert.equal(byName(found), byName(exportedFunctions(readFileSync(kernelUrl))));
	for (const { name, text, section } of declared) assert.ok(text.length > 10 && section !== "", `${name} is explained`);
});

tidy("what is installed declares the same", () => {
	const installed = tool.parseExports(readFileSync(path.join(root, "dist/host/kernel/exports.d.ts"), "utf8"));
	const plain = (all: readonly ExportedFunction[]) => all.map(({ section: _, ...rest }) => rest);
	assert.equal(plain(installed), plain(declared));
});

tidy("the table is made of them: npm run docs:kernel", () => {
	assert.is(tool.withTable(page, declared), page);
});

tidy("constants are what it says, and none of the scratch, of descriptions, jobs and statuses is left out", () => {
	const constants: Readonly<Record<string, number>> = { ...abi, ...format, ...status };
	const said = new Map(
		[...page.matchAll(/^\| `([A-Z_]+)` \| (\d+) \|/gm)].map(([, name, value]) => [name as string, Number(value)]),
	);
	for (const [name, value] of said) assert.is(constants[name], value, name);
	for (const name of [...Object.keys(abi), ...Object.keys(status)]) {
		if (!/^(NEED|RESULT|ERROR|PAGE|EMIT_FLAG|KEY_BUFFER|SCRATCH|TABLE|JOB|COUNTER|REGION|STATUS)/.test(name)) continue;
		assert.ok(said.has(name) || name === "COUNTERS_BYTES", `${name} is missing`);
	}
});

/** Runs a program as one of another project would be: all it has is the package. */
function run(words: readonly string[], input?: string): string {
	const { stdout, stderr, status } = spawnSync(process.execPath, [...words], {
		cwd: root,
		encoding: "utf8",
		env: { ...process.env, FORCE_COLOR: "0" },
		...(input === undefined ? {} : { input }),
	});
	assert.is(status, 0, stderr);
	return stdout;
}

tidy("its programs run, and print what stands below them", () => {
	const programs = [...page.matchAll(/```js\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/g)];
	assert.is(programs.length, [...page.matchAll(/```js\n/g)].length);
	assert.ok(programs.length >= 3);
	for (const [, program, output] of programs) assert.is(run(["--input-type=module", "-"], program), output);
});

tidy("so does the example", () => {
	assert.match(run(["examples/kernel.js"]), /\n {2}everything was given back\n$/);
});

tidy.run();
