/** Operators that need rows beyond the current one: sort and distinct. */

import type { Collation } from "../value/compare.js";
import { compareValues, groupingKey } from "../value/compare.js";
import type { Value } from "../value/value.js";
import { Project } from "./basic.js";
import type { Evaluate } from "./compile.js";
import type { Execution, Operator, Run, Tuple } from "./operator.js";
import { deferred, FULL_BATCH } from "./operator.js";
import { LaterRows } from "./spill/later-rows.js";
import { keyBytes } from "./spill/size.js";
import { Sorter } from "./spill/sorter.js";
import { stoppable } from "./stop.js";
import { TopRows } from "./top.js";
import type { TopBound } from "./top-bound.js";

export interface SortTerm {
	/** Position in the input's rows. */
	readonly slot: number;
	readonly descending: boolean;
	readonly nulls: "first" | "last";
	readonly collation: Collation;
}

export function comparator(terms: readonly SortTerm[]): (a: Tuple, b: Tuple) => number {
	const [only, ...others] = terms;
	if (only !== undefined && others.length === 0) return (a, b) => compareTerm(only, a, b);
	return (a, b) => {
		for (const term of terms) {
			const order = compareTerm(term, a, b);
			if (order !== 0) return order;
		}
		return 0;
	};
}

function compareTerm({ slot, descending, nulls, collation }: SortTerm, a: Tuple, b: Tuple): number {
	const x = a[slot] as Value; // slots are within the rows
	const y = b[slot] as Value;
	if (x === null || y === null) {
		if (x === y) return 0;
		return (x === null) === (nulls === "first") ? -1 : 1;
	}
	const order = compareValues(x, y, collation);
	return descending ? -order : order;
}

/** Rows are the same, and in the order of the results of grouping, by their first columns. */
export function ofColumns(collations: readonly Collation[]): (a: Tuple, b: Tuple) => number {
	return comparator(
		collations.map((collation, slot) => ({ slot, collation, descending: false, nulls: "first" as const })),
	);
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
		const top = this.#top?.(run) ?? Infinity;
		if (top !== Infinity && this.#input instanceof Project) return this.#projected(this.#input, top, run);
		const compare = stoppable(comparator(this.#terms), run);
		this.#bound?.begin(run);
		const input = this.#input.open(run);
		return deferred(() => {
			if (top === Infinity) {
				const rows = new Sorter(compare, run.spill);
				for (let batch = input.next(FULL_BATCH); batch !== undefined; batch = input.next(FULL_BATCH)) {
					for (const row of batch) rows.add(row);
				}
				return rows.finish();
			}
			const rows = new TopRows(top, compare, run.spill);
			this.#take(input, rows, this.#terms[0]?.slot ?? 0, run, (row) => rows.add(row));
			return rows.finish();
		}, input);
	}

	/** Goes through the input for the first rows, and tells the scan below which of them is the last. `slot`: of the first term. */
	#take(input: Run, rows: TopRows, slot: number, run: Execution, take: (row: Tuple) => void): void {
		let last: Tuple | undefined;
		for (let batch = input.next(FULL_BATCH); batch !== undefined; batch = input.next(FULL_BATCH)) {
			for (const row of batch) take(row);
			if (rows.worst === last || rows.worst === undefined) continue;
			last = rows.worst;
			this.#bound?.set(run, last[slot] as Value); // terms are within the rows
		}
	}

	/** Of rows that are not wanted only what they are sorted by is computed; the rest of the wanted ones when they are known. */
	#projected(project: Project, top: number, run: Execution): Run {
		const keys = this.#terms.map(({ slot }) => project.columns[slot] as Evaluate); // slots are within the projection
		const width = keys.length;
		const compare = stoppable(comparator(this.#terms.map((term, slot) => ({ ...term, slot }))), run);
		this.#bound?.begin(run);
		const input = project.input.open(run);
		return deferred(() => {
			const rows = new TopRows(top, compare, run.spill);
			this.#take(input, rows, 0, run, (row) => {
				const key = keys.map((value) => value(row, run));
				if (rows.wants(key)) rows.add(key.concat(row));
			});
			const found = rows.finish();
			return {
				next: (limit) => found.next(limit)?.map((row) => project.project(row.slice(width), run)),
				close: () => found.close(),
			};
		}, input);
	}
}

export type RowKey = string | number | bigint | null;

/** A key for the first `count` values: a primitive for one, else text with lengths so that no two rows share one. */
export function rowKeyOf(values: readonly Value[], count: number, collations: readonly Collation[]): RowKey {
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

/** Rows by what their leading columns hold: a set of the last one's values for each of what stands before it. */
class SeenRows {
	readonly #collations: readonly Collation[];
	readonly #sets = new Map<RowKey, Set<RowKey>>();

	constructor(collations: readonly Collation[]) {
		this.#collations = collations;
	}

	/** What the row takes in memory now, by estimate; 0 where it was there. */
	add(row: Tuple): number {
		const before = this.#before(row);
		const last = this.#last(row);
		const set = this.#sets.get(before);
		if (set === undefined) {
			this.#sets.set(before, new Set([last]));
			return keyBytes(before) + keyBytes(last);
		}
		const { size } = set;
		set.add(last);
		return set.size === size ? 0 : keyBytes(last);
	}

	has(row: Tuple): boolean {
		return this.#sets.get(this.#before(row))?.has(this.#last(row)) === true;
	}

	clear(): void {
		this.#sets.clear();
	}

	#before(row: Tuple): RowKey {
		return this.#collations.length === 1 ? null : rowKeyOf(row, this.#collations.length - 1, this.#collations);
	}

	#last(row: Tuple): RowKey {
		const at = this.#collations.length - 1;
		return groupingKey(row[at] as Value, this.#collations[at] as Collation); // rows are as wide
	}
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
		const budgetBytes = run.spill?.budgetBytes ?? Infinity;
		const seen = new SeenRows(this.#collations);
		let bytes = 0;
		let later: LaterRows | null = null;
		let output: Run | null = null;
		const isNew = (row: Tuple) => {
			if (later !== null) {
				if (!seen.has(row)) later.add(row);
				return false;
			}
			const takes = seen.add(row);
			if (takes === 0) return false;
			bytes += takes;
			if (bytes > budgetBytes) later = new LaterRows(ofColumns(this.#collations), run);
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
