import { Worker } from "node:worker_threads";
import { WlsmError } from "../../errors.js";
import type { Kernel, KernelShare } from "../../kernel/contract.js";
import type { JobDescription, JobResult } from "../job-run.js";
import {
	decodeOutcome,
	type JobMessage,
	PHASE_DONE,
	PHASE_POSTED,
	PHASE_RUNNING,
	PHASE_TAKEN,
	phaseOf,
	revivedError,
	STATE_ADDRESS,
	STATE_BYTES,
	STATE_CANCEL,
	STATE_LENGTH,
	STATE_PHASE,
	STATE_PROGRESS,
	type WorkerData,
} from "./protocol.js";

/** A running job that shows no progress for so long, in milliseconds, is taken for dead. A sync on a slow disk takes its time. */
const SILENCE_LIMIT = 30_000;
const LOOK_EVERY = 250;

/**
 * The database's side of its background thread. The worker starts with the first job. One job at a time: `post`, then
 * `take` once it is done, which `onDone` tells a thread that lives by its event loop and `waitSync` one that does not.
 */
export class Background {
	readonly #kernel: Kernel;
	readonly #share: KernelShare;
	readonly #state = new Int32Array(new SharedArrayBuffer(STATE_BYTES));
	readonly #onDone: () => void;
	#worker: Worker | undefined;
	#job = 0;
	#running = false;
	#lost = false;
	/** Why the worker is no more. */
	#death: WlsmError | undefined;

	constructor(kernel: Kernel, share: KernelShare, onDone: () => void) {
		this.#kernel = kernel;
		this.#share = share;
		this.#onDone = onDone;
	}

	/** The worker fell silent in a job: it may still be at work, so nothing more is given to it, ever. */
	get lost(): boolean {
		return this.#lost;
	}

	post(description: JobDescription): void {
		if (this.#lost) throw this.#death;
		this.#job += 1;
		this.#running = true;
		this.#death = undefined;
		Atomics.store(this.#state, STATE_CANCEL, 0);
		Atomics.store(this.#state, STATE_PHASE, phaseOf(this.#job, PHASE_POSTED));
		this.#worker ??= this.#start();
		this.#worker.ref();
		this.#worker.postMessage({ job: this.#job, description } satisfies JobMessage);
	}

	#start(): Worker {
		const worker = new Worker(new URL("./worker.js", import.meta.url), {
			workerData: { share: this.#share, state: this.#state } satisfies WorkerData,
			// Diagnostics flags of the program are not for this thread.
			execArgv: [],
		});
		worker.on("message", (job: number) => {
			if (job === this.#job) this.#onDone();
		});
		const died = (reason: string, cause?: unknown) => {
			if (this.#worker !== worker) return;
			this.#worker = undefined;
			this.#death = new WlsmError("WLSM_IO", `The background worker stopped: ${reason}.`, { cause });
			if (this.#running) this.#onDone();
		};
		worker.on("error", (error: Error) => died(error.message, error));
		worker.on("exit", (code: number) => died(`exit code ${code}`));
		worker.unref();
		return worker;
	}

	/** True where the job is over and `take` has its outcome. */
	get done(): boolean {
		return Atomics.load(this.#state, STATE_PHASE) === phaseOf(this.#job, PHASE_DONE) || this.#death !== undefined;
	}

	/** The result of the job that is done; throws what it failed with. */
	take(): JobResult {
		this.#running = false;
		this.#worker?.unref();
		if (Atomics.load(this.#state, STATE_PHASE) !== phaseOf(this.#job, PHASE_DONE)) {
			throw this.#death ?? new WlsmError("WLSM_IO", "The background worker stopped.");
		}
		const address = Atomics.load(this.#state, STATE_ADDRESS) >>> 0;
		const length = Atomics.load(this.#state, STATE_LENGTH);
		if (address === 0) throw new WlsmError("WLSM_OUT_OF_MEMORY", "The kernel's memory is used up in the background.");
		const outcome = decodeOutcome(this.#kernel.collect(address, length));
		if ("error" in outcome) throw revivedError(outcome.error);
		return outcome.result;
	}

	/** True: the worker has not begun the job and will not; the caller runs it itself. */
	takeBack(): boolean {
		const posted = phaseOf(this.#job, PHASE_POSTED);
		const taken = phaseOf(this.#job, PHASE_TAKEN);
		if (Atomics.compareExchange(this.#state, STATE_PHASE, posted, taken) !== posted) return false;
		this.#running = false;
		this.#worker?.unref();
		return true;
	}

	/** Blocks until the job that the worker has begun is done. */
	waitSync(): void {
		const running = phaseOf(this.#job, PHASE_RUNNING);
		let progress = Atomics.load(this.#state, STATE_PROGRESS);
		let silence = 0;
		while (Atomics.wait(this.#state, STATE_PHASE, running, LOOK_EVERY) === "timed-out") {
			const now = Atomics.load(this.#state, STATE_PROGRESS);
			silence = now === progress ? silence + LOOK_EVERY : 0;
			progress = now;
			if (silence < SILENCE_LIMIT) continue;
			this.#lost = true;
			this.#death = new WlsmError(
				"WLSM_IO",
				`The background worker has made no progress for ${SILENCE_LIMIT / 1000} s. Close the database and open it again.`,
			);
			return;
		}
	}

	/** Asks the running job to give up; it then ends with an error. */
	cancel(): void {
		Atomics.store(this.#state, STATE_CANCEL, 1);
	}

	/** Ends the worker. No job is running. */
	stop(): void {
		const worker = this.#worker;
		this.#worker = undefined;
		void worker?.terminate();
	}
}
