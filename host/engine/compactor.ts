import { WlsmError } from "../errors.js";
import { Background } from "./background/background.js";
import type { Engine } from "./engine.js";
import type { StallReason } from "./figures.js";
import { type CompactorCounters, JobPlanner, type PlannedJob } from "./job-planner.js";
import { type JobResult, JobRun } from "./job-run.js";
import { type PickerOptions, pickCompaction, pickRange } from "./picker.js";
import { createLog } from "./recovery.js";
import { MemtableReference, Superversion } from "./superversion.js";
import type { TableFile } from "./table-file.js";

const LEVEL0_TRIGGER = 4;
/** Level 1 holds this many memtables. */
const LEVEL1_MEMTABLES = 4;
/** So many full memtables may wait for their flush before writers wait for it. */
const MAX_FROZEN = 2;
/** So many tables of level 0, each of which every read has to look at, make writers wait. */
const LEVEL0_STOP = 20;

/**
 * Turns memtables into tables and keeps the levels in shape. One job at a time, in the background worker or, with
 * `background: "inline"` and in memory, on the calling thread before the commit that finds the memtable full.
 */
export class Compactor {
	readonly counters: CompactorCounters = {
		flushes: 0,
		flushedBytes: 0,
		compactions: 0,
		moves: 0,
		compactionReadBytes: 0,
		compactionWrittenBytes: 0,
		stalls: 0,
		stalledMilliseconds: 0,
	};
	readonly #engine: Engine;
	readonly #planner: JobPlanner;
	readonly #picker: PickerOptions;
	/** Where jobs run; undefined for the calling thread. */
	readonly #background: Background | undefined;
	/** What the worker is at. */
	#job: PlannedJob | undefined;
	/** A failure of the background that no caller has been told of yet. */
	#failure: unknown;
	/** A failed compaction is not tried again before the next flush. */
	#paused = false;
	/** The database gives up what is not under way yet. */
	#closing = false;
	/** Called whenever a job has ended. */
	#waiting: (() => void)[] = [];

