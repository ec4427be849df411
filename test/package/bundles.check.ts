/* Programs that bundlers made, as docs/bundling.md has them made, and run where nothing else is. */
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { root } from "../support/sources.js";
import { packageIn, packageUnderTest, runProgram, scratchFolder, toolModule, tools } from "./package.js";
import { checkProgram, copyProgram } from "./program.js";

const { project } = packageUnderTest();
const page = readFileSync(path.join(root, "docs/bundling.md"), "utf8");

copyProgram(project);
cpSync(path.join(project, "program.js"), path.join(project, "app.js"));

/** The blocks of a language on the page. */
const blocks = (language: string) =>
	[...page.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, "gm"))].map(([, text]) => text as string);

/** Puts the settings of a tool into the project, as the page has them. */
function settings(name: string): string {
	const text = blocks("js").find((block) => block.startsWith(`// ${name}\n`));
	assert.ok(text !== undefined, `${name} is on the page`);
	const file = path.join(project, name);
	writeFileSync(file, text);
	return file;
}

/** What was made, alone in a folder. */
function moved(folder: string): string {
	const target = path.join(scratchFolder(), "bundle");
	cpSync(path.join(project, folder), target, { recursive: true });
	return target;
}

const test = suite("programs in bundles");

const esbuild = path.join(root, "node_modules/esbuild/bin/esbuild");

test("esbuild makes one file, of either kind of modules", async () => {
	const lines = blocks("sh").flatMap((text) => text.trim().split("\n"));
	assert.is(lines.length, 2);
	for (const line of lines) {
		const [npx, name, ...words] = line.split(" ");
		assert.equal([npx, name], ["npx", "esbuild"]);
		const { status, stderr } = await runProgram(esbuild, [...words, "--log-level=warning"], { cwd: project });
		assert.equal([status, stderr], [0, ""], line);
		const [, output = ""] = /--outfile=out\/(\S+)/.exec(line) ?? [];
		const folder = path.join(scratchFolder(), "bundle");
		mkdirSync(folder);
		cpSync(path.join(project, "out", output), path.join(folder, output));
		await checkProgram(path.join(folder, output), "data:");
	}
});

test("Vite makes a bundle for servers", async () => {
	settings("vite.config.js");
	const vite = path.join(tools, "node_modules/vite/bin/vite.js");
	const words = [vite, "build", "--outDir", "out-vite", "--logLevel", "warn"];
	const { status, stderr } = await runProgram(process.execPath, words, { cwd: project });
	assert.equal([status, stderr], [0, ""]);
	await checkProgram(path.join(moved("out-vite"), "app.js"), "data:");
});

test("Vite leaves the package out where it is not told to put it in", async () => {
	const vite = path.join(tools, "node_modules/vite/bin/vite.js");
	const words = [vite, "build", "--config", "false", "--ssr", "app.js", "--outDir", "out-external"];
	writeFileSync(path.join(project, "false"), "export default {};\n");
	const { status } = await runProgram(process.execPath, words, { cwd: project });
	assert.is(status, 0);
	await checkProgram(path.join(project, "out-external/app.js"), "file:");
});

interface Trace {
	nodeFileTrace(
		files: readonly string[],
		options: { base: string },
	): Promise<{ fileList: ReadonlySet<string>; warnings: ReadonlySet<Error> }>;
}

test("the files of a program that is not bundled are found by what gathers them", async () => {
	const { nodeFileTrace } = (await toolModule("@vercel/nft")) as Trace;
	const { fileList, warnings } = await nodeFileTrace([path.join(project, "app.js")], { base: project });
	assert.equal([...warnings], []);
	const folder = path.join(scratchFolder(), "gathered");
	for (const file of fileList) cpSync(path.join(project, file), path.join(folder, file), { dereference: true });
	assert.ok(fileList.size < 100, "those that it needs and no others");
	await checkProgram(path.join(folder, "app.js"), "file:");
});

