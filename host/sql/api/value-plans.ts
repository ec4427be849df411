/**
 * Plans of one statement for different values of its parameters: where statistics tell them apart, a rare value wants another
 * plan than a frequent one. A statement is planned for the values of its first run, and anew for such as are much different.
 */

import { Guesses } from "../plan/guesses.js";
import type { Value } from "../value/value.js";
import type { Prepared } from "./prepare.js";

/** Beyond so many plans, values have the one that was made without any. */
const MAX_PLANS = 8;

interface ValuePlan {
	readonly prepared: Prepared;
	readonly guesses: Guesses;
}

export class ValuePlans {
	/** Made without values. */
	readonly first: Prepared;
	readonly #plan: (guesses: Guesses) => Prepared;
	/** The one that served last is the first. */
	readonly #plans: ValuePlan[];

	constructor(plan: (guesses: Guesses) => Prepared) {
		this.#plan = plan;
		const guesses = new Guesses(null);
		this.first = plan(guesses);
		this.#plans = [{ prepared: this.first, guesses }];
	}

	for(values: readonly Value[]): Prepared {
		const plans = this.#plans;
		for (const [at, plan] of plans.entries()) {
			if (!plan.guesses.hold(values)) continue;
			if (at > 0) plans.unshift(...plans.splice(at, 1));
			return plan.prepared;
		}
		if (plans.length > MAX_PLANS) return this.first;
		const guesses = new Guesses([...values]);
		const prepared = this.#plan(guesses);
		plans.unshift({ prepared, guesses });
		return prepared;
	}
}
