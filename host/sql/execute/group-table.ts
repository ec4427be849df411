/** Groups by hashing. */

import type { Value } from "../value/value.js";
import { ofColumns, rowKeyOf } from "./gather.js";
import type { AggregateOptions, SharedStates } from "./group.js";
import { argumentRoom, Group } from "./group.js";
import { GroupStates } from "./group-states.js";
import type { Execution, Run, Tuple } from "./operator.js";
import { emit, pulled } from "./operator.js";
import { LateRows } from "./spill/late-rows.js";
import { rowBytes } from "./spill/size.js";
import { stoppable } from "./stop.js";

/** Of a group beside its values, and of one of its calls, as long as that holds few values. */
const GROUP_BYTES = 100;
const STATE_BYTES = 50;

/**
 * Groups hold bounded memory. Beyond it rows of new groups come late, sorted by their keys; and where there are calls whose states
 * grow with each row, those of all groups, so that one group at a time grows.
 */
export class GroupTable {
	readonly #options: AggregateOptions;
	readonly #run: Execution;
	readonly #states: GroupStates;
	readonly #order: (a: Tuple, b: Tuple) => number;
	readonly #groups = new Map<string | number | bigint | null, Group>();
	/** Where there are no keys. */
	#only: Group | undefined;
	/** Room for the arguments of each call. */
	readonly #values: readonly Value[][];
	readonly #budgetBytes: number;
	/** Whether what groups gather is counted. */
	readonly isGrowing: boolean;
	#bytes = 0;
	#late: LateRows | null = null;

	constructor(options: AggregateOptions, run: Execution) {
		this.#options = options;
		this.#run = run;
		this.#states = new GroupStates(options.calls, run);
		this.#order = stoppable(ofColumns(options.collations), run);
		this.#values = argumentRoom(options.calls);
		this.#budgetBytes = run.spill?.budgetBytes ?? Infinity;
		this.isGrowing = this.#budgetBytes !== Infinity && options.keys.length > 0 && this.#states.growing.length > 0;
	}

	/** No group may begin any more, now and later. */
	get #isFull(): boolean {
		return this.#bytes > this.#budgetBytes;
	}

	/** From now on rows of all groups come late, but for states that groups share. */
	get isLate(): boolean {
		return this.isGrowing && this.#isFull;
	}

	/**
	 * A new group, which its first row is yet to be added to; null where there is no room for it. `number`: of those that share
	 * states.
	 */
	begin(keys: Tuple, row: Tuple, shared: SharedStates | null = null, number = 0): Group | null {
		if (this.#isFull) return null;
		const group = new Group(this.#states, keys, row, shared, number);
		if (this.#budgetBytes !== Infinity) {
			// Keys mostly are values of the row.
			this.#bytes += GROUP_BYTES + Math.max(rowBytes(keys), rowBytes(row)) + this.#states.calls.length * STATE_BYTES;
		}
		return group;
	}

	/** Counts what a group has gathered since it was counted last. */
	count(group: Group): void {
		if (this.isGrowing) this.#bytes += group.grown(this.#states);
	}

	stepBatch(rows: readonly Tuple[]): void {
		const { keys, callByCall } = this.#options;
		const [first] = rows;
		if (keys.length === 0 && callByCall && first !== undefined) {
			this.#only ??= new Group(this.#states, [], first);
			this.#only.addAll(rows, this.#options, this.#run, this.#values);
		} else {
			for (const row of rows) this.step(row);
		}
	}

	step(row: Tuple): void {
		const { keys, collations } = this.#options;
		if (keys.length === 0) {
			this.#only ??= new Group(this.#states, [], row);
			this.#only.add(row, this.#options, this.#run, this.#values);
			return;
		}
		const values = keys.map((key) => key(row, this.#run));
		const group = this.isLate ? null : this.#groupOf(values, row, rowKeyOf(values, values.length, collations));
		if (group === null) {
			this.stepLate(values, row);
			return;
		}
		group.add(row, this.#options, this.#run, this.#values);
		this.count(group);
	}

	#groupOf(values: Tuple, row: Tuple, key: string | number | bigint | null): Group | null {
		const known = this.#groups.get(key);
		if (known !== undefined) return known;
		const group = this.begin(values, row);
		if (group !== null) this.#groups.set(key, group);
		return group;
	}

	/** Of a group that there was no room for. */
	stepLate(keys: Tuple, row: Tuple): void {
		this.#late ??= new LateRows(keys.length, this.#order, this.#run.spill);
		this.#late.add(keys, row);
	}

	/** What the groups come to, with others that were begun here and are its own now, in the order of their keys, as from SQLite's sorter. */
	finish(others: Group[] = []): Run {
		const { keys, collations, inputWidth } = this.#options;
		let groups = others;
		for (const group of this.#groups.values()) groups.push(group);
		if (keys.length === 0) {
			const only = this.#only ?? groups[0] ?? new Group(this.#states, [], new Array<Value>(inputWidth).fill(null));
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
		return {
			next: (limit) => run.next(limit)?.map((group) => group.result(inputWidth)),
			close: () => {
				run.close();
				if (this.isGrowing) for (const group of groups) group.close(this.#states);
			},
		};
	}

	#withLate(groups: Group[], late: LateRows): Run {
		const results = pulled(this.#lateResults(groups, late), this.#budgetBytes);
		return {
			next: (limit) => results.next(limit),
			close: () => {
				results.close();
				late.close();
				for (const group of groups) group?.close(this.#states); // those that were handed out are gone
			},
		};
	}

	*#lateResults(groups: Group[], late: LateRows): Generator<Tuple> {
		const { inputWidth } = this.#options;
		const grouped = late.finish(groups, {
			keysOf: (group) => group.keys,
			begin: (keys, row) => new Group(this.#states, keys, row),
			step: (group, row) => {
				this.#run.stop?.count(1);
				group.addLate(row, this.#options, this.#run, this.#values);
			},
		});
		for (const group of grouped) yield group.result(inputWidth);
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
