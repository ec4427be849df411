import type { Engine } from "./engine.js";
import type { CompactorCounters, PlannedJob } from "./job-planner.js";
import { LEVEL0_SLOWDOWN, Pacer } from "./pacer.js";

/** So many full memtables may wait for their flush before writers wait for it. */
const MAX_FROZEN = 2;
/** So many tables of level 0, each of which every read has to look at, make writers wait. */
const LEVEL0_STOP = 20;

export type JobKind = "flush" | "compaction";

/** How far commits are ahead of flushes and compactions, and what follows for them. */
export class Pressure {
	readonly #engine: Engine;
	readonly #counters: CompactorCounters;
	readonly #pacer = new Pacer(performance.now());

	constructor(engine: Engine, counters: CompactorCounters) {
		this.#engine = engine;
		this.#counters = counters;
	}

	/** Whether the memtable that commits go to is full. */
	get full(): boolean {
		return this.#engine.active.memtable.bytes() >= this.#engine.options.memtableBytes;
	}

	/** Whether one commit has made it so by far. */
	get overfull(): boolean {
		return this.#engine.active.memtable.bytes() >= 2 * this.#engine.options.memtableBytes;
	}

	/** Full memtables that wait for their flush. */
	get frozen(): number {
		return this.#engine.superversion.memtables.length - 1;
	}

	get #level0(): number {
		return this.#engine.superversion.levels[0]?.length ?? 0;
	}

	/** Commits need not be held back. */
	get none(): boolean {
		return this.frozen === 0 && this.#level0 < LEVEL0_SLOWDOWN;
	}

	/** What has to end before another commit is made; a compaction is not waited for where none can be had. */
	blocking(compacting: boolean): JobKind | undefined {
		if (this.frozen >= MAX_FROZEN && this.full) return "flush";
		return compacting && this.#level0 >= LEVEL0_STOP ? "compaction" : undefined;
	}

	/** Milliseconds for which a commit is to be held back while jobs are under way elsewhere. */
	delay(): number {
		const pressure = { frozen: this.frozen, maxFrozen: MAX_FROZEN, level0: this.#level0, level0Stop: LEVEL0_STOP };
		if (pressure.frozen < MAX_FROZEN && pressure.level0 < LEVEL0_SLOWDOWN) return 0;
		const filled = this.#engine.log.current.bytes / this.#engine.options.memtableBytes;
		return this.#pacer.delay(pressure, filled, performance.now());
	}

	/** Notes that a commit waited since `start` for a job of this kind. */
	stalledSince(start: number, kind: JobKind): void {
		const reason = kind === "flush" ? "memtables" : "level0";
		const milliseconds = performance.now() - start;
		this.#counters.stalls += 1;
		this.#counters.stalledMilliseconds += milliseconds;
		this.#engine.figures.stalled(reason, milliseconds);
		this.#engine.events.tell("stall", () => ({ reason, milliseconds }));
	}

	/** Notes that a commit was held back since `start`. */
	slowedSince(start: number): void {
		this.#counters.slowdowns += 1;
		this.#counters.slowedMilliseconds += performance.now() - start;
	}

	memtableBegan(): void {
		this.#pacer.memtableBegan(performance.now());
	}

	/** Notes how long a job that ends now took. */
	measure(job: PlannedJob): void {
		this.#pacer.measure(job, performance.now());
	}
}
