import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statfsSync, statSync } from "node:fs";
import { cpus, release, tmpdir, totalmem, type } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PEERS } from "./contenders/names.js";
import { peersDirectory } from "./support.js";

const project = fileURLToPath(new URL("../../", import.meta.url));

/** Where and of what figures were taken. */
export interface Machine {
	readonly cpu: string;
	readonly cores: number;
	readonly memoryBytes: number;
	readonly system: string;
	readonly fileSystem: string;
	readonly node: string;
	/** Of wlsm and the installed peers. */
	readonly versions: Readonly<Record<string, string>>;
	readonly commit: string;
	/** Hash of what was run: the kernel's binary and the compiled library. */
	readonly build: string;
}

/** statfs(2) */
const FILE_SYSTEMS: Readonly<Record<number, string>> = {
	16914836: "tmpfs",
	1481003842: "xfs",
	2035054128: "overlayfs",
	2435016766: "btrfs",
	61267: "ext4",
};

function version(file: string): string | undefined {
	return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version : undefined;
}

function buildHash(): string {
	const hash = createHash("sha256");
	const library = join(project, "dist/host");
	const names = readdirSync(library, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js"));
	for (const name of names.sort()) hash.update(readFileSync(join(library, name)));
	hash.update(readFileSync(join(project, "dist/kernel.wasm")));
	return hash.digest("hex").slice(0, 12);
}

export function machine(): Machine {
	const processors = cpus();
	const versions: Record<string, string> = {};
	for (const [name, directory] of [
		["wlsm", project],
		...PEERS.map((peer) => [peer, `${peersDirectory}node_modules/${peer}/`]),
	] as [string, string][]) {
		const found = version(`${directory}package.json`);
		if (found !== undefined) versions[name] = found;
	}
	const git = spawnSync("git", ["rev-parse", "--short", "HEAD"], { cwd: project, encoding: "utf8" });
	const { type: magic } = statfsSync(tmpdir());
	return {
		cpu: processors[0]?.model.trim() ?? "unknown",
		cores: processors.length,
		memoryBytes: totalmem(),
		system: `${type()} ${release().split("-")[0]}`,
		fileSystem: FILE_SYSTEMS[magic] ?? `0x${magic.toString(16)}`,
		node: process.version,
		versions,
		commit: git.status === 0 ? git.stdout.trim() : "unknown",
		build: buildHash(),
	};
}

/** Sum of the files' lengths. */
export function directoryBytes(directory: string): number {
	let sum = 0;
	for (const name of readdirSync(directory, { recursive: true, encoding: "utf8" })) {
		const stat = statSync(join(directory, name));
		if (stat.isFile()) sum += stat.size;
	}
	return sum;
}
