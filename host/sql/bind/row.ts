/** Row values and queries inside expressions: scalar, EXISTS, IN. */

import type { ChainStep, ExpressionNode, SelectNode } from "../parse/ast.js";
import { selectStar, wholeQuery } from "../parse/select-node.js";
import type { Bound, CompareOperator, Subquery } from "./bound.js";
import { compareBound, comparison } from "./bound.js";
import type { ExpressionBinder, PlannedColumns } from "./expression.js";
import { startOf } from "./place.js";
import { Captures } from "./scope.js";

interface PlannedSubquery {
	readonly subquery: Subquery;
	readonly columns: PlannedColumns["columns"];
}

function plan(binder: ExpressionBinder, select: SelectNode, at: number): PlannedSubquery {
	const { planSubquery } = binder.context;
	if (planSubquery === undefined) throw binder.error(at, "subqueries prohibited in this place");
	const captures = new Captures(binder);
	const planned = planSubquery(select, captures, binder.context);
	return { subquery: { captures: captures.list, query: planned, id: {} }, columns: planned.columns };
}

function columnsOf({ subquery, columns }: PlannedSubquery): (Bound & { kind: "subquery" })[] {
	return columns.map(({ affinity, collation, json }, column) => ({
		kind: "subquery",
		subquery,
		column,
		affinity,
		collation,
		json,
	}));
}

export function bindScalarQuery(binder: ExpressionBinder, node: ExpressionNode & { type: "subquery" }): Bound {
	const columns = columnsOf(plan(binder, node.select, node.at));
	const [only] = columns;
	if (only === undefined || columns.length > 1) {
		throw binder.error(node.at, `sub-select returns ${columns.length} columns - expected 1`);
	}
	return { ...only, collation: null };
}

export function bindExists(binder: ExpressionBinder, node: ExpressionNode & { type: "exists" }): Bound {
	const { subquery } = plan(binder, node.select, node.at);
	return { kind: "exists", subquery, negated: node.negated };
}

/** How many columns a query's text says it has; undefined where a `*` hides it. */
function widthOf(select: SelectNode): number | undefined {
	const { first } = select;
	if (first.type === "values") return first.rows[0]?.length;
	return first.columns.some((column) => column.type === "star") ? undefined : first.columns.length;
}

/** Whether the expression stands for several values. */
export function isRowNode(node: ExpressionNode): boolean {
	if (node.type === "row") return true;
	return node.type === "subquery" && (widthOf(node.select) ?? 1) > 1;
}

export function bindRow(binder: ExpressionBinder, node: ExpressionNode): Bound[] {
	if (node.type === "row") return node.items.map((item) => binder.bind(item));
	if (node.type === "subquery") return columnsOf(plan(binder, node.select, node.at));
	return [binder.bind(node)];
}

const COMPARISONS: ReadonlySet<string> = new Set(["=", "<>", "<", "<=", ">", ">=", "is", "is not"]);

type ComparisonStep = { readonly operator: CompareOperator; readonly right: ExpressionNode };

export function isComparison(step: ChainStep): step is ChainStep & ComparisonStep {
	return COMPARISONS.has(step.operator);
}

/** `(a, b) < (c, d)` as comparisons of the columns, from left to right. */
export function compareRows(operator: CompareOperator, left: readonly Bound[], right: readonly Bound[]): Bound {
	const pair = (kind: CompareOperator, i: number) => compareBound(kind, left[i] as Bound, right[i] as Bound); // same length
	const all = (kind: CompareOperator, count: number) => Array.from({ length: count }, (_, i) => pair(kind, i));
	switch (operator) {
		case "=":
		case "is":
			return { kind: "and", operands: all(operator, left.length) };
		case "<>":
		case "is not":
			return { kind: "or", operands: all(operator, left.length) };
		default: {
			// The first difference decides: less in one column after equals in all before it.
			const strict = operator === "<" || operator === "<=" ? "<" : ">";
			const last = left.length - 1;
			const operands = left.map((_, i): Bound => {
				const here = pair(i === last ? operator : strict, i);
				return i === 0 ? here : { kind: "and", operands: [...all("=", i), here] };
			});
			return { kind: "or", operands };
		}
	}
}

export function bindInQuery(
	binder: ExpressionBinder,
	operands: readonly Bound[],
	step: Extract<ChainStep, { operator: "inQuery" }>,
): Bound {
	const planned = plan(binder, step.select, step.at);
	if (planned.columns.length !== operands.length) {
		throw binder.error(step.at, `sub-select returns ${planned.columns.length} columns - expected ${operands.length}`);
	}
	const columns = columnsOf(planned);
	return {
		kind: "inQuery",
		operands,
		subquery: planned.subquery,
		// As `operand = column` would compare them where the query stands.
		comparisons: operands.map((operand, i) => comparison(operand, columns[i] as Bound)), // same length
		negated: step.negated,
	};
}

/** `(a, b) IN ((1, 2), (3, 4))` is `(a, b) IN (VALUES (1, 2), (3, 4))`. */
function bindInRows(
	binder: ExpressionBinder,
	operands: readonly Bound[],
	step: Extract<ChainStep, { operator: "inList" }>,
): Bound {
	const { list, at, negated } = step;
	if (list.length === 0) return { kind: "constant", value: negated ? 1 : 0 };
	const rows = list.map((item) => {
		const length = item.type === "row" ? item.items.length : 1;
		if (item.type === "row" && length === operands.length) return item.items;
		throw binder.error(at, `IN(...) element has ${counted(length)} - expected ${operands.length}`);
	});
	const select = wholeQuery({ type: "values", rows, at }, at);
	return bindInQuery(binder, operands, { operator: "inQuery", select, negated, at });
}

function counted(terms: number): string {
	return terms === 1 ? "1 term" : `${terms} terms`;
}

/** `x IN t` is `x IN (SELECT * FROM t)`. */
export function bindInTable(
	binder: ExpressionBinder,
	operands: readonly Bound[],
	step: Extract<ChainStep, { operator: "inTable" }>,
): Bound {
	const { table, at, negated } = step;
	const source = { type: "table", name: table, arguments: null, alias: null, indexed: null, at } as const;
	const select = selectStar({ first: source, joins: [] }, at);
	return bindInQuery(binder, operands, { operator: "inQuery", select, negated, at });
}

/** A row value can be compared and looked for, nothing else. */
export function bindRowStep(
	binder: ExpressionBinder,
	left: readonly Bound[],
	step: ChainStep,
	first: ExpressionNode,
): Bound {
	if (isComparison(step)) {
		const right = bindRow(binder, step.right);
		if (right.length !== left.length) throw binder.error(startOf(step.right), "row value misused");
		return compareRows(step.operator, left, right);
	}
	switch (step.operator) {
		case "between": {
			const ends = [bindRow(binder, step.low), bindRow(binder, step.high)] as const;
			if (ends.some((end) => end.length !== left.length)) throw binder.error(startOf(first), "row value misused");
			const within: Bound = {
				kind: "and",
				operands: [compareRows(">=", left, ends[0]), compareRows("<=", left, ends[1])],
			};
			return step.negated ? { kind: "unary", operators: ["not"], operand: within } : within;
		}
		case "inList":
			return bindInRows(binder, left, step);
		case "inQuery":
			return bindInQuery(binder, left, step);
		case "inTable":
			return bindInTable(binder, left, step);
		default:
			throw binder.error(startOf(first), "row value misused");
	}
}
