import { Worker } from "node:worker_threads";
import { kernelUrl } from "../../artifact.js";
import { WlsmError } from "../../errors.js";
import type { KernelShare, KernelThreads } from "../../kernel/threads-contract.js";
import { isArtifactThere } from "../../storage/node.js";
import { Lane } from "./lane.js";
import type { StartBackground, TaskLanes } from "./lanes.js";
import {
	adviceOnMissing,
	LANES,
	type LaneName,
	SILENCE_LIMIT,
	STATE_BYTES,
	STATE_CANCEL,
	STATE_ENDED,
	STATE_PROGRESS,
	type WorkerData,
} from "./protocol.js";
import { backgroundWorkerUrl } from "./worker-file.js";

const TOO_MANY_FILES =
	' Too many files are open: raise the limit (ulimit -n), or open the database with background "inline".';
/** How often a thread that lives by its event loop looks for progress, in milliseconds. */
const WATCH_EVERY = 1000;

/** A worker, where the kernel's memory can be shared, the files are those of the system, and a bundler left its module where it was. */
export const startWorker: StartBackground = (storage, kernel, options, onDone) =>
	options.background === "worker" &&
	storage.kind === "node" &&
	kernel.threads !== undefined &&
	isArtifactThere(backgroundWorkerUrl())
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
	#watch: ReturnType<typeof setInterval> | undefined;
	/** Why the worker is being ended. */
	#sentence: string | undefined;
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
		this.#watch ??= this.#watchOver();
		this.#worker.postMessage(undefined);
	}

	/** Ends a worker that falls silent while something is under way: what it had fails then, as with any other end. */
	#watchOver(): ReturnType<typeof setInterval> {
		let [worker, progress, silence] = [this.#worker, -1, 0];
		const watch = setInterval(() => {
			const now = Atomics.load(this.#state, STATE_PROGRESS);
			const waits = LANES.some((name) => this.lanes[name].running && !this.lanes[name].done);
			// Looks are counted, not time: this thread may have been busy for longer than the worker.
			silence = waits && now === progress && worker === this.#worker ? silence + WATCH_EVERY : 0;
			[worker, progress] = [this.#worker, now];
			if (silence < SILENCE_LIMIT) return;
			this.#sentence = `it made no progress for ${SILENCE_LIMIT / 1000} s`;
			void worker?.terminate();
		}, WATCH_EVERY);
		watch.unref();
		return watch;
	}

	/** The program may end where nothing is under way. */
	rest(): void {
		if (LANES.some((name) => this.lanes[name].running)) return;
		this.#worker?.unref();
		this.#unwatch();
	}

	#unwatch(): void {
		clearInterval(this.#watch);
		this.#watch = undefined;
	}

	#start(): Worker {
		Atomics.store(this.#state, STATE_CANCEL, 0);
		Atomics.store(this.#state, STATE_ENDED, 0);
		this.#sentence = undefined;
		const worker = new Worker(backgroundWorkerUrl(), {
			workerData: { kernel: kernelUrl.href, share: this.#share, state: this.#state } satisfies WorkerData,
			// Diagnostics flags of the program are not for this thread.
			execArgv: [],
		});
		worker.on("message", () => this.#onDone());
		const died = (reason: string, cause?: unknown) => {
			if (this.#worker === worker) this.ended(`: ${reason}`, cause);
		};
		worker.on("error", (error: Error) => died(error.message, error));
		worker.on("exit", (code: number) => died(this.#sentence ?? `exit code ${code}`));
		worker.unref();
		return worker;
	}

	/** The worker is no more: what it had fails, and the next task gets another one. */
	ended(why = "", cause?: unknown): void {
		this.#worker = undefined;
		// A worker that has no files to load its modules from says so in different ways.
		const advice = /E[MN]FILE/.test(why) ? TOO_MANY_FILES : adviceOnMissing(why);
		const death = new WlsmError("WLSM_IO", `The background worker stopped${why}.${advice}`, { cause });
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
		this.#unwatch();
		void worker?.terminate();
	}
}
