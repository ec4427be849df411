/** The logical plan: what is computed, not how. Rules rewrite it, plan/physical.ts makes operators of it. */

import type { Bound, BoundAggregate, BoundWindow } from "../bind/bound.js";
import type { Scope } from "../bind/scope.js";
import type { SortTerm } from "../execute/gather.js";
import type { JsonKind } from "../function/json/subtype.js";
import type { TableFunction } from "../function/table.js";
import type { Collation } from "../value/compare.js";
import type { Affinity } from "../value/convert.js";

export type LogicalSortTerm = SortTerm;

export interface ResultColumn {
	readonly name: string;
	/** As a query around this one names it, where that differs: behind a COLLATE a column keeps its name. */
	readonly innerName?: string | undefined;
	/** The column of a table that it shows unchanged, else null. */
	readonly column: string | null;
	readonly table: string | null;
	readonly type: string | null;
	readonly affinity: Affinity | null;
	readonly collation: Collation | null;
	/** The collation is that of a COLLATE in its expression. */
	readonly collated?: boolean | undefined;
	/** What a JSON function around the query sees of it; rows that were sorted or kept have lost it. */
	readonly json?: JsonKind | undefined;
}

/** A whole query: its rows are the columns. */
export interface QueryPlan {
	readonly root: Logical;
	/** What the column bounds of the root speak of; a compound's parts have their own. */
	readonly scope: Scope;
	readonly columns: readonly ResultColumn[];
}

/** A query of WITH. Planned once however often it is named. */
export interface SharedQuery {
	readonly name: string;
	readonly plan: QueryPlan;
	/** How many times FROM names it: more than once, and its rows are kept. */
	references: number;
	/** It reads values of an enclosing row, so its rows are good for one run of the query around it only. */
	readonly correlated: boolean;
}

/** A recursive query of WITH as its own steps see it. */
export interface Recursion {
	readonly name: string;
}

export type JoinKind = "inner" | "left" | "right" | "full";

export type CompoundOperator = "union all" | "union" | "intersect" | "except";

export type Logical =
	| { readonly op: "values"; readonly rows: readonly (readonly Bound[])[] }
	/** All rows of a table of the scope. */
	| { readonly op: "scan"; readonly source: number }
	| { readonly op: "derived"; readonly source: number; readonly plan: QueryPlan }
	| { readonly op: "shared"; readonly source: number; readonly shared: SharedQuery }
	/** The rows that the last step of the recursion found. */
	| { readonly op: "working"; readonly source: number; readonly recursion: Recursion }
	| {
			readonly op: "function";
			readonly source: number;
			readonly function: TableFunction;
			readonly arguments: readonly Bound[];
	  }
	| {
			readonly op: "join";
			readonly kind: JoinKind;
			readonly left: Logical;
			readonly right: Logical;
			readonly on: Bound | null;
			/** CROSS JOIN: the left side stays outside. */
			readonly fixed: boolean;
	  }
	| { readonly op: "filter"; readonly input: Logical; readonly condition: Bound }
	| {
			readonly op: "aggregate";
			readonly input: Logical;
			readonly keys: readonly Bound[];
			readonly calls: readonly BoundAggregate[];
	  }
	| { readonly op: "window"; readonly input: Logical; readonly calls: readonly BoundWindow[] }
	/** From here on, columns are slots. */
	| { readonly op: "project"; readonly input: Logical; readonly columns: readonly Bound[] }
	| { readonly op: "distinct"; readonly input: Logical; readonly collations: readonly Collation[] }
	| { readonly op: "sort"; readonly input: Logical; readonly terms: readonly LogicalSortTerm[] }
	| { readonly op: "limit"; readonly input: Logical; readonly limit: Bound; readonly offset: Bound | null }
	| { readonly op: "cut"; readonly input: Logical; readonly width: number }
	| {
			readonly op: "compound";
			readonly first: QueryPlan;
			readonly rest: readonly { readonly operator: CompoundOperator; readonly plan: QueryPlan }[];
			readonly collations: readonly Collation[];
	  }
	| {
			readonly op: "recursive";
			readonly recursion: Recursion;
			readonly initial: QueryPlan;
			readonly steps: readonly QueryPlan[];
			/** UNION: a row that was there before is not followed again. */
			readonly collations: readonly Collation[] | null;
			/** The queue's order; empty for first in, first out. */
			readonly order: readonly LogicalSortTerm[];
			readonly limit: Bound | null;
			readonly offset: Bound | null;
	  };

/** The tables that stand in a part of FROM. */
export function tablesOf(node: Logical): Set<number> {
	if (node.op === "join") return new Set([...tablesOf(node.left), ...tablesOf(node.right)]);
	return "source" in node ? new Set([node.source]) : new Set();
}

/** What a condition, or several of them, is put on. */
export function belowFilters(node: Logical): Logical {
	return node.op === "filter" ? belowFilters(node.input) : node;
}
