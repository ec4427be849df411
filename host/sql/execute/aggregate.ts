/** Grouping and aggregate functions. */

import type { AggregateFunction, AggregateState } from "../function/aggregate.js";
import type { Collation } from "../value/compare.js";
import { groupingKey } from "../value/compare.js";
import type { Value } from "../value/value.js";
import type { Evaluate } from "./compile.js";
import { isTrue } from "./compile.js";
import { comparator, rowKeyOf } from "./gather.js";
import type { Execution, Operator, Run, Tuple } from "./operator.js";
import { deferred, emit, FULL_BATCH } from "./operator.js";

export interface AggregateCall {
	readonly function: AggregateFunction;
	readonly arguments: readonly Evaluate[];
	readonly distinct: boolean;
	readonly filter: Evaluate | null;
	readonly collation: Collation;
}

export interface AggregateOptions {
	readonly keys: readonly Evaluate[];
	readonly collations: readonly Collation[];
	readonly calls: readonly AggregateCall[];
	/** The call whose row the bare columns come from, or -1: the group's first row. */
	readonly picker: number;
	/** How many columns the input has: a result is one input row with the calls' results behind it. */
	readonly inputWidth: number;
}

/** One group: what its aggregate functions have come to. */
export class Group {
	keys: Tuple;
	/** The row that columns outside of aggregates are taken from. */
	row: Tuple;
	readonly states: AggregateState[];
	readonly #seen: (Set<string | number | bigint | null> | null)[];

	constructor(calls: readonly AggregateCall[], keys: Tuple, row: Tuple) {
		this.keys = keys;
		this.row = row;
		this.states = calls.map((call) => call.function.create(call.collation));
		this.#seen = calls.map((call) => (call.distinct ? new Set() : null));
	}

	/**
	 * Lets call number `i` take in a row; true where bare columns come from this one now. `values` has room for the call's
	 * arguments, and is good for nothing afterwards.
	 */
	step(i: number, call: AggregateCall, row: Tuple, run: Execution, values: Value[]): boolean {
		if (call.filter !== null && !isTrue(call.filter(row, run))) return false;
		for (let j = 0; j < values.length; j++) values[j] = (call.arguments[j] as Evaluate)(row, run); // j is within
		const seen = this.#seen[i];
		if (seen) {
			const before = seen.size;
			seen.add(groupingKey(values[0] ?? null, call.collation));
			if (seen.size === before) return false;
		}
		return (this.states[i] as AggregateState).step(values); // one state per call
	}

	/** The row that the group comes to. */
	result(inputWidth: number): Tuple {
		const row = this.row.slice(0, inputWidth);
		for (const state of this.states) row.push(state.finish());
		return row;
	}
}

/** Room for the arguments of each call, used for row after row. */
export function argumentRoom(calls: readonly AggregateCall[]): Value[][] {
	return calls.map((call) => new Array<Value>(call.arguments.length));
}

/** Groups by hashing. */
export class GroupTable {
	readonly #options: AggregateOptions;
	readonly #run: Execution;
	readonly #groups = new Map<string | number | bigint | null, Group>();
	/** Where there are no keys. */
	#only: Group | undefined;
	/** Room for the arguments of each call. */
	readonly #values: readonly Value[][];

	constructor(options: AggregateOptions, run: Execution) {
		this.#options = options;
		this.#run = run;
		this.#values = argumentRoom(options.calls);
	}

	step(row: Tuple): void {
		const { keys, calls, picker } = this.#options;
		if (keys.length === 0) this.#only ??= new Group(calls, [], row);
		const group = this.#only ?? this.#grouped(row);
		for (let i = 0; i < calls.length; i++) {
			const picked = group.step(i, calls[i] as AggregateCall, row, this.#run, this.#values[i] as Value[]); // i is within
			if (picked && i === picker) group.row = row;
		}
	}

	#grouped(row: Tuple): Group {
		const { keys, collations, calls } = this.#options;
		const values = keys.map((key) => key(row, this.#run));
		const key = rowKeyOf(values, values.length, collations);
		let group = this.#groups.get(key);
		if (group === undefined) {
			group = new Group(calls, values, row);
			this.#groups.set(key, group);
		}
		return group;
	}

	groups(): Group[] {
		return this.#only === undefined ? [...this.#groups.values()] : [this.#only];
	}
}

/** What groups come to, in the order of their keys, as from SQLite's sorter. Without keys there is always one. */
export function groupRows(groups: Group[], { keys, collations, calls, inputWidth }: AggregateOptions): Run {
	if (keys.length === 0) {
		const group = groups[0] ?? new Group(calls, [], new Array<Value>(inputWidth).fill(null));
		return emit([group.result(inputWidth)]);
	}
	const order = comparator(
		collations.map((collation, slot) => ({ slot, descending: false, nulls: "first" as const, collation })),
	);
	groups.sort((a, b) => order(a.keys, b.keys));
	return emit(groups.map((group) => group.result(inputWidth)));
}

/** Groups the rows of its input. */
export class Aggregate implements Operator {
	readonly inputs: readonly Operator[];
	readonly describe: string;
	readonly #input: Operator;
	readonly #options: AggregateOptions;

	constructor(input: Operator, options: AggregateOptions, text: string) {
		this.inputs = [input];
		this.#input = input;
		this.#options = options;
		this.describe = text;
	}

	open(run: Execution): Run {
		const input = this.#input.open(run);
		return deferred(() => {
			const table = new GroupTable(this.#options, run);
			for (let batch = input.next(FULL_BATCH); batch !== undefined; batch = input.next(FULL_BATCH)) {
				for (const row of batch) table.step(row);
			}
			return groupRows(table.groups(), this.#options);
		}, input);
	}
}
