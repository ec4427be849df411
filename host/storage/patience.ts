/*
 * Windows refuses operations on files that somebody else has open for a moment (virus scanners, search indexers, a process that
 * reads what is being replaced), and on names whose removal waits for the last handle. Trying again helps; the waits are those of
 * SQLite on Windows.
 */

const MOMENTARY = ["EPERM", "EACCES", "EBUSY"];
const RETRIES = 10;
const WAIT_MILLISECONDS = 25;

/** Waits of 25, 50, … 250 milliseconds, 1.4 seconds together, before what is refused for good fails. On Windows only. */
export class Patience {
	readonly #pause: (milliseconds: number) => void;
	/** Used up by what was refused for good, until something succeeds: of many files that cannot be removed only the first is waited for. */
	#isLeft = true;

	constructor(pause: (milliseconds: number) => void = sleep) {
		this.#pause = pause;
	}

	with<T>(operation: () => T): T {
		for (let retry = 1; ; retry++) {
			try {
				const answer = operation();
				this.#isLeft = true;
				return answer;
			} catch (error) {
				if (!isMomentary(error)) throw error;
				this.#isLeft &&= retry <= RETRIES;
				if (!this.#isLeft) throw error;
				this.#pause(retry * WAIT_MILLISECONDS);
			}
		}
	}
}

function isMomentary(error: unknown): boolean {
	if (process.platform !== "win32") return false;
	const { code } = (error ?? {}) as { code?: unknown };
	return typeof code === "string" && MOMENTARY.includes(code);
}

function sleep(milliseconds: number): void {
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
