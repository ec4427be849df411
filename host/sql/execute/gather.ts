/** Operators that need rows beyond the current one: sort and distinct. */

import type { Collation } from "../value/compare.js";
import { compareValues, groupingKey } from "../value/compare.js";
import type { Value } from "../value/value.js";
import type { Execution, Operator, Run, Tuple } from "./operator.js";
import { deferred, FULL_BATCH } from "./operator.js";
import { FIRST, foldGroups } from "./spill/groups.js";
import { keyBytes } from "./spill/size.js";
import { Sorter } from "./spill/sorter.js";
import { TopRows } from "./top.js";
import type { TopBound } from "./top-bound.js";

export interface SortTerm {
	/** Position in the input's rows. */
	readonly slot: number;
	readonly descending: boolean;
	readonly nulls: "first" | "last";
	readonly collation: Collation;
}

/** As results of grouping are ordered. */
export const ASCENDING = { descending: false, nulls: "first" } as const;

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
			return top === Infinity ? sorted(input, compare, run) : this.#firstRows(input, top, compare, run);
		}, input);
	}

	#firstRows(input: Run, top: number, compare: (a: Tuple, b: Tuple) => number, run: Execution): Run {
		const rows = new TopRows(top, compare, run.spill);
		const slot = this.#terms[0]?.slot ?? 0;
		let last: Tuple | undefined;
		for (let batch = input.next(FULL_BATCH); batch !== undefined; batch = input.next(FULL_BATCH)) {
			for (const row of batch) if (rows.wants(row)) rows.add(row);
			if (rows.last === last) continue;
			last = rows.last;
			if (last !== undefined) this.#bound?.set(run, last[slot] as Value);
		}
		return rows.finish();
	}
}

function sorted(input: Run, compare: (a: Tuple, b: Tuple) => number, run: Execution): Run {
	const sorter = new Sorter(compare, run.spill);
	for (let batch = input.next(FULL_BATCH); batch !== undefined; batch = input.next(FULL_BATCH)) {
		for (const row of batch) sorter.add(row);
	}
	return sorter.finish();
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
		const width = this.#collations.length;
		const budgetBytes = run.spill?.budgetBytes ?? Infinity;
		const seen = new Set<ReturnType<typeof rowKeyOf>>();
		let bytes = 0;
		let later: LaterRows | null = null;
		let output: Run | null = null;
		const isNew = (row: Tuple) => {
			const key = rowKeyOf(row, width, this.#collations);
			if (later !== null) {
				if (!seen.has(key)) later.add(row);
				return false;
			}
			const before = seen.size;
			seen.add(key);
			if (seen.size === before) return false;
			if (budgetBytes !== Infinity) bytes += keyBytes(key);
			if (bytes > budgetBytes) later = new LaterRows(this.#collations, run);
			return true;
		};
		return {
			next: (limit) => {
				if (output !== null) return output.next(limit);
				for (let batch = input.next(limit); batch !== undefined; batch = input.next(limit)) {
					const kept = batch.filter(isNew);
					if (kept.length > 0) return kept;
				}
				if (later === null) return undefined;
				seen.clear();
				output = later.finish();
				return output.next(limit);
			},
			close: () => {
				input.close();
				output?.close();
				later?.close();
			},
		};
	}
}

/** Rows of which only the first of equals is wanted, in the order in which they came: more than can be remembered. */
class LaterRows {
	readonly #run: Execution;
	readonly #order: (a: Tuple, b: Tuple) => number;
	readonly #sorter: Sorter;
	#count = 0;

	constructor(collations: readonly Collation[], run: Execution) {
		this.#run = run;
		const terms = collations.map((collation, slot) => ({ slot, collation, ...ASCENDING }));
		this.#order = stoppable(comparator(terms), run);
		this.#sorter = new Sorter(this.#order, run.spill);
	}

	add(row: Tuple): void {
		this.#sorter.add([...row, this.#count++]);
	}

	finish(): Run {
		const firsts = foldGroups(this.#sorter.finish(), this.#order, FIRST);
		return deferred(() => {
			const byNumber = new Sorter(
				stoppable((a, b) => (a[a.length - 1] as number) - (b[b.length - 1] as number), this.#run),
				this.#run.spill,
			);
			for (let batch = firsts.next(FULL_BATCH); batch !== undefined; batch = firsts.next(FULL_BATCH)) {
				for (const row of batch) byNumber.add(row);
			}
			const rows = byNumber.finish();
			return {
				next: (limit) => rows.next(limit)?.map((row) => row.slice(0, -1)),
				close: () => rows.close(),
			};
		}, firsts);
	}

	close(): void {
		this.#sorter.close();
	}
}
