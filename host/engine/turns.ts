import { setImmediate } from "node:timers";

/** Answers that need not wait are given at once for this long, in milliseconds. */
const TURN_MILLISECONDS = 2;
/** The clock is looked at once in so many answers. */
const ANSWERS_PER_LOOK = 64;

/**
 * Lets the event loop turn. Promises that are fulfilled at once are seen to before it does: who awaits one after the other
 * would keep timers and sockets waiting for as long as that goes on.
 */
export class Turns {
	#answers = 0;
	#last = performance.now();

	/** The answer as a promise, which is fulfilled after a turn of the event loop where the last one is too long ago. */
	answer<Answer>(answer: Answer, weight = 1): Promise<Answer> {
		this.#answers += weight;
		if (this.#answers < ANSWERS_PER_LOOK) return Promise.resolve(answer);
		this.#answers = 0;
		const now = performance.now();
		if (now - this.#last < TURN_MILLISECONDS) return Promise.resolve(answer);
		this.#last = now;
		return new Promise((resolve) => {
			setImmediate(resolve, answer);
		});
	}
}
