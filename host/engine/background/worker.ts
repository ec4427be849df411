/* The background thread of a database: waits for jobs and runs them over the shared memory. */
import { parentPort, workerData } from "node:worker_threads";
import { attachKernel } from "../../kernel/attach.js";
import { NodeStorage } from "../../storage/node.js";
import { JobRun } from "../job-run.js";
import {
	encodeOutcome,
	type JobMessage,
	type Outcome,
	PHASE_DONE,
	PHASE_POSTED,
	PHASE_RUNNING,
	phaseOf,
	plainError,
	STATE_ADDRESS,
	STATE_CANCEL,
	STATE_LENGTH,
	STATE_PHASE,
	STATE_PROGRESS,
	type WorkerData,
} from "./protocol.js";

const { share, state } = workerData as WorkerData;
const kernel = attachKernel(share);
const storage = new NodeStorage();

function perform({ description }: JobMessage): Outcome {
	try {
		const result = new JobRun(storage, kernel, description).run(() => {
			Atomics.add(state, STATE_PROGRESS, 1);
			if (Atomics.load(state, STATE_CANCEL) !== 0) throw new Error("given up because the database is closing");
		});
		return { result };
	} catch (error) {
		return { error: plainError(error) };
	}
}

function publish(job: number, outcome: Outcome): void {
	const bytes = encodeOutcome(outcome);
	let address = 0;
	try {
		address = kernel.publish(bytes);
	} catch {
		// Not even room for the answer: the other side reports memory used up.
	}
	Atomics.store(state, STATE_ADDRESS, address | 0);
	Atomics.store(state, STATE_LENGTH, bytes.length);
	Atomics.compareExchange(state, STATE_PHASE, phaseOf(job, PHASE_RUNNING), phaseOf(job, PHASE_DONE));
	Atomics.notify(state, STATE_PHASE);
	parentPort?.postMessage(job);
}

parentPort?.on("message", (message: JobMessage) => {
	const { job } = message;
	const posted = phaseOf(job, PHASE_POSTED);
	if (Atomics.compareExchange(state, STATE_PHASE, posted, phaseOf(job, PHASE_RUNNING)) !== posted) return;
	publish(job, perform(message));
});
