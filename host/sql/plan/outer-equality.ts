/** Conditions of a query inside an expression that compare a table's rows with values of the enclosing row. */

import type { Bound, BoundCompare } from "../bind/bound.js";
import { conjunction, everyPart, isDeterministic, sourcesOf } from "../bind/traverse.js";

/** Whether the conditions speak of the enclosing row. */
export function readsOuter(conditions: readonly Bound[]): boolean {
	return conditions.some((bound) => !everyPart(bound, ({ kind }) => kind !== "outer"));
}

interface OuterPair {
	/** Of the table's row alone. */
	readonly column: Bound;
	/** Of the enclosing row alone. */
	readonly value: Bound;
	readonly compare: BoundCompare;
}

export interface OuterEquality {
	readonly pairs: readonly OuterPair[];
	/** Conditions that the enclosing row has no part in. */
	readonly own: readonly Bound[];
	/** Those that are neither. */
	readonly others: Bound | undefined;
}

/** By which a table's rows can be hashed once for all rows around; null where nothing is gained by it. */
export function outerEquality(conditions: readonly Bound[], source: number): OuterEquality | null {
	const own = conditions.filter((bound) => !readsOuter([bound]));
	const pairs: OuterPair[] = [];
	const others: Bound[] = [];
	for (const bound of conditions) {
		if (own.includes(bound)) continue;
		const pair = pairOf(bound, source);
		if (pair === null) others.push(bound);
		else pairs.push(pair);
	}
	const isFixed = [...own, ...others].every(isDeterministic);
	return pairs.length === 0 || !isFixed ? null : { pairs, own, others: conjunction(others) };
}

function pairOf(bound: Bound, source: number): OuterPair | null {
	if (bound.kind !== "compare" || bound.operator !== "=" || !isDeterministic(bound)) return null;
	const { left, right } = bound;
	const isOwn = (side: Bound) => sourcesOf(side).has(source) && !readsOuter([side]);
	const isOuter = (side: Bound) => sourcesOf(side).size === 0 && readsOuter([side]);
	if (isOwn(left) && isOuter(right)) return { column: left, value: right, compare: bound };
	return isOwn(right) && isOuter(left) ? { column: right, value: left, compare: bound } : null;
}
