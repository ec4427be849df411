/** Grouping and aggregate functions. */

import type { AggregateFunction, AggregateState } from "../function/aggregate.js";
import type { Collation } from "../value/compare.js";
import { groupingKey } from "../value/compare.js";
import type { Value } from "../value/value.js";
import type { Evaluate } from "./compile.js";
import { isTrue } from "./compile.js";
import { comparator, deferred, rowKeyOf } from "./gather.js";
import type { Execution, Operator, Run, Tuple } from "./operator.js";
import { emit, FULL_BATCH } from "./operator.js";

export interface AggregateCall {
	readonly function: AggregateFunction;
	readonly arguments: readonly Evaluate[];
	readonly distinct: boolean;
	readonly filter: Evaluate | null;
	readonly collation: Collation;
}

export interface Group {
	keys: Tuple;
	/** The row that columns outside of aggregates are taken from. */
	row: Tuple;
	readonly states: AggregateState[];
	readonly seen: (Set<string | number | bigint | null> | null)[];
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

/** Groups by hashing; groups come out in the order of their keys, as from SQLite's sorter. */
export class Aggregate implements Operator {
	readonly inputs: readonly Operator[];
	readonly describe: string;
	readonly #input: Operator;
	protected readonly options: AggregateOptions;

	constructor(input: Operator, options: AggregateOptions, text: string) {
		this.inputs = [input];
		this.#input = input;
		this.options = options;
		this.describe = text;
	}

	open(run: Execution): Run {
		const input = this.#input.open(run);
		return deferred(() => this.#gather(input, run), input);
	}

	protected newGroup(keys: Tuple, row: Tuple): Group {
		const { calls } = this.options;
		return {
			keys,
			row,
			states: calls.map((call) => call.function.create(call.collation)),
			seen: calls.map((call) => (call.distinct ? new Set() : null)),
		};
	}

	#gather(input: Run, run: Execution): Run {
		const { keys, collations, inputWidth } = this.options;
		const groups = new Map<string | number | bigint | null, Group>();
		const grouped = keys.length > 0;
		let only: Group | undefined;
		for (let batch = input.next(FULL_BATCH); batch !== undefined; batch = input.next(FULL_BATCH)) {
			for (const row of batch) {
				let group = only;
				if (grouped) {
					const values = keys.map((key) => key(row, run));
					const key = rowKeyOf(values, values.length, collations);
					group = groups.get(key);
					if (group === undefined) {
						group = this.newGroup(values, row);
						groups.set(key, group);
					}
				} else if (group === undefined) {
					group = only = this.newGroup([], row);
				}
				this.step(group, row, run);
			}
		}
		const found = grouped ? [...groups.values()] : [only ?? this.newGroup([], new Array<Value>(inputWidth).fill(null))];
		if (grouped) {
			const order = comparator(
				collations.map((collation, slot) => ({ slot, descending: false, nulls: "first" as const, collation })),
			);
			found.sort((a, b) => order(a.keys, b.keys));
		}
		return emit(found.map((group) => this.result(group)));
	}

	protected step(group: Group, row: Tuple, run: Execution): void {
		const { calls, picker } = this.options;
		for (let i = 0; i < calls.length; i++) {
			const call = calls[i] as AggregateCall; // i is within
			if (call.filter !== null && !isTrue(call.filter(row, run))) continue;
			const values = new Array<Value>(call.arguments.length);
			for (let j = 0; j < values.length; j++) values[j] = (call.arguments[j] as Evaluate)(row, run);
			const seen = group.seen[i];
			if (seen) {
				const before = seen.size;
				seen.add(groupingKey(values[0] ?? null, call.collation));
				if (seen.size === before) continue;
			}
			const picked = (group.states[i] as AggregateState).step(values); // one state per call
			if (picked && i === picker) group.row = row;
		}
	}

	protected result({ row, states }: Group): Tuple {
		const results = row.slice(0, this.options.inputWidth);
		for (const state of states) results.push(state.finish());
		return results;
	}
}
