/** Where in its text an expression stands, and errors about what is written there. */

import { WlsmError } from "../../errors.js";
import type { ExpressionNode, NameNode } from "../parse/ast.js";
import type { Source } from "../parse/source.js";
import { sqlErrorAt } from "../parse/source.js";
import type { Collation } from "../value/compare.js";
import { foldCase } from "../value/compare.js";

export function unsupported(source: Source, at: number, feature: string): WlsmError {
	const { message, line, column } = sqlErrorAt(source, at, `not supported yet: ${feature}`);
	return new WlsmError("WLSM_UNSUPPORTED", message, { ...(line && { line }), ...(column && { column }) });
}

export function collationNamed(source: Source, name: NameNode): Collation {
	const folded = foldCase(name.text);
	if (folded === "binary" || folded === "nocase" || folded === "rtrim") return folded;
	throw sqlErrorAt(source, name.at, `no such collation sequence: ${name.text}`);
}

/** Where the text of an expression begins. */
export function startOf(expression: ExpressionNode): number {
	let node = expression;
	for (;;) {
		switch (node.type) {
			case "chain":
				node = node.first;
				break;
			case "and":
			case "or":
				if (node.operands[0] === undefined) return 0;
				node = node.operands[0];
				break;
			case "collate":
			case "bracket":
				node = node.operand;
				break;
			default:
				return node.at;
		}
	}
}

export function stripBrackets(node: ExpressionNode): ExpressionNode {
	let inner = node;
	while (inner.type === "bracket") inner = inner.operand;
	return inner;
}
