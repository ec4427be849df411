import { setImmediate } from "node:timers";
import { WlsmError } from "../errors.js";
import type { StartBackground, TaskLanes } from "./background/lanes.js";
import type { Engine } from "./engine.js";
import { freeze } from "./freeze.js";
import { JobPlanner, newCounters, type PlannedJob } from "./job-planner.js";
import { type JobResult, JobRun } from "./job-run.js";
import { pickRange } from "./picker.js";
import { type JobKind, Pressure } from "./pressure.js";
import { Settler } from "./settler.js";
import { Slices } from "./slices.js";
import type { TableFile } from "./table-file.js";

/**
 * Turns memtables into tables and keeps the levels in shape. A flush and a compaction at a time, in the background worker or,
 * with `background: "inline"` and in memory, in slices on the calling thread before commits.
 */
export class Compactor {
	readonly counters = newCounters();
	readonly settler: Settler;
	readonly #engine: Engine;
	readonly planner: JobPlanner;
	readonly #pressure: Pressure;
	/** Runs jobs where there is no background. */
	readonly #slices: Slices;
	/** Where jobs run; undefined for the calling thread. */
	readonly background: TaskLanes | undefined;
	/** What is under way. */
	readonly #jobs: { [Kind in JobKind]: PlannedJob | undefined } = { flush: undefined, compaction: undefined };
	/** A failure of the background that no caller has been told of yet. */
	#failure: unknown;
	/** A failed compaction is not tried again before the next flush. */
	#paused = false;
	/** The database gives up what is not under way yet. */
	#closing = false;
	/** Nothing is under way, waits or has failed: a commit that finds room in the memtable need not look any further. */
	quiet = true;
	/** Called whenever a job has ended. */
	readonly #waiting: (() => void)[] = [];

	constructor(engine: Engine, startBackground: StartBackground) {
		this.#engine = engine;
		this.#pressure = new Pressure(engine, this.counters);
		this.#slices = new Slices(engine);
		const { kernel, storage, options } = engine;
		this.background = startBackground(storage, kernel, options, () => this.collect());
		this.settler = new Settler(engine, this.background?.lanes.settle);
		this.planner = new JobPlanner(engine, this.settler, this.counters);
		this.#assess();
	}

