/** A SELECT ready to run. */

import type { BindContext, PlannedColumns } from "../bind/expression.js";
import type { Captures } from "../bind/scope.js";
import type { Operator } from "../execute/operator.js";
import type { SelectNode } from "../parse/ast.js";
import type { PlanContext } from "./context.js";
import type { ResultColumn } from "./logical.js";
import { physicalPlan } from "./physical.js";
import { planSelect } from "./select.js";

export interface Query {
	readonly operator: Operator;
	readonly columns: readonly ResultColumn[];
}

export function planQuery(node: SelectNode, context: PlanContext): Query {
	const { root, scope, columns } = planSelect(node, context);
	return { operator: physicalPlan(root, scope, context), columns };
}

/** For `BindContext.planSubquery`: a query inside an expression sees what the expression's query sees. */
export function planSubquery(node: SelectNode, captures: Captures, context: BindContext): PlannedColumns {
	const { operator, columns } = planQuery(node, { ...(context as PlanContext), captures });
	return {
		operator,
		width: columns.length,
		columns: columns.map(({ affinity, collation }) => ({ affinity, collation })),
	};
}
