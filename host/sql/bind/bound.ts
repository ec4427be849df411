/** Expressions after binding: every name is a position, every comparison knows its affinity and collation. */

import type { Operator } from "../execute/operator.js";
import type { AggregateFunction } from "../function/aggregate.js";
import type { JsonKind } from "../function/json/subtype.js";
import type { ScalarFunction } from "../function/scalar.js";
import type { WindowFunction } from "../function/window.js";
import type { ArithmeticOperator, BitOperator } from "../value/arithmetic.js";
import type { Collation } from "../value/compare.js";
import type { Affinity } from "../value/convert.js";
import type { LikeCase } from "../value/pattern.js";
import type { Value } from "../value/value.js";
import { operandsOf } from "./traverse.js";

export type CompareOperator = "=" | "<>" | "<" | "<=" | ">" | ">=" | "is" | "is not";

/** What a comparison does to both operands first: text to numbers where it is one, or numbers to text. */
export type Coercion = "none" | "numeric" | "text";

export interface BoundColumn {
	readonly kind: "column";
	/** Which of the tables in FROM. */
	readonly source: number;
	/** Which of its columns; ROWID for the rowid. */
	readonly column: number;
	readonly affinity: Affinity | null;
	readonly collation: Collation;
	/** Of a table function: its text may be JSON. */
	readonly json?: boolean | undefined;
}

export interface Comparison {
	readonly coercion: Coercion;
	readonly collation: Collation;
}

export interface BoundCompare extends Comparison {
	readonly kind: "compare";
	readonly operator: CompareOperator;
	readonly left: Bound;
	readonly right: Bound;
}

/** Not two comparisons: the operand stands here once, or a chain of BETWEENs would double with each link. */
export interface BoundBetween {
	readonly kind: "between";
	readonly operand: Bound;
	readonly low: Bound;
	readonly high: Bound;
	readonly lowMatch: Comparison;
	readonly highMatch: Comparison;
	readonly negated: boolean;
}

export interface BoundIn {
	readonly kind: "in";
	readonly operand: Bound;
	readonly list: readonly Bound[];
	readonly negated: boolean;
	readonly coercion: Coercion;
	readonly collation: Collation;
}

/** A query inside an expression. It sees values of the enclosing row through `captures` only. */
export interface Subquery {
	/** Expressions over the enclosing rows whose values the query reads as `outer` number i. */
	readonly captures: readonly Bound[];
	readonly query: PlannedQuery;
	/** Keeps one query's columns together: several bounds may read columns of the same run. */
	readonly id: object;
}

/** A query ready to run, as far as expressions need to know it. */
export interface PlannedQuery {
	readonly operator: Operator;
	readonly width: number;
}

export interface BoundInQuery {
	readonly kind: "inQuery";
	readonly operands: readonly Bound[];
	readonly subquery: Subquery;
	readonly comparisons: readonly Comparison[];
	readonly negated: boolean;
}

export type Bound =
	| { readonly kind: "constant"; readonly value: Value }
	| { readonly kind: "parameter"; readonly index: number }
	| BoundColumn
	/** A column of the operator below, by position: above a projection there are no tables any more. */
	| {
			readonly kind: "slot";
			readonly slot: number;
			readonly affinity: Affinity | null;
			readonly collation: Collation | null;
	  }
	/** The result of the query's aggregate call number `index`. */
	| { readonly kind: "aggregate"; readonly index: number; readonly json?: boolean | undefined }
	/** The result of the query's window function call number `index`. */
	| { readonly kind: "window"; readonly index: number; readonly json?: boolean | undefined }
	/** A value of the enclosing row: capture number `index` of the query this stands in. */
	| {
			readonly kind: "outer";
			readonly index: number;
			readonly affinity: Affinity | null;
			readonly collation: CollationRank | null;
	  }
	/** One column of a query's first row. */
	| {
			readonly kind: "subquery";
			readonly subquery: Subquery;
			readonly column: number;
			readonly affinity: Affinity | null;
			/** Of a row's column its own; a query of one value has none. */
			readonly collation: CollationRank | null;
			readonly json: JsonKind | undefined;
	  }
	| { readonly kind: "exists"; readonly subquery: Subquery; readonly negated: boolean }
	| BoundInQuery
	/** RAISE in a trigger. */
	| { readonly kind: "raise"; readonly action: "ignore" | "rollback" | "abort" | "fail"; readonly message: string }
	| {
			readonly kind: "unary";
			/** Applied from the last to the first. */
			readonly operators: readonly ("not" | "-" | "+" | "~")[];
			readonly operand: Bound;
	  }
	| { readonly kind: "and" | "or" | "coalesce"; readonly operands: readonly Bound[] }
	| {
			readonly kind: "arithmetic";
			readonly first: Bound;
			readonly rest: readonly { readonly operator: ArithmeticOperator | BitOperator | "||"; readonly operand: Bound }[];
	  }
	| BoundCompare
	| BoundIn
	| { readonly kind: "isNull"; readonly operand: Bound; readonly negated: boolean }
	| {
			readonly kind: "pattern";
			readonly operator: "like" | "glob";
			/** Of LIKE. */
			readonly likeCase: LikeCase;
			readonly operand: Bound;
			readonly pattern: Bound;
			readonly escape: Bound | null;
			readonly negated: boolean;
	  }
	| BoundBetween
	| {
			readonly kind: "case";
			/** Null where each `when` is a condition; else `matches` says how it is compared with the base. */
			readonly base: Bound | null;
			readonly whens: readonly { readonly when: Bound; readonly result: Bound; readonly matches: Comparison }[];
			readonly otherwise: Bound | null;
	  }
	| { readonly kind: "cast"; readonly operand: Bound; readonly affinity: Affinity }
	| { readonly kind: "collate"; readonly operand: Bound; readonly collation: Collation }
	| {
			readonly kind: "call";
			readonly function: ScalarFunction;
			readonly arguments: readonly Bound[];
			readonly collation: Collation;
	  };

