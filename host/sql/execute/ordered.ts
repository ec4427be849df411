/** Aggregates with an ORDER BY of their own: a group's rows are kept, and stepped in that order at its end. */

import type { AggregateFunction, AggregateState } from "../function/aggregate.js";
import type { JsonValue } from "../function/json/subtype.js";
import type { Collation } from "../value/compare.js";
import type { SortTerm } from "./gather.js";
import { comparator } from "./gather.js";
import type { Tuple } from "./operator.js";

/** The function for calls whose values are its own `count` arguments and, behind these, those of ORDER BY. */
export function orderedAggregate(
	called: AggregateFunction,
	count: number,
	terms: readonly Omit<SortTerm, "slot">[],
): AggregateFunction {
	const compare = comparator(terms.map((term, i) => ({ ...term, slot: count + i })));
	return { ...called, picksRow: false, create: (collation) => new Ordered(called, count, compare, collation) };
}

class Ordered implements AggregateState {
	readonly #called: AggregateFunction;
	readonly #count: number;
	readonly #compare: (a: Tuple, b: Tuple) => number;
	readonly #collation: Collation;
	readonly #rows: (readonly JsonValue[])[] = [];

	constructor(called: AggregateFunction, count: number, compare: (a: Tuple, b: Tuple) => number, collation: Collation) {
		this.#called = called;
		this.#count = count;
		this.#compare = compare;
		this.#collation = collation;
	}

	step(values: readonly JsonValue[]): boolean {
		this.#rows.push([...values]);
		return false;
	}

	finish(): ReturnType<AggregateState["finish"]> {
		const state = this.#called.create(this.#collation);
		// The terms of ORDER BY are values; only the arguments before them may be JSON.
		this.#rows.sort((a, b) => this.#compare(a as Tuple, b as Tuple));
		for (const values of this.#rows) state.step(values.slice(0, this.#count));
		return state.finish();
	}
}
