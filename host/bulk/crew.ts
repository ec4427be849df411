import { Worker } from "node:worker_threads";
import { kernelUrl } from "../artifact.js";
import { adviceOnMissing, type PlainError, revivedError } from "../engine/background/protocol.js";
import type { JobDescription } from "../engine/job-run.js";
import { WlsmError } from "../errors.js";
import type { TableDescription } from "../kernel/contract.js";
import type { BulkMessage, BulkTask } from "./message.js";
import type { BulkPlan, BulkState, Misfit, PartOutcome } from "./plan.js";
import { bulkWorkerUrl } from "./worker-file.js";

/** How all threads have ended together. */
export type CrewOutcome =
	| { readonly kind: "done"; readonly parts: readonly PartOutcome[] }
	| { readonly kind: "misfit"; readonly misfit: Misfit; readonly parts: readonly PartOutcome[] }
	| { readonly kind: "tooMany"; readonly rejects: readonly Uint8Array[]; readonly parts: readonly PartOutcome[] }
	| { readonly kind: "failed"; readonly error: unknown; readonly parts: readonly PartOutcome[] }
	| { readonly kind: "stopped"; readonly parts: readonly PartOutcome[] };

/** The threads of a load, which start at once: what there is to be found out about the file takes as long. */
export class Crew {
	readonly #threads: readonly Thread[];

	constructor(threads: number) {
		this.#threads = Array.from({ length: threads }, () => new Thread());
	}

	/** How many threads there are. */
	get size(): number {
		return this.#threads.length;
	}

	/** All threads take parts until there are none, or one fails; resolves when none of them is at work any more. */
	async run(plan: BulkPlan, state: BulkState, onPart: (outcome: PartOutcome) => void): Promise<CrewOutcome> {
		const parts: PartOutcome[] = [];
		let end: CrewOutcome | undefined;
		/** The first one in the file. */
		let tooLong: PlainError | undefined;
		const take = (message: BulkMessage) => {
			if ("done" in message) {
				parts.push(message.done);
				onPart(message.done);
			} else if ("misfit" in message) end ??= { kind: "misfit", misfit: message.misfit, parts };
			else if ("tooMany" in message) end ??= { kind: "tooMany", rejects: message.tooMany, parts };
			else if ("tooLong" in message) tooLong = firstOf(tooLong, message.tooLong);
			else if ("error" in message) end ??= { kind: "failed", error: revivedError(message.error), parts };
			if ("error" in message) state.stop();
		};
		await Promise.all(this.#threads.map((thread) => thread.work({ plan, state: state.buffer }, take)));
		if (end !== undefined) return end;
		if (tooLong !== undefined) return { kind: "failed", error: revivedError(tooLong), parts };
		return { kind: parts.length === plan.parts ? "done" : "stopped", parts };
	}

	/** Merges sorted runs, the newer ones first. */
	async merge(merge: JobDescription, memoryBytes: number): Promise<readonly TableDescription[]> {
		let merged: readonly TableDescription[] | undefined;
		let failure: unknown;
		await this.#threads[0]?.work({ merge, memoryBytes }, (message) => {
			if ("merged" in message) merged = message.merged;
			else if ("error" in message) failure = revivedError(message.error);
		});
		if (merged === undefined) throw failure;
		return merged;
	}

	/** Ends the threads; none of them may be at work. */
	stop(): void {
		for (const thread of this.#threads) thread.stop();
	}
}

/** The one of the earlier line. */
function firstOf(one: PlainError | undefined, other: PlainError): PlainError {
	return (one?.line ?? Number.POSITIVE_INFINITY) < (other.line ?? 0) ? (one as PlainError) : other;
}

class Thread {
	// Flags of the program are not for this thread.
	readonly #worker = new Worker(bulkWorkerUrl(), { workerData: { kernel: kernelUrl.href }, execArgv: [] });
	#take: ((message: BulkMessage) => void) | undefined;
	#resolve: () => void = () => {};
	/** Why nothing will come of it any more. */
	#end: BulkMessage | undefined;

	constructor() {
		this.#worker.on("message", (message: BulkMessage) => {
			this.#take?.(message);
			if (!("done" in message)) this.#resolve();
		});
		this.#worker.on("error", (error) => this.#fail(`: ${error instanceof Error ? error.message : String(error)}`));
		this.#worker.on("exit", (code) => this.#fail(` with code ${code}`));
	}

	#fail(why: string): void {
		const { code, message } = new WlsmError("WLSM_IO", `A thread of the load stopped${why}.${adviceOnMissing(why)}`);
		this.#end ??= { error: { code, message } };
		this.#take?.(this.#end);
		this.#resolve();
	}

	/** Resolves when the task is over, however it ended. */
	work(task: BulkTask, take: (message: BulkMessage) => void): Promise<void> {
		return new Promise((resolve) => {
			this.#take = take;
			this.#resolve = () => {
				this.#take = undefined;
				resolve();
			};
			if (this.#end === undefined) this.#worker.postMessage(task);
			else this.#fail("");
		});
	}

	stop(): void {
		void this.#worker.terminate();
	}
}
