import { Worker } from "node:worker_threads";
import { WlsmError } from "../../errors.js";
import type { KernelShare, KernelThreads } from "../../kernel/contract.js";
import { Lane } from "./lane.js";
import type { StartBackground, TaskLanes } from "./lanes.js";
import { LANES, type LaneName, STATE_BYTES, STATE_CANCEL, type WorkerData } from "./protocol.js";

/** A worker, where the kernel's memory can be shared and the files are those of the system. */
export const startWorker: StartBackground = (storage, kernel, options, onDone) =>
	options.background === "worker" && storage.kind === "node" && kernel.threads !== undefined
		? new Background(kernel.threads, onDone)
		: undefined;

/**
 * The database's side of its background thread. The worker starts with the first task. Each lane has one task at a time:
 * `post`, then `take` once it is done, which `onDone` tells a thread that lives by its event loop and `waitSync` one that
 * does not.
 */
export class Background implements TaskLanes {
	readonly lanes: { readonly [Name in LaneName]: Lane };
	readonly #share: KernelShare;
	readonly #state = new Int32Array(new SharedArrayBuffer(STATE_BYTES));
	readonly #onDone: () => void;
	#worker: Worker | undefined;
	#lost: WlsmError | undefined;

	constructor(threads: KernelThreads, onDone: () => void) {
		this.#share = threads.share;
		this.#onDone = onDone;
		const lane = (name: LaneName) => new Lane(this, threads, this.#state, name);
		this.lanes = { settle: lane("settle"), flush: lane("flush"), compaction: lane("compaction") };
	}

	/** Set once the worker fell silent: it may still be at work, so nothing more is given to it, ever. */
	get lost(): WlsmError | undefined {
		return this.#lost;
	}

	get atWork(): boolean {
		return LANES.some((name) => this.lanes[name].begun);
	}

	/** The task lies in its lane: the worker is told to look. */
	wake(): void {
		this.#worker ??= this.#start();
		this.#worker.ref();
		this.#worker.postMessage(undefined);
	}

	/** The program may end where nothing is under way. */
	rest(): void {
		if (!LANES.some((name) => this.lanes[name].running)) this.#worker?.unref();
	}

	#start(): Worker {
		Atomics.store(this.#state, STATE_CANCEL, 0);
		const worker = new Worker(new URL("./worker.js", import.meta.url), {
			workerData: { share: this.#share, state: this.#state } satisfies WorkerData,
			// Diagnostics flags of the program are not for this thread.
			execArgv: [],
		});
		worker.on("message", () => this.#onDone());
		const died = (reason: string, cause?: unknown) => {
			if (this.#worker !== worker) return;
			this.#worker = undefined;
			this.#bury(new WlsmError("WLSM_IO", `The background worker stopped: ${reason}.`, { cause }));
		};
		worker.on("error", (error: Error) => died(error.message, error));
		worker.on("exit", (code: number) => died(`exit code ${code}`));
		worker.unref();
		return worker;
	}

	#bury(death: WlsmError): void {
		let widowed = false;
		for (const name of LANES) widowed = this.lanes[name].bury(death) || widowed;
		if (widowed) this.#onDone();
	}

	/** The worker has shown no progress for so long that it is taken for dead. */
	lose(error: WlsmError): void {
		this.#lost = error;
		for (const name of LANES) this.lanes[name].bury(error);
	}

	cancel(): void {
		Atomics.store(this.#state, STATE_CANCEL, 1);
	}

	stop(): void {
		const worker = this.#worker;
		this.#worker = undefined;
		void worker?.terminate();
	}
}
