/**
 * The background worker of a database, with an illness: at one of its writes to a file, or at one of its wake-ups, it exits,
 * throws, uses up its memory or falls silent. Otherwise it is the real one.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { parentPort, workerData } from "node:worker_threads";

/** What happens, and how many writes or wake-ups go well before. */
export interface Illness {
	readonly kind: "exit" | "throw" | "out of memory" | "silent";
	readonly after: number;
}

const { illness, script } = workerData as { readonly illness: Illness; readonly script: string };
let left = illness.after;

/** Takes all the memory that the thread may have. */
function outgrow(): never {
	const kept: number[][] = [];
	for (;;) kept.push(new Array<number>(1 << 16).fill(kept.length));
}

function fallIll(): void {
	left -= 1;
	if (left !== -1) return;
	if (illness.kind === "exit") process.exit(3);
	if (illness.kind === "out of memory") outgrow();
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

if (illness.kind !== "throw") {
	const { writeSync } = fs;
	fs.writeSync = ((...parameters: Parameters<typeof writeSync>) => {
		fallIll();
		return writeSync(...parameters);
	}) as typeof writeSync;
	// Modules that import it by name see it too.
	syncBuiltinESMExports();
}
await import(script);
if (illness.kind === "throw") {
	// Not before there is the listener of its own: what arrived until then would be taken from it.
	parentPort?.on("message", () => {
		left -= 1;
		if (left === -1) throw new TypeError("the worker was made to throw");
	});
}
