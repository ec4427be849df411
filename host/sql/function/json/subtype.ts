/**
 * JSON has no storage class of its own: it is TEXT. Yet `json_array(json('[1]'))` is `[[1]]`, while `json_array('[1]')`
 * is `["[1]"]`: SQLite marks the results of JSON functions with a subtype that the next function sees, and that is lost
 * when the value is stored, sorted or compared.
 *
 * Here the mark is a wrapper, `JsonText`, which goes from one call directly to the call around it and nowhere else: it
 * is no `Value`, so the executor never meets it. Only expressions that are an argument of a function with `callWithJson`
 * (or an aggregate with `takesJson`) are evaluated in the form that may give a `JsonText`:
 *
 * - a call of a function with `returnsJson`: its `callWithJson` instead of its `call`;
 * - an aggregate with `returnsJson`: `asJson` of its result;
 * - a column of a table function with `holdsJson`: `asJsonContainer` of it;
 * - CASE, coalesce, ifnull, iif and `->` (`jsonArrowWithJson`): the same about what they give;
 * - a scalar subquery that does not sort: the same about its column, as far as its value alone tells (`JsonKind`);
 * - all else as ever.
 */

import type { Value } from "../../value/value.js";

export class JsonText {
	readonly text: string;
	constructor(text: string) {
		this.text = text;
	}
}

/** Which of an expression's texts are JSON: all of them, or those of arrays and objects. */
export type JsonKind = "texts" | "containers";

/** A value on its way from one JSON function into another. */
export type JsonValue = Value | JsonText;

/** Text that is known to be JSON. */
export function asJson(value: Value): JsonValue {
	return typeof value === "string" ? new JsonText(value) : value;
}

/** Of json_each() and json_tree(): arrays and objects are JSON, strings are not, and text is all that is left to tell. */
export function asJsonContainer(value: Value): JsonValue {
	return typeof value === "string" && /^[[{]/.test(value) ? new JsonText(value) : value;
}

export function withoutJson(value: JsonValue): Value {
	return value instanceof JsonText ? value.text : value;
}
