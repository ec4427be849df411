import { Worker } from "node:worker_threads";
import { revivedError } from "../engine/background/protocol.js";
import type { JobDescription } from "../engine/job-run.js";
import type { TableDescription } from "../kernel/contract.js";
import type { BulkMessage } from "./message.js";
import type { BulkPlan, BulkState, Misfit, PartOutcome, RefusedRow } from "./plan.js";
import type { BulkWorkerData } from "./worker.js";

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
	const stop = () => state.stop();
	await Promise.all(Array.from({ length: threads }, () => runThread({ plan, state: state.buffer }, take, stop)));
	if (end !== undefined) return end;
	return { kind: parts.length === plan.parts ? "done" : "stopped", parts };
}

/** Merges sorted runs, the newer ones first, in a thread of their own. */
export async function runMerge(merge: JobDescription, memoryBytes: number): Promise<readonly TableDescription[]> {
	let merged: readonly TableDescription[] | undefined;
	let failure: unknown;
	await runThread({ merge, memoryBytes }, (message) => {
		if ("merged" in message) merged = message.merged;
		else if ("error" in message) failure = revivedError(message.error);
	});
	if (merged === undefined) throw failure;
	return merged;
}

/** Resolves when the thread has ended, however it did. `onFailure` is called before its failure is told. */
function runThread(
	workerData: BulkWorkerData,
	take: (message: BulkMessage) => void,
	onFailure: () => void = () => {},
): Promise<void> {
	return new Promise((resolve) => {
		const worker = new Worker(new URL("./worker.js", import.meta.url), { workerData });
		let isOver = false;
		const fail = (why: string, cause?: unknown) => {
			if (isOver) return;
			isOver = true;
			onFailure();
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
