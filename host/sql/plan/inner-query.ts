/** A query inside an expression: as a plan that can become part of the plan around it, and as something that runs by itself. */

import type { PlannedColumns } from "../bind/expression.js";
import type { Scope } from "../bind/scope.js";
import type { Operator } from "../execute/operator.js";
import type { PlanContext } from "./context.js";
import type { Logical, QueryPlan } from "./logical.js";

const NO_TYPE: PlannedColumns["columns"][number] = { affinity: null, collation: null, json: undefined };

/** What makes something that runs of plans. */
export interface InnerPlanner {
	build(root: Logical, scope: Scope, context: PlanContext): Operator;
	expectedRows(plan: QueryPlan, context: PlanContext): number | undefined;
}

export class InnerQuery implements PlannedColumns {
	readonly plan: QueryPlan;
	readonly context: PlanContext;
	readonly columns: PlannedColumns["columns"];
	readonly #planner: InnerPlanner;
	#operator: Operator | undefined;
	#expectedRows: number | undefined;

	constructor(plan: QueryPlan, context: PlanContext, columns: PlannedColumns["columns"], planner: InnerPlanner) {
		this.plan = plan;
		this.context = context;
		this.columns = columns;
		this.#planner = planner;
	}

	get width(): number {
		return this.columns.length;
	}

	/** For each row around it; made at first need, as it may become part of a join instead. */
	get operator(): Operator {
		this.#operator ??= this.#planner.build(this.plan.root, this.plan.scope, this.context);
		return this.#operator;
	}

	/** Undefined where nothing is known of it. */
	get expectedRows(): number | undefined {
		this.#expectedRows ??= this.#planner.expectedRows(this.plan, this.context) ?? Number.NaN;
		return Number.isNaN(this.#expectedRows) ? undefined : this.#expectedRows;
	}

	/** Another query over its tables, of one column, that takes nothing from the row around it. */
	yielding(root: Logical, context: PlanContext): InnerQuery {
		const { scope, columns } = this.plan;
		const around = { ...this.context, captures: context.captures };
		return new InnerQuery({ root, scope, columns }, around, [NO_TYPE], this.#planner);
	}

	/** Something else over the tables of the query, as a part of a query in that context. */
	build(root: Logical, { captures }: PlanContext): Operator {
		return this.#planner.build(root, this.plan.scope, { ...this.context, captures });
	}
}
