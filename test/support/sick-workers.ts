import { syncBuiltinESMExports } from "node:module";
import threads, { Worker, type WorkerOptions } from "node:worker_threads";
import type { Illness } from "./sick-worker.js";

/** Megabytes of heap for a worker that is to use them up. */
const SMALL_HEAP = 16;

/** Background workers started while `work` runs. */
export interface Patients {
	/** What the next one to start suffers from; undefined: it is well. */
	next: Illness | undefined;
	/** All that were started, in order. */
	readonly started: Worker[];
}

/** Lets the work see, kill and infect the background workers that databases start meanwhile. */
export async function withSickWorkers<Answer>(work: (patients: Patients) => Promise<Answer>): Promise<Answer> {
	const patients: Patients = { next: undefined, started: [] };
	// The import changes with what it names.
	const Original = Worker;
	class Infected extends Original {
		constructor(script: string | URL, options: WorkerOptions = {}) {
			const illness = patients.next;
			patients.next = undefined;
			if (illness === undefined) super(script, options);
			else {
				const workerData = { ...options.workerData, illness, script: String(script) };
				const resourceLimits = illness.kind === "out of memory" ? { maxOldGenerationSizeMb: SMALL_HEAP } : {};
				super(new URL("./sick-worker.js", import.meta.url), { ...options, workerData, resourceLimits });
			}
			patients.started.push(this);
		}
	}
	threads.Worker = Infected;
	syncBuiltinESMExports();
	try {
		return await work(patients);
	} finally {
		threads.Worker = Original;
		syncBuiltinESMExports();
	}
}
