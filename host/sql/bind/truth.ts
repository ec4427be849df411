/** TRUE and FALSE, and what SQLite takes for them: `x IN ()` is FALSE and `x NOT IN ()` is TRUE, whatever x is. */

import type { ChainStep, ColumnNode, ExpressionNode } from "../parse/ast.js";
import { foldCase } from "../value/compare.js";
import type { Bound } from "./bound.js";
import { comparison } from "./bound.js";
import type { ExpressionBinder } from "./expression.js";
import { stripBrackets } from "./place.js";

/** The last step of a chain that is one of them, and its value; what stands before it is not looked at. */
export function lastTruth(steps: readonly ChainStep[]): { readonly at: number; readonly value: 0 | 1 } | undefined {
	const at = steps.findLastIndex((step) => step.operator === "inList" && step.list.length === 0);
	const step = steps[at];
	return step?.operator === "inList" ? { at, value: step.negated ? 1 : 0 } : undefined;
}

/** Null where the expression is neither. */
export function truthOf(binder: ExpressionBinder, node: ExpressionNode): boolean | null {
	let inner = stripBrackets(node);
	while (inner.type === "collate") inner = stripBrackets(inner.operand);
	if (inner.type === "column") return truthName(binder, inner);
	const truth = inner.type === "chain" ? lastTruth(inner.rest) : undefined;
	return inner.type === "chain" && truth?.at === inner.rest.length - 1 ? truth.value === 1 : null;
}

function truthName(binder: ExpressionBinder, { name, table }: ColumnNode): boolean | null {
	if (table !== null || name.quote !== "" || binder.resolve(null, name.text) !== "absent") return null;
	const word = foldCase(name.text);
	return word === "true" ? true : word === "false" ? false : null;
}

/** `x IS TRUE` and the like. */
export function truthTest(operand: Bound, truth: boolean, negated: boolean): Bound {
	const test: Bound = truth ? operand : { kind: "unary", operators: ["not"], operand };
	return {
		kind: "case",
		base: null,
		whens: [{ when: test, result: { kind: "constant", value: negated ? 0 : 1 }, matches: comparison(test, test) }],
		otherwise: { kind: "constant", value: negated ? 1 : 0 },
	};
}
