/*
 * Windows refuses operations on files that somebody else has open for a moment (virus scanners, search indexers, a process that
 * reads what is being replaced), and on names whose removal waits for the last handle. Trying again helps; the waits are those of
 * SQLite on Windows.
 */

const MOMENTARY = ["EPERM", "EACCES", "EBUSY"];
const RETRIES = 10;
const WAIT_MILLISECONDS = 25;

/** Waits of 25, 50, … 250 milliseconds, 1.4 seconds together, before what is refused for good fails. On Windows only. */
export function patiently<T>(operation: () => T, pause: (milliseconds: number) => void = sleep): T {
	for (let retry = 1; ; retry++) {
		try {
			return operation();
		} catch (error) {
			if (retry > RETRIES || !isMomentary(error)) throw error;
			pause(retry * WAIT_MILLISECONDS);
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
