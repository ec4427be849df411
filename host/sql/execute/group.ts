/** A group of rows, and what its aggregate functions have come to. */

import type { AggregateState } from "../function/aggregate.js";
import type { Collation } from "../value/compare.js";
import type { Value } from "../value/value.js";
import type { ColumnStates } from "./column-states.js";
import type { Evaluate } from "./compile.js";
import { isTrue } from "./compile.js";
import type { AggregateCall, GroupStates } from "./group-states.js";
import type { Execution, Tuple } from "./operator.js";

export interface AggregateOptions {
	readonly keys: readonly Evaluate[];
	readonly collations: readonly Collation[];
	readonly calls: readonly AggregateCall[];
	/** The call whose row the bare columns come from, or -1: the group's first row. */
	readonly picker: number;
	/** Nobody can tell whether each row is taken in by all calls before the next one is. */
	readonly callByCall: boolean;
	/** How many columns the input has: a result is one input row with the calls' results behind it. */
	readonly inputWidth: number;
}

/** States of calls that all groups have in common; null for a call whose states are objects of the groups. */
export type SharedStates = readonly (ColumnStates | null)[];

const NO_STATES: AggregateState[] = [];

/** One group: what its aggregate functions have come to. */
export class Group {
	/** Its first values are the group's; there may be others behind them. */
	readonly keys: Tuple;
	/** The row that columns outside of aggregates are taken from. */
	row: Tuple;
	/** By call; not there where it is among those that groups share. */
	readonly states: (AggregateState | undefined)[];
	readonly #shared: SharedStates | null;
	/** Among those that share states. */
	readonly #number: number;
	/** What its states had gathered when they were asked last, in bytes. */
	#grownBytes = 0;

	constructor(states: GroupStates, keys: Tuple, row: Tuple, shared: SharedStates | null = null, number = 0) {
		this.keys = keys;
		this.row = row;
		this.#shared = shared;
		this.#number = number;
		const hasOwn = shared === null || shared.includes(null);
		this.states = hasOwn ? states.calls.map((call, i) => (shared?.[i] ? undefined : states.create(call))) : NO_STATES;
	}

	/**
	 * Lets call number `i` take in a row; true where bare columns come from this one now. `values` has room for the call's
	 * arguments, and is good for nothing afterwards.
	 */
	step(i: number, call: AggregateCall, row: Tuple, run: Execution, values: Value[]): boolean {
		if (call.filter !== null && !isTrue(call.filter(row, run))) return false;
		for (let j = 0; j < values.length; j++) values[j] = (call.arguments[j] as Evaluate)(row, run); // j is within
		return (this.states[i] as AggregateState).step(values); // one state per call
	}

	/** Lets all calls take in a row. `room` is that of `argumentRoom`. */
	add(row: Tuple, { calls, picker }: AggregateOptions, run: Execution, room: readonly Value[][]): void {
		for (let i = 0; i < calls.length; i++) {
			const picked = this.step(i, calls[i] as AggregateCall, row, run, room[i] as Value[]); // one per call
			if (picked && i === picker) this.row = row;
		}
	}

	/** As `add`, for calls whose states are not shared: those have taken in the row before. */
	addLate(row: Tuple, { calls, picker }: AggregateOptions, run: Execution, room: readonly Value[][]): void {
		for (let i = 0; i < calls.length; i++) {
			if (this.states[i] === undefined) continue;
			const picked = this.step(i, calls[i] as AggregateCall, row, run, room[i] as Value[]); // one per call
			if (picked && i === picker) this.row = row;
		}
	}

	/** How many bytes more its states hold than when this was asked last; never less, so that few groups have files at once. */
	grown({ growing }: GroupStates): number {
		let bytes = 0;
		for (const i of growing) bytes += this.states[i]?.heldBytes ?? 0;
		const more = bytes - this.#grownBytes;
		this.#grownBytes = bytes;
		return Math.max(more, 0);
	}

	/** Lets go of what its states have in files: no result is wanted. */
	close({ growing }: GroupStates): void {
		for (const i of growing) this.states[i]?.close?.();
	}

	/** As `add` of each row, call by call. */
	addAll(rows: readonly Tuple[], { calls }: AggregateOptions, run: Execution, room: readonly Value[][]): void {
		for (let i = 0; i < calls.length; i++) {
			const call = calls[i] as AggregateCall; // i is within
			const values = room[i] as Value[]; // one per call
			for (let at = 0; at < rows.length; at++) this.step(i, call, rows[at] as Tuple, run, values); // at is within
		}
	}

	/** The row that the group comes to. */
	result(inputWidth: number): Tuple {
		const { row, states } = this;
		const shared = this.#shared;
		const calls = shared === null ? states.length : shared.length;
		const result = new Array<Value>(inputWidth + calls);
		for (let i = 0; i < inputWidth; i++) result[i] = row[i] as Value; // i is within
		for (let i = 0; i < calls; i++) {
			const column = shared === null ? null : (shared[i] as ColumnStates | null); // i is within, here too
			result[inputWidth + i] = column === null ? (states[i] as AggregateState).finish() : column.finish(this.#number);
		}
		return result;
	}
}

/** Room for the arguments of each call, used for row after row. */
export function argumentRoom(calls: readonly AggregateCall[]): Value[][] {
	return calls.map((call) => new Array<Value>(call.arguments.length));
}
