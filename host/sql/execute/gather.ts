/** Operators that need rows beyond the current one: sort, distinct, aggregation. */

import type { AggregateFunction, AggregateState } from "../function/aggregate.js";
import type { Collation } from "../value/compare.js";
import { compareValues, groupingKey } from "../value/compare.js";
import type { Value } from "../value/value.js";
import type { Evaluate } from "./compile.js";
import { isTrue } from "./compile.js";
import type { Execution, Operator, Run, Tuple } from "./operator.js";
import { emit, FULL_BATCH } from "./operator.js";

export interface SortTerm {
	/** Position in the input's rows. */
	readonly slot: number;
	readonly descending: boolean;
	readonly nulls: "first" | "last";
	readonly collation: Collation;
}

export function comparator(terms: readonly SortTerm[]): (a: Tuple, b: Tuple) => number {
	return (a, b) => {
		for (const { slot, descending, nulls, collation } of terms) {
			const x = a[slot] as Value; // slots are within the rows
			const y = b[slot] as Value;
			if (x === null || y === null) {
				if (x === y) continue;
				return (x === null) === (nulls === "first") ? -1 : 1;
			}
			const order = compareValues(x, y, collation);
			if (order !== 0) return descending ? -order : order;
		}
		return 0;
	};
}

/** A run that does all its work at the first pull; then it needs its input no more. */
export function deferred(gather: () => Run, input?: Run): Run {
	let output: Run | undefined;
	return {
		next: (limit) => {
			if (output === undefined) {
				output = gather();
				input?.close();
			}
			return output.next(limit);
		},
		close: () => {
			input?.close();
			output?.close();
			output ??= emit([]);
		},
	};
}

/** Sorts, keeping the order of equals. With `top`, only that many of the first rows are ever kept. */
export class Sort implements Operator {
	readonly inputs: readonly Operator[];
	readonly describe: string;
	readonly #input: Operator;
	readonly #compare: (a: Tuple, b: Tuple) => number;
	readonly #top: ((run: Execution) => number) | null;

	constructor(input: Operator, terms: readonly SortTerm[], top: ((run: Execution) => number) | null, text: string) {
		this.inputs = [input];
		this.#input = input;
		this.#compare = comparator(terms);
		this.#top = top;
		this.describe = `${top === null ? "Sort" : "Top rows"} by ${text}`;
	}

	open(run: Execution): Run {
		const input = this.#input.open(run);
		const compare = this.#compare;
		return deferred(() => {
			const top = this.#top?.(run) ?? Infinity;
			let rows: Tuple[] = [];
			let limit = Math.max(FULL_BATCH, top * 2);
			for (let batch = input.next(FULL_BATCH); batch !== undefined; batch = input.next(FULL_BATCH)) {
				for (const row of batch) rows.push(row);
				if (rows.length >= limit) {
					rows.sort(compare);
					rows = rows.slice(0, top);
					limit = rows.length + Math.max(FULL_BATCH, top);
				}
			}
			rows.sort(compare);
			return emit(top < rows.length ? rows.slice(0, top) : rows);
		}, input);
	}
}

/** A key for the first `count` values: a primitive for one, else text with lengths so that no two rows share one. */
export function rowKeyOf(
	values: readonly Value[],
	count: number,
	collations: readonly Collation[],
): string | number | bigint | null {
	if (count === 1) return groupingKey(values[0] as Value, collations[0] ?? "binary"); // count is within
	let key = "";
	for (let i = 0; i < count; i++) {
		const part = groupingKey(values[i] as Value, collations[i] ?? "binary");
		if (part === null) key += "n;";
		else if (typeof part === "string") key += `s${part.length}:${part}`;
		else key += `${part};`;
	}
	return key;
}

export class Distinct implements Operator {
	readonly inputs: readonly Operator[];
	readonly describe = "Distinct";
	readonly #input: Operator;
	readonly #collations: readonly Collation[];

	/** Rows are the same where their first `collations.length` columns are. */
	constructor(input: Operator, collations: readonly Collation[]) {
		this.inputs = [input];
		this.#input = input;
		this.#collations = collations;
	}

	open(run: Execution): Run {
		const input = this.#input.open(run);
		const seen = new Set<string | number | bigint | null>();
		const isNew = (row: Tuple) => {
			const before = seen.size;
			seen.add(rowKeyOf(row, this.#collations.length, this.#collations));
			return seen.size > before;
		};
		return {
			next: (limit) => {
				for (let batch = input.next(limit); batch !== undefined; batch = input.next(limit)) {
					const kept = batch.filter(isNew);
					if (kept.length > 0) return kept;
				}
				return undefined;
			},
			close: () => input.close(),
		};
	}
}

export interface AggregateCall {
	readonly function: AggregateFunction;
	readonly arguments: readonly Evaluate[];
	readonly distinct: boolean;
	readonly filter: Evaluate | null;
	readonly collation: Collation;
}

interface Group {
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
	readonly #options: AggregateOptions;

	constructor(input: Operator, options: AggregateOptions, text: string) {
		this.inputs = [input];
		this.#input = input;
		this.#options = options;
		this.describe = text;
	}

	open(run: Execution): Run {
		const input = this.#input.open(run);
		return deferred(() => this.#gather(input, run), input);
	}

	#newGroup(keys: Tuple, row: Tuple): Group {
		const { calls } = this.#options;
		return {
			keys,
			row,
			states: calls.map((call) => call.function.create(call.collation)),
			seen: calls.map((call) => (call.distinct ? new Set() : null)),
		};
	}

	#gather(input: Run, run: Execution): Run {
		const { keys, collations, calls, inputWidth } = this.#options;
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
						group = this.#newGroup(values, row);
						groups.set(key, group);
					}
				} else if (group === undefined) {
					group = only = this.#newGroup([], row);
				}
				this.#step(group, row, run);
			}
		}
		const found = grouped
			? [...groups.values()]
			: [only ?? this.#newGroup([], new Array<Value>(inputWidth).fill(null))];
		if (grouped) {
			const order = comparator(
				collations.map((collation, slot) => ({ slot, descending: false, nulls: "first" as const, collation })),
			);
			found.sort((a, b) => order(a.keys, b.keys));
		}
		return emit(found.map((group) => [...group.row.slice(0, inputWidth), ...this.#finish(group, calls.length)]));
	}

	#step(group: Group, row: Tuple, run: Execution): void {
		const { calls, picker } = this.#options;
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

	#finish(group: Group, count: number): Value[] {
		const results = new Array<Value>(count);
		for (let i = 0; i < count; i++) results[i] = (group.states[i] as AggregateState).finish(); // one state per call
		return results;
	}
}
