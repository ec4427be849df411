/* A thread of a bulk load: has a kernel of its own, and writes tables that nobody knows of yet. */
import { parentPort, workerData } from "node:worker_threads";
import { createKernel } from "../kernel/index.js";
import { NodeStorage } from "../storage/index.js";
import { type BulkMessage, endOf } from "./message.js";
import { loadParts } from "./part.js";
import { type BulkPlan, BulkState } from "./plan.js";

export interface BulkWorkerData {
	readonly plan: BulkPlan;
	readonly state: SharedArrayBuffer;
}

function work({ plan, state: buffer }: BulkWorkerData, post: (message: BulkMessage) => void): void {
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
if (port !== null) work(workerData as BulkWorkerData, (message) => port.postMessage(message));
