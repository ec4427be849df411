/* The background thread of a database: does what is posted to it over the shared memory. */
import { parentPort, workerData } from "node:worker_threads";
import { attachKernel } from "../../kernel/attach.js";
import { NodeStorage } from "../../storage/node.js";
import { JobRun } from "../job-run.js";
import {
	decodeMessage,
	encodeMessage,
	inPhase,
	isInPhase,
	LANE_ADDRESS,
	LANE_LENGTH,
	LANE_PHASE,
	LANES,
	type LaneName,
	laneAt,
	type Outcome,
	PHASE_DONE,
	PHASE_POSTED,
	PHASE_RUNNING,
	plainError,
	STATE_CANCEL,
	STATE_ENDED,
	STATE_PROGRESS,
	type Task,
	type WorkerData,
} from "./protocol.js";
import { settle } from "./settle.js";

const { share, state } = workerData as WorkerData;
const kernel = attachKernel(share);
const storage = new NodeStorage();

function perform(lane: LaneName, task: Task): Outcome {
	try {
		if ("settle" in task) {
			settle(storage, task.settle);
			return { result: undefined };
		}
		const result = new JobRun(storage, kernel, task.job).run(() => {
			Atomics.add(state, STATE_PROGRESS, 1);
			if (Atomics.load(state, STATE_CANCEL) !== 0) throw new Error("given up because the database is closing");
			if (lane === "compaction") for (const urgent of LANES) if (urgent !== lane) runPosted(urgent);
		});
		return { result };
	} catch (error) {
		return { error: plainError(error) };
	}
}

/** Takes the posted task of a lane and runs it to its end; false where none is posted. */
function runPosted(lane: LaneName): boolean {
	const at = laneAt(lane);
	const word = Atomics.load(state, at + LANE_PHASE);
	if (!isInPhase(word, PHASE_POSTED)) return false;
	const running = inPhase(word, PHASE_RUNNING);
	if (Atomics.compareExchange(state, at + LANE_PHASE, word, running) !== word) return false;
	Atomics.notify(state, at + LANE_PHASE);
	const address = Atomics.load(state, at + LANE_ADDRESS) >>> 0;
	const task = decodeMessage<Task>(kernel.collect(address, Atomics.load(state, at + LANE_LENGTH)));
	const outcome = encodeMessage(perform(lane, task));
	let answer = 0;
	try {
		answer = kernel.publish(outcome);
	} catch {
		// Not even room for the answer: the other side reports memory used up.
	}
	Atomics.store(state, at + LANE_ADDRESS, answer | 0);
	Atomics.store(state, at + LANE_LENGTH, outcome.length);
	Atomics.compareExchange(state, at + LANE_PHASE, running, inPhase(word, PHASE_DONE));
	Atomics.notify(state, at + LANE_PHASE);
	parentPort?.postMessage(lane);
	return true;
}

// Whoever waits synchronously hears of no event.
process.once("exit", () => {
	Atomics.store(state, STATE_ENDED, 1);
	for (const lane of LANES) Atomics.notify(state, laneAt(lane) + LANE_PHASE);
});

parentPort?.on("message", () => {
	while (LANES.some(runPosted));
});
