/** Types of aggregates and window functions. */

import type { BoundFrame, BoundWindow } from "../bind/bound.js";
import type { AggregateFunction } from "../function/aggregate.js";
import { AGGREGATE_FUNCTIONS } from "../function/aggregate.js";
import type { ValueType } from "./value-type.js";
import { ANYTHING, either, INTEGER, maybe, NUMBER, never, REAL, TEXT, withNull } from "./value-type.js";

/** What a group or a frame is known to be. */
interface Gathered {
	/** Of each argument. */
	readonly given: readonly ValueType[];
	/** There is a row in each that the function takes in. */
	readonly hasRows: boolean;
}

export function aggregateType(called: AggregateFunction, { given, hasRows }: Gathered): ValueType {
	// The user's own, be it in the place of a built-in one.
	if (AGGREGATE_FUNCTIONS.get(called.name) !== called) return ANYTHING;
	const [first = ANYTHING] = given;
	const nullable = !hasRows || first.nullable;
	switch (called.name) {
		case "count":
			return never(INTEGER);
		case "total":
			return never(REAL);
		case "sum":
			return { classes: first.classes === INTEGER || first.classes === REAL ? first.classes : NUMBER, nullable };
		case "avg":
			return { classes: REAL, nullable };
		case "min":
		case "max":
			return { classes: first.classes, nullable };
		case "group_concat":
			return { classes: TEXT, nullable };
		case "json_group_array":
		case "json_group_object":
			return never(TEXT);
		default:
			return ANYTHING;
	}
}

/** What an argument is meant to be; undefined where that is open. */
export function aggregateArgument({ name }: AggregateFunction, index: number): number | undefined {
	if (/^(sum|total|avg)$/.test(name)) return NUMBER;
	if (name === "group_concat" || (name === "json_group_object" && index === 0)) return TEXT;
	return undefined;
}

export function windowType(window: BoundWindow, given: readonly ValueType[]): ValueType {
	const called = window.function;
	const hasRows = window.filter === null && includesCurrentRow(window.frame);
	if ("create" in called) return aggregateType(called, { given, hasRows });
	const [first = ANYTHING, , otherwise] = given;
	switch (called.name) {
		case "row_number":
		case "rank":
		case "dense_rank":
		case "ntile":
			return never(INTEGER);
		case "percent_rank":
		case "cume_dist":
			return never(REAL);
		case "lag":
		case "lead":
			return either(first, otherwise ?? maybe(0));
		case "first_value":
		case "last_value":
			return hasRows ? first : withNull(first);
		case "nth_value":
			return withNull(first);
	}
}

/** Then the frame of no row is empty. */
function includesCurrentRow({ start, end, exclude }: BoundFrame): boolean {
	if (exclude !== "no others" && exclude !== "ties") return false;
	return start.type !== "following" && end.type !== "preceding";
}
