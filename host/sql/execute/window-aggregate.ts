/** Aggregates over frames: stepped forward where frames only grow, taken back where they slide, else counted anew. */

import type { AggregateFunction, AggregateState } from "../function/aggregate.js";
import type { Value } from "../value/value.js";
import { isTrue } from "./compile.js";
import type { Frame } from "./frame.js";
import { frameReader } from "./frame.js";
import type { Execution, Tuple } from "./operator.js";
import type { Partition } from "./partition.js";
import { SlidingFrame } from "./sliding-frame.js";
import type { CompiledCall } from "./window.js";

/** What the call is stepped with for a row; null where its filter refuses that. */
export function argumentsOf({ filter, arguments: given }: CompiledCall, row: Tuple, run: Execution): Value[] | null {
	if (filter !== null && !isTrue(filter(row, run))) return null;
	return given.map((argument) => argument(row, run));
}

/** Asked row after row: what is in the state then is the frame of the row before. */
export function aggregateReader(
	compiled: CompiledCall,
	called: AggregateFunction,
	partition: Partition,
	run: Execution,
): (i: number) => Value {
	const { frame } = compiled.bounds;
	const frameOf = frameReader(compiled.bounds, partition, run);
	const given = partition.argumentsOf(compiled);
	const { collation } = compiled.call;
	const losesRows = frame.start.type !== "unbounded preceding" && frame.exclude === "no others";
	const fresh = () => (losesRows && called.createSliding ? called.createSliding(collation) : called.create(collation));
	const step = (state: AggregateState, i: number) => {
		run.stop?.count(1);
		const values = given(i);
		if (values !== null) state.step(values);
	};
	if (frame.exclude !== "no others") {
		return (i) => {
			const found = frameOf(i);
			const own = fresh();
			for (let at = found.start; at < found.end; at++) if (found.has(at)) step(own, at);
			return own.finish();
		};
	}
	const state = fresh();
	if (losesRows && state.inverse === undefined) return recounted(frameOf, fresh, step);
	const rows = {
		step: (i: number) => step(state, i),
		inverse: (i: number) => {
			const values = given(i);
			if (values !== null) state.inverse?.(values);
		},
	};
	const sliding = new SlidingFrame(compiled.bounds, partition, run, rows);
	return (i) => {
		sliding.moveTo(frameOf(i));
		return state.finish();
	};
}

/** Of a function that cannot take rows back: anew for each frame that has lost some. */
function recounted(
	frameOf: (i: number) => Frame,
	fresh: () => AggregateState,
	step: (state: AggregateState, i: number) => void,
): (i: number) => Value {
	let state = fresh();
	let start = 0;
	let end = 0;
	return (i) => {
		const found = frameOf(i);
		if (found.start !== start || found.end < end) {
			state = fresh();
			start = end = found.start;
		}
		for (; end < found.end; end++) step(state, end);
		return state.finish();
	};
}
