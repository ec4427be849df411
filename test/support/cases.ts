import { Random } from "./random.js";

/** A case made from its randomness, at most `size` large; it throws where something is wrong. */
export type Case = (random: Random, size: number) => void;

/** Tries after a failure, to find a smaller one. */
const SHRINK_TRIES = 2000;

/**
 * Runs `count` cases, each from a seed of its own, the first ones small. Where one fails, looks for a smaller one that fails
 * too, and throws what says how it is repeated: `run(new Random(seed), size)`.
 */
export function runCases(count: number, largest: number, run: Case): void {
	for (let index = 0; index < count; index++) {
		const size = Math.ceil((largest * (index + 1)) / count);
		if (failure(run, index, size) !== undefined) throw smallest(run, index, size);
	}
}

function failure(run: Case, seed: number, size: number): Error | undefined {
	try {
		run(new Random(seed), size);
		return undefined;
	} catch (cause) {
		return cause as Error;
	}
}

function smallest(run: Case, seed: number, size: number): Error {
	const found = { seed, size };
	for (let tries = 0; tries < SHRINK_TRIES && found.size > 0; tries++) {
		// Sizes from none on; then more seeds of those below what is known to fail.
		const smaller = tries % found.size;
		const another = tries < found.size ? seed : tries;
		if (failure(run, another, smaller) === undefined) continue;
		found.seed = another;
		found.size = smaller;
	}
	const cause = failure(run, found.seed, found.size);
	return new Error(`seed ${found.seed}, size ${found.size}: ${cause?.message}`, { cause });
}
