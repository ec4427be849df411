/** LIKE, GLOB, REGEXP and MATCH: `x LIKE y` is the call like(y, x), and so on. */

import { CASE_SENSITIVE_LIKE, GLOB, LIKE } from "../function/scalar.js";
import type { ChainStep, PatternOperator } from "../parse/ast.js";
import type { Bound } from "./bound.js";
import type { ExpressionBinder } from "./expression.js";

export function bindPattern(
	binder: ExpressionBinder,
	operand: Bound,
	step: Extract<ChainStep, { operator: PatternOperator }>,
): Bound {
	const { operator, negated, at } = step;
	const pattern = binder.bind(step.pattern);
	const escaping = step.escape === null ? null : binder.bind(step.escape);
	const operands = escaping === null ? [pattern, operand] : [pattern, operand, escaping];
	const called = binder.context.functions.scalar(operator, operands.length);
	if (called === undefined) {
		const known = binder.context.functions.hasName(operator);
		throw binder.error(
			at,
			known ? `wrong number of arguments to function ${operator}()` : `no such function: ${operator.toUpperCase()}`,
		);
	}
	const isLike = called === LIKE || called === CASE_SENSITIVE_LIKE;
	if (isLike || called === GLOB) {
		const likeCase = called === CASE_SENSITIVE_LIKE ? "exact" : "folded";
		return {
			kind: "pattern",
			operator: isLike ? "like" : "glob",
			likeCase,
			operand,
			pattern,
			escape: escaping,
			negated,
		};
	}
	const call: Bound = { kind: "call", function: called, arguments: operands, collation: "binary" };
	return negated ? { kind: "unary", operators: ["not"], operand: call } : call;
}
