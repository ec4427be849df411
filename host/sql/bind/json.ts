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
		case "cast": {
			const kind = bound.affinity === "text" ? jsonKindOf(bound.operand) : undefined;
			// A number that becomes a text is none, and may be among what these choose from.
			const mayBeNumber = bound.operand.kind === "case" || bound.operand.kind === "coalesce";
			return kind !== undefined && mayBeNumber ? "containers" : kind;
		}
		case "collate":
			return jsonKindOf(bound.operand);
		case "unary":
			return bound.operators.every((operator) => operator === "+") ? jsonKindOf(bound.operand) : undefined;
		case "coalesce":
			return kindOfChoice(bound.operands);
		case "case": {
			const results = bound.whens.map(({ result }) => result);
			return kindOfChoice(bound.otherwise === null ? results : [...results, bound.otherwise]);
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
function kindOfChoice(operands: readonly Bound[]): JsonKind | undefined {
	const texts = operands.filter((bound) => bound.kind !== "constant" || typeof bound.value === "string");
	return texts.length === 0 ? undefined : eitherJson(texts.map(jsonKindOf));
}
