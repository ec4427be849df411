/** What ends a run of a statement before its end: a time limit, and a signal. */

import { WlsmError } from "../../errors.js";

/** What ends a run of a statement before its end: a time limit, and a signal. */
export interface StopOptions {
	/**
	 * The run fails with `WLSM_TIMEOUT` when so many milliseconds have passed since its start; `iterate` also counts what the loop
	 * around it takes. 0 for no limit.
	 */
	readonly timeoutMs?: number | undefined;
	/**
	 * The run fails with `WLSM_ABORTED` once this is aborted. Statements run without a pause, so that it can only be aborted before,
	 * between two rows of `iterate`, and by functions of one's own that a statement calls: a signal of `AbortSignal.timeout` is
	 * not, but `timeoutMs` ends a run anywhere. What only looks like a signal is taken too: where its `aborted` reads a flag in shared
	 * memory, another thread ends the run anywhere.
	 */
	readonly signal?: StopSignal | undefined;
}

/** An AbortSignal, or what has this of it. */
export interface StopSignal {
	/** Whether the run is to end. */
	readonly aborted: boolean;
	/** Why: the `cause` of the error. */
	readonly reason?: unknown;
}

const NAMES: readonly string[] = ["timeoutMs", "signal"] satisfies readonly (keyof StopOptions)[];

/** `WLSM_INVALID_ARGUMENT` for what no run could be stopped by. */
export function checkStopOptions(options: unknown): StopOptions {
	if (typeof options !== "object" || options === null) throw invalid("Options are an object with timeoutMs or signal.");
	const unknown = Object.keys(options).find((name) => !NAMES.includes(name));
	if (unknown !== undefined) throw invalid(`There is no option "${unknown}". Options are ${NAMES.join(", ")}.`);
	const { timeoutMs, signal } = options as { timeoutMs?: unknown; signal?: unknown };
	if (timeoutMs !== undefined && !(typeof timeoutMs === "number" && timeoutMs >= 0))
		throw invalid("Option timeoutMs is a number of milliseconds, 0 for no limit.");
	if (signal !== undefined && typeof (signal as { aborted?: unknown } | null)?.aborted !== "boolean")
		throw invalid("Option signal is an AbortSignal.");
	return { timeoutMs, signal: signal as StopSignal | undefined };
}

function invalid(message: string): WlsmError {
	return new WlsmError("WLSM_INVALID_ARGUMENT", message);
}

/** Rows, or what takes as long, between two looks at the clock. */
const ROWS_PER_LOOK = 64;

/** Of one run. Operators count their work here; the clock is looked at now and then. */
export class Stop {
	readonly #timeoutMs: number;
	readonly #deadline: number;
	readonly #signal: StopSignal | undefined;
	#left = ROWS_PER_LOOK;

	/** Starts the clock; undefined where nothing is to stop the run. */
	static of({ timeoutMs = 0, signal }: StopOptions): Stop | undefined {
		return timeoutMs === 0 && signal === undefined ? undefined : new Stop(timeoutMs, signal);
	}

	private constructor(timeoutMs: number, signal: StopSignal | undefined) {
		this.#timeoutMs = timeoutMs;
		this.#deadline = timeoutMs === 0 ? Infinity : performance.now() + timeoutMs;
		this.#signal = signal;
	}

	/** So many rows were worked on. Throws where the run is to end. */
	count(rows: number): void {
		this.#left -= rows;
		if (this.#left <= 0) this.look();
	}

	look(): void {
		this.#left = ROWS_PER_LOOK;
		if (this.#signal?.aborted === true) {
			throw new WlsmError("WLSM_ABORTED", "The statement was stopped by its signal.", { cause: this.#signal.reason });
		}
		if (performance.now() >= this.#deadline) {
			throw new WlsmError(
				"WLSM_TIMEOUT",
				`The statement was stopped: it took longer than its ${this.#timeoutMs} milliseconds.`,
			);
		}
	}
}

/** For a sort that can be stopped. */
export function stoppable<T>(
	compare: (a: T, b: T) => number,
	{ stop }: { readonly stop: Stop | undefined },
): (a: T, b: T) => number {
	if (stop === undefined) return compare;
	return (a, b) => {
		stop.count(1);
		return compare(a, b);
	};
}
