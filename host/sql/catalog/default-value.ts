/** Defaults that are literals: what rows have that are older than the column. */

import { blobLiteral, isLeastInteger, LEAST_INTEGER, numberLiteral } from "../bind/literal.js";
import type { ExpressionNode } from "../parse/ast.js";
import type { Source } from "../parse/source.js";
import { negate } from "../value/arithmetic.js";
import type { Value } from "../value/value.js";

/** The literal's value, or undefined where the expression is none. */
export function literalValue(node: ExpressionNode, source: Source): Value | undefined {
	switch (node.type) {
		case "number":
			return numberLiteral(node, source);
		case "string":
			return node.value;
		case "blob":
			return blobLiteral(node.hex);
		case "null":
			return null;
		case "bracket":
			return literalValue(node.operand, source);
		case "column":
			if (node.table === null && node.name.quote === "" && /^(true|false)$/i.test(node.name.text))
				return /^true$/i.test(node.name.text) ? 1 : 0;
			return undefined;
		case "unary": {
			const signs = [...node.operators];
			if (signs.some((sign) => sign !== "-" && sign !== "+")) return undefined;
			let value =
				isLeastInteger(node.operand) && signs.pop() === "-" ? LEAST_INTEGER : literalValue(node.operand, source);
			for (const sign of signs) if (sign === "-" && value !== undefined) value = negate(value);
			return value;
		}
		default:
			return undefined;
	}
}
