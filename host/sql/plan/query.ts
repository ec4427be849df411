/** A SELECT ready to run. */

import type { BindContext, PlannedColumns } from "../bind/expression.js";
import type { Captures } from "../bind/scope.js";
import type { Operator } from "../execute/operator.js";
import type { SelectNode } from "../parse/ast.js";
import type { PlanContext } from "./context.js";
import type { InnerPlanner } from "./inner-query.js";
import { InnerQuery } from "./inner-query.js";
import { lastTypes } from "./last-part.js";
import { Leaves } from "./leaves.js";
import type { Logical, QueryPlan, ResultColumn } from "./logical.js";
import { physicalPlan } from "./physical.js";
import { planSelect } from "./select.js";
import { expectedRows } from "./tree-estimate.js";

export interface Query {
	readonly operator: Operator;
	readonly columns: readonly ResultColumn[];
}

export function planQuery(node: SelectNode, context: PlanContext): Query {
	const { root, scope, columns } = planSelect(node, context);
	return { operator: physicalPlan(root, scope, context), columns };
}

const PLANNER: InnerPlanner = {
	build: physicalPlan,
	expectedRows: ({ root, scope }, context) => {
		const build = (plan: QueryPlan) => physicalPlan(plan.root, plan.scope, context);
		return expectedRows(new Leaves(scope, context, build), root);
	},
};

/** For `BindContext.planSubquery`: a query inside an expression sees what the expression's query sees. */
export function planSubquery(node: SelectNode, captures: Captures, context: BindContext): PlannedColumns {
	const inner = { ...(context as PlanContext), captures };
	const plan = planSelect(node, inner);
	const losesJson = sortsRows(plan.root);
	const columns = lastTypes(plan).map(({ affinity, collation, collated = false }, i) => ({
		affinity,
		collation: collation === null ? null : { collation, explicit: collated },
		json: losesJson ? undefined : plan.columns[i]?.json,
	}));
	return new InnerQuery(plan, inner, columns, PLANNER);
}

function sortsRows(node: Logical): boolean {
	switch (node.op) {
		case "limit":
		case "cut":
			return sortsRows(node.input);
		case "sort":
			return !isOneRow(node.input);
		default:
			return false;
	}
}

/** Aggregates without GROUP BY: there is nothing to sort. */
function isOneRow(node: Logical): boolean {
	switch (node.op) {
		case "project":
		case "filter":
			return isOneRow(node.input);
		case "aggregate":
			return node.keys.length === 0;
		default:
			return false;
	}
}
