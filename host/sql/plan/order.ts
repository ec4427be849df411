/** ORDER BY and GROUP BY of a query: terms that name result columns by place or alias, and expressions. */

import type { Bound, BoundOrderTerm } from "../bind/bound.js";
import type { ExpressionBinder } from "../bind/expression.js";
import { isAlwaysFalse } from "../bind/literal.js";
import { orderTerm } from "../bind/order.js";
import { collationNamed, startOf, stripBrackets } from "../bind/place.js";
import { sameBound, walk } from "../bind/traverse.js";
import type { ExpressionNode, OrderTermNode } from "../parse/ast.js";
import { sqlErrorAt } from "../parse/source.js";
import type { Collation } from "../value/compare.js";
import { foldCase } from "../value/compare.js";
import { nth } from "./compound.js";
import type { PlanContext } from "./context.js";
import type { Output } from "./output.js";

/** What is more is a constant like any other. */
const MAX_ORDINAL = 2 ** 31 - 1;

/** The value of an integer literal, with signs before it: `x AND 0` is the literal 0 to SQLite, too. */
function smallInteger(expression: ExpressionNode): number | undefined {
	const node = stripBrackets(expression);
	if (isAlwaysFalse(node)) return 0;
	if (node.type === "unary" && node.operators.every((operator) => operator === "-" || operator === "+")) {
		const value = smallInteger(node.operand);
		const isNegative = node.operators.filter((operator) => operator === "-").length % 2 === 1;
		return value !== undefined && isNegative ? -value : value;
	}
	if (node.type !== "number" || !/^[0-9]+$|^0x/i.test(node.text)) return undefined;
	const value = Number(node.text);
	return value > MAX_ORDINAL ? undefined : value;
}

/** The result column that an integer literal names, or undefined where the term is no such literal. */
export function ordinal(
	expression: ExpressionNode,
	width: number,
	clause: string,
	context: PlanContext,
): number | undefined {
	const node = stripBrackets(expression);
	const position = smallInteger(node);
	if (position === undefined) return undefined;
	if (position < 1 || position > width) {
		throw sqlErrorAt(context.source, startOf(node), `${clause} term out of range - should be between 1 and ${width}`);
	}
	return position - 1;
}

export function bindGroup(
	term: ExpressionNode,
	i: number,
	outputs: readonly Output[],
	binder: ExpressionBinder,
	context: PlanContext,
): Bound {
	const position = ordinal(term, outputs.length, `${nth(i + 1)} GROUP BY`, context);
	const bound = position === undefined ? binder.bind(term) : (outputs[position] as Output).bound; // ordinal checks the range
	walk(bound, (part) => {
		if (part.kind === "aggregate") {
			throw sqlErrorAt(context.source, startOf(term), "aggregate functions are not allowed in the GROUP BY clause");
		}
		if (part.kind === "window") {
			throw sqlErrorAt(context.source, startOf(term), "window functions are not allowed in the GROUP BY clause");
		}
	});
	return bound;
}

export interface PlacedTerm extends BoundOrderTerm {
	/** The result column that the term is, or -1 for an expression of its own. */
	readonly output: number;
}

/** An ordinal, the name of a result column, or an expression; then what it stands for, under a COLLATE of the term. */
export function bindOrder(
	term: OrderTermNode,
	i: number,
	outputs: readonly Output[],
	binder: ExpressionBinder,
	context: PlanContext,
): PlacedTerm {
	let node = stripBrackets(term.expression);
	let collation: Collation | null = null;
	while (node.type === "collate") {
		collation ??= collationNamed(context.source, node.collation);
		node = stripBrackets(node.operand);
	}
	let output = ordinal(node, outputs.length, `${nth(i + 1)} ORDER BY`, context) ?? -1;
	if (output === -1 && node.type === "column" && node.table === null) {
		const name = foldCase(node.name.text);
		output = outputs.findIndex(({ alias, column }) => alias === name && column.name !== "");
	}
	const bound = output === -1 ? binder.bind(node) : (outputs[output] as Output).bound; // found above
	if (output === -1) output = outputs.findIndex((candidate) => sameBound(candidate.bound, bound));
	const options = orderTerm(term, bound);
	return { ...options, output, collation: collation ?? options.collation };
}
