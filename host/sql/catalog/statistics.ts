/** What ANALYZE found out about a table, as the planner asks for it. */

import type { Collation } from "../value/compare.js";
import { compareValues } from "../value/compare.js";
import type { Value } from "../value/value.js";
import { isNumeric, toDouble } from "../value/value.js";

/** A run of a column's values in their order: from behind the bucket before to `upper`. */
export interface Bucket {
	readonly upper: Value;
	/** Sampled rows in it, and those of them that are equal to `upper`. */
	readonly rows: number;
	readonly equal: number;
	/** Different values in it. */
	readonly distinct: number;
}

export interface IndexStatistics {
	readonly rows: number;
	/** Per number of leading columns how many entries agree in them. */
	readonly perPrefix: readonly number[];
}

/** Equi-depth: buckets hold about as many rows each, and a value that fills one alone has one of its own. */
export class Histogram {
	readonly #sampled: number;
	readonly #buckets: readonly Bucket[];
	readonly #collation: Collation;
	/** Share of rows that have NULL. */
	readonly nulls: number;
	/** Different values of the whole table, estimated. */
	readonly distinct: number;

	constructor(sampled: number, nulls: number, distinct: number, buckets: readonly Bucket[], collation: Collation) {
		this.#sampled = Math.max(1, sampled);
		this.#buckets = buckets;
		this.#collation = collation;
		this.nulls = nulls / this.#sampled;
		this.distinct = Math.max(1, distinct);
	}

	/** Share of rows that have the value. */
	equal(value: Value): number {
		if (value === null) return 0;
		for (const { upper, rows, equal, distinct } of this.#buckets) {
			const order = compareValues(value, upper, this.#collation);
			if (order > 0) continue;
			if (order === 0) return equal / this.#sampled;
			const others = rows - equal;
			// A value that the sample does not have is rarer than those that it has.
			return Math.max(0.5, distinct > 1 ? others / (distinct - 1) : others) / this.#sampled;
		}
		return 0.5 / this.#sampled;
	}

	/** Share of rows whose value is less, or less or equal; NULLs are neither. */
	below(value: Value, included: boolean): number {
		if (value === null) return 0;
		let rows = 0;
		let lower: Value | undefined;
		for (const bucket of this.#buckets) {
			const order = compareValues(value, bucket.upper, this.#collation);
			if (order === 0) return (rows + bucket.rows - (included ? 0 : bucket.equal)) / this.#sampled;
			if (order < 0)
				return (rows + (bucket.rows - bucket.equal) * fraction(value, lower, bucket.upper)) / this.#sampled;
			rows += bucket.rows;
			lower = bucket.upper;
		}
		return rows / this.#sampled;
	}
}

/** How far between its neighbours a value is. */
function fraction(value: Value, lower: Value | undefined, upper: Value): number {
	if (lower === undefined || !isNumeric(lower) || !isNumeric(value) || !isNumeric(upper)) return 0.5;
	const from = toDouble(lower);
	const span = toDouble(upper) - from;
	return span > 0 ? Math.min(1, Math.max(0, (toDouble(value) - from) / span)) : 0.5;
}

export interface TableStatistics {
	readonly rows: number;
	/** By the index's id. */
	readonly indexes: ReadonlyMap<number, IndexStatistics>;
	/** Of a column, by its position. */
	histogram(column: number): Histogram | undefined;
	/** Of the expression that an index begins with, by the index's id. */
	expressionHistogram(index: number): Histogram | undefined;
}
