/* A thread of a bulk load: has kernels of its own, and writes tables that nobody knows of yet. */
import { parentPort } from "node:worker_threads";
import { RecordTooLongError } from "../csv/scanner.js";
import { type JobDescription, JobRun } from "../engine/job-run.js";
import { createKernel } from "../kernel/create.js";
import { NodeStorage } from "../storage/index.js";
import { type BulkMessage, type BulkTask, endOf } from "./message.js";
import { loadParts, Stopped } from "./part.js";
import { type BulkPlan, BulkState } from "./plan.js";

type Post = (message: BulkMessage) => void;

function merge(job: JobDescription, memoryBytes: number, post: Post): void {
	const kernel = createKernel("wasm", { memoryBytes, blockCacheBytes: 0 });
	post({ merged: new JobRun(new NodeStorage(), kernel, job).run().outputs });
}

function load(plan: BulkPlan, buffer: SharedArrayBuffer, post: Post): void {
	const state = new BulkState(plan.parts, buffer);
	try {
		const kernel = createKernel("wasm", { memoryBytes: plan.memoryBytes, blockCacheBytes: 0 });
		loadParts(plan, state, new NodeStorage(), kernel, (done) => post({ done }));
		post({ idle: true });
	} catch (error) {
		// These two have given up what they had to.
		if (!(error instanceof RecordTooLongError || error instanceof Stopped)) state.stop();
		throw error;
	}
}

const port = parentPort;
const post: Post = (message) => port?.postMessage(message);
port?.on("message", (task: BulkTask) => {
	try {
		if ("merge" in task) merge(task.merge, task.memoryBytes, post);
		else load(task.plan, task.state, post);
	} catch (error) {
		post(endOf(error));
	}
});
