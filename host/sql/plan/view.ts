/** A view in FROM is its query. */

import type { View } from "../catalog/table.js";
import { sourceOf, sqlErrorAt } from "../parse/source.js";
import { foldCase } from "../value/compare.js";
import type { PlanContext } from "./context.js";
import { lastTypes } from "./last-part.js";
import type { QueryPlan } from "./logical.js";
import { planSelect } from "./select.js";

/** The view's text sees the catalog alone: nothing of the query that names it. */
export function viewQuery(view: View, context: PlanContext): QueryPlan {
	const { name, columns } = view;
	const views = context.views ?? [];
	const source = sourceOf(view.sql);
	if (views.includes(foldCase(name))) throw sqlErrorAt(source, 0, `view ${name} is circularly defined`);
	const inside: PlanContext = {
		...context,
		source,
		captures: undefined,
		common: undefined,
		schema: view.temporary ? undefined : "main",
		ofSchema: !view.temporary,
		views: [...views, foldCase(name)],
	};
	const plan = planSelect(view.select, inside);
	if (columns === null) return plan;
	if (columns.length !== plan.columns.length) {
		const message = `expected ${columns.length} columns for '${name}' but got ${plan.columns.length}`;
		throw sqlErrorAt(context.source, 0, message);
	}
	const types = lastTypes(plan);
	const named = plan.columns.map((column, i) => ({
		...column,
		...types[i],
		name: columns[i] as string, // as many
		innerName: undefined,
	}));
	return { ...plan, columns: named };
}
