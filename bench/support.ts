import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath, pathToFileURL } from "node:url";

/**
 * The folder with the peers' own package.json (`npm ci --prefix bench/peers`); the compiled file lies one level deeper
 * than its source.
 */
export const peersDirectory = fileURLToPath(new URL("../../bench/peers/", import.meta.url));

/** The file of a peer as a program in `directory` finds it; undefined where it is not installed. */
export function resolvePeer(name: string, directory: string): string | undefined {
	try {
		return createRequire(join(directory, "package.json")).resolve(name);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND") return undefined;
		throw error;
	}
}

/** A peer's module, undefined where it is not installed. */
export async function loadPeer(name: string, directory: string): Promise<Record<string, unknown> | undefined> {
	const file = resolvePeer(name, directory);
	return file === undefined ? undefined : ((await import(pathToFileURL(file).href)) as Record<string, unknown>);
}

/** Fails the benchmark: a fast wrong answer is worth nothing. */
export function check(right: boolean, what: string): void {
	if (!right) throw new Error(`wrong answer: ${what}`);
}

/** Runs an action in a directory of its own in `parent`, which is gone afterwards. */
export async function inDirectory<Result>(
	action: (directory: string) => Promise<Result>,
	parent = tmpdir(),
): Promise<Result> {
	const directory = mkdtempSync(join(parent, "wlsm-bench-"));
	try {
		return await action(directory);
	} finally {
		rmSync(directory, { recursive: true, force: true });
	}
}

/** Has a script of this folder do a job in a process of its own; answers what it printed, as JSON. */
export function inChild<Answer>(script: string, job: object): Answer {
	const path = fileURLToPath(new URL(`${script}.js`, import.meta.url));
	const { status, signal, stdout } = spawnSync(process.execPath, [path, JSON.stringify(job)], {
		encoding: "utf8",
		stdio: ["ignore", "pipe", "inherit"],
	});
	if (status !== 0) throw new Error(`${script} ${JSON.stringify(job)} ended with ${signal ?? status}`);
	return JSON.parse(stdout) as Answer;
}

/** The other side of `inChild`. */
export async function childJob<Job, Answer>(work: (job: Job) => Promise<Answer>): Promise<void> {
	const answer = await work(JSON.parse(process.argv[2] ?? "{}") as Job);
	process.stdout.write(JSON.stringify(answer));
}

/** Deterministic numbers in [0, 1): mulberry32 by Tommy Ettinger. */
export function randomSource(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

/** 0 … count-1 in random order. */
export function shuffled(count: number, random: () => number): Uint32Array {
	const order = Uint32Array.from({ length: count }, (_, index) => index);
	for (let last = count - 1; last > 0; last--) {
		const other = Math.floor(random() * (last + 1));
		const kept = order[last] as number;
		order[last] = order[other] as number;
		order[other] = kept;
	}
	return order;
}

export function median(figures: readonly number[]): number {
	const sorted = [...figures].sort((a, b) => a - b);
	return sorted[sorted.length >> 1] ?? Number.NaN;
}

/** Seconds that an action takes. */
export async function seconds(action: () => unknown): Promise<number> {
	const start = performance.now();
	const pending = action();
	if (pending !== undefined) await pending;
	return (performance.now() - start) / 1000;
}
