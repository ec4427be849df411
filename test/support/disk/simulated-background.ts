import { setImmediate } from "node:timers";
import type { StartBackground, TaskLane, TaskLanes } from "../../../host/engine/background/lanes.js";
import {
	decodeMessage,
	encodeMessage,
	LANES,
	type LaneName,
	type Outcome,
	plainError,
	revivedError,
	type Task,
} from "../../../host/engine/background/protocol.js";
import { settle } from "../../../host/engine/background/settle.js";
import { type JobResult, JobRun } from "../../../host/engine/job-run.js";
import { attachKernel } from "../../../host/kernel/attach.js";
import type { Kernel } from "../../../host/kernel/index.js";
import type { Storage } from "../../../host/storage/storage.js";
import type { Random } from "../random.js";

/** A background for any storage whose steps come between those of the database as the seed of `random` says. */
export function simulatedBackground(random: Random): StartBackground {
	return (storage, kernel, _options, onDone) => new SimulatedBackground(storage, kernel, random, onDone);
}

class SimulatedBackground implements TaskLanes {
	readonly lanes: { readonly [Name in LaneName]: SimulatedLane };
	readonly lost = undefined;
	readonly storage: Storage;
	/** As the worker has it: an instance of its own over the shared memory. The twin has none to share. */
	readonly kernel: Kernel;
	readonly #random: Random;
	/** So many steps at most are done in a moment: with none the database has to wait for what it needs. */
	readonly #pace: number;
	readonly #onDone: () => void;
	cancelled = false;
	#ticking = false;

	constructor(storage: Storage, kernel: Kernel, random: Random, onDone: () => void) {
		this.storage = storage;
		this.kernel = kernel.threads === undefined ? kernel : attachKernel(kernel.threads.share);
		this.#random = random;
		this.#pace = random.pick([0, 1, 3]);
		this.#onDone = onDone;
		const lane = () => new SimulatedLane(this);
		this.lanes = { settle: lane(), flush: lane(), compaction: lane() };
	}

	get atWork(): boolean {
		return LANES.some((name) => this.lanes[name].begun);
	}

	/** A moment passes: perhaps some steps are done. */
	moment(): void {
		for (let steps = this.#random.below(this.#pace + 1); steps > 0; steps--) this.step();
	}

	/** A step of the first lane that has something to do, as the worker takes them; false where none has. */
	step(): boolean {
		return LANES.some((name) => this.lanes[name].step());
	}

	/** Goes on by itself in turns of the event loop, and tells of what has ended. */
	wake(): void {
		if (this.#ticking) return;
		this.#ticking = true;
		setImmediate(() => {
			this.#ticking = false;
			for (let steps = 1 + this.#random.below(1 + 2 * this.#pace); steps > 0; steps--) this.step();
			if (LANES.some((name) => this.lanes[name].done)) this.#onDone();
			if (LANES.some((name) => this.lanes[name].running && !this.lanes[name].ended)) this.wake();
		});
	}

	cancel(): void {
		this.cancelled = true;
	}

	stop(): void {}
}

class SimulatedLane implements TaskLane {
	readonly #background: SimulatedBackground;
	#task: Task | undefined;
	#run: JobRun | undefined;
	#outcome: Outcome | undefined;
	running = false;

	constructor(background: SimulatedBackground) {
		this.#background = background;
	}

	get begun(): boolean {
		return this.#run !== undefined;
	}

	get ended(): boolean {
		return this.#outcome !== undefined;
	}

	/** To look takes a moment. */
	get done(): boolean {
		if (this.running) this.#background.moment();
		return this.running && this.ended;
	}

	post(task: Task): void {
		this.#task = decodeMessage<Task>(encodeMessage(task));
		this.running = true;
		this.#background.wake();
	}

	step(): boolean {
		if (this.#task === undefined) return false;
		const result = this.#attempt(this.#task);
		if (result === undefined) return true;
		this.#task = undefined;
		this.#run = undefined;
		this.#outcome = decodeMessage<Outcome>(encodeMessage(result));
		this.#background.wake();
		return true;
	}

	#attempt(task: Task): Outcome | undefined {
		const { storage, kernel, cancelled } = this.#background;
		try {
			if ("settle" in task) {
				settle(storage, task.settle);
				return { result: undefined };
			}
			this.#run ??= new JobRun(storage, kernel, task.job);
			if (cancelled) {
				this.#run.abandon();
				throw new Error("given up because the database is closing");
			}
			const result = this.#run.advance(1);
			return result === undefined ? undefined : { result };
		} catch (error) {
			return { error: plainError(error) };
		}
	}

	take(): JobResult | undefined {
		const outcome = this.#outcome;
		this.#outcome = undefined;
		this.running = false;
		if (outcome === undefined) throw new RangeError("the task is not done");
		if ("error" in outcome) throw revivedError(outcome.error);
		return outcome.result;
	}

	takeBack(): boolean {
		if (this.#task === undefined || this.begun) return false;
		this.#task = undefined;
		this.running = false;
		return true;
	}

	waitSync(milliseconds = Number.POSITIVE_INFINITY): void {
		if (milliseconds < Number.POSITIVE_INFINITY) this.#background.moment();
		else while (this.running && !this.ended) this.#background.step();
	}
}
