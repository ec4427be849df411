/** IN with a query: its rows, to be looked for. */

import type { BoundInQuery, Comparison } from "../bind/bound.js";
import { compareValues, groupingKey } from "../value/compare.js";
import type { Value } from "../value/value.js";
import type { Evaluate } from "./compile.js";
import { coerce } from "./compile.js";
import type { RowKey } from "./gather.js";
import { ofColumns, rowKeyOf } from "./gather.js";
import type { Execution, Tuple } from "./operator.js";
import { forEachRow } from "./operator.js";
import { RowSet } from "./spill/row-set.js";
import { remembered } from "./subquery.js";

/** Of rows of one column. Whatever else it holds, one NULL says that the rest may be equal. */
class SingleMembers {
	isEmpty = true;
	#hasNull = false;
	readonly #comparison: Comparison;
	readonly #values: RowSet;

	constructor(comparison: Comparison, run: Execution) {
		this.#comparison = comparison;
		this.#values = new RowSet(ofColumns([comparison.collation]), "keys", run, run.spill?.budgetBytes ?? 0);
	}

	/** Of values as they are compared. */
	add(values: Tuple): void {
		this.isEmpty = false;
		if (values[0] === null) this.#hasNull = true;
		else this.#values.add(this.#keyOf(values), values);
	}

	/** No more come. */
	finish(): this {
		this.#values.finish();
		return this;
	}

	/** Null where it is not known. */
	has(values: Tuple, hasNull: boolean): boolean | null {
		if (!hasNull && this.#values.has(this.#keyOf(values), values)) return true;
		return hasNull || this.#hasNull ? null : false;
	}

	close(): void {
		this.#values.close();
	}

	#keyOf(values: Tuple): RowKey {
		return groupingKey(values[0] as Value, this.#comparison.collation); // there is one
	}
}

class RowMembers {
	isEmpty = true;
	readonly #collations: Comparison["collation"][];
	/** Gone through only for values with a NULL among them. */
	readonly #whole: RowSet;
	/** Rows with a NULL: they equal nothing, but it is not known that they do not. */
	readonly #unknown: RowSet;

	constructor(comparisons: readonly Comparison[], run: Execution) {
		this.#collations = comparisons.map(({ collation }) => collation);
		const compare = ofColumns(this.#collations);
		const budgetBytes = (run.spill?.budgetBytes ?? 0) / 2;
		this.#whole = new RowSet(compare, "rows", run, budgetBytes);
		this.#unknown = new RowSet(compare, "rows", run, budgetBytes);
	}

	/** Of values as they are compared. */
	add(values: Tuple): void {
		this.isEmpty = false;
		(values.includes(null) ? this.#unknown : this.#whole).add(this.#keyOf(values), values);
	}

	/** No more come. */
	finish(): this {
		this.#whole.finish();
		this.#unknown.finish();
		return this;
	}

	/** Null where it is not known. */
	has(values: Tuple, hasNull: boolean): boolean | null {
		if (!hasNull && this.#whole.has(this.#keyOf(values), values)) return true;
		const mayEqual = (row: Tuple) =>
			this.#collations.every((collation, i) => {
				const a = values[i] as Value; // one value per comparison
				const b = row[i] as Value;
				return a === null || b === null || compareValues(a, b, collation) === 0;
			});
		return this.#unknown.some(mayEqual) || (hasNull && this.#whole.some(mayEqual)) ? null : false;
	}

	close(): void {
		this.#whole.close();
		this.#unknown.close();
	}

	#keyOf(values: Tuple): RowKey {
		return rowKeyOf(values, this.#collations.length, this.#collations);
	}
}

export function compileInQuery(
	{ subquery, comparisons, negated }: BoundInQuery,
	operands: readonly Evaluate[],
	captures: readonly Evaluate[],
): Evaluate {
	const [only, ...others] = comparisons;
	const gather = (inner: Execution): SingleMembers | RowMembers => {
		const isSingle = only !== undefined && others.length === 0;
		const found = isSingle ? new SingleMembers(only, inner) : new RowMembers(comparisons, inner);
		forEachRow(subquery.query.operator.open(inner), (row) => {
			found.add(comparisons.map(({ coercion }, i) => coerce(row[i] as Value, coercion))); // one column per comparison
		});
		return found.finish();
	};
	const members = remembered(subquery.id, captures, gather, (found) => found.close());
	const found = negated ? 0 : 1;
	return (row, run) => {
		const among = members(row, run);
		if (among.isEmpty) return 1 - found;
		const values = new Array<Value>(operands.length);
		let hasNull = false;
		for (const [i, { coercion }] of comparisons.entries()) {
			const value = coerce((operands[i] as Evaluate)(row, run), coercion); // one operand per comparison
			values[i] = value;
			if (value === null) hasNull = true;
		}
		const known = among.has(values, hasNull);
		return known === null ? null : known ? found : 1 - found;
	};
}
