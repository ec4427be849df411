/** Queries inside expressions. Their results are kept as long as the values that they take from outside stay the same. */

import type { Subquery } from "../bind/bound.js";
import type { Value } from "../value/value.js";
import type { Evaluate } from "./compile.js";
import type { Execution, Releasable, Tuple } from "./operator.js";

interface Kept<T> extends Releasable {
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

/**
 * The result of `compute` for the captured values: the last one again while they are the same. `release`: of a result that another
 * takes the place of, or that a statement inside another one leaves.
 */
export function remembered<T>(
	key: object,
	captures: readonly Evaluate[],
	compute: (inner: Execution) => T,
	release: (result: T) => void = () => undefined,
): (row: Tuple, run: Execution) => T {
	const keep = (run: Execution, outer: readonly Value[]): T => {
		const result = within(run.inner(outer), compute);
		const kept: Kept<T> = { outer, result, close: () => release(result) };
		run.kept.set(key, kept);
		return result;
	};
	if (captures.length === 0) {
		return (_row, run) => {
			const known = run.kept.get(key) as Kept<T> | undefined;
			return known === undefined ? keep(run, NOTHING) : known.result;
		};
	}
	return (row, run) => {
		const outer = new Array<Value>(captures.length);
		for (let i = 0; i < outer.length; i++) outer[i] = (captures[i] as Evaluate)(row, run); // i is within
		const known = run.kept.get(key) as Kept<T> | undefined;
		if (known !== undefined) {
			if (!run.changing && known.outer.every((value, i) => value === outer[i])) return known.result;
			run.kept.delete(key);
			known.close();
		}
		return keep(run, outer);
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
