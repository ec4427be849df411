/** A view in FROM is its query. */

import type { View } from "../catalog/table.js";
import { sourceOf, sqlErrorAt } from "../parse/source.js";
import { foldCase } from "../value/compare.js";
import type { PlanContext } from "./context.js";
import { lastTypes } from "./last-part.js";
import type { QueryPlan, ResultColumn } from "./logical.js";
import { planSelect } from "./select.js";

/** The view's text sees the catalog alone: nothing of the query that names it. */
export function viewQuery(view: View, context: PlanContext): QueryPlan {
	const { name, columns } = view;
	const plan = ownQuery(view, context);
	if (columns === null) return plan;
	if (columns.length !== plan.columns.length) {
		const message = `expected ${columns.length} columns for '${name}' but got ${plan.columns.length}`;
		throw sqlErrorAt(context.source, 0, message);
	}
	return { ...plan, columns: namedColumns(columns, plan) };
}

/** What the schema and triggers know of a column. */
export type ViewColumn = Pick<ResultColumn, "name" | "type" | "affinity" | "collation">;

/** As the schema shows them: where the view names more or fewer than its query has, that is an error once rows are wanted. */
export function viewColumns(view: View, context: PlanContext): readonly ViewColumn[] {
	const { columns } = view;
	const plan = ownQuery(view, context);
	if (columns === null) return plan.columns;
	if (columns.length !== plan.columns.length)
		return columns.map((name) => ({ name, type: null, affinity: null, collation: null }));
	return namedColumns(columns, plan);
}

function namedColumns(names: readonly string[], plan: QueryPlan): ResultColumn[] {
	const types = lastTypes(plan);
	return plan.columns.map((column, i) => ({
		...column,
		...types[i],
		name: names[i] as string, // as many
		innerName: undefined,
	}));
}

function ownQuery({ name, select, sql, temporary }: View, context: PlanContext): QueryPlan {
	const views = context.views ?? [];
	const source = sourceOf(sql);
	if (views.includes(foldCase(name))) throw sqlErrorAt(source, 0, `view ${name} is circularly defined`);
	const inside: PlanContext = {
		...context,
		source,
		captures: undefined,
		common: undefined,
		schema: temporary ? undefined : "main",
		ofSchema: !temporary,
		views: [...views, foldCase(name)],
	};
	return planSelect(select, inside);
}
