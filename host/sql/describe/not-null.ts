/** What a condition that holds says about NULLs. */

import type { Bound } from "../bind/bound.js";
import { operandsOf } from "../bind/traverse.js";
import type { NameBound } from "./environment.js";
import { signatureOf } from "./signatures.js";

/** The names that are not NULL where the condition is true. */
export function notNullWhere(condition: Bound): NameBound[] {
	switch (condition.kind) {
		case "and":
			return condition.operands.flatMap(notNullWhere);
		case "or": {
			const [first = [], ...others] = condition.operands.map(notNullWhere);
			return first.filter((name) => others.every((names) => names.some((other) => sameName(name, other))));
		}
		case "compare":
			if (condition.operator !== "is" && condition.operator !== "is not") return notNullIn(condition);
			if (condition.operator === "is not") return [];
			if (isValue(condition.right)) return notNullIn(condition.left);
			return isValue(condition.left) ? notNullIn(condition.right) : [];
		case "between":
			// NULL at one end may still make NOT BETWEEN true.
			return [condition.operand, ...(condition.negated ? [] : [condition.low, condition.high])].flatMap(notNullIn);
		case "in":
			return condition.list.length > 0 ? notNullIn(condition.operand) : [];
		case "inQuery":
			// NOT IN an empty query is true of NULL, too.
			return condition.negated ? [] : condition.operands.flatMap(notNullIn);
		case "isNull":
			return condition.negated ? notNullIn(condition.operand) : [];
		case "unary":
			if (condition.operators.length === 1 && condition.operators[0] === "not") return notNullUnless(condition.operand);
			return notNullIn(condition);
		default:
			return notNullIn(condition);
	}
}

/** The names that are not NULL where the condition is false. */
function notNullUnless(condition: Bound): NameBound[] {
	switch (condition.kind) {
		case "isNull":
			return condition.negated ? [] : notNullIn(condition.operand);
		case "or":
			return condition.operands.flatMap(notNullUnless);
		default:
			return notNullIn(condition);
	}
}

/** The names that make NULL of the expression where they are NULL. */
function notNullIn(bound: Bound): NameBound[] {
	switch (bound.kind) {
		case "column":
		case "aggregate":
		case "outer":
			return [bound];
		case "unary":
		case "collate":
		case "cast":
			return notNullIn(bound.operand);
		case "arithmetic":
			return operandsOf(bound).flatMap(notNullIn);
		case "compare":
			return bound.operator === "is" || bound.operator === "is not" ? [] : operandsOf(bound).flatMap(notNullIn);
		case "pattern":
			return [bound.operand, bound.pattern].flatMap(notNullIn);
		case "in":
			return bound.list.length > 0 ? notNullIn(bound.operand) : [];
		case "call":
			return signatureOf(bound.function).strict ? bound.arguments.flatMap(notNullIn) : [];
		default:
			return [];
	}
}

function isValue(bound: Bound): boolean {
	return bound.kind === "constant" && bound.value !== null;
}

function sameName(a: NameBound, b: NameBound): boolean {
	if (a.kind === "column") return b.kind === "column" && a.source === b.source && a.column === b.column;
	return a.kind === b.kind && a.index === (b as typeof a).index;
}
