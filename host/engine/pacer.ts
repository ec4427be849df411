import type { PlannedJob } from "./job-planner.js";

/** What the pacer looks at. */
export interface Pressure {
	/** Full memtables that wait for their flush, and how many may before commits wait for it. */
	readonly frozen: number;
	readonly maxFrozen: number;
	/** Tables of level 0, and how many may be there before commits wait for compactions. */
	readonly level0: number;
	readonly level0Stop: number;
}

/** From so many tables of level 0 on commits are held back. */
export const LEVEL0_SLOWDOWN = 8;
/** Weight of the newest measurement in an average. */
const NEWEST = 0.3;
/** A memtable is given a little more time than its flush took, so that flushes gain on the writer. */
const FLUSH_MARGIN = 1.1;
/** A commit is held back at least and at most so long, in milliseconds: timers are no finer, pauses are to be short. */
const SHORTEST_DELAY = 1;
const LONGEST_DELAY = 20;

function averaged(average: number, measured: number): number {
	return average === 0 ? measured : average + NEWEST * (measured - average);
}

/**
 * Holds commits back, each a little, before they would have to wait for a whole flush or compaction: the memtable is to be
 * filled no faster than the background has shown to empty one. All times are in milliseconds.
 */
export class Pacer {
	/** How long the background takes, for each memtable, to flush it and to merge its table into level 1. */
	#flush = 0;
	#merge = 0;
	/** How long compactions took since the last one of level 0. */
	#compacted = 0;
	/** When the memtable that commits go to was new. */
	#began: number;

	constructor(now: number) {
		this.#began = now;
	}

	memtableBegan(now: number): void {
		this.#began = now;
	}

	/** Notes how long a job that ends now took. */
	measure({ started, description, level0Tables }: PlannedJob, now: number): void {
		const memtables = description.memtables.length;
		if (memtables > 0) {
			this.#flush = averaged(this.#flush, (now - started) / memtables);
			return;
		}
		this.#compacted += now - started;
		if (level0Tables === 0) return;
		this.#merge = averaged(this.#merge, this.#compacted / level0Tables);
		this.#compacted = 0;
	}

	/** How long a commit is to be held back now, where the memtable is `filled` of 1; 0 for not at all. */
	delay({ frozen, maxFrozen, level0, level0Stop }: Pressure, filled: number, now: number): number {
		let time = 0;
		// The first half of the memtable is free: most flushes end before the other one is full.
		if (frozen >= maxFrozen) time = FLUSH_MARGIN * this.#flush * Math.max(0, 2 * Math.min(filled, 1) - 1);
		if (level0 >= LEVEL0_SLOWDOWN) {
			// At half of the way from the slowdown to the stop as long as a merge, so that it settles there.
			const near = (level0 - LEVEL0_SLOWDOWN) / (level0Stop - LEVEL0_SLOWDOWN);
			time = Math.max(time, (0.5 + near) * this.#merge * Math.min(filled, 1));
		}
		const due = this.#began + time - now;
		return due < SHORTEST_DELAY ? 0 : Math.min(due, LONGEST_DELAY);
	}
}
