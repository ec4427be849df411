/** What the queue asks of the compactor. */
export interface Room {
	/** Whether a commit made now would wait. */
	readonly busy: boolean;
	/** Resolves when it would not. */
	room(): Promise<void>;
}

/**
 * Commits of asynchronous callers that wait for room, in the order in which they came: also callers that do not wait for each
 * other may count on it.
 */
export class CommitQueue {
	readonly #room: Room;
	readonly #waiting: (() => void)[] = [];
	/** A waiting commit is being made: it does not queue up again. */
	#committing = false;

	constructor(room: Room) {
		this.#room = room;
	}

	/** Whether a commit has to take its place behind others or to wait for room itself. */
	get busy(): boolean {
		return !this.#committing && (this.#waiting.length > 0 || this.#room.busy);
	}

	/** Makes the commit when its turn has come and there is room. */
	enqueue<Answer>(commit: () => Promise<Answer>): Promise<Answer> {
		return new Promise((resolve) => {
			this.#waiting.push(() => resolve(commit()));
			if (this.#waiting.length === 1) void this.#drain();
		});
	}

	async #drain(): Promise<void> {
		while (this.#waiting.length > 0) {
			try {
				if (this.#room.busy) await this.#room.room();
			} catch {
				// The commit meets the same failure, and tells its caller.
			}
			this.#commitFirst();
		}
	}

	/** Makes every waiting commit at once, each waiting synchronously for its room: a synchronous one comes after them. */
	flushSync(): void {
		if (this.#committing) return;
		while (this.#waiting.length > 0) this.#commitFirst();
	}

	#commitFirst(): void {
		const commit = this.#waiting.shift();
		if (commit === undefined) return;
		this.#committing = true;
		try {
			commit();
		} finally {
			this.#committing = false;
		}
	}
}
