/** What groups hold for the calls of an aggregate: the function's state, and what is gathered before that sees it. */

import type { AggregateFunction, AggregateState } from "../function/aggregate.js";
import type { Collation } from "../value/compare.js";
import { argumentRows } from "./argument-rows.js";
import type { Evaluate } from "./compile.js";
import { DistinctValues } from "./distinct-values.js";
import type { Execution } from "./operator.js";
import type { CallOrder, GatheringRun } from "./ordered.js";
import { Ordered } from "./ordered.js";

export interface AggregateCall {
	readonly function: AggregateFunction;
	/** The function's own, and behind these what its ORDER BY compares. */
	readonly arguments: readonly Evaluate[];
	readonly distinct: boolean;
	readonly filter: Evaluate | null;
	readonly collation: Collation;
	readonly order: CallOrder | null;
}

/** Makes the states of one run's groups. */
export class GroupStates {
	readonly calls: readonly AggregateCall[];
	/** Calls whose states grow with the group's rows. */
	readonly growing: readonly number[];
	/** States that gather share the memory that groups may have. */
	readonly #run: GatheringRun;

	constructor(calls: readonly AggregateCall[], run: Execution) {
		this.calls = calls;
		const gathering = calls.filter(({ distinct, order }) => distinct || order !== null).length;
		this.growing = [...calls.keys()].filter((i) => isGrowing(calls[i] as AggregateCall)); // i is within
		this.#run = { stop: run.stop, spill: gathering > 1 ? run.spill?.share(gathering) : run.spill };
	}

	create(call: AggregateCall): AggregateState {
		const { function: called, collation, distinct, order } = call;
		let state = called.create(collation);
		if (!distinct && order === null) return state;
		const form = argumentRows(called);
		if (order !== null) state = new Ordered(state, order, form, this.#run);
		return distinct ? new DistinctValues(state, collation, form, this.#run) : state;
	}
}

function isGrowing({ function: called, distinct, order }: AggregateCall): boolean {
	return distinct || order !== null || called.gathers === true;
}
