/** Aggregates with an ORDER BY of their own: a group's rows are kept, and stepped in that order at its end. */

import type { AggregateState } from "../function/aggregate.js";
import type { JsonValue } from "../function/json/subtype.js";
import type { Value } from "../value/value.js";
import type { ArgumentRows } from "./argument-rows.js";
import type { SortTerm } from "./gather.js";
import { comparator } from "./gather.js";
import type { Execution, Tuple } from "./operator.js";
import { forEachRow } from "./operator.js";
import { Sorter } from "./spill/sorter.js";
import { stoppable } from "./stop.js";

/** Of calls whose values are the function's own `count` arguments and, behind these, those of ORDER BY. */
export interface CallOrder {
	readonly count: number;
	readonly compare: (a: Tuple, b: Tuple) => number;
}

export function callOrder(count: number, terms: readonly Omit<SortTerm, "slot">[]): CallOrder {
	return { count, compare: comparator(terms.map((term, i) => ({ ...term, slot: count + i }))) };
}

/** What a state that gathers works with. */
export type GatheringRun = Pick<Execution, "stop" | "spill">;

export class Ordered implements AggregateState {
	readonly #state: AggregateState;
	readonly #count: number;
	readonly #form: ArgumentRows;
	readonly #run: GatheringRun;
	readonly #sorter: Sorter;

	constructor(state: AggregateState, { count, compare }: CallOrder, form: ArgumentRows, run: GatheringRun) {
		this.#state = state;
		this.#count = count;
		this.#form = form;
		this.#run = run;
		this.#sorter = new Sorter(stoppable(compare, run), run.spill);
	}

	get heldBytes(): number {
		return this.#sorter.heldBytes;
	}

	step(values: readonly JsonValue[]): boolean {
		this.#sorter.add(this.#form.pack(values));
		return false;
	}

	/** To be asked once: no more rows come. */
	finish(): Value {
		forEachRow(this.#sorter.finish(), (row) => {
			this.#run.stop?.count(1);
			this.#state.step(this.#form.unpack(row).slice(0, this.#count));
		});
		return this.#state.finish();
	}

	close(): void {
		this.#sorter.close();
	}
}
