/** Grouping and aggregate functions. */

import type { AggregateFunction, AggregateState } from "../function/aggregate.js";
import type { Collation } from "../value/compare.js";
import { groupingKey } from "../value/compare.js";
import type { Value } from "../value/value.js";
import type { ColumnStates } from "./column-states.js";
import type { Evaluate } from "./compile.js";
import { isTrue } from "./compile.js";
import { ofColumns, rowKeyOf } from "./gather.js";
import type { Execution, Operator, Run, Tuple } from "./operator.js";
import { deferred, emit, FULL_BATCH } from "./operator.js";
import { LateRows } from "./spill/late-rows.js";
import { rowBytes } from "./spill/size.js";
import { merge } from "./spill/sorter.js";
import { stoppable } from "./stop.js";

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
	readonly #seen: (Set<string | number | bigint | null> | null)[] | null;
	readonly #shared: SharedStates | null;
	/** Among those that share states. */
	readonly #number: number;

	constructor(
		calls: readonly AggregateCall[],
		keys: Tuple,
		row: Tuple,
		shared: SharedStates | null = null,
		number = 0,
	) {
		this.keys = keys;
		this.row = row;
		this.#shared = shared;
		this.#number = number;
		const hasOwn = shared === null || shared.includes(null);
		this.states = hasOwn
			? calls.map((call, i) => (shared?.[i] ? undefined : call.function.create(call.collation)))
			: NO_STATES;
		this.#seen = calls.some(({ distinct }) => distinct)
			? calls.map(({ distinct }) => (distinct ? new Set() : null))
			: null;
	}

	/**
	 * Lets call number `i` take in a row; true where bare columns come from this one now. `values` has room for the call's
	 * arguments, and is good for nothing afterwards.
	 */
	step(i: number, call: AggregateCall, row: Tuple, run: Execution, values: Value[]): boolean {
		if (call.filter !== null && !isTrue(call.filter(row, run))) return false;
		for (let j = 0; j < values.length; j++) values[j] = (call.arguments[j] as Evaluate)(row, run); // j is within
		const seen = this.#seen?.[i];
		if (seen) {
			const before = seen.size;
			seen.add(groupingKey(values[0] ?? null, call.collation));
			if (seen.size === before) return false;
		}
		return (this.states[i] as AggregateState).step(values); // one state per call
	}

	/** Lets all calls take in a row. `room` is that of `argumentRoom`. */
	add(row: Tuple, { calls, picker }: AggregateOptions, run: Execution, room: readonly Value[][]): void {
		for (let i = 0; i < calls.length; i++) {
			const picked = this.step(i, calls[i] as AggregateCall, row, run, room[i] as Value[]); // one per call
			if (picked && i === picker) this.row = row;
		}
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

/** Of a group beside its values, and of one of its calls, as long as that holds few values. */
const GROUP_BYTES = 100;
const STATE_BYTES = 50;

/** Groups by hashing. They hold bounded memory: rows of groups beyond it come last, in the order of their keys. */
export class GroupTable {
	readonly #options: AggregateOptions;
	readonly #run: Execution;
	readonly #order: (a: Tuple, b: Tuple) => number;
	readonly #groups = new Map<string | number | bigint | null, Group>();
	/** Where there are no keys. */
	#only: Group | undefined;
	/** Room for the arguments of each call. */
	readonly #values: readonly Value[][];
	readonly #budgetBytes: number;
	#bytes = 0;
	#late: LateRows | null = null;

	constructor(options: AggregateOptions, run: Execution) {
		this.#options = options;
		this.#run = run;
		this.#order = stoppable(ofColumns(options.collations), run);
		this.#values = argumentRoom(options.calls);
		this.#budgetBytes = run.spill?.budgetBytes ?? Infinity;
	}

	/**
	 * A new group, which its first row is yet to be added to; null where there is no room for it. `number`: of those that share
	 * states.
	 */
	begin(keys: Tuple, row: Tuple, shared: SharedStates | null = null, number = 0): Group | null {
		if (this.#bytes > this.#budgetBytes) return null;
		const { calls } = this.#options;
		const group = new Group(calls, keys, row, shared, number);
		if (this.#budgetBytes !== Infinity) {
			// Keys mostly are values of the row.
			this.#bytes += GROUP_BYTES + Math.max(rowBytes(keys), rowBytes(row)) + calls.length * STATE_BYTES;
		}
		return group;
	}

	stepBatch(rows: readonly Tuple[]): void {
		const { keys, calls, callByCall } = this.#options;
		const [first] = rows;
		if (keys.length === 0 && callByCall && first !== undefined) {
			this.#only ??= new Group(calls, [], first);
			this.#only.addAll(rows, this.#options, this.#run, this.#values);
		} else {
			for (const row of rows) this.step(row);
		}
	}

	step(row: Tuple): void {
		const { keys, calls, collations } = this.#options;
		if (keys.length === 0) {
			this.#only ??= new Group(calls, [], row);
			this.#add(this.#only, row);
			return;
		}
		const values = keys.map((key) => key(row, this.#run));
		const key = rowKeyOf(values, values.length, collations);
		let group = this.#groups.get(key) ?? null;
		if (group === null) {
			group = this.begin(values, row);
			if (group === null) {
				this.stepLate(values, row);
				return;
			}
			this.#groups.set(key, group);
		}
		this.#add(group, row);
	}

	/** Of a group that there was no room for. */
	stepLate(keys: Tuple, row: Tuple): void {
		this.#late ??= new LateRows(keys.length, this.#order, this.#run.spill);
		this.#late.add(keys, row);
	}

	#add(group: Group, row: Tuple): void {
		group.add(row, this.#options, this.#run, this.#values);
	}

	/** What the groups come to, with others that were begun here and are its own now, in the order of their keys, as from SQLite's sorter. */
	finish(others: Group[] = []): Run {
		const { keys, calls, collations, inputWidth } = this.#options;
		let groups = others;
		for (const group of this.#groups.values()) groups.push(group);
		if (keys.length === 0) {
			const only = this.#only ?? groups[0] ?? new Group(calls, [], new Array<Value>(inputWidth).fill(null));
			return emit([only.result(inputWidth)]);
		}
		const plain = collations.length === 1 && collations[0] === "binary" ? byPlainTexts(groups) : null;
		if (plain !== null) groups = plain;
		else groups.sort((a, b) => this.#order(a.keys, b.keys));
		return this.#late === null ? this.#results(groups) : this.#withLate(groups, this.#late);
	}

	#results(groups: readonly Group[]): Run {
		const { inputWidth } = this.#options;
		const run = emit(groups);
		return { next: (limit) => run.next(limit)?.map((group) => group.result(inputWidth)), close: run.close };
	}

	#withLate(groups: readonly Group[], late: LateRows): Run {
		const { calls, keys, inputWidth } = this.#options;
		const keyed = (group: Group): Tuple => [...group.keys.slice(0, keys.length), ...group.result(inputWidth)];
		const others = late.finish({
			begin: (keys, row) => new Group(calls, keys, row),
			step: (group: Group, row) => this.#add(group, row),
			end: keyed,
		});
		const rows = merge([emit(groups.map(keyed)), others], this.#order);
		return { next: (limit) => rows.next(limit)?.map((row) => row.slice(keys.length)), close: () => rows.close() };
	}
}

/** Units from here on are where the order of UTF-16 is not that of UTF-8. */
const SURROGATES = /[\ud800-\uffff]/;

/** In the order of their keys, where these are texts that JavaScript orders as SQL does: several times as fast; else null. */
function byPlainTexts(groups: readonly Group[]): Group[] | null {
	const byKey = new Map<string, Group>();
	for (const group of groups) {
		const [key] = group.keys;
		if (typeof key !== "string" || SURROGATES.test(key)) return null;
		byKey.set(key, group);
	}
	return [...byKey.keys()].sort().map((key) => byKey.get(key) as Group); // no two groups have the same key
}

/** Groups the rows of its input. */
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
		return this.gather(this.#input.open(run), run);
	}

	/** Groups the rows of a run of the input. */
	gather(input: Run, run: Execution): Run {
		return deferred(() => {
			const table = new GroupTable(this.options, run);
			for (let batch = input.next(FULL_BATCH); batch !== undefined; batch = input.next(FULL_BATCH)) {
				table.stepBatch(batch);
			}
			return table.finish();
		}, input);
	}
}
