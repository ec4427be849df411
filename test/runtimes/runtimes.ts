/** The runtimes that are tested: the running Node where it is one of them, and the packages of this folder. */

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../support/sources.js";

export interface Runtime {
	/** As people call it, such as "node 22". */
	readonly name: string;
	readonly version: string;
	readonly program: string;
	/** What stands before a script; `permissions` are those of Deno. */
	readonly words: (permissions: readonly string[]) => readonly string[];
	readonly isDeno: boolean;
	readonly isNode: boolean;
}

/** One that is not here, and whether it should be. */
export interface Absence {
	readonly name: string;
	readonly why: string;
	readonly isFailure: boolean;
}

export const folder = join(root, "test/runtimes");
const NODES = ["20", "22", "24"];

/** Puts the packages into the folder, where they are not there yet. */
export function install(): void {
	if (existsSync(join(folder, "node_modules/.package-lock.json"))) return;
	console.log("Installing the runtimes: npm ci --prefix test/runtimes");
	execFileSync("npm", ["ci", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund"], {
		stdio: "inherit",
		shell: process.platform === "win32",
	});
}

export function findRuntimes(): readonly (Runtime | Absence)[] {
	const [running = ""] = process.versions.node.split(".");
	return [
		...NODES.map((major) => {
			const isRunning = major === running && process.versions.bun === undefined && process.versions.deno === undefined;
			return isRunning
				? node(`node ${major}`, process.execPath)
				: packaged(`node ${major}`, nodePackage(major), "node");
		}),
		packaged("deno", denoPackage(), "deno"),
		packaged("bun", bunPackage(), "bun"),
	];
}

function nodePackage(major: string): readonly string[] {
	return [`node-${major}-${process.platform}-${process.arch}`, "bin", executable("node")];
}

function denoPackage(): readonly string[] {
	const libc = process.platform === "linux" ? "-glibc" : "";
	return [`@deno/${process.platform}-${process.arch}${libc}`, executable("deno")];
}

function bunPackage(): readonly string[] {
	const system = process.platform === "win32" ? "windows" : process.platform;
	const processor = process.arch === "arm64" ? "aarch64" : process.arch;
	return [`@oven/bun-${system}-${processor}`, "bin", executable("bun")];
}

function executable(name: string): string {
	return process.platform === "win32" ? `${name}.exe` : name;
}

/** `file` begins with the name of the package. */
function packaged(name: string, file: readonly string[], kind: "node" | "deno" | "bun"): Runtime | Absence {
	const [packageName = ""] = file;
	const { optionalDependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
		readonly optionalDependencies: Readonly<Record<string, string>>;
	};
	if (!Object.hasOwn(optionalDependencies, packageName)) {
		return { name, why: `there is no package of it for ${process.platform} ${process.arch}`, isFailure: false };
	}
	const program = join(folder, "node_modules", ...file);
	// Where it belongs but is not, npm has left it out: another C library, or a registry that did not answer.
	if (!existsSync(program)) {
		return { name, why: `npm has not installed ${packageName}`, isFailure: process.env.CI !== undefined };
	}
	return { node, deno, bun }[kind](name, program);
}

function node(name: string, program: string): Runtime {
	return { name, program, version: versionOf(program), words: () => [], isDeno: false, isNode: true };
}

function bun(name: string, program: string): Runtime {
	return { name, program, version: versionOf(program), words: () => ["--no-install"], isDeno: false, isNode: false };
}

function deno(name: string, program: string): Runtime {
	const words = (permissions: readonly string[]) => [
		"run",
		"--no-prompt",
		"--no-lock",
		"--cached-only",
		...permissions,
	];
	return { name, program, version: versionOf(program), words, isDeno: true, isNode: false };
}

function versionOf(program: string): string {
	const said = execFileSync(program, ["--version"], { encoding: "utf8" });
	return /\d+\.\d+\.\d+\S*/.exec(said)?.[0] ?? said.trim();
}
