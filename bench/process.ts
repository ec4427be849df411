/* What the system tells of this process. */
import { existsSync, readFileSync } from "node:fs";

/** A `name: number` line of a file of /proc/self, undefined where the system has none. */
function procFigure(file: "io" | "status", name: string): number | undefined {
	const path = `/proc/self/${file}`;
	if (!existsSync(path)) return undefined;
	const found = new RegExp(`^${name}:\\s*(\\d+)`, "m").exec(readFileSync(path, "latin1"));
	return found === null ? undefined : Number(found[1]);
}

/** What this process has written so far, all its threads together; NaN off Linux. */
export function writtenBytes(): { readonly calls: number; readonly storage: number } {
	return {
		calls: procFigure("io", "wchar") ?? Number.NaN,
		storage: procFigure("io", "write_bytes") ?? Number.NaN,
	};
}

/** Resident memory of this process: at its highest, and now what no file backs. Off Linux both are what it is now. */
export function residentBytes(): { readonly peak: number; readonly anonymous: number } {
	const peak = procFigure("status", "VmHWM");
	const anonymous = procFigure("status", "RssAnon");
	const now = process.memoryUsage().rss;
	return {
		peak: peak === undefined ? now : peak * 1024,
		anonymous: anonymous === undefined ? now : anonymous * 1024,
	};
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Resolves when this process has written nothing for `quietMilliseconds`; answers the seconds until its last write. It
 * is the one measure that says of every store alike that flushes and compactions are done.
 */
export async function settled(quietMilliseconds: number): Promise<number> {
	const start = performance.now();
	let last = start;
	let written = writtenBytes().calls;
	while (performance.now() - last < quietMilliseconds) {
		await pause(20);
		const now = writtenBytes().calls;
		if (now !== written && !Number.isNaN(now)) last = performance.now();
		written = now;
	}
	return (last - start) / 1000;
}
