import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";

/** The folder with the peers' own package.json; the compiled file lies one level deeper than its source. */
const peersDirectory = fileURLToPath(new URL("../../bench/peers/", import.meta.url));

/** A peer's module, undefined where the peers are not installed (`npm ci --prefix bench/peers`). */
export async function loadPeer(name: string): Promise<Record<string, unknown> | undefined> {
	if (!existsSync(`${peersDirectory}node_modules/${name}`)) return undefined;
	const path = createRequire(`${peersDirectory}package.json`).resolve(name);
	return (await import(path)) as Record<string, unknown>;
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
export async function seconds(action: () => void | Promise<void>): Promise<number> {
	const start = performance.now();
	const pending = action();
	if (pending !== undefined) await pending;
	return (performance.now() - start) / 1000;
}

/** Operations per second as a person reads them. */
export function rate(perSecond: number): string {
	if (!Number.isFinite(perSecond)) return "-";
	return perSecond >= 1e6 ? `${(perSecond / 1e6).toFixed(2)} M/s` : `${(perSecond / 1e3).toFixed(1)} k/s`;
}
