import { existsSync, readdirSync, rmSync } from "node:fs";
import * as path from "node:path";
import { openSync, WlsmError } from "../../../host/index.js";
import { Violation } from "../ledger.js";
import type { History } from "./history.js";
import { examine } from "./state.js";

/** Where a writer puts the checkpoint that it takes after a step. */
export function checkpointOf(directory: string, step: number): string {
	return `${directory}-checkpoint-${step}`;
}

/** Whether there is a database. What an interrupted checkpoint leaves says so, or is nothing at all. */
export function isDatabase(directory: string): boolean {
	try {
		openSync(directory, { createIfMissing: false }).closeSync();
		return true;
	} catch (error) {
		if (!(error instanceof WlsmError)) throw error;
		if (error.code === "WLSM_NOT_FOUND") return false;
		if (error.code === "WLSM_CORRUPTION" && /checkpoint that was interrupted/.test(error.message)) return false;
		throw error;
	}
}

/**
 * Looks at what a killed writer's checkpoints have become, and removes them: whole where the writer has said so, else whole or
 * refused, and a state not older than the call. `begin` is what was there before that writer, which had at most `window`
 * commits under way and got to `most`. Answers how many were whole.
 */
export async function checkCheckpoints(
	directory: string,
	lines: readonly string[],
	begin: History,
	window: number,
	most: number,
): Promise<number> {
	const parent = path.dirname(directory);
	const prefix = path.basename(checkpointOf(directory, 0)).slice(0, -1);
	let whole = 0;
	for (const line of lines) {
		const [word, step] = line.split(" ");
		if (word !== "checkpoint" || existsSync(checkpointOf(directory, Number(step)))) continue;
		throw new Violation("lost", `the checkpoint after step ${step} is not there`);
	}
	for (const name of existsSync(parent) ? readdirSync(parent) : []) {
		if (!name.startsWith(prefix)) continue;
		const step = Number(name.slice(prefix.length));
		const checkpoint = path.join(parent, name);
		if (isDatabase(checkpoint)) {
			whole += 1;
			begin.copy().advance(await examine(checkpoint), Math.max(begin.steps, step + 1 - window), most);
		} else if (lines.includes(`checkpoint ${step}`)) {
			throw new Violation("lost", `the checkpoint after step ${step} was done, and is no database`);
		}
		rmSync(checkpoint, { recursive: true });
	}
	return whole;
}
