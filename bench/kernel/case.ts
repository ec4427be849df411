import Benchmark from "benchmark";
import { check, median } from "../support.js";

/** One piece of work, done by both kernels on the same bytes. Each call answers a check value, which must be equal. */
export interface Sides {
	wasm(): number;
	ts(): number;
	/** Gives back linear memory. */
	free?(): void;
}

export interface KernelCase {
	readonly name: string;
	/** Operations of one call. */
	readonly operations: number;
	/** Makes what the work is done on; nothing of it is kept afterwards. */
	prepare(): Sides;
}

export interface Group {
	readonly title: string;
	readonly cases: readonly KernelCase[];
	readonly notes: readonly string[];
}

export interface Measured {
	/** Nanoseconds for an operation. */
	readonly wasm: number;
	readonly ts: number;
	readonly check: number;
}

/** `seconds`: how long each side is measured; 0 for a single call. */
export function measure({ name, operations, prepare }: KernelCase, seconds: number): Measured {
	const sides = prepare();
	try {
		const expected = sides.wasm() >>> 0;
		const answered = sides.ts() >>> 0;
		check(answered === expected, `${name}: WebAssembly answers ${expected}, TypeScript ${answered}`);
		const [wasm, ts] = [sides.wasm, sides.ts].map((run) => (1e9 * secondsOf(name, run, seconds)) / operations);
		return { wasm: wasm as number, ts: ts as number, check: expected };
	} finally {
		sides.free?.();
	}
}

/** Of one call: the median of benchmark.js's samples. */
function secondsOf(name: string, run: () => number, seconds: number): number {
	if (seconds === 0) {
		const start = performance.now();
		run();
		return (performance.now() - start) / 1000;
	}
	const { stats, error } = new Benchmark(name, run, { maxTime: seconds }).run() as Benchmark & { error?: Error };
	if (error !== undefined) throw error;
	return median(stats.sample as number[]);
}
