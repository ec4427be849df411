/** Expressions whose text may be JSON, on their way into a JSON function: see function/json/subtype.ts. */

import type { Bound } from "../bind/bound.js";
import { jsonKindOf } from "../bind/json.js";
import type { JsonValue } from "../function/json/subtype.js";
import { asJson, asJsonContainer } from "../function/json/subtype.js";
import type { Evaluate, Layout } from "./compile.js";
import { compile, compileCase, compileCoalesce } from "./compile.js";
import type { Execution, Tuple } from "./operator.js";

export type EvaluateJson = (row: Tuple, run: Execution) => JsonValue;

export function mayBeJson(bound: Bound): boolean {
	return jsonKindOf(bound) !== undefined;
}

/** As `compile`, but that JSON stays known as such. */
export function compileJson(bound: Bound, layout: Layout): EvaluateJson {
	if (!mayBeJson(bound)) return compile(bound, layout);
	// The values go to a JSON function and nowhere else, so what passes them on may take them for any value.
	const inner = (operand: Bound) => compileJson(operand, layout) as Evaluate;
	switch (bound.kind) {
		case "call": {
			const { callWithJson } = bound.function;
			if (callWithJson === undefined) return compile(bound, layout);
			const operands = bound.arguments.map(inner);
			return (row, run) =>
				callWithJson(
					operands.map((operand) => operand(row, run)),
					run.functions,
				);
		}
		case "coalesce":
			return compileCoalesce(bound.operands.map(inner));
		case "case":
			return compileCase(bound, (operand) => compile(operand, layout), inner);
		default: {
			const value = compile(bound, layout);
			const mark = jsonKindOf(bound) === "containers" ? asJsonContainer : asJson;
			return (row, run) => mark(value(row, run));
		}
	}
}
