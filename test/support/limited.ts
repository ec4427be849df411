/** An end for what might never end by itself. */

import { Script } from "node:vm";

const ENTRY = "__limitedWork";
const script = new Script(`${ENTRY}()`);

/** What `work` returns; throws where it takes longer than that, wherever it is. */
export function limited<Result>(milliseconds: number, work: () => Result): Result {
	const global = globalThis as unknown as Record<string, unknown>;
	let result: { value: Result } | undefined;
	global[ENTRY] = () => {
		result = { value: work() };
	};
	try {
		script.runInThisContext({ timeout: milliseconds });
	} finally {
		delete global[ENTRY];
	}
	return (result as unknown as { value: Result }).value;
}

export function isTimeout(error: unknown): boolean {
	return (error as { code?: string }).code === "ERR_SCRIPT_EXECUTION_TIMEOUT";
}
