import type { Buffer } from "node:buffer";
import { WlsmError } from "../../errors.js";
import type { KernelThreads } from "../../kernel/threads-contract.js";
import type { JobResult } from "../job-run.js";
import type { Background } from "./background.js";
import type { TaskLane } from "./lanes.js";
import {
	decodeMessage,
	encodeMessage,
	isInPhase,
	LANE_ADDRESS,
	LANE_LENGTH,
	LANE_PHASE,
	type LaneName,
	laneAt,
	type Outcome,
	PHASE_DONE,
	PHASE_POSTED,
	PHASE_RUNNING,
	PHASE_TAKEN,
	phaseOf,
	revivedError,
	SILENCE_LIMIT,
	STATE_ENDED,
	STATE_PROGRESS,
	type Task,
} from "./protocol.js";

const LOOK_EVERY = 250;

/** A lane whose tasks the worker does. */
export class Lane implements TaskLane {
	readonly #background: Background;
	readonly #threads: KernelThreads;
	readonly #state: Int32Array;
	/** Index of the lane's words. */
	readonly #at: number;
	#task = 0;
	#running = false;
	/** Why the task will not end. */
	#death: WlsmError | undefined;

	constructor(background: Background, threads: KernelThreads, state: Int32Array, name: LaneName) {
		this.#background = background;
		this.#threads = threads;
		this.#state = state;
		this.#at = laneAt(name);
	}

	get running(): boolean {
		return this.#running;
	}

	get begun(): boolean {
		return this.#running && isInPhase(this.#phase(), PHASE_RUNNING);
	}

	get done(): boolean {
		return this.#running && (this.#phase() === phaseOf(this.#task, PHASE_DONE) || this.#death !== undefined);
	}

	#phase(): number {
		return Atomics.load(this.#state, this.#at + LANE_PHASE);
	}

	post(task: Task): void {
		if (this.#background.lost !== undefined) throw this.#background.lost;
		const message = encodeMessage(task);
		const address = this.#threads.publish(message);
		this.#task += 1;
		this.#running = true;
		this.#death = undefined;
		Atomics.store(this.#state, this.#at + LANE_ADDRESS, address | 0);
		Atomics.store(this.#state, this.#at + LANE_LENGTH, message.length);
		Atomics.store(this.#state, this.#at + LANE_PHASE, phaseOf(this.#task, PHASE_POSTED));
		this.#background.wake();
	}

	take(): JobResult | undefined {
		this.#end();
		if (this.#phase() !== phaseOf(this.#task, PHASE_DONE)) {
			throw this.#death ?? new WlsmError("WLSM_IO", "The background worker stopped.");
		}
		const bytes = this.#collect();
		if (bytes === undefined) {
			throw new WlsmError("WLSM_OUT_OF_MEMORY", "The kernel's memory is used up in the background.");
		}
		const outcome = decodeMessage<Outcome>(bytes);
		if ("error" in outcome) throw revivedError(outcome.error);
		return outcome.result;
	}

	#collect(): Buffer | undefined {
		const address = Atomics.load(this.#state, this.#at + LANE_ADDRESS) >>> 0;
		if (address === 0) return undefined;
		return this.#threads.collect(address, Atomics.load(this.#state, this.#at + LANE_LENGTH));
	}

	#end(): void {
		this.#running = false;
		this.#background.rest();
	}

	takeBack(): boolean {
		if (!this.#running) return false;
		const posted = phaseOf(this.#task, PHASE_POSTED);
		const taken = phaseOf(this.#task, PHASE_TAKEN);
		if (Atomics.compareExchange(this.#state, this.#at + LANE_PHASE, posted, taken) !== posted) return false;
		this.#collect();
		this.#end();
		return true;
	}

	waitSync(milliseconds = Number.POSITIVE_INFINITY): void {
		const deadline = performance.now() + milliseconds;
		let progress = Atomics.load(this.#state, STATE_PROGRESS);
		let silence = 0;
		for (;;) {
			const phase = this.#phase();
			const left = deadline - performance.now();
			if (!this.#running || this.done || left <= 0) return;
			if (Atomics.load(this.#state, STATE_ENDED) !== 0) {
				this.#background.ended();
				return;
			}
			const wait = Math.min(LOOK_EVERY, left);
			if (Atomics.wait(this.#state, this.#at + LANE_PHASE, phase, wait) !== "timed-out") continue;
			const now = Atomics.load(this.#state, STATE_PROGRESS);
			silence = now === progress ? silence + wait : 0;
			progress = now;
			if (silence < SILENCE_LIMIT) continue;
			this.#background.lose(
				new WlsmError(
					"WLSM_IO",
					`The background worker has made no progress for ${SILENCE_LIMIT / 1000} s. Close the database and open it again.`,
				),
			);
		}
	}

	/** True where a task was under way, which will not end. */
	bury(death: WlsmError): boolean {
		if (this.#running) this.#death ??= death;
		return this.#running;
	}
}
