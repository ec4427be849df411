/** In which order the rows of an inner query come. */

import { sameBound } from "../bind/traverse.js";
import type { Collation } from "../value/compare.js";
import { keyCollation } from "./aggregation.js";
import type { Logical } from "./logical.js";
import { belowFilters } from "./logical.js";
import type { Place, Sorted } from "./path-order.js";

interface SortedSlot {
	readonly slot: number;
	readonly collation: Collation;
	readonly descending: boolean;
}

/** Null where it is none that could be told. */
export function orderOfQuery(root: Logical, source: number): Sorted | null {
	const places = slotsOf(root).map(
		({ slot, collation, descending }): Place => ({
			matches: (bound) => bound.kind === "column" && bound.source === source && bound.column === slot,
			collation,
			descending,
			isFixed: false,
		}),
	);
	return places.length === 0 ? null : { places, whole: null };
}

function slotsOf(node: Logical): SortedSlot[] {
	switch (node.op) {
		case "limit":
		case "cut":
			return slotsOf(node.input);
		case "sort": {
			const odd = node.terms.findIndex(({ descending, nulls }) => nulls !== (descending ? "last" : "first"));
			return odd === -1 ? [...node.terms] : node.terms.slice(0, odd);
		}
		case "project":
			return keySlots(node);
		case "compound": {
			if (node.rest.at(-1)?.operator === "union all") return [];
			return node.collations.map((collation, slot) => ({ slot, collation, descending: false }));
		}
		default:
			return [];
	}
}

/** Groups come in the order of their keys: as far as these are results. */
function keySlots({ input, columns }: Logical & { op: "project" }): SortedSlot[] {
	const below = belowFilters(input);
	const found: SortedSlot[] = [];
	for (const key of below.op === "aggregate" ? below.keys : []) {
		const slot = columns.findIndex((column) => sameBound(column, key));
		if (slot === -1) break;
		found.push({ slot, collation: keyCollation(key), descending: false });
	}
	return found;
}
