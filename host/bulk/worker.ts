/* A thread of a bulk load: has a kernel of its own, and writes tables that nobody knows of yet. */
import { parentPort, workerData } from "node:worker_threads";
import { type JobDescription, JobRun } from "../engine/job-run.js";
import { createKernel } from "../kernel/index.js";
import { NodeStorage } from "../storage/index.js";
import { type BulkMessage, endOf } from "./message.js";
import { loadParts } from "./part.js";
import { type BulkPlan, BulkState } from "./plan.js";

/** What a thread is to do: parts of a load, or to merge what became of them. */
export type BulkWorkerData =
	| { readonly plan: BulkPlan; readonly state: SharedArrayBuffer }
	| { readonly merge: JobDescription; readonly memoryBytes: number };

type Post = (message: BulkMessage) => void;

function merge(job: JobDescription, memoryBytes: number, post: Post): void {
	try {
		const kernel = createKernel("wasm", { memoryBytes, blockCacheBytes: 0 });
		post({ merged: new JobRun(new NodeStorage(), kernel, job).run().outputs });
	} catch (error) {
		post(endOf(error));
	}
}

function load(plan: BulkPlan, buffer: SharedArrayBuffer, post: Post): void {
	const state = new BulkState(plan.parts, buffer);
	try {
		const kernel = createKernel("wasm", { memoryBytes: plan.memoryBytes, blockCacheBytes: 0 });
		loadParts(plan, state, new NodeStorage(), kernel, (done) => post({ done }));
		post({ idle: true });
	} catch (error) {
		state.stop();
		post(endOf(error));
	}
}

const port = parentPort;
if (port !== null) {
	const data = workerData as BulkWorkerData;
	const post: Post = (message) => port.postMessage(message);
	if ("merge" in data) merge(data.merge, data.memoryBytes, post);
	else load(data.plan, data.state, post);
}
