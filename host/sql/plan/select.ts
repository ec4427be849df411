/** SELECT -> logical plan: binds every clause and puts them in SQL's order of evaluation. */

import type { Bound, BoundAggregate, BoundWindow } from "../bind/bound.js";
import { affinityOf, collationOf } from "../bind/bound.js";
import { ExpressionBinder } from "../bind/expression.js";
import { eitherJson, jsonKindOf } from "../bind/json.js";
import { startOf } from "../bind/place.js";
import { Scope } from "../bind/scope.js";
import { sameBound } from "../bind/traverse.js";
import type {
	CoreNode,
	ExpressionNode,
	LimitNode,
	OrderTermNode,
	SelectNode,
	ValuesNode,
	WindowNode,
} from "../parse/ast.js";
import { sqlErrorAt } from "../parse/source.js";
import { foldCase } from "../value/compare.js";
import { withCommon } from "./common.js";
import { compoundOrder, planCompound } from "./compound.js";
import type { PlanContext } from "./context.js";
import { planFrom } from "./from.js";
import type { Logical, LogicalSortTerm, QueryPlan } from "./logical.js";
import type { PlacedTerm } from "./order.js";
import { bindGroup, bindOrder } from "./order.js";
import type { Output } from "./output.js";
import { bindOutputs } from "./output.js";

export function planSelect(node: SelectNode, outside: PlanContext): QueryPlan {
	const context = withCommon(node.with, outside);
	let plan: QueryPlan;
	if (node.rest.length > 0) {
		plan = planCompound(node, context);
	} else if (node.first.type === "values") {
		const part = planPart(node.first, context);
		const terms = compoundOrder(node, [part], context);
		plan = terms.length === 0 ? part.plan : { ...part.plan, root: { op: "sort", input: part.plan.root, terms } };
	} else {
		plan = planCore(node.first, node.order, context).plan;
	}
	const { limit, offset } = bindLimit(node, context);
	return limit === null ? plan : { ...plan, root: { op: "limit", input: plan.root, limit, offset } };
}

export function bindLimit(
	{ limit }: { readonly limit: LimitNode | null },
	context: PlanContext,
): { readonly limit: Bound | null; readonly offset: Bound | null } {
	if (limit === null) return { limit: null, offset: null };
	const binder = new ExpressionBinder(context, new Scope([]));
	return { limit: binder.bind(limit.limit), offset: limit.offset === null ? null : binder.bind(limit.offset) };
}

/** A query without ORDER BY and LIMIT: a whole one, or a part of a compound. */
export interface PlannedPart {
	readonly plan: QueryPlan;
	/** The result column that the expression is, or -1. */
	match(expression: ExpressionNode): number;
}

export function planPart(core: CoreNode | ValuesNode, context: PlanContext): PlannedPart {
	return core.type === "values" ? planValues(core, context) : planCore(core, [], context);
}

function planValues(core: ValuesNode, context: PlanContext): PlannedPart {
	const scope = new Scope([]);
	const binder = new ExpressionBinder(context, scope);
	const width = core.rows[0]?.length ?? 0;
	const rows = core.rows.map((row) => {
		if (row.length !== width)
			throw sqlErrorAt(context.source, core.at, "all VALUES must have the same number of terms");
		return row.map((value) => binder.bind(value));
	});
	const columns = Array.from({ length: width }, (_, i) => {
		const bound = rows[0]?.[i] as Bound; // the first row has that width
		return {
			name: `column${i + 1}`,
			column: null,
			table: null,
			type: null,
			affinity: affinityOf(bound),
			collation: collationOf(bound)?.collation ?? null,
			json: eitherJson(rows.map((row) => jsonKindOf(row[i] as Bound))), // as wide as the first
		};
	});
	return { plan: { root: { op: "values", rows }, scope, columns }, match: () => -1 };
}

function planCore(core: CoreNode, orderNodes: readonly OrderTermNode[], context: PlanContext): PlannedPart {
	const { tree, scope } = planFrom(core.from, context, core.columns);
	const aggregates: BoundAggregate[] = [];
	const windows: BoundWindow[] = [];
	const namedWindows = new Map<string, WindowNode>();
	for (const { name, window } of core.windows) namedWindows.set(foldCase(name.text), window);
	const resultBinder = new ExpressionBinder(context, scope, { aggregates, windows, namedWindows });
	const outputs = bindOutputs(core.columns, scope, resultBinder, context);
	const aliases = new Map<string, Bound>();
	for (const { alias, bound } of outputs) if (alias !== null && !aliases.has(alias)) aliases.set(alias, bound);

	let root = tree;
	if (core.where !== null) {
		const condition = new ExpressionBinder(context, scope, { aliases }).bind(core.where);
		root = { op: "filter", input: root, condition };
	}
	const groupBinder = new ExpressionBinder(context, scope, { aliases });
	const keys = core.groupBy.map((term, i) => bindGroup(term, i, outputs, groupBinder, context));
	const having =
		core.having === null ? null : new ExpressionBinder(context, scope, { aggregates, aliases }).bind(core.having);
	if (having !== null && keys.length === 0 && aggregates.length === 0) {
		throw sqlErrorAt(
			context.source,
			startOf(core.having as ExpressionNode), // having is its binding
			"a GROUP BY clause is required before HAVING",
		);
	}
	const orderBinder = new ExpressionBinder(context, scope, { aggregates, windows, namedWindows, aliases });
	const order = orderNodes.map((term, i) => bindOrder(term, i, outputs, orderBinder, context));
	if (keys.length > 0 || aggregates.length > 0) {
		root = { op: "aggregate", input: root, keys, calls: aggregates };
		if (having !== null) root = { op: "filter", input: root, condition: having };
	}
	if (windows.length > 0) root = { op: "window", input: root, calls: windows };
	root = projected(root, outputs, order, core.distinct);
	const match = (expression: ExpressionNode) => {
		try {
			const bound = new ExpressionBinder(context, scope, { aggregates: [...aggregates] }).bind(expression);
			return outputs.findIndex((output) => sameBound(output.bound, bound));
		} catch {
			return -1; // names of another part
		}
	};
	return { plan: { root, scope, columns: outputs.map(({ column }) => column) }, match };
}

/** Projection, DISTINCT and ORDER BY. Sort keys that are no results are projected behind these and cut off at the end. */
function projected(
	input: Logical,
	outputs: readonly Output[],
	order: readonly PlacedTerm[],
	distinct: boolean,
): Logical {
	const columns = outputs.map((output) => output.bound);
	const terms: LogicalSortTerm[] = order.map(({ output, bound, descending, nulls, collation }) => ({
		slot: output === -1 ? columns.push(bound) - 1 : output,
		descending,
		nulls,
		collation,
	}));
	let root: Logical = { op: "project", input, columns };
	if (distinct) {
		root = {
			op: "distinct",
			input: root,
			collations: outputs.map(({ bound }) => collationOf(bound)?.collation ?? "binary"),
		};
	}
	if (terms.length > 0) root = { op: "sort", input: root, terms };
	return columns.length > outputs.length ? { op: "cut", input: root, width: outputs.length } : root;
}
