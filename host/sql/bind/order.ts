/** ORDER BY terms. */

import type { OrderTermNode } from "../parse/ast.js";
import type { Bound, BoundOrderTerm } from "./bound.js";
import { collationOf } from "./bound.js";
import type { ExpressionBinder } from "./expression.js";

export function orderTerm(term: OrderTermNode, bound: Bound): BoundOrderTerm {
	return {
		bound,
		descending: term.descending,
		// NULL is the least value, so it stands last in a descending order.
		nulls: term.nulls ?? (term.descending ? "last" : "first"),
		collation: collationOf(bound)?.collation ?? "binary",
	};
}

export function bindOrderTerms(binder: ExpressionBinder, terms: readonly OrderTermNode[]): BoundOrderTerm[] {
	return terms.map((term) => orderTerm(term, binder.bind(term.expression)));
}
