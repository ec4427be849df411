/** UNION, INTERSECT and EXCEPT. */

import { eitherJson } from "../bind/json.js";
import { collationNamed, startOf, stripBrackets } from "../bind/place.js";
import { Scope } from "../bind/scope.js";
import type { OrderTermNode, SelectNode } from "../parse/ast.js";
import { sqlErrorAt } from "../parse/source.js";
import type { Collation } from "../value/compare.js";
import { foldCase } from "../value/compare.js";
import type { PlanContext } from "./context.js";
import type { Logical, LogicalSortTerm, QueryPlan } from "./logical.js";
import { ordinal } from "./order.js";
import type { PlannedPart } from "./select.js";
import { planPart } from "./select.js";

export function planCompound(node: SelectNode, context: PlanContext): QueryPlan {
	const parts = [node.first, ...node.rest.map(({ core }) => core)].map((core) => planPart(core, context));
	const [first, ...others] = parts as [PlannedPart, ...PlannedPart[]];
	const rest = others.map(({ plan }, i) => {
		const { operator, core } = node.rest[i] as SelectNode["rest"][number]; // as many
		if (plan.columns.length !== first.plan.columns.length) {
			const both = node.rest[i]?.core.type === "values" && node.first.type === "values";
			throw sqlErrorAt(
				context.source,
				core.at,
				both
					? "all VALUES must have the same number of terms"
					: `SELECTs to the left and right of ${operator.toUpperCase()} do not have the same number of result columns`,
			);
		}
		return { operator, plan };
	});
	let root: Logical = {
		op: "compound",
		first: first.plan,
		rest,
		collations: compoundCollations(parts.map(({ plan }) => plan)),
	};
	const terms = compoundOrder(node, parts, context);
	if (terms.length > 0) root = { op: "sort", input: root, terms };
	const keepsJson = rest.every(({ operator }) => operator === "union all");
	const columns = first.plan.columns.map((column, i) => ({
		...column,
		json: keepsJson ? eitherJson(parts.map(({ plan }) => plan.columns[i]?.json)) : undefined,
	}));
	return { root, scope: new Scope([]), columns };
}

/** Per column the first collation that a part has. */
export function compoundCollations(plans: readonly QueryPlan[]): Collation[] {
	const [first] = plans as [QueryPlan];
	return first.columns.map(
		(_, i) =>
			plans.map((plan) => plan.columns[i]?.collation ?? null).find((collation) => collation !== null) ?? "binary",
	);
}

/** ORDER BY of a compound names result columns: by place, by name, or as one of the parts wrote it. */
export function compoundOrder(
	node: SelectNode,
	parts: readonly Pick<PlannedPart, "plan" | "match">[],
	context: PlanContext,
): LogicalSortTerm[] {
	const collations = compoundCollations(parts.map(({ plan }) => plan));
	return node.order.map((term, i) => {
		let expression = stripBrackets(term.expression);
		let collation: Collation | null = null;
		while (expression.type === "collate") {
			collation ??= collationNamed(context.source, expression.collation);
			expression = stripBrackets(expression.operand);
		}
		const width = parts[0]?.plan.columns.length ?? 0;
		const slot = ordinal(expression, width, `${nth(i + 1)} ORDER BY`, context) ?? slotOf(expression, parts);
		if (slot === -1) {
			throw sqlErrorAt(
				context.source,
				startOf(term.expression),
				`${nth(i + 1)} ORDER BY term does not match any column in the result set`,
			);
		}
		return { ...direction(term), slot, collation: collation ?? collations[slot] ?? "binary" };
	});
}

function slotOf(
	expression: OrderTermNode["expression"],
	parts: readonly Pick<PlannedPart, "plan" | "match">[],
): number {
	for (const { plan, match } of parts) {
		if (expression.type === "column" && expression.table === null) {
			const name = foldCase(expression.name.text);
			const named = plan.columns.findIndex((column) => foldCase(column.name) === name);
			if (named !== -1) return named;
		}
		const matched = match(expression);
		if (matched !== -1) return matched;
	}
	return -1;
}

function direction(term: OrderTermNode): Pick<LogicalSortTerm, "descending" | "nulls"> {
	return { descending: term.descending, nulls: term.nulls ?? (term.descending ? "last" : "first") };
}

export function nth(count: number): string {
	const tail = count % 100 >= 11 && count % 100 <= 13 ? "th" : (["th", "st", "nd", "rd"][count % 10] ?? "th");
	return `${count}${tail}`;
}