/** One aggregate call of a query. */
export interface BoundAggregate {
	readonly function: AggregateFunction;
	readonly arguments: readonly Bound[];
	readonly distinct: boolean;
	readonly filter: Bound | null;
	readonly collation: Collation;
	/** In which order the rows of a group are stepped; empty for their own. */
	readonly order: readonly BoundOrderTerm[];
}

export interface BoundOrderTerm {
	readonly bound: Bound;
	readonly descending: boolean;
	readonly nulls: "first" | "last";
	readonly collation: Collation;
}

export type FrameUnit = "rows" | "range" | "groups";

export type FrameBound =
	| { readonly type: "unbounded preceding" | "unbounded following" | "current row" }
	| { readonly type: "preceding" | "following"; readonly offset: Bound };

export interface BoundFrame {
	readonly unit: FrameUnit;
	readonly start: FrameBound;
	readonly end: FrameBound;
	readonly exclude: "no others" | "current row" | "group" | "ties";
}

/** One window function call of a query: an aggregate over a frame, or a function of the row's place in its partition. */
export interface BoundWindow {
	readonly function: AggregateFunction | WindowFunction;
	readonly arguments: readonly Bound[];
	readonly filter: Bound | null;
	readonly collation: Collation;
	readonly partition: readonly Bound[];
	readonly order: readonly BoundOrderTerm[];
	readonly frame: BoundFrame;
}

/** The affinity an expression brings into comparisons; null for none, which is not the same as "blob". */
export function affinityOf(bound: Bound): Affinity | null {
	switch (bound.kind) {
		case "column":
		case "slot":
		case "cast":
		case "outer":
		case "subquery":
			return bound.affinity;
		case "collate":
			return affinityOf(bound.operand);
		default:
			return null;
	}
}

export interface CollationRank {
	readonly collation: Collation;
	/** From a COLLATE operator, which beats a column's own. */
	readonly explicit: boolean;
}

export function collationOf(bound: Bound): CollationRank | null {
	switch (bound.kind) {
		case "collate":
			return { collation: bound.collation, explicit: true };
		case "column":
			return { collation: bound.collation, explicit: false };
		case "slot":
			return bound.collation === null ? null : { collation: bound.collation, explicit: false };
		case "outer":
		case "subquery":
			return bound.collation;
		case "cast":
			return collationOf(bound.operand);
		case "unary":
			return bound.operators.every((operator) => operator === "+")
				? collationOf(bound.operand)
				: explicitBelow([bound.operand]);
		case "arithmetic":
		case "call":
		case "coalesce":
		case "case":
			return explicitBelow(operandsOf(bound));
		default:
			return null;
	}
}

/** A COLLATE below an operator still counts for a comparison above it; a column's own collation does not. */
function explicitBelow(operands: readonly Bound[]): CollationRank | null {
	for (const operand of operands) {
		const collation = collationOf(operand);
		if (collation?.explicit) return collation;
	}
	return null;
}

export function comparisonCollation(left: Bound, right: Bound): Collation {
	const first = collationOf(left);
	const second = collationOf(right);
	if (first?.explicit) return first.collation;
	if (second?.explicit) return second.collation;
	return (first ?? second)?.collation ?? "binary";
}

function isNumericAffinity(affinity: Affinity | null): boolean {
	return affinity === "integer" || affinity === "real" || affinity === "numeric";
}

export function coercionOf(affinity: Affinity | null): Coercion {
	return isNumericAffinity(affinity) ? "numeric" : affinity === "text" ? "text" : "none";
}

/** https://www.sqlite.org/datatype3.html section 4.2. */
export function comparisonCoercion(left: Bound, right: Bound): Coercion {
	const a = affinityOf(left);
	const b = affinityOf(right);
	if (a !== null && b !== null) return isNumericAffinity(a) || isNumericAffinity(b) ? "numeric" : "none";
	return coercionOf(a ?? b);
}

export function comparison(left: Bound, right: Bound): Comparison {
	return { coercion: comparisonCoercion(left, right), collation: comparisonCollation(left, right) };
}

export function compareBound(operator: CompareOperator, left: Bound, right: Bound): BoundCompare {
	return { kind: "compare", operator, left, right, ...comparison(left, right) };
}
