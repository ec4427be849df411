import { Violation } from "../ledger.js";
import { copyState, difference, emptyState, type State } from "./state.js";
import { applyStep, stepOf } from "./steps.js";

/** The steps that are known to be in a database, and what it holds by them. */
export class History {
	readonly #seed: number;
	#steps = 0;
	#state: State = emptyState();

	constructor(seed: number) {
		this.#seed = seed;
	}

	get steps(): number {
		return this.#steps;
	}

	get state(): State {
		return this.#state;
	}

	copy(): History {
		const copy = new History(this.#seed);
		copy.#steps = this.#steps;
		copy.#state = copyState(this.#state);
		return copy;
	}

	/**
	 * Goes on to the state that was found: one after at least `least` steps, the acknowledged ones, and at most `most`, those
	 * that were under way. Each state in between is the end of a step, so none may be missing, and none half there.
	 */
	advance(found: State, least: number, most: number): void {
		const begin = this.copy();
		let differing = "";
		for (;;) {
			if (this.#steps >= least) {
				const differs = difference(found, this.#state);
				if (differs === undefined) return;
				if (this.#steps === least) differing = differs;
			}
			if (this.#steps >= most) throw begin.#mismatch(found, least, most, differing);
			this.#forward();
		}
	}

	#forward(): void {
		applyStep(this.#state, stepOf(this.#seed, this.#steps));
		this.#steps += 1;
	}

	/** What kind of wrong a state is that is none of those that would be right. */
	#mismatch(found: State, least: number, most: number, differing: string): Violation {
		while (this.#steps < most) {
			const before = copyState(this.#state);
			if (difference(found, before) === undefined) {
				const message = `what is there is the state after ${this.#steps} steps, ${least} were acknowledged`;
				return new Violation("lost", message);
			}
			this.#forward();
			if (difference(found, this.#state) !== undefined && isMixture(found, before, this.#state)) {
				return new Violation("torn", `a part of step ${this.#steps - 1} is there, and a part is not`);
			}
		}
		const message = `after ${least} acknowledged steps: ${differing}`;
		return new Violation(differing.endsWith("is there") ? "resurrected" : "lost", message);
	}
}

/** Whether each entry is as it is in one of the two. */
function isMixture(found: State, one: State, other: State): boolean {
	const mixed = <Key>(a: Map<Key, string>, b: Map<Key, string>, c: Map<Key, string>) =>
		[...new Set([...a.keys(), ...b.keys(), ...c.keys()])].every((key) => [b.get(key), c.get(key)].includes(a.get(key)));
	return mixed(found.pairs, one.pairs, other.pairs) && mixed(found.rows, one.rows, other.rows);
}

/** How many steps are acknowledged by what a writer said, undefined where it has acknowledged none. */
export function acknowledgedBy(lines: readonly string[]): number | undefined {
	const last = lines.findLast((line) => /^\d+$/.test(line));
	return last === undefined ? undefined : Number(last) + 1;
}