type Webpack = (settings: object, done: (error: Error | null, stats: Stats) => void) => void;

interface Stats {
	hasErrors(): boolean;
	toString(options: object): string;
}

test("webpack makes a bundle, of either kind of modules", async () => {
	const { default: webpack } = (await toolModule("webpack")) as { readonly default: Webpack };
	const { default: given } = await import(pathToFileURL(settings("webpack.config.js")).href);
	const module = { ...given.output, module: true, filename: "app.mjs" };
	for (const [folder, more] of [
		["out-webpack", { output: given.output }],
		["out-webpack-modules", { experiments: { outputModule: true }, output: module }],
	] as const) {
		const output = { ...more.output, path: path.join(project, folder) };
		// To make it small takes ten times as long as to make it.
		const all = { ...given, ...more, output, context: project, optimization: { minimize: false } };
		const stats = await new Promise<Stats>((resolve, reject) => {
			webpack(all, (error, made) => (error === null ? resolve(made) : reject(error)));
		});
		assert.is(stats.hasErrors(), false, stats.toString({ all: false, errors: true }));
		await checkProgram(path.join(moved(folder), output.filename), "data:");
	}
});

test("without the condition a program says what is missing, and with the kernel alone goes without threads", async () => {
	const folder = path.join(project, "out-files");
	const made = path.join(folder, "program/app.mjs");
	const [, banner] = /--banner:js='([^']+)'/.exec(page) ?? [];
	await build({
		absWorkingDir: project,
		entryPoints: ["app.js"],
		bundle: true,
		platform: "node",
		format: "esm",
		conditions: ["none"],
		banner: { js: banner as string },
		outfile: made,
		logLevel: "error",
	});
	const { status, stderr } = await runProgram(process.execPath, [made, scratchFolder()]);
	assert.is(status, 1, stderr);
	const missing = path.join(folder, "kernel.wasm");
	assert.match(stderr, /WLSM_IO/);
	assert.match(stderr, /docs\/bundling\.md/);
	assert.ok(stderr.includes(missing), stderr);
	cpSync(path.join(packageIn(project), "dist/kernel.wasm"), missing);
	mkdirSync(path.join(folder, "program/ts"));
	// The other kernel is used by the program too.
	await build({
		absWorkingDir: packageIn(project),
		entryPoints: ["dist/lib/ts/kernel.js"],
		bundle: true,
		platform: "node",
		format: "esm",
		outfile: path.join(folder, "program/ts/kernel.js"),
		logLevel: "error",
	});
	await checkProgram(made, "file:", {}, "none");
});

test("a worker that lacks modules says what to do", async () => {
	const folder = path.join(project, "out-files/program");
	assert.ok(existsSync(path.join(folder, "app.mjs")), "of the test before");
	for (const name of ["background-worker.js", "bulk-worker.js"])
		cpSync(path.join(packageIn(project), "dist/lib", name), path.join(folder, name));
	const { status, stderr } = await runProgram(process.execPath, [path.join(folder, "app.mjs"), scratchFolder()]);
	assert.is(status, 1);
	assert.match(stderr, /WLSM_IO/);
	assert.match(stderr, /docs\/bundling\.md/);
});

test("what the page says of the size is so", async () => {
	const [, kilobytes] = /adds to a bundle is about (\d+) KB/.exec(page) ?? [];
	const sizes = ["module", "none"].map(async (condition) => {
		const { outputFiles } = await build({
			stdin: { contents: 'export * from "wlsm";', resolveDir: project },
			bundle: true,
			platform: "node",
			format: "esm",
			minify: true,
			conditions: [condition],
			write: false,
		});
		return outputFiles[0]?.contents.length ?? Number.NaN;
	});
	const [embedded, files] = (await Promise.all(sizes)) as [number, number];
	const told = Number(kilobytes) * 1000;
	assert.ok(Math.abs(embedded - files - told) < told / 10, `${embedded - files} bytes`);
});

test.run();
