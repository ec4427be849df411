import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Held, LeakWay } from "./leak-child.js";
import { type Ledger, Violation } from "./ledger.js";

/** By how much each may be more in the last quarter than in the second: what is cached differs, code is compiled. */
const SLACK: Readonly<Record<keyof Held, number>> = {
	heapBytes: 512 << 10,
	descriptors: 2,
	resources: 2,
	kernelBytes: 128 << 10,
	linearBytes: 1 << 20,
	files: 4,
};

/** The middle one of the values. */
function median(values: readonly number[]): number {
	return values.toSorted((a, b) => a - b)[values.length >> 1] as number;
}

/** What grew, as text; empty where nothing did. Compares the medians of the second and the last quarter of the cycles. */
export function grown(held: readonly Held[]): string[] {
	const quarter = held.length >> 2;
	const [second, last] = [held.slice(quarter, 2 * quarter), held.slice(-quarter)];
	return (Object.keys(SLACK) as (keyof Held)[]).flatMap((name) => {
		const [before, after] = [second, last].map((some) => median(some.map((one) => one[name]))) as [number, number];
		return after - before > SLACK[name] ? [`${name}: ${before}, then ${after}`] : [];
	});
}

/** Does the same in a process again and again, and looks whether it holds more and more. */
export async function runLeaks(ledger: Ledger, way: LeakWay, cycles: number): Promise<void> {
	const script = fileURLToPath(new URL("./leak-child.js", import.meta.url));
	const child = spawn(process.execPath, ["--expose-gc", script, way, String(cycles)], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	const held: Held[] = [];
	createInterface({ input: child.stdout }).on("line", (line) => {
		held.push(JSON.parse(line));
		ledger.alive();
	});
	const code = await new Promise((resolve) => child.on("close", resolve));
	if (code !== 0) throw new Violation("wrong", `${way}: the process ended with ${code}`);
	if (held.length !== cycles) throw new Violation("wrong", `${held.length} cycles`);
	ledger.count("cycles looked at for leaks", cycles);
	ledger.count(`bytes of heap in the end (${way})`, held.at(-1)?.heapBytes);
	ledger.count(`descriptors in the end (${way})`, held.at(-1)?.descriptors);
	const more = grown(held);
	if (more.length > 0) throw new Violation("wrong", `${way}, after ${cycles} cycles: ${more.join("; ")}`);
}
