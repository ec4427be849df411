/** The ways to a table's rows: what plan/find-path.ts chooses from, and plan/access.ts makes something that runs of. */

import type { Bound, BoundInQuery, Coercion } from "../bind/bound.js";
import type { ScopeTable } from "../bind/scope.js";
import type { Histogram } from "../catalog/statistics.js";
import type { Index, Table } from "../catalog/table.js";
import type { Collation } from "../value/compare.js";
import type { Affinity } from "../value/convert.js";
import type { Guesses } from "./guesses.js";

export type RangeOperator = "=" | "<" | "<=" | ">" | ">=";

export const FLIPPED: Record<RangeOperator, RangeOperator> = { "=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<=" };

/** `part = value`, or `part IN (values)`: the values are known before the table's row is. */
export interface EqualCondition {
	readonly kind: "equal";
	readonly values: readonly Bound[];
	/** Where the values are a query's; `values` is empty then. */
	readonly query: BoundInQuery | null;
	readonly coercion: Coercion;
	/** `IS`: NULL equals NULL. */
	readonly matchesNull: boolean;
	readonly source: Bound;
}

export interface CompareCondition {
	readonly kind: "compare";
	readonly operator: RangeOperator;
	readonly value: Bound;
	readonly coercion: Coercion;
	readonly source: Bound;
}

/** LIKE or GLOB: what stands before the first wildcard. It bounds the range, and is tested again. */
export interface PrefixCondition {
	readonly kind: "prefix";
	readonly operator: "like" | "glob";
	readonly pattern: Bound;
	readonly source: Bound;
}

export interface NotNullCondition {
	readonly kind: "notNull";
	readonly source: Bound;
}

export type RangeCondition = CompareCondition | PrefixCondition | NotNullCondition;

/** What an index has at one place of its keys. */
export interface IndexPart {
	/** Over the table's row. */
	readonly bound: Bound;
	/** Position in the table, or EXPRESSION. */
	readonly column: number;
	/** Null for an expression without one. */
	readonly affinity: Affinity | null;
	readonly collation: Collation;
	readonly descending: boolean;
}

export interface UsableIndex {
	readonly index: Index;
	/** Its entries are the table's rows. */
	readonly isClustered: boolean;
	readonly parts: readonly IndexPart[];
	/** What holds for the rows of a partial index; empty for an index of all rows. */
	readonly where: readonly Bound[];
}

/** A table in FROM as the search for a path sees it. */
export interface PathTable {
	readonly source: number;
	readonly table: Table;
	readonly indexes: readonly UsableIndex[];
	/** Those of statistics, or else estimated. */
	readonly rows: number;
	/** Of a table without statistics, as far as its ends tell. */
	readonly rowIds: Histogram | null;
	readonly hint: NonNullable<ScopeTable["hint"]> | null;
	/** Absent where the values of parameters make no difference. */
	readonly guesses: Guesses | undefined;
}

export type Path =
	| { readonly kind: "all" }
	| { readonly kind: "rowIds"; readonly equal: EqualCondition }
	| { readonly kind: "rowIdRange"; readonly bounds: readonly CompareCondition[] }
	| {
			readonly kind: "index";
			readonly index: UsableIndex;
			/** One per leading column. */
			readonly equals: readonly EqualCondition[];
			/** On the column behind these. */
			readonly ranges: readonly RangeCondition[];
			/** The entries have all columns that are read. */
			readonly isCovering: boolean;
	  }
	/** The rows that any of several paths leads to. */
	| { readonly kind: "union"; readonly paths: readonly FoundPath[] }
	/** Of the key-value data. */
	| { readonly kind: "keys"; readonly bounds: readonly CompareCondition[] };

export interface FoundPath {
	readonly path: Path;
	/** The conditions that the path fulfils. */
	readonly used: readonly Bound[];
	/** Entries that it reads. */
	readonly entries: number;
	/** Rows that are left when all conditions are tested. */
	readonly rows: number;
	/** In rows of a scan. */
	readonly cost: number;
	/** How the order that is wanted comes of it; null where it does not, or none is wanted. */
	readonly direction: "forward" | "reverse" | null;
}

/** Whether the path leads to whole keys of a unique index: no two rows have the same. */
export function isWhole({ index, equals }: Pick<Path & { kind: "index" }, "index" | "equals">): boolean {
	return index.index.unique && equals.length === index.parts.length && equals.every((equal) => !equal.matchesNull);
}

/** At most one row, whatever the table holds. */
export function isSingle({ path }: Pick<FoundPath, "path">): boolean {
	const isOne = ({ values, query }: EqualCondition) => values.length === 1 && query === null;
	switch (path.kind) {
		case "rowIds":
			return isOne(path.equal);
		case "keys":
			return path.bounds.some(({ operator }) => operator === "=");
		case "index":
			return isWhole(path) && path.equals.every(isOne);
		default:
			return false;
	}
}
