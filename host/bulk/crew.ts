import { Worker } from "node:worker_threads";
import { revivedError } from "../engine/background/protocol.js";
import type { BulkMessage } from "./message.js";
import type { BulkPlan, BulkState, Misfit, PartOutcome, RefusedRow } from "./plan.js";

/** How all threads have ended together. */
export type CrewOutcome =
	| { readonly kind: "done"; readonly parts: readonly PartOutcome[] }
	| { readonly kind: "misfit"; readonly misfit: Misfit; readonly parts: readonly PartOutcome[] }
	| { readonly kind: "tooMany"; readonly first: readonly RefusedRow[]; readonly parts: readonly PartOutcome[] }
	| { readonly kind: "failed"; readonly error: unknown; readonly parts: readonly PartOutcome[] }
	| { readonly kind: "stopped"; readonly parts: readonly PartOutcome[] };

/** Runs so many threads until all parts are done or one of them fails; resolves when none of them is at work any more. */
export async function runCrew(
	plan: BulkPlan,
	state: BulkState,
	threads: number,
	onPart: (outcome: PartOutcome) => void,
): Promise<CrewOutcome> {
	const parts: PartOutcome[] = [];
	let end: CrewOutcome | undefined;
	const take = (message: BulkMessage) => {
		if ("done" in message) {
			parts.push(message.done);
			onPart(message.done);
		} else if ("misfit" in message) end ??= { kind: "misfit", misfit: message.misfit, parts };
		else if ("tooMany" in message) end ??= { kind: "tooMany", first: message.tooMany, parts };
		else if ("error" in message) end ??= { kind: "failed", error: revivedError(message.error), parts };
	};
	await Promise.all(Array.from({ length: threads }, () => runThread(plan, state, take)));
	if (end !== undefined) return end;
	return { kind: parts.length === plan.parts ? "done" : "stopped", parts };
}

/** Resolves when the thread has ended, however it did. */
function runThread(plan: BulkPlan, state: BulkState, take: (message: BulkMessage) => void): Promise<void> {
	return new Promise((resolve) => {
		const worker = new Worker(new URL("./worker.js", import.meta.url), { workerData: { plan, state: state.buffer } });
		let isOver = false;
		const fail = (why: string, cause?: unknown) => {
			if (isOver) return;
			isOver = true;
			state.stop();
			const message = `A thread of the load stopped${why}`;
			take({ error: { code: "WLSM_IO", message, ...(cause instanceof Error ? { cause } : {}) } });
		};
		worker.on("message", (message: BulkMessage) => {
			if (!("done" in message)) isOver = true;
			take(message);
		});
		worker.on("error", (error) => fail(`: ${error instanceof Error ? error.message : String(error)}`, error));
		worker.on("exit", (code) => {
			fail(` with code ${code}`);
			resolve();
		});
	});
}
