/** In which order the rows of a path come, and whether that is the order that is wanted. */

import type { Bound, BoundOrderTerm } from "../bind/bound.js";
import { isRowIndependent, sameBound } from "../bind/traverse.js";
import { isRowId } from "../catalog/table.js";
import type { Collation } from "../value/compare.js";
import { stripped } from "./conditions.js";
import type { FoundPath, PathTable } from "./path.js";
import { isSingle } from "./path.js";

export interface WantedOrder {
	/** The table that all terms speak of. */
	readonly source: number;
	readonly terms: readonly BoundOrderTerm[];
	/** How many rows are asked for; null for all. */
	readonly limit: number | null;
	/** What is done where rows do not come in this order: they are sorted, or grouped by hashing. */
	readonly otherwise: "sorted" | "hashed";
}

export interface Place {
	matches(bound: Bound): boolean;
	/** Null for numbers alone. */
	readonly collation: Collation | null;
	readonly descending: boolean;
	/** The same in all rows. */
	readonly isFixed: boolean;
}

/** The values by which rows are ordered. */
export interface Sorted {
	readonly places: readonly Place[];
	/** The table of which no two rows are the same in all of these; null where there is none. */
	readonly whole: number | null;
}

/** How the path's rows come when it is gone through in that direction. */
export function sortedBy(found: Pick<FoundPath, "path" | "direction">, of: PathTable): Sorted {
	const places = placesOf(found, of);
	const turned = places.map((place) => ({ ...place, descending: !place.descending }));
	return { places: found.direction === "reverse" ? turned : places, whole: of.source };
}

/** The values by which the path's rows are ordered; all of them together are different in each row. */
function placesOf({ path }: Pick<FoundPath, "path">, of: PathTable): Place[] {
	const { table, source } = of;
	const isColumn = (bound: Bound, is: (column: number) => boolean) =>
		bound.kind === "column" && bound.source === source && is(bound.column);
	if (table.kind === "keyValue") {
		const key = { collation: "binary" as const, descending: false, isFixed: false };
		return [{ ...key, matches: (bound) => isColumn(bound, (column) => column === 0) }];
	}
	const clustered = of.indexes.find(({ isClustered }) => isClustered);
	const key: Place[] =
		clustered === undefined
			? [
					{
						matches: (bound) => isColumn(bound, (column) => isRowId(table, column)),
						collation: null,
						descending: false,
						isFixed: false,
					},
				]
			: placesIn(clustered.parts, 0);
	if (path.kind !== "index") return key;
	const fixed = path.equals.findIndex(({ values, query }) => values.length !== 1 || query !== null);
	const own = placesIn(path.index.parts, fixed === -1 ? path.equals.length : fixed);
	return path.index.isClustered ? own : [...own, ...key];
}

/** Those of an index; the first `fixed` ones have one value. */
export function placesIn(parts: FoundIndexParts, fixed: number): Place[] {
	return parts.map(({ bound, collation, descending }, i) => ({
		matches: (wanted) => sameBound(wanted, bound),
		collation,
		descending,
		isFixed: i < fixed,
	}));
}

type FoundIndexParts = Extract<FoundPath["path"], { kind: "index" }>["index"]["parts"];

/** How the path has to be gone through for its rows to come as wanted; null where neither way does it. */
export function directionFor(
	found: Pick<FoundPath, "path">,
	wanted: WantedOrder,
	conjuncts: readonly Bound[],
	of: PathTable,
): "forward" | "reverse" | null {
	return isSingle(found)
		? "forward"
		: directionOf({ places: placesOf(found, of), whole: of.source }, wanted, conjuncts);
}

/** How such rows have to be gone through to come as wanted; null where neither way does it. */
export function directionOf(
	{ places, whole }: Sorted,
	wanted: WantedOrder,
	conjuncts: readonly Bound[],
): "forward" | "reverse" | null {
	let at = 0;
	let direction: "forward" | "reverse" | null = null;
	for (const term of wanted.terms) {
		if (isConstant(term, conjuncts)) continue;
		while (places[at]?.isFixed && !matches(places[at] as Place, term)) at++;
		const place = places[at];
		// All that makes rows different is behind us: what comes now decides nothing.
		if (place === undefined) return whole === wanted.source ? (direction ?? "forward") : null;
		if (!matches(place, term)) return null;
		at++;
		if (place.isFixed) continue;
		if (term.nulls !== (term.descending ? "last" : "first")) return null;
		const needed = term.descending === place.descending ? "forward" : "reverse";
		if (direction !== null && direction !== needed) return null;
		direction = needed;
	}
	return direction ?? "forward";
}

/** Whether rows are in the order of that value by the place. */
export function matches(place: Place, { bound, collation }: Pick<BoundOrderTerm, "bound" | "collation">): boolean {
	return place.matches(stripped(bound)) && (place.collation === null || place.collation === collation);
}

function isConstant(term: BoundOrderTerm, conjuncts: readonly Bound[]): boolean {
	if (isRowIndependent(term.bound)) return true;
	return conjuncts.some((bound) => {
		if (bound.kind !== "compare" || bound.operator !== "=") return false;
		if (bound.collation !== term.collation && bound.collation !== "binary") return false;
		const { left, right } = bound;
		return (
			(sameBound(left, term.bound) && isRowIndependent(right)) ||
			(sameBound(right, term.bound) && isRowIndependent(left))
		);
	});
}