	constructor(engine: Engine) {
		this.#engine = engine;
		this.#planner = new JobPlanner(engine, this.counters);
		this.#picker = {
			level0Trigger: LEVEL0_TRIGGER,
			level1Bytes: LEVEL1_MEMTABLES * engine.options.memtableBytes,
		};
		const { kernel, storage, options } = engine;
		if (options.background === "worker" && storage.kind === "node" && kernel.share !== undefined) {
			this.#background = new Background(kernel, kernel.share, () => this.#collect());
		}
	}

	// -- Room for commits --------------------------------------------------------------------------------------------

	#full(): boolean {
		return this.#engine.active.memtable.bytes() >= this.#engine.options.memtableBytes;
	}

	/** Whether a commit has to wait for the background. */
	get stalled(): boolean {
		if (this.#engine.closed) return false;
		this.#collect();
		const { superversion } = this.#engine;
		return (
			((superversion.memtables.length > MAX_FROZEN && this.#full()) ||
				// Nothing is to be waited for where compactions fail.
				((superversion.levels[0]?.length ?? 0) >= LEVEL0_STOP && !this.#paused)) &&
			this.#failure === undefined
		);
	}

	/** Before a commit: a full memtable is frozen and handed to the background. Waits where too many wait already. */
	makeRoom(): void {
		if (this.stalled) this.#waitForRoom();
		this.#report();
		if (!this.#full()) return;
		this.#freeze();
		this.#paused = false;
		this.#schedule();
		this.#report();
	}

	#waitForRoom(): void {
		const start = performance.now();
		const reason = this.#stallReason();
		while (this.stalled && this.#schedule()) this.#waitSync();
		this.#stalledSince(start, reason);
	}

	/** Resolves when a commit no longer has to wait. */
	async room(): Promise<void> {
		const start = performance.now();
		const reason = this.#stallReason();
		while (this.stalled && this.#schedule()) await this.#jobEnd();
		this.#stalledSince(start, reason);
	}

	/** What a commit that has to wait waits for. */
	#stallReason(): StallReason {
		return this.#engine.superversion.memtables.length > MAX_FROZEN && this.#full() ? "memtables" : "level0";
	}

	#stalledSince(start: number, reason: StallReason): void {
		const milliseconds = performance.now() - start;
		this.counters.stalls += 1;
		this.counters.stalledMilliseconds += milliseconds;
		this.#engine.figures.stalled(reason, milliseconds);
		this.#engine.events.tell("stall", () => ({ reason, milliseconds }));
	}

	/** Tells the caller what has failed in the background since the last time. */
	#report(): void {
		if (this.#failure === undefined) return;
		const failure = this.#failure;
		this.#failure = undefined;
		throw failure;
	}

	// -- Jobs --------------------------------------------------------------------------------------------------------

	/** Starts the next job that is due, where none is running; on the calling thread all that are due. True where one is running then. */
	#schedule(): boolean {
		while (this.#job === undefined && this.#failure === undefined) {
			try {
				const next = this.#next();
				if (next === undefined) return false;
				this.#start(next);
			} catch (error) {
				this.#failure = this.#engine.trapped(error);
				this.#paused = true;
				this.#engine.events.error("background", this.#failure);
			}
		}
		return this.#job !== undefined;
	}

	#next(): PlannedJob | undefined {
		if (this.#engine.superversion.memtables.length > 1) return this.#planner.planFlush();
		if (this.#paused) return undefined;
		for (;;) {
			const choice = pickCompaction(this.#engine.superversion.levels, this.#picker);
			if (choice === undefined) return undefined;
			if (!choice.move) return this.#planner.planCompaction(choice);
			this.#planner.move(choice.inputs[0] as TableFile, choice.level);
		}
	}

	#start(job: PlannedJob): void {
		this.#job = job;
		const background = this.#background;
		if (background === undefined) {
			this.#end(() => this.#runHere(job));
			return;
		}
		try {
			background.post(job.description);
		} catch (error) {
			// No worker is to be had: the job is done here. One that has fallen silent still reads the memory: nothing is done.
			this.#end(() => {
				if (background.lost || !background.takeBack()) throw error;
				return this.#runHere(job);
			});
		}
	}

	#runHere({ description }: PlannedJob): JobResult {
		return new JobRun(this.#engine.storage, this.#engine.kernel, description).run();
	}

	/** Takes the result of a job that the worker has ended, if there is one. */
	#collect(): void {
		const background = this.#background;
		if (this.#job === undefined || background === undefined || !background.done) return;
		this.#end(() => background.take());
		if (background.lost) this.#engine.fail(this.#failure);
		if (!this.#engine.closed) this.#schedule();
	}

	/** Ends the job with what `outcome` answers or throws. */
	#end(outcome: () => JobResult): void {
		const job = this.#job;
		try {
			const result = outcome();
			job?.finish(result);
		} catch (thrown) {
			const error = this.#engine.trapped(thrown);
			if (job !== undefined) job.failure = error;
			this.#failure ??= error;
			this.#paused = true;
			// Closing gives jobs up.
			if (!this.#closing) this.#engine.events.error("background", error);
		} finally {
			this.#job = undefined;
			const waiting = this.#waiting;
			this.#waiting = [];
			for (const wake of waiting) wake();
		}
	}

	/** Blocks until the running job has ended. */
	#waitSync(): void {
		const background = this.#background;
		const job = this.#job;
		if (background === undefined || job === undefined) return;
		// The worker may be starting still, or this thread may have been the faster one.
		if (background.takeBack()) this.#end(() => this.#runHere(job));
		else background.waitSync();
		this.#collect();
	}

	/** Resolves when the running job has ended. */
	async #jobEnd(): Promise<void> {
		this.#collect();
		if (this.#job === undefined) return;
		await new Promise<void>((resolve) => {
			this.#waiting.push(resolve);
		});
	}

	/** Starts what is due and resolves when the running job has ended; throws what it failed with. */
	async #progress(): Promise<void> {
		this.#schedule();
		const job = this.#job;
		await this.#jobEnd();
		if (this.#closing) this.#engine.checkOpen();
		if (job === undefined) this.#report();
		if (job?.failure === undefined) return;
		if (this.#failure === job.failure) this.#failure = undefined;
		throw job.failure;
	}

	/** Writes memtables to tables of level 0. Afterwards everything committed before the call is in tables. */
	async flush(): Promise<void> {
		const engine = this.#engine;
		const { lastSequence } = engine;
		this.#report();
		if (engine.active.memtable.entries() !== 0) this.#freeze();
		this.#paused = false;
		while (engine.superversion.memtables.length > 1 && engine.manifest.state.flushedSequence < lastSequence) {
			await this.#progress();
		}
	}

	/** Merges everything within [smallest, largest], both open where undefined, down to one level. */
	async compactRange(smallest: Uint8Array | undefined, largest: Uint8Array | undefined): Promise<void> {
		await this.flush();
		for (let level = 0; ; ) {
			while (this.#job !== undefined) await this.#jobEnd();
			this.#engine.checkWritable();
			const choice = pickRange(this.#engine.superversion.levels, level, smallest, largest);
			if (choice === undefined) return;
			level = choice.level + 1;
			if (choice.move) {
				this.#planner.move(choice.inputs[0] as TableFile, choice.level);
				continue;
			}
			this.#start(this.#planner.planCompaction(choice));
			await this.#progress();
		}
	}

	/** Gives the running job up and ends the worker. What was not flushed is in the logs. */
	async close(): Promise<void> {
		const background = this.#background;
		this.#closing = true;
		if (background === undefined) return;
		background.cancel();
		if (this.#job !== undefined && background.takeBack()) this.#abandon();
		await this.#jobEnd();
		background.stop();
	}

	closeSync(): void {
		const background = this.#background;
		this.#closing = true;
		if (background === undefined) return;
		background.cancel();
		if (this.#job !== undefined) {
			if (background.takeBack()) this.#abandon();
			else background.waitSync();
			this.#collect();
		}
		background.stop();
	}

	#abandon(): void {
		this.#end(() => {
			throw new WlsmError("WLSM_CLOSED", "The database was closed before the job had begun.");
		});
	}

	/** Begins a new log and a new memtable in front of the active one. */
	#freeze(): void {
		const engine = this.#engine;
		const { files, kernel, manifest } = engine;
		const active = new MemtableReference(kernel, engine.options.memtableBytes);
		const { superversion } = engine;
		const next = new Superversion(kernel, [active, ...superversion.memtables], superversion.levels);
		try {
			// First: a log that has a successor must be whole, also after a power cut.
			engine.syncLog();
			engine.switchLog(createLog(files, engine.directory, kernel, manifest));
		} catch (error) {
			next.release();
			throw error;
		}
		active.logs = [engine.logNumber];
		engine.active.freeze(engine.lastSequence, engine.logNumber);
		engine.install(next, active);
	}
}
