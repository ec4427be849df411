/** Aggregates over frames: stepped forward where frames only grow, taken back where they slide, else counted anew. */

import type { AggregateFunction, AggregateState } from "../function/aggregate.js";
import type { Value } from "../value/value.js";
import { isTrue } from "./compile.js";
import type { Partition } from "./frame.js";
import { frameReader } from "./frame.js";
import type { Execution, Tuple } from "./operator.js";
import type { CompiledCall } from "./window.js";

/** What the call is stepped with for a row; null where its filter refuses that. */
export function argumentsOf({ filter, arguments: given }: CompiledCall, row: Tuple, run: Execution): Value[] | null {
	if (filter !== null && !isTrue(filter(row, run))) return null;
	return given.map((argument) => argument(row, run));
}

export function aggregateOver(
	compiled: CompiledCall,
	called: AggregateFunction,
	partition: Partition,
	slot: number,
	run: Execution,
): void {
	const { rows } = partition;
	const { frame } = compiled.bounds;
	const frameOf = frameReader(compiled.bounds, partition, run);
	// Arguments once per row: the results are written into the same rows.
	const values = rows.map(({ row }) => argumentsOf(compiled, row, run));
	const { collation } = compiled.call;
	const losesRows = frame.start.type !== "unbounded preceding" && frame.exclude === "no others";
	const fresh = () => (losesRows && called.createSliding ? called.createSliding(collation) : called.create(collation));
	const step = (state: AggregateState, i: number) => {
		run.stop?.count(1);
		const given = values[i];
		if (given) state.step(given);
	};
	let state = fresh();
	let start = 0;
	let end = 0;
	const slides = state.inverse !== undefined;
	for (const [i, { row }] of rows.entries()) {
		run.stop?.count(1);
		const found = frameOf(i);
		if (frame.exclude !== "no others") {
			const own = fresh();
			for (let at = found.start; at < found.end; at++) if (found.has(at)) step(own, at);
			row[slot] = own.finish();
			continue;
		}
		// Only forward, so that what is in the state is [start, end).
		const grows = found.start === start && found.end >= end;
		if (!grows && !(slides && found.start >= start && found.end >= end && found.start <= end)) {
			state = fresh();
			start = end = found.start;
		}
		for (; end < found.end; end++) step(state, end);
		for (; start < found.start; start++) {
			const given = values[start];
			if (given) state.inverse?.(given);
		}
		row[slot] = state.finish();
	}
}
