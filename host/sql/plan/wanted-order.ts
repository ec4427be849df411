/** The order in which a query's rows are wanted of FROM. */

import type { Bound, BoundOrderTerm } from "../bind/bound.js";
import { collationOf } from "../bind/bound.js";
import { isDeterministic, sameBound, sourcesOf } from "../bind/traverse.js";
import { toInteger } from "../value/convert.js";
import type { Logical, LogicalSortTerm } from "./logical.js";
import { belowFilters } from "./logical.js";
import type { WantedOrder } from "./path-order.js";

/** Of a LIMIT whose value is not known. */
const ASSUMED_LIMIT = 100;

/** How many rows a LIMIT asks for; null for all. */
export function expectedLimit({ limit, offset }: Logical & { op: "limit" }): number | null {
	const count = (bound: Bound | null, assumed: number) => {
		if (bound === null) return 0;
		return bound.kind === "constant" ? Number(toInteger(bound.value) ?? 0) : assumed;
	};
	const rows = count(limit, ASSUMED_LIMIT);
	return rows < 0 ? null : rows + Math.max(0, count(offset, 0));
}

/** The order as one of FROM's rows, where it is that of columns of one table. */
export function wantedOrder(
	project: Logical & { op: "project" },
	terms: readonly LogicalSortTerm[],
	limit: number | null,
): WantedOrder | null {
	const below = belowFilters(project.input);
	if (below.op !== "scan" && below.op !== "join") return null;
	const bounds = terms.map(({ slot, ...options }) => ({ ...options, bound: project.columns[slot] as Bound })); // terms name slots
	return orderBy(bounds, limit, "sorted");
}

/** Null where the terms are not all of one table. */
export function orderBy(
	terms: readonly BoundOrderTerm[],
	limit: number | null,
	otherwise: WantedOrder["otherwise"],
): WantedOrder | null {
	const [source, ...others] = new Set(terms.flatMap(({ bound }) => [...sourcesOf(bound)]));
	if (source === undefined || others.length > 0 || terms.some(({ bound }) => !isDeterministic(bound))) return null;
	return { source, terms, limit, otherwise };
}

/** Groups come in the order of their keys by themselves. */
export function comesGrouped(project: Logical & { op: "project" }, terms: readonly LogicalSortTerm[]): boolean {
	const below = belowFilters(project.input);
	if (below.op !== "aggregate") return false;
	const { keys } = below;
	return terms.every(({ slot, descending, nulls, collation }, i) => {
		const key = keys[i];
		const bound = project.columns[slot];
		if (key === undefined || bound === undefined || descending || nulls !== "first") return false;
		return sameBound(key, bound) && collation === (collationOf(key)?.collation ?? "binary");
	});
}
