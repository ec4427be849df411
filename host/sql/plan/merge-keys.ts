/** By which columns two sides can be merged, each of them coming in the order of its own. */

import type { Bound, BoundColumn } from "../bind/bound.js";
import { affinityOf } from "../bind/bound.js";
import type { Scope } from "../bind/scope.js";
import type { Collation } from "../value/compare.js";
import { stripped } from "./conditions.js";
import { equalPair } from "./join-parts.js";
import type { Place, Sorted, WantedOrder } from "./path-order.js";
import { matches } from "./path-order.js";

/** Two columns that must be equal, each in an order that is that of their comparison. */
export interface MergePair {
	readonly left: BoundColumn;
	readonly right: BoundColumn;
	readonly collation: Collation;
	readonly condition: Bound;
}

export interface MergeKey extends MergePair {
	/** How both sides come. */
	readonly descending: boolean;
}

export function mergePairs(conditions: readonly Bound[], rightTables: ReadonlySet<number>, scope: Scope): MergePair[] {
	const found: MergePair[] = [];
	for (const condition of conditions) {
		const pair = equalPair(condition, rightTables);
		if (pair === null) continue;
		const { coercion, collation } = pair.compare;
		const left = stripped(pair.left);
		const right = stripped(pair.right);
		if (left.kind !== "column" || right.kind !== "column") continue;
		// What a comparison converts is in another order than what is stored.
		const isAsStored =
			coercion === "none" || (coercion === "numeric" && isNumeric(left, scope) && isNumeric(right, scope));
		if (isAsStored) found.push({ left, right, collation, condition });
	}
	return found;
}

/** A column of a table: in one of an inner query there may be values of another kind, as of the later parts of a UNION. */
function isNumeric(column: BoundColumn, scope: Scope): boolean {
	const affinity = affinityOf(column);
	if (!scope.tables[column.source]?.table) return false;
	return affinity === "integer" || affinity === "real" || affinity === "numeric";
}

/** The keys by which rows that come so can be merged, as many as there are. */
export function keysIn({ places }: Pick<Sorted, "places">, pairs: readonly MergePair[]): MergeKey[] {
	const keys: MergeKey[] = [];
	for (const place of places) {
		const pair = pairs.find(({ left, collation }) => matches(place, { bound: left, collation }));
		if (pair !== undefined) keys.push({ ...pair, descending: place.descending });
		else if (!place.isFixed) break;
	}
	return keys;
}

/** The keys that an order begins with. */
export function keysOfOrder({ terms }: WantedOrder, pairs: readonly MergePair[]): MergeKey[] {
	const keys: MergeKey[] = [];
	for (const { bound, collation, descending, nulls } of terms) {
		const own = stripped(bound);
		const pair = pairs.find(
			({ left, collation: wanted }) =>
				own.kind === "column" && own.source === left.source && own.column === left.column && wanted === collation,
		);
		if (pair === undefined || nulls !== (descending ? "last" : "first")) break;
		keys.push({ ...pair, descending });
	}
	return keys;
}

/** The order of the keys on a side that is a table. */
export function orderOfKeys(keys: readonly MergeKey[], side: "left" | "right", source: number): WantedOrder {
	const terms = keys.map((key) => ({
		bound: key[side],
		collation: key.collation,
		descending: key.descending,
		nulls: key.descending ? ("last" as const) : ("first" as const),
	}));
	return { source, terms, limit: null, otherwise: "sorted" };
}

/** Whether the right side's rows come in the order of the keys. */
export function comesBy({ places }: Sorted, keys: readonly MergeKey[]): boolean {
	let at = 0;
	for (const { right, collation, descending } of keys) {
		const fits = (place: Place) => matches(place, { bound: right, collation });
		while (places[at]?.isFixed && !fits(places[at] as Place)) at++;
		const place = places[at++];
		if (place === undefined || !fits(place) || (!place.isFixed && place.descending !== descending)) return false;
	}
	return true;
}

/** The order of joined rows, of which both sides have equal values: by those of either side. */
export function byEither({ places, whole }: Sorted, keys: readonly MergeKey[]): Sorted {
	const either = places.map((place): Place => {
		const equal = keys.filter(({ left, collation }) => matches(place, { bound: left, collation }));
		if (equal.length === 0) return place;
		const isEqual = (bound: Bound) =>
			bound.kind === "column" &&
			equal.some(({ right }) => right.source === bound.source && right.column === bound.column);
		return {
			...place,
			collation: equal[0]?.collation ?? place.collation,
			matches: (bound) => place.matches(bound) || isEqual(bound),
		};
	});
	return { places: either, whole };
}
