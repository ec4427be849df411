/** What is JSON among the texts that an expression gives: see function/json/subtype.ts. */

import type { JsonKind } from "../function/json/subtype.js";
import type { Bound } from "./bound.js";

/** Undefined where a JSON function that gets the expression's value sees plain text. */
export function jsonKindOf(bound: Bound): JsonKind | undefined {
	switch (bound.kind) {
		case "call":
			return bound.function.returnsJson;
		case "aggregate":
		case "window":
			return bound.json === true ? "texts" : undefined;
		case "column":
			return bound.json === true ? "containers" : undefined;
		case "subquery":
			return bound.json;
		// What changes nothing about a text leaves it JSON.
		case "cast":
			return bound.affinity === "text" ? jsonKindOf(bound.operand) : undefined;
		case "collate":
			return jsonKindOf(bound.operand);
		case "unary":
			return bound.operators.every((operator) => operator === "+") ? jsonKindOf(bound.operand) : undefined;
		case "coalesce":
			return eitherJson(bound.operands.map(jsonKindOfValue));
		case "case": {
			const results = bound.whens.map(({ result }) => result);
			return eitherJson((bound.otherwise === null ? results : [...results, bound.otherwise]).map(jsonKindOfValue));
		}
		default:
			return undefined;
	}
}

/** What holds of the value of one of several expressions. */
export function eitherJson(kinds: readonly (JsonKind | undefined)[]): JsonKind | undefined {
	if (kinds.every((kind) => kind === "texts")) return "texts";
	return kinds.some((kind) => kind !== undefined) ? "containers" : undefined;
}

/** A constant that is no text takes no part in what texts are. */
function jsonKindOfValue(bound: Bound): JsonKind | undefined {
	return bound.kind === "constant" && typeof bound.value !== "string" ? "texts" : jsonKindOf(bound);
}
