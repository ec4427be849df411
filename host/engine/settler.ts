import { isOutOfMemory } from "../errors.js";
import type { TaskLane } from "./background/lanes.js";
import type { Engine } from "./engine.js";
import { removeQuietly } from "./job-run.js";
import type { VersionEdit } from "./version-edit.js";

/**
 * Enters edits into the manifest and removes the files that they make obsolete, in the background where there is one: what an
 * edit says holds in memory at once, and is on stable storage before a file that it makes obsolete is removed.
 */
export class Settler {
	readonly #engine: Engine;
	readonly #lane: TaskLane | undefined;
	/** Files to remove, and who waits for the edits so far to be on stable storage. */
	#remove: string[] = [];
	#after: (() => void)[] = [];
	/** What the background is at. */
	#posted: { readonly remove: string[]; readonly after: (() => void)[]; settled(): void } | undefined;
	#waiting: (() => void)[] = [];
	/** The database is being closed by a caller that cannot wait: nothing more is handed to the background. */
	#stopping = false;

	constructor(engine: Engine, lane: TaskLane | undefined) {
		this.#engine = engine;
		this.#lane = lane;
		engine.manifest.discard = (path) => this.discard(path);
	}

	/**
	 * Appends the edit; `settled` is called once it is on stable storage. Any failure is final for the database, save
	 * WLSM_OUT_OF_MEMORY, which comes before anything is written.
	 */
	commit(edit: VersionEdit, settled: () => void = () => {}): void {
		const engine = this.#engine;
		engine.checkSound();
		try {
			if (this.#lane === undefined) engine.manifest.commit(edit);
			else engine.manifest.append(edit);
		} catch (error) {
			if (isOutOfMemory(error)) throw error;
			throw engine.fail(error);
		}
		if (this.#lane === undefined) settled();
		else this.#after.push(settled);
	}

	/** Removes a file that the edits so far have made obsolete, when they are settled. */
	discard(path: string): void {
		const engine = this.#engine;
		if (engine.failed) return;
		if (this.#lane === undefined || engine.finished) removeQuietly(engine.storage, path);
		else {
			this.#remove.push(path);
			this.start();
		}
	}

	/** Hands what is to be settled to the background, where that is free. */
	start(): void {
		const lane = this.#lane;
		const { manifest } = this.#engine;
		if (lane === undefined || lane.running || this.#stopping || this.#engine.failed) return;
		if (this.#remove.length === 0 && this.#after.length === 0 && manifest.settled) return;
		const task = { manifest: manifest.settled ? undefined : manifest.path, remove: this.#remove };
		this.#posted = { remove: this.#remove, after: this.#after, settled: manifest.settling() };
		this.#remove = [];
		this.#after = [];
		try {
			lane.post({ settle: task });
		} catch (error) {
			// No worker is to be had: it is done here, unless one has begun it.
			if (lane.running && !lane.takeBack()) this.#engine.fail(error);
			else this.#attemptHere();
		}
	}

	#attemptHere(): void {
		try {
			this.#settleHere();
		} catch {
			// The database knows that it has failed, and tells whoever writes next.
		}
	}

	/** What was handed to the background, and has not been begun there, is to be done again. */
	#putBack(): void {
		this.#remove.unshift(...(this.#posted?.remove ?? []));
		this.#after.unshift(...(this.#posted?.after ?? []));
		this.#posted = undefined;
	}

	#settleHere(): void {
		this.#putBack();
		this.settleNow();
		const { storage } = this.#engine;
		for (const settled of this.#after.splice(0)) settled();
		for (const path of this.#remove.splice(0)) removeQuietly(storage, path);
	}

	/** Puts the edits so far on stable storage, blocking. */
	settleNow(): void {
		try {
			this.#engine.manifest.sync();
		} catch (error) {
			throw this.#engine.fail(error);
		}
	}

	#wake(): void {
		for (const wake of this.#waiting.splice(0)) wake();
	}

	/** Takes what the background has done, and goes on. */
	collect(): void {
		const lane = this.#lane;
		if (lane === undefined || !lane.done) return;
		const posted = this.#posted;
		this.#posted = undefined;
		try {
			lane.take();
			posted?.settled();
			for (const settled of posted?.after ?? []) settled();
		} catch (error) {
			this.#engine.fail(error);
		}
		this.start();
		if (!lane.running) this.#wake();
	}

	/** Resolves when what jobs have entered is on stable storage; throws where that has failed. */
	async settled(): Promise<void> {
		await this.idle();
		if (this.#engine.failed) this.#engine.checkWritable();
	}

	/** Resolves when nothing is left to settle. */
	async idle(): Promise<void> {
		this.collect();
		this.start();
		while (this.#lane?.running === true && !this.#stopping) {
			await new Promise<void>((resolve) => {
				this.#waiting.push(resolve);
			});
		}
	}

	/** Ends what the background is at, or takes it back. */
	waitSync(): void {
		const lane = this.#lane;
		this.#stopping = true;
		if (lane === undefined || !lane.running || lane.takeBack()) return;
		lane.waitSync();
		this.collect();
	}

	/** Settles what is left, on the calling thread. */
	finish(): void {
		try {
			if (!this.#engine.failed) this.#settleHere();
		} finally {
			this.#wake();
		}
	}
}
