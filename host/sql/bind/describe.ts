/** Bound expressions as text for EXPLAIN. */

import { hexText } from "../value/compare.js";
import { numberText } from "../value/text.js";
import type { Value } from "../value/value.js";
import type { Bound } from "./bound.js";

const MAX_TEXT = 120;

export type NameOf = (source: number, column: number) => string;

export function describeBound(bound: Bound, name: NameOf): string {
	const text = write(bound, name);
	return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text;
}

function valueText(value: Value): string {
	if (value === null) return "NULL";
	if (typeof value === "string") return `'${value.replaceAll("'", "''")}'`;
	return value instanceof Uint8Array ? `x'${hexText(value.subarray(0, 16))}'` : numberText(value);
}

/** Enough of a list for one line. */
function list(operands: readonly Bound[], separator: string, name: NameOf): string {
	const shown = operands.slice(0, 8).map((operand) => write(operand, name));
	return shown.join(separator) + (operands.length > 8 ? `${separator}…` : "");
}

function write(bound: Bound, name: NameOf): string {
	const inner = (operand: Bound) => {
		const text = write(operand, name);
		return /^(and|or|arithmetic|compare|in|between|pattern|isNull)$/.test(operand.kind) ? `(${text})` : text;
	};
	switch (bound.kind) {
		case "constant":
			return valueText(bound.value);
		case "parameter":
			return `?${bound.index + 1}`;
		case "column":
			return name(bound.source, bound.column);
		case "slot":
			return `#${bound.slot + 1}`;
		case "aggregate":
			return `aggregate ${bound.index + 1}`;
		case "window":
			return `window ${bound.index + 1}`;
		case "outer":
			return `outer ${bound.index + 1}`;
		case "subquery":
			return "(SELECT …)";
		case "exists":
			return `${bound.negated ? "NOT " : ""}EXISTS (SELECT …)`;
		case "inQuery": {
			const operands = list(bound.operands, ", ", name);
			return `${bound.operands.length > 1 ? `(${operands})` : operands}${bound.negated ? " NOT" : ""} IN (SELECT …)`;
		}
		case "raise":
			return "RAISE(…)";
		case "unary":
			return (
				bound.operators
					.slice(0, 8)
					.map((operator) => (operator === "not" ? "NOT " : operator))
					.join("") + inner(bound.operand)
			);
		case "and":
			return list(bound.operands, " AND ", name);
		case "or":
			return list(bound.operands, " OR ", name);
		case "coalesce":
			return `coalesce(${list(bound.operands, ", ", name)})`;
		case "arithmetic": {
			const steps = bound.rest.slice(0, 8).map((step) => ` ${step.operator} ${inner(step.operand)}`);
			return inner(bound.first) + steps.join("") + (bound.rest.length > 8 ? " …" : "");
		}
		case "compare":
			return `${inner(bound.left)} ${bound.operator.toUpperCase()} ${inner(bound.right)}`;
		case "in":
			return `${inner(bound.operand)}${bound.negated ? " NOT" : ""} IN (${list(bound.list, ", ", name)})`;
		case "isNull":
			return `${inner(bound.operand)} IS ${bound.negated ? "NOT " : ""}NULL`;
		case "pattern":
			return `${inner(bound.operand)} ${bound.negated ? "NOT " : ""}${bound.operator.toUpperCase()} ${inner(bound.pattern)}`;
		case "between":
			return `${inner(bound.operand)}${bound.negated ? " NOT" : ""} BETWEEN ${inner(bound.low)} AND ${inner(bound.high)}`;
		case "case":
			return "CASE … END";
		case "cast":
			return `CAST(${write(bound.operand, name)} AS ${bound.affinity.toUpperCase()})`;
		case "collate":
			return `${inner(bound.operand)} COLLATE ${bound.collation.toUpperCase()}`;
		case "call":
			return `${bound.function.name}(${list(bound.arguments, ", ", name)})`;
	}
}
