/** Operators that need rows beyond the current one: sort and distinct. */

import type { Collation } from "../value/compare.js";
import { compareValues, groupingKey } from "../value/compare.js";
import type { Value } from "../value/value.js";
import type { Execution, Operator, Run, Tuple } from "./operator.js";
import { deferred, emit, FULL_BATCH, rowsOf } from "./operator.js";
import type { TopBound } from "./top-bound.js";

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

/** For a sort that can be stopped. */
export function stoppable<T>(compare: (a: T, b: T) => number, { stop }: Execution): (a: T, b: T) => number {
	if (stop === undefined) return compare;
	return (a, b) => {
		stop.count(1);
		return compare(a, b);
	};
}

/** Sorts, keeping the order of equals. With `top`, only that many of the first rows are ever kept. */
export class Sort implements Operator {
	readonly inputs: readonly Operator[];
	readonly describe: string;
	readonly #input: Operator;
	readonly #terms: readonly SortTerm[];
	readonly #top: ((run: Execution) => number) | null;
	readonly #bound: TopBound | null;

	/** `bound`: what the scan below it minds, where its rows hold the first term's column as it is. */
	constructor(
		input: Operator,
		terms: readonly SortTerm[],
		top: ((run: Execution) => number) | null,
		bound: TopBound | null,
		text: string,
	) {
		this.inputs = [input];
		this.#input = input;
		this.#terms = terms;
		this.#top = top;
		this.#bound = bound;
		this.describe = `${top === null ? "Sort" : "Top rows"} by ${text}`;
	}

	open(run: Execution): Run {
		const compare = stoppable(comparator(this.#terms), run);
		const top = this.#top?.(run) ?? Infinity;
		this.#bound?.begin(run);
		const input = this.#input.open(run);
		return deferred(() => {
			if (top === Infinity) return emit(rowsOf(input).sort(compare));
			if (top === 0) return emit([]);
			let rows: Tuple[] = [];
			let worst: Tuple | undefined;
			for (let batch = input.next(FULL_BATCH); batch !== undefined; batch = input.next(FULL_BATCH)) {
				for (const row of batch) if (worst === undefined || compare(row, worst) < 0) rows.push(row);
				if (rows.length < 2 * top) continue;
				rows = rows.sort(compare).slice(0, top);
				worst = rows[top - 1] as Tuple; // there are as many
				this.#bound?.set(run, worst[this.#terms[0]?.slot ?? 0] as Value);
			}
			return emit(rows.sort(compare).slice(0, top));
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
