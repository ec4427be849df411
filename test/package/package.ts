/* What the checks of the package share: where it is, and how programs that use it are run. */
import { execFile, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../support/sources.js";

/** Has the package.json with the tools of the checks. */
export const tools = path.join(root, "test/package");
export const samples = path.join(tools, "samples");

export interface PackageUnderTest {
	readonly tarball: string;
	/** A project that has nothing but the package in its node_modules. */
	readonly project: string;
	/** For whatever checks write. */
	readonly scratch: string;
}

export interface Manifest {
	readonly name: string;
	readonly version: string;
	readonly main: string;
	readonly types: string;
	readonly license: string;
	readonly engines: { readonly node: string };
	readonly bin: { readonly wlsm: string };
	readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
	readonly imports: Readonly<Record<string, Readonly<Record<string, string>>>>;
	readonly scripts: Readonly<Record<string, string>>;
	readonly dependencies: Readonly<Record<string, string>>;
}

/** What main.ts has packed and installed. */
export function packageUnderTest(): PackageUnderTest {
	const text = process.env.WLSM_PACKAGE;
	if (text === undefined) throw new Error("These checks are run by npm run test:package.");
	return JSON.parse(text) as PackageUnderTest;
}

/** The folder of the package in a project. */
export const packageIn = (project: string) => path.join(project, "node_modules/wlsm");

export function manifestIn(project: string): Manifest {
	return JSON.parse(readFileSync(path.join(packageIn(project), "package.json"), "utf8")) as Manifest;
}

/** All files below a folder, by their names with forward slashes. */
export function filesBelow(folder: string): string[] {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map(({ parentPath, name }) => path.relative(folder, path.join(parentPath, name)).replaceAll("\\", "/"))
		.sort();
}

/** Runs npm to its end; answers its standard output. */
export function runNpm(words: readonly string[], cwd: string): string {
	const { status, stdout, stderr } = spawnSync("npm", words, {
		cwd,
		encoding: "utf8",
		shell: process.platform === "win32",
	});
	if (status === 0) return stdout;
	throw new Error(`npm ${words.join(" ")} ended with ${status}\n${stdout}\n${stderr}`);
}

export function emptyProject(folder: string): string {
	mkdirSync(folder, { recursive: true });
	writeFileSync(path.join(folder, "package.json"), JSON.stringify({ name: "project", private: true, type: "module" }));
	return folder;
}

export function installed(project: string, tarball: string, words: readonly string[]): void {
	runNpm(["install", tarball, ...words], project);
}

/** A module of a tool. The project itself, which has not these packages, is compiled without their types. */
export function toolModule(name: string): Promise<unknown> {
	return import(pathToFileURL(createRequire(path.join(tools, "package.json")).resolve(name)).href);
}

/** A folder of its own for each call, which others may look into. */
export function scratchFolder(): string {
	return folderForAll(path.join(packageUnderTest().scratch, "für "));
}

export function folderForAll(prefix: string): string {
	const folder = mkdtempSync(prefix);
	chmodSync(folder, 0o755);
	return folder;
}

export interface Ended {
	readonly status: number;
	readonly stdout: string;
	readonly stderr: string;
}

export interface Start {
	readonly cwd?: string;
	readonly env?: Readonly<Record<string, string | undefined>>;
	/** Of the user to run as. */
	readonly uid?: number | undefined;
}

/** Runs a program to its end, at most for two minutes. */
export function runProgram(file: string, words: readonly string[], { cwd, env, uid }: Start = {}): Promise<Ended> {
	const options = {
		cwd,
		uid,
		gid: uid,
		env: env === undefined ? process.env : { ...env },
		timeout: 120_000,
		maxBuffer: 1 << 26,
	};
	return new Promise((resolve) => {
		execFile(file, words, { ...options, encoding: "utf8" }, (error, stdout, stderr) => {
			const code = error === null ? 0 : error.code;
			resolve({ status: typeof code === "number" ? code : -1, stdout, stderr: stderr || (error?.message ?? "") });
		});
	});
}

/** Runs a program of JavaScript, which must end well, and answers the JSON that it prints. */
export async function runNode<Answer>(words: readonly string[], start: Start = {}): Promise<Answer> {
	const { status, stdout, stderr } = await runProgram(process.execPath, words, start);
	if (status !== 0) throw new Error(`${words.join(" ")} ended with ${status}: ${stderr.slice(-2000)}`);
	return JSON.parse(stdout) as Answer;
}
