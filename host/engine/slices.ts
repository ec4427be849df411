import type { Engine } from "./engine.js";
import type { PlannedJob } from "./job-planner.js";
import { type JobResult, JobRun } from "./job-run.js";

/** A job goes on whenever another such part of the memtable is filled, by so many steps. */
const SLICES = 64;
const STEPS = 2;

/** Runs jobs on the calling thread, a slice at a time, so that commits pay for them by and by. */
export class Slices {
	readonly #engine: Engine;
	readonly #runs = new Map<PlannedJob, JobRun>();
	/** Bytes of the memtable at the last slice. */
	#sliced = 0;

	constructor(engine: Engine) {
		this.#engine = engine;
	}

	/** Whether enough was written since the last time for another slice. */
	due(): boolean {
		const written = this.#engine.active.memtable.bytes();
		// A new memtable begins with nothing.
		if (written < this.#sliced) this.#sliced = 0;
		if (written - this.#sliced < this.#engine.options.memtableBytes / SLICES) return false;
		this.#sliced = written;
		return true;
	}

	/** A slice of the job; what came of it once it is complete. A failure ends it, save that it begins anew where it lacked files. */
	advance(job: PlannedJob): JobResult | undefined {
		return this.#engine.files.attempt(() => this.#slice(job));
	}

	#slice(job: PlannedJob): JobResult | undefined {
		let run = this.#runs.get(job);
		if (run === undefined) {
			run = new JobRun(this.#engine.storage, this.#engine.kernel, job.description);
			this.#runs.set(job, run);
		}
		try {
			const result = run.advance(STEPS);
			if (result !== undefined) this.#runs.delete(job);
			return result;
		} catch (error) {
			this.#runs.delete(job);
			throw error;
		}
	}

	/** Gives a job up. */
	abandon(job: PlannedJob): void {
		this.#runs.get(job)?.abandon();
		this.#runs.delete(job);
	}
}
