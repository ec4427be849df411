import { setImmediate } from "node:timers/promises";
import type { Random } from "./random.js";

/**
 * Lets asynchronous actors take turns in an order that randomness chooses. Each awaits `turn` before it does anything that
 * others can see: so one of them acts at a time, while what it has asked for before may still be under way.
 */
export class Interleaving {
	readonly #random: Random;
	readonly #waiting: (() => void)[] = [];

	constructor(random: Random) {
		this.#random = random;
	}

	turn(): Promise<void> {
		return new Promise((resolve) => {
			this.#waiting.push(resolve);
		});
	}

	/** Runs the actors to their ends; throws what one of them threw. */
	async run(actors: readonly (() => Promise<void>)[]): Promise<void> {
		let live = actors.length;
		const ends = actors.map(async (actor) => {
			try {
				await actor();
			} finally {
				live -= 1;
			}
		});
		const all = Promise.allSettled(ends);
		while (live > 0) {
			const [next] = this.#waiting.splice(this.#random.below(Math.max(1, this.#waiting.length)), 1);
			next?.();
			// What follows from it at once is done before the next one acts.
			await setImmediate();
		}
		for (const end of await all) if (end.status === "rejected") throw end.reason;
	}
}
