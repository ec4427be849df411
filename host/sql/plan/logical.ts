/** The logical plan: what is computed, not how. Rules rewrite it, plan/physical.ts makes operators of it. */

import type { Bound, BoundAggregate } from "../bind/bound.js";
import type { SortTerm } from "../execute/gather.js";
import type { Collation } from "../value/compare.js";

export type LogicalSortTerm = SortTerm;

export type Logical =
	| { readonly op: "values"; readonly rows: readonly (readonly Bound[])[] }
	/** All rows of a table of the scope. */
	| { readonly op: "scan"; readonly source: number }
	| { readonly op: "filter"; readonly input: Logical; readonly condition: Bound }
	| {
			readonly op: "aggregate";
			readonly input: Logical;
			readonly keys: readonly Bound[];
			readonly calls: readonly BoundAggregate[];
	  }
	/** From here on, columns are slots. */
	| { readonly op: "project"; readonly input: Logical; readonly columns: readonly Bound[] }
	| { readonly op: "distinct"; readonly input: Logical; readonly collations: readonly Collation[] }
	| { readonly op: "sort"; readonly input: Logical; readonly terms: readonly LogicalSortTerm[] }
	| { readonly op: "limit"; readonly input: Logical; readonly limit: Bound; readonly offset: Bound | null }
	| { readonly op: "cut"; readonly input: Logical; readonly width: number };
