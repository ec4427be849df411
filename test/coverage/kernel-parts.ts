import { readFileSync } from "node:fs";
import type { Part } from "./lines.js";
import type { Place } from "./marks.js";
import { hitsOf } from "./paths.js";

/** The kernel's statements, with what the processes and threads of a run have noted. */
export function kernelParts(folder: string, places: readonly Place[]): Part[] {
	const hits = readFileSync(hitsOf(folder));
	return places.map(({ file, line }, place) => ({ file, line, hit: hits[place] === 1 }));
}