	get #running(): boolean {
		return this.#jobs.flush !== undefined || this.#jobs.compaction !== undefined;
	}

	#assess(): void {
		this.quiet =
			!this.#running &&
			this.background?.lanes.settle.running !== true &&
			this.#failure === undefined &&
			this.#pressure.none;
	}

	// -- Room for commits --------------------------------------------------------------------------------------------

	/** Whether a commit made now has to wait, for the background or because it is held back. */
	get busy(): boolean {
		return !this.quiet && (this.#stalled !== undefined || this.#delay() > 0);
	}

	/** What a commit has to wait for. */
	get #stalled(): JobKind | undefined {
		if (this.quiet || this.#engine.closed) return undefined;
		this.collect();
		// Nothing is to be waited for where compactions fail.
		return this.#failure === undefined ? this.#pressure.blocking(!this.#paused) : undefined;
	}

	/** Milliseconds for which a commit is to be held back. */
	#delay(): number {
		// Without a background, waiting would not help.
		if (this.background === undefined || !this.#running) return 0;
		return this.#failure !== undefined || this.#engine.closed ? 0 : this.#pressure.delay();
	}

	/** Before a commit: a full memtable is frozen and handed to the background. Waits where too many wait already. */
	makeRoom(): void {
		if (this.quiet && !this.#pressure.full) return;
		if (this.background === undefined && this.#slices.due()) this.#advance();
		if (this.#stalled !== undefined) this.#waitForRoom();
		else this.#slowDown();
		this.#report();
		if (!this.#pressure.full) return;
		this.#freeze();
		this.#schedule();
		this.#report();
	}

	/** After a commit: a memtable that is several times full goes to the background at once, whether another commit comes or not. */
	relieve(): void {
		if (!this.#pressure.overfull || this.background === undefined || this.#stalled !== undefined) return;
		if (this.#failure !== undefined || this.#paused) return;
		try {
			this.#freeze();
			this.#schedule();
		} catch {
			// The commit is made. The next one meets the same, and tells its caller.
		}
	}

	#freeze(): void {
		freeze(this.#engine);
		this.#pressure.memtableBegan();
		this.#paused = false;
		this.#assess();
	}

	#waitForRoom(): void {
		const start = performance.now();
		const reason = this.#stalled;
		for (let kind = reason; kind !== undefined && this.#schedule(); kind = this.#stalled) this.#waitSync(kind);
		if (reason !== undefined) this.#pressure.stalledSince(start, reason);
	}

	/** Holds a synchronous commit back. */
	#slowDown(): void {
		const delay = this.#delay();
		if (delay === 0) return;
		const start = performance.now();
		const kind = this.#jobs.flush === undefined ? "compaction" : "flush";
		this.background?.lanes[kind].waitSync(delay);
		this.#pressure.slowedSince(start);
		this.collect();
	}

	/** Resolves when a commit no longer has to wait. */
	async room(): Promise<void> {
		while (!this.quiet) {
			const start = performance.now();
			const reason = this.#stalled;
			if (reason !== undefined) {
				while (this.#stalled !== undefined && this.#schedule()) await this.#jobEnd();
				this.#pressure.stalledSince(start, reason);
			}
			const delay = this.#delay();
			if (delay === 0) return;
			const held = performance.now();
			await new Promise((resolve) => setTimeout(resolve, delay));
			this.#pressure.slowedSince(held);
		}
	}

	/** Tells the caller what has failed in the background since the last time. */
	#report(): void {
		if (this.#failure === undefined) return;
		const failure = this.#failure;
		this.#failure = undefined;
		throw failure;
	}

	// -- Jobs --------------------------------------------------------------------------------------------------------

	/** Starts what is due and not running; on the calling thread all that is due. True where a job is running then. */
	#schedule(): boolean {
		this.#startDue("flush", () => (this.#pressure.frozen > 0 ? this.planner.planFlush() : undefined));
		this.#startDue("compaction", () => (this.#paused ? undefined : this.planner.nextCompaction()));
		this.#assess();
		return this.#running;
	}

	#startDue(kind: JobKind, next: () => PlannedJob | undefined): void {
		while (this.#jobs[kind] === undefined && this.#failure === undefined && !this.#engine.failed) {
			try {
				const job = next();
				if (job === undefined) return;
				this.#start(kind, job);
			} catch (error) {
				this.#failure = this.#engine.trapped(error);
				this.#paused = true;
				this.#engine.events.error("background", this.#failure);
			}
		}
	}

	#start(kind: JobKind, job: PlannedJob): void {
		this.#jobs[kind] = job;
		const background = this.background;
		if (background === undefined) return;
		try {
			background.lanes[kind].post({ job: job.description });
		} catch (error) {
			// No worker is to be had: the job is done here. One that has fallen silent still reads the memory: nothing is done.
			this.#end(kind, () => {
				if (background.lost !== undefined || !background.lanes[kind].takeBack()) throw error;
				return this.#runHere(job);
			});
		}
	}

	/** Without a background: takes a slice of the job that is under way, the flush first. */
	#advance(): void {
		const kind = this.#jobs.flush !== undefined ? "flush" : "compaction";
		const job = this.#jobs[kind];
		if (job === undefined) return;
		try {
			const result = this.#slices.advance(job);
			if (result === undefined) return;
			this.#end(kind, () => result);
		} catch (error) {
			this.#end(kind, () => {
				throw error;
			});
		}
		if (!this.#engine.closed) this.#schedule();
	}

	#runHere({ description }: PlannedJob): JobResult {
		const { files, storage, kernel } = this.#engine;
		return files.attempt(() => new JobRun(storage, kernel, description).run());
	}

	/** Takes what the worker has done; whoever reads and never lets the event loop turn is to see it too. */
	collect(): void {
		const background = this.background;
		if (background === undefined) return;
		const { flush, compaction, settle } = background.lanes;
		const ended = flush.done || compaction.done;
		if (flush.done) this.#end("flush", () => flush.take() as JobResult);
		if (compaction.done) this.#end("compaction", () => compaction.take() as JobResult);
		if (settle.done) {
			this.settler.collect();
			this.#assess();
		}
		if (background.lost !== undefined) this.#engine.fail(background.lost);
		if (ended && !this.#engine.closed) this.#schedule();
	}

	/** Ends the job with what `outcome` answers or throws. */
	#end(kind: JobKind, outcome: () => JobResult): void {
		const job = this.#jobs[kind];
		try {
			const result = outcome();
			job?.finish(result);
			if (job !== undefined) this.#pressure.measure(job);
		} catch (thrown) {
			const error = this.#engine.trapped(thrown);
			if (job !== undefined) job.failure = error;
			this.#failure ??= error;
			this.#paused = true;
			// Closing gives jobs up.
			if (!this.#closing) this.#engine.events.error("background", error);
		} finally {
			this.#jobs[kind] = undefined;
			this.#assess();
			for (const wake of this.#waiting.splice(0)) wake();
		}
	}

	/** Blocks until the running job of a kind, or where there is none the other one, has ended. */
	#waitSync(wanted: JobKind): void {
		const background = this.background;
		const kind = this.#jobs[wanted] !== undefined ? wanted : wanted === "flush" ? "compaction" : "flush";
		const job = this.#jobs[kind];
		if (background === undefined) {
			while (job !== undefined && this.#jobs[kind] === job) this.#advance();
			return;
		}
		if (job === undefined) return;
		const lane = background.lanes[kind];
		// A worker that is only starting is not waited for; one at work comes to it soon.
		if (!background.atWork && lane.takeBack()) this.#end(kind, () => this.#runHere(job));
		else lane.waitSync();
		this.collect();
	}

	/** Resolves when a running job has ended. */
	async #jobEnd(): Promise<void> {
		this.collect();
		if (!this.#running) return;
		if (this.background === undefined) {
			this.#advance();
			await new Promise((resolve) => setImmediate(resolve));
			return;
		}
		await new Promise<void>((resolve) => {
			this.#waiting.push(resolve);
		});
	}

	/** Starts what is due and resolves when the job of a kind has ended; throws what it failed with. */
	async #progress(kind: JobKind): Promise<void> {
		this.#schedule();
		const job = this.#jobs[kind];
		while (job !== undefined && this.#jobs[kind] === job) await this.#jobEnd();
		if (this.#closing) this.#engine.checkOpen();
		if (job === undefined) {
			this.#report();
			// Nothing is begun any more where writing has failed: to wait would be for ever.
			this.#engine.checkSound();
		}
		if (job?.failure === undefined) return;
		if (this.#failure === job.failure) this.#failure = undefined;
		this.#assess();
		throw job.failure;
	}

	/** Writes memtables to tables of level 0. Afterwards everything committed before the call is in tables. */
	async flush(): Promise<void> {
		const engine = this.#engine;
		const { lastSequence } = engine;
		this.#report();
		if (engine.active.memtable.entries() !== 0) this.#freeze();
		this.#paused = false;
		while (this.#pressure.frozen > 0 && engine.manifest.state.flushedSequence < lastSequence)
			await this.#progress("flush");
		await this.settler.settled();
	}

	/** As `flush`, blocking. Afterwards the memtables are empty. */
	flushSync(): void {
		this.#report();
		if (this.#engine.active.memtable.entries() !== 0) this.#freeze();
		this.#paused = false;
		while (this.#pressure.frozen > 0) {
			this.#engine.checkSound();
			this.#schedule();
			this.#waitSync("flush");
			this.#report();
		}
	}

	/** The level whose tables may be about to be replaced by one that spans more keys than each of them; undefined where there is none. */
	get compacting(): number | undefined {
		return this.#jobs.compaction?.level;
	}

	/** Merges everything within [smallest, largest], both open where undefined, down to one level. */
	async compactRange(smallest: Uint8Array | undefined, largest: Uint8Array | undefined): Promise<void> {
		await this.flush();
		for (let level = 0; ; ) {
			while (this.#jobs.compaction !== undefined) await this.#jobEnd();
			this.#engine.checkWritable();
			const choice = pickRange(this.#engine.superversion.levels, level, smallest, largest, this.#engine.now());
			if (choice === undefined) break;
			level = choice.level + 1;
			if (choice.move) {
				this.planner.move(choice.inputs[0] as TableFile, choice.level);
				continue;
			}
			this.#start("compaction", this.planner.planCompaction(choice));
			await this.#progress("compaction");
		}
		await this.settler.settled();
	}

	/** Gives the running jobs up and ends the worker. What was not flushed is in the logs. */
	async close(): Promise<void> {
		const background = this.background;
		this.#closing = true;
		if (background === undefined) return this.#abandonSlices();
		background.cancel();
		for (const kind of ["flush", "compaction"] as const) if (background.lanes[kind].takeBack()) this.#abandon(kind);
		while (this.#running) await this.#jobEnd();
		await this.settler.idle();
		background.stop();
	}

	closeSync(): void {
		const background = this.background;
		this.#closing = true;
		if (background === undefined) {
			this.#abandonSlices();
			return;
		}
		background.cancel();
		for (const kind of ["flush", "compaction"] as const) {
			if (background.lanes[kind].takeBack()) this.#abandon(kind);
			else background.lanes[kind].waitSync();
		}
		this.collect();
		this.settler.waitSync();
		background.stop();
	}

	#abandonSlices(): void {
		for (const kind of ["flush", "compaction"] as const) {
			const job = this.#jobs[kind];
			if (job === undefined) continue;
			this.#slices.abandon(job);
			this.#abandon(kind);
		}
	}

	#abandon(kind: JobKind): void {
		this.#end(kind, () => {
			throw new WlsmError("WLSM_CLOSED", "The database was closed before the job had begun.");
		});
	}
}
