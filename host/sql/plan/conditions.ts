/** Conditions that say something of one place of a key: of a column, or of the expression of an index. */

import type { Bound, Coercion } from "../bind/bound.js";
import { isRowIndependent, sameBound } from "../bind/traverse.js";
import type { Collation } from "../value/compare.js";
import type { Affinity } from "../value/convert.js";
import type { CompareCondition, EqualCondition, RangeCondition, RangeOperator } from "./path.js";
import { FLIPPED } from "./path.js";

/** What conditions are looked for on. */
export interface Subject {
	matches(bound: Bound): boolean;
	/** Whether a comparison by these is the key's own. */
	fits(coercion: Coercion, collation: Collation): boolean;
	/** Null where LIKE and GLOB bound no range. */
	readonly pattern: "like" | "glob" | null;
}

export interface Conditions {
	/** The best of several: a single value before a list, a list before a query. */
	readonly equal: EqualCondition | null;
	readonly ranges: readonly RangeCondition[];
}

export function partSubject(part: {
	readonly bound: Bound;
	readonly affinity: Affinity | null;
	readonly collation: Collation;
}): Subject {
	const { bound: own, affinity, collation } = part;
	return {
		matches:
			own.kind === "column"
				? (bound) => bound.kind === "column" && bound.source === own.source && bound.column === own.column
				: (bound) => sameBound(bound, own),
		fits: (coercion, wanted) => {
			if (wanted !== collation) return false;
			// A comparison that would convert the stored values has another order than the index.
			if (coercion === "numeric") return affinity !== null && affinity !== "text" && affinity !== "blob";
			return coercion === "none" || affinity === "text";
		},
		pattern: affinity !== "text" ? null : collation === "nocase" ? "like" : collation === "binary" ? "glob" : null,
	};
}

function isRangeOperator(operator: string): operator is RangeOperator {
	return operator in FLIPPED;
}

/** A COLLATE around a column is in the comparison already. */
export function stripped(bound: Bound): Bound {
	let inner = bound;
	while (inner.kind === "collate") inner = inner.operand;
	return inner;
}

export function conditionsOn(
	subject: Subject,
	conjuncts: readonly Bound[],
	available: ReadonlySet<number>,
): Conditions {
	const equals: EqualCondition[] = [];
	const ranges: RangeCondition[] = [];
	for (const conjunct of conjuncts) {
		for (const found of conditionsIn(conjunct, subject, available))
			if (found.kind === "equal") equals.push(found);
			else ranges.push(found);
	}
	const weight = ({ values, query }: EqualCondition) => (query === null ? values.length : 1e9);
	equals.sort((a, b) => weight(a) - weight(b));
	return { equal: equals[0] ?? null, ranges };
}

function conditionsIn(
	bound: Bound,
	subject: Subject,
	available: ReadonlySet<number>,
): (EqualCondition | RangeCondition)[] {
	const isKnown = (value: Bound) => isRowIndependent(value, available);
	switch (bound.kind) {
		case "compare": {
			const { operator, left, right, coercion, collation } = bound;
			if ((!isRangeOperator(operator) && operator !== "is") || !subject.fits(coercion, collation)) return [];
			const isLeft = subject.matches(stripped(left)) && isKnown(right);
			if (!isLeft && !(subject.matches(stripped(right)) && isKnown(left))) return [];
			const value = isLeft ? right : left;
			if (operator === "=" || operator === "is") return [equalTo([value], bound, coercion, operator === "is")];
			return [compareTo(isLeft ? operator : FLIPPED[operator], value, coercion, bound)];
		}
		case "between": {
			const { operand, low, high, lowMatch, highMatch } = bound;
			if (bound.negated || !subject.matches(stripped(operand)) || !isKnown(low) || !isKnown(high)) return [];
			if (![lowMatch, highMatch].every(({ coercion, collation }) => subject.fits(coercion, collation))) return [];
			return [compareTo(">=", low, lowMatch.coercion, bound), compareTo("<=", high, highMatch.coercion, bound)];
		}
		case "in": {
			const { operand, list, coercion, collation } = bound;
			if (bound.negated || list.length === 0 || !subject.matches(stripped(operand))) return [];
			return subject.fits(coercion, collation) && list.every(isKnown) ? [equalTo(list, bound, coercion, false)] : [];
		}
		case "inQuery": {
			const [operand, ...others] = bound.operands;
			const [comparison] = bound.comparisons;
			if (bound.negated || operand === undefined || others.length > 0 || comparison === undefined) return [];
			if (!subject.matches(stripped(operand)) || !subject.fits(comparison.coercion, comparison.collation)) return [];
			if (!bound.subquery.captures.every(isKnown)) return [];
			return [{ ...equalTo([], bound, comparison.coercion, false), query: bound }];
		}
		case "isNull":
			if (!subject.matches(stripped(bound.operand))) return [];
			if (bound.negated) return [{ kind: "notNull", source: bound }];
			return [equalTo([{ kind: "constant", value: null }], bound, "none", true)];
		case "pattern": {
			const { operator, operand, pattern } = bound;
			if (bound.negated || bound.escape !== null || operator !== subject.pattern) return [];
			if (!subject.matches(operand) || !isKnown(pattern)) return [];
			return [{ kind: "prefix", operator, pattern, source: bound }];
		}
		default:
			return [];
	}
}

function equalTo(values: readonly Bound[], source: Bound, coercion: Coercion, matchesNull: boolean): EqualCondition {
	return { kind: "equal", values, query: null, coercion, matchesNull, source };
}

function compareTo(operator: RangeOperator, value: Bound, coercion: Coercion, source: Bound): CompareCondition {
	return { kind: "compare", operator, value, coercion, source };
}

/** Whether the conditions leave no row out that a partial index does not have, by SQLite's rules. */
export function implies(conjuncts: readonly Bound[], where: readonly Bound[]): boolean {
	return where.every((wanted) => conjuncts.some((given) => sameBound(given, wanted) || isNotNullBy(wanted, given)));
}

/** `x IS NOT NULL` follows from a comparison of x that holds. */
function isNotNullBy(wanted: Bound, given: Bound): boolean {
	if (wanted.kind !== "isNull" || !wanted.negated) return false;
	const isSubject = (bound: Bound) => sameBound(stripped(bound), wanted.operand);
	switch (given.kind) {
		case "compare":
			return (
				given.operator !== "is" && given.operator !== "is not" && (isSubject(given.left) || isSubject(given.right))
			);
		case "between":
		case "pattern":
			return !given.negated && isSubject(given.operand);
		case "in":
			return !given.negated && given.list.length > 0 && isSubject(given.operand);
		case "inQuery":
			return !given.negated && given.operands.some(isSubject);
		default:
			return false;
	}
}
