/** Queries inside expressions. Their results are kept as long as the values that they take from outside stay the same. */

import type { BoundInQuery, Comparison, Subquery } from "../bind/bound.js";
import { compareValues, groupingKey } from "../value/compare.js";
import type { Value } from "../value/value.js";
import type { Evaluate } from "./compile.js";
import { coerce } from "./compile.js";
import { ofColumns } from "./gather.js";
import type { Execution, Tuple } from "./operator.js";
import { forEachRow } from "./operator.js";
import type { SpillSpace } from "./spill/file.js";
import { keyBytes } from "./spill/size.js";
import { SortedRows } from "./spill/sorted-rows.js";

interface Kept<T> {
	readonly outer: readonly Value[];
	readonly result: T;
}

const NOTHING: readonly Value[] = [];

function within<T>(inner: Execution, compute: (inner: Execution) => T): T {
	try {
		return compute(inner);
	} finally {
		inner.release();
	}
}

/** The result of `compute` for the captured values: the last one again while they are the same. */
function remembered<T>(
	key: object,
	captures: readonly Evaluate[],
	compute: (inner: Execution) => T,
): (row: Tuple, run: Execution) => T {
	if (captures.length === 0) {
		return (_row, run) => {
			const known = run.kept.get(key) as Kept<T> | undefined;
			if (known !== undefined) return known.result;
			const result = within(run.inner(NOTHING), compute);
			run.kept.set(key, { outer: NOTHING, result });
			return result;
		};
	}
	return (row, run) => {
		const outer = new Array<Value>(captures.length);
		for (let i = 0; i < outer.length; i++) outer[i] = (captures[i] as Evaluate)(row, run); // i is within
		const known = run.changing ? undefined : (run.kept.get(key) as Kept<T> | undefined);
		if (known?.outer.every((value, i) => value === outer[i])) return known.result;
		const result = within(run.inner(outer), compute);
		run.kept.set(key, { outer, result });
		return result;
	};
}

function firstRow({ query }: Subquery, run: Execution): Tuple | null {
	const opened = query.operator.open(run);
	try {
		return opened.next(1)?.[0] ?? null;
	} finally {
		opened.close();
	}
}

export function compileScalarQuery(subquery: Subquery, column: number, captures: readonly Evaluate[]): Evaluate {
	const row = remembered(subquery.id, captures, (inner) => firstRow(subquery, inner));
	return (outer, run) => row(outer, run)?.[column] ?? null;
}

export function compileExists(subquery: Subquery, negated: boolean, captures: readonly Evaluate[]): Evaluate {
	const found = remembered(subquery.id, captures, (inner) => firstRow(subquery, inner) !== null);
	const whenFound = negated ? 0 : 1;
	return (row, run) => (found(row, run) ? whenFound : 1 - whenFound);
}

/** The values of a query's only column, each once; NULL is one of them where a row has it. */
export function compileMembers(
	subquery: Subquery,
	captures: readonly Evaluate[],
): (row: Tuple, run: Execution) => readonly Value[] {
	return remembered({}, captures, (inner) => {
		const found = new Map<string | number | bigint | null, Value>();
		forEachRow(subquery.query.operator.open(inner), ([value]) => {
			if (value !== undefined) found.set(groupingKey(value, "binary"), value);
		});
		return [...found.values()];
	});
}

/** The rows of a query, to be looked for. Where it is the same for the whole statement, those beyond the memory go to a file. */
class Members {
	/** Rows with a NULL: they equal nothing, but it is not known that they do not. */
	readonly unknown: Tuple[] = [];
	/** Of rows of several columns, all: what is looked for may have a NULL itself. */
	readonly all: Tuple[] = [];
	isEmpty = true;
	readonly #comparisons: readonly Comparison[];
	readonly #space: SpillSpace | undefined;
	readonly #keys = new Set<string | number | bigint | null>();
	#bytes = 0;
	#others: SortedRows | undefined;

	constructor(comparisons: readonly Comparison[], space: SpillSpace | undefined) {
		this.#comparisons = comparisons;
		this.#space = comparisons.length === 1 ? space : undefined;
	}

	/** Of values as they are compared. */
	add(values: Tuple): void {
		this.isEmpty = false;
		if (this.#comparisons.length > 1) this.all.push(values);
		if (values.includes(null)) {
			// Of single values one NULL says all that others would.
			if (this.#comparisons.length > 1 || this.unknown.length === 0) this.unknown.push(values);
			return;
		}
		const key = memberKey(values, this.#comparisons);
		if (this.#keys.has(key)) return;
		const space = this.#space;
		if (space !== undefined) this.#bytes += keyBytes(key);
		if (space === undefined || this.#bytes <= space.budgetBytes) {
			this.#keys.add(key);
			return;
		}
		this.#others ??= new SortedRows(ofColumns(this.#comparisons.map(({ collation }) => collation)), space);
		this.#others.add(values);
	}

	/** No more come. */
	finish(): this {
		this.#others?.finish();
		return this;
	}

	has(values: Tuple): boolean {
		return this.#keys.has(memberKey(values, this.#comparisons)) || this.#others?.has(values) === true;
	}
}

function memberKey(values: readonly Value[], comparisons: readonly Comparison[]): string | number | bigint | null {
	const [only] = comparisons;
	if (only !== undefined && comparisons.length === 1) return groupingKey(values[0] as Value, only.collation);
	let key = "";
	for (const [i, { collation }] of comparisons.entries()) {
		const part = String(groupingKey(values[i] as Value, collation)); // one value per comparison
		key += `${part.length}:${part}`;
	}
	return key;
}

export function compileInQuery(
	{ subquery, comparisons, negated }: BoundInQuery,
	operands: readonly Evaluate[],
	captures: readonly Evaluate[],
): Evaluate {
	const members = remembered(subquery.id, captures, (inner): Members => {
		const found = new Members(comparisons, captures.length === 0 ? inner.spill : undefined);
		forEachRow(subquery.query.operator.open(inner), (row) => {
			found.add(comparisons.map(({ coercion }, i) => coerce(row[i] as Value, coercion))); // one column per comparison
		});
		return found.finish();
	});
	const found = negated ? 0 : 1;
	const mayEqual = (values: readonly Value[], row: Tuple) =>
		comparisons.every(({ collation }, i) => {
			const a = values[i] as Value; // one value per comparison
			const b = row[i] as Value;
			return a === null || b === null || compareValues(a, b, collation) === 0;
		});
	return (row, run) => {
		const among = members(row, run);
		const { unknown, all } = among;
		if (among.isEmpty) return 1 - found;
		const values = new Array<Value>(operands.length);
		let hasNull = false;
		for (const [i, { coercion }] of comparisons.entries()) {
			const value = coerce((operands[i] as Evaluate)(row, run), coercion); // one operand per comparison
			values[i] = value;
			if (value === null) hasNull = true;
		}
		if (!hasNull) {
			if (among.has(values)) return found;
			if (unknown.length === 0) return 1 - found;
			run.stop?.count(unknown.length);
			return unknown.some((candidate) => mayEqual(values, candidate)) ? null : 1 - found;
		}
		if (values.length === 1) return null;
		run.stop?.count(all.length);
		return all.some((candidate) => mayEqual(values, candidate)) ? null : 1 - found;
	};
}
