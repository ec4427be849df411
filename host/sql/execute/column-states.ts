/**
 * States of an aggregate function for many groups at once, in arrays by the groups' numbers: rows in any order step them without
 * an object for each group to be looked up.
 */

import { TAG_INT32, TAG_NULL, TAG_REAL } from "../../../assembly/shared/row.js";
import type { RowPage } from "../../engine/store.js";
import type { AggregateFunction, AggregateState } from "../function/aggregate.js";
import type { Value } from "../value/value.js";
import { real } from "../value/value.js";
import { valueAt } from "./row-page.js";

/** Rows of a page that count: which ones, the group of each, and how many. */
export interface CountedRows {
	readonly rows: Uint32Array;
	readonly groups: Uint32Array;
	readonly count: number;
}

export interface ColumnStates {
	/** From now on there may be groups below this number. */
	reserve(groups: number): void;
	/** Steps with a column of the page; `missing`: what it holds in rows that are older than it. */
	step(page: RowPage, column: number, missing: Value, counted: CountedRows): void;
	/** Steps without arguments. */
	stepAll(counted: CountedRows): void;
	finish(group: number): Value;
}

/** Undefined for functions whose states are objects. */
export function columnStates(of: AggregateFunction): ColumnStates | undefined {
	switch (of.inColumns) {
		case "count":
			return new CountColumn();
		case "sum":
			return new SumColumn(of, (sum, count, isReal) => (count === 0 ? null : isReal ? real(sum) : sum));
		case "total":
			return new SumColumn(of, (sum) => real(sum));
		case "avg":
			return new SumColumn(of, (sum, count) => (count === 0 ? null : real(sum / count)));
		default:
			return undefined;
	}
}

function grown(array: Float64Array, length: number): Float64Array {
	const larger = new Float64Array(Math.max(length, 2 * array.length));
	larger.set(array);
	return larger;
}

class CountColumn implements ColumnStates {
	#counts: Float64Array = new Float64Array(0);

	reserve(groups: number): void {
		if (groups > this.#counts.length) this.#counts = grown(this.#counts, groups);
	}

	step(page: RowPage, column: number, missing: Value, { rows, groups, count }: CountedRows): void {
		const counts = this.#counts;
		const tags = page.tags;
		const tagsAt = page.tagsAt + column * page.capacity;
		for (let i = 0; i < count; i++) {
			const row = rows[i] as number; // i is below the count, here and below
			const tag = tags[tagsAt + row];
			if (tag === TAG_NULL || (tag !== TAG_INT32 && valueAt(page, row, column, missing) === null)) continue;
			const group = groups[i] as number;
			counts[group] = (counts[group] as number) + 1;
		}
	}

	stepAll({ groups, count }: CountedRows): void {
		const counts = this.#counts;
		for (let i = 0; i < count; i++) {
			const group = groups[i] as number; // i is below the count
			counts[group] = (counts[group] as number) + 1;
		}
	}

	finish(group: number): Value {
		return this.#counts[group] as number; // reserved
	}
}

/** What the sum of a group is. */
const INTEGER = 0;
const REAL = 1;
/** Texts, or integers whose sum is not a safe one: the state is an object. */
const ELSEWHERE = 2;

class SumColumn implements ColumnStates {
	readonly #function: AggregateFunction;
	readonly #result: (sum: number, count: number, isReal: boolean) => Value;
	#sums: Float64Array = new Float64Array(0);
	#counts: Float64Array = new Float64Array(0);
	#kinds: Uint8Array = new Uint8Array(0);
	readonly #elsewhere = new Map<number, AggregateState>();

	constructor(of: AggregateFunction, result: (sum: number, count: number, isReal: boolean) => Value) {
		this.#function = of;
		this.#result = result;
	}

	reserve(groups: number): void {
		if (groups <= this.#sums.length) return;
		this.#sums = grown(this.#sums, groups);
		this.#counts = grown(this.#counts, groups);
		const kinds = new Uint8Array(this.#sums.length);
		kinds.set(this.#kinds);
		this.#kinds = kinds;
	}

	step(page: RowPage, column: number, missing: Value, { rows, groups, count }: CountedRows): void {
		const { tags, words, doubles } = page;
		const place = column * page.capacity;
		const tagsAt = page.tagsAt + place;
		const valuesAt = page.valuesAt + place;
		const sums = this.#sums;
		const counts = this.#counts;
		const kinds = this.#kinds;
		for (let i = 0; i < count; i++) {
			const row = rows[i] as number; // i is below the count, and tags and values are there for each row
			const group = groups[i] as number;
			const tag = tags[tagsAt + row];
			const kind = kinds[group];
			if (tag === TAG_REAL && kind !== ELSEWHERE) {
				kinds[group] = REAL;
				sums[group] = (sums[group] as number) + (doubles[valuesAt + row] as number);
			} else if (tag === TAG_INT32 && kind !== ELSEWHERE) {
				const sum = (sums[group] as number) + ((words[2 * (valuesAt + row)] as number) | 0);
				if (kind === INTEGER && !Number.isSafeInteger(sum)) {
					this.#stepElsewhere(group, valueAt(page, row, column, missing));
					continue;
				}
				sums[group] = sum;
			} else if (tag !== TAG_NULL) {
				this.#stepElsewhere(group, valueAt(page, row, column, missing));
				continue;
			} else {
				continue;
			}
			counts[group] = (counts[group] as number) + 1;
		}
	}

	#stepElsewhere(group: number, value: Value): void {
		let state = this.#elsewhere.get(group);
		if (state === undefined) {
			state = this.#function.create("binary");
			const kind = this.#kinds[group] === REAL ? "real" : "integer";
			state.resume?.(this.#counts[group] as number, this.#sums[group] as number, kind); // reserved
			this.#kinds[group] = ELSEWHERE;
			this.#elsewhere.set(group, state);
		}
		state.step([value]);
	}

	stepAll(): void {
		throw new Error("sums have an argument");
	}

	finish(group: number): Value {
		const kind = this.#kinds[group];
		if (kind === ELSEWHERE) return (this.#elsewhere.get(group) as AggregateState).finish(); // it says so
		return this.#result(this.#sums[group] as number, this.#counts[group] as number, kind === REAL); // reserved
	}
}
