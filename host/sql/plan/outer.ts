/** Outer joins whose added rows of NULLs a condition refuses anyway are inner joins. */

import type { Bound } from "../bind/bound.js";
import { operandsOf, sourcesOf } from "../bind/traverse.js";
import type { Logical } from "./logical.js";
import { tablesOf } from "./logical.js";

/** Whether the condition cannot hold where all columns of these tables are NULL. */
function refusesNulls(bound: Bound, tables: ReadonlySet<number>): boolean {
	switch (bound.kind) {
		case "compare":
			if (bound.operator === "is" || bound.operator === "is not") return false;
			return isNullWith(bound.left, tables) || isNullWith(bound.right, tables);
		case "between":
			return !bound.negated && isNullWith(bound.operand, tables);
		case "in":
			return bound.list.length > 0 && isNullWith(bound.operand, tables);
		case "pattern":
			return isNullWith(bound.operand, tables);
		case "isNull":
			return bound.negated && isNullWith(bound.operand, tables);
		case "and":
			return bound.operands.some((operand) => refusesNulls(operand, tables));
		case "or":
			return bound.operands.every((operand) => refusesNulls(operand, tables));
		default:
			return isNullWith(bound, tables);
	}
}

/** Whether the expression is NULL where all columns of these tables are. */
function isNullWith(bound: Bound, tables: ReadonlySet<number>): boolean {
	switch (bound.kind) {
		case "column":
			return tables.has(bound.source);
		case "collate":
		case "cast":
			return isNullWith(bound.operand, tables);
		case "unary":
			return isNullWith(bound.operand, tables);
		case "arithmetic":
		case "compare":
			if (bound.kind === "compare" && (bound.operator === "is" || bound.operator === "is not")) return false;
			return operandsOf(bound).some((operand) => isNullWith(operand, tables));
		default:
			return false;
	}
}

export function withoutNullRows(node: Logical, conjuncts: readonly Bound[]): Logical {
	if (node.op !== "join") return node;
	const left = tablesOf(node.left);
	const right = tablesOf(node.right);
	const refuses = (side: ReadonlySet<number>) =>
		conjuncts.some((bound) => [...sourcesOf(bound)].some((source) => side.has(source)) && refusesNulls(bound, side));
	let { kind } = node;
	if ((kind === "left" || kind === "full") && refuses(right)) kind = kind === "left" ? "inner" : "right";
	if ((kind === "right" || kind === "full") && refuses(left)) kind = kind === "right" ? "inner" : "left";
	return {
		...node,
		kind,
		left: withoutNullRows(node.left, conjuncts),
		right: withoutNullRows(node.right, conjuncts),
	};
}
