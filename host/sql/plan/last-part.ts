/**
 * Types of a compound's columns by its last part: SQLite takes them from there
 * for an expression around it, and for a view that names its columns.
 */

import { affinityOf, collationOf } from "../bind/bound.js";
import type { Logical, QueryPlan, ResultColumn } from "./logical.js";

export type ColumnType = Pick<ResultColumn, "type" | "affinity" | "collation" | "collated">;

/** One per column; of rows of VALUES the last one counts. */
export function lastTypes({ root, columns }: QueryPlan): readonly ColumnType[] {
	const last = lastPart(root);
	if (last?.op === "compound") return lastTypes(last.rest.at(-1)?.plan ?? last.first);
	if (last?.op !== "values") return columns.map(typeOf);
	return (last.rows.at(-1) ?? []).map((bound) => {
		const rank = collationOf(bound);
		return {
			type: null,
			affinity: affinityOf(bound),
			collation: rank?.collation ?? null,
			collated: rank?.explicit,
		};
	});
}

/** Below what does not change columns. */
function lastPart(root: Logical): Logical {
	return root.op === "limit" || root.op === "sort" || root.op === "cut" ? lastPart(root.input) : root;
}

function typeOf({ type, affinity, collation, collated }: ResultColumn): ColumnType {
	return { type, affinity, collation, collated };
}
