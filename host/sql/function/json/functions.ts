/** The scalar JSON functions and the operators `->` and `->>`. */

import { sqlError } from "../../parse/source.js";
import { beforeNul } from "../../value/text.js";
import type { Value } from "../../value/value.js";
import { define, type FunctionContext, type ScalarFunction } from "../definition.js";
import { changed, patched, removed } from "./change.js";
import type { JsonNode } from "./node.js";
import { parseJson, parseJsonOrFail } from "./parse.js";
import { findNode } from "./path.js";
import type { JsonKind, JsonValue } from "./subtype.js";
import { JsonText, withoutJson } from "./subtype.js";
import { textOf } from "./text-of.js";
import { jsonOfNode, jsonOfValue, jsonString, valueOfNode } from "./write.js";

type Body = (values: readonly JsonValue[], context: FunctionContext) => JsonValue;

function parse(text: string, context: FunctionContext): JsonNode {
	return context.jsonCache === undefined ? parseJsonOrFail(text) : context.jsonCache.parse(text);
}

/** The node that the first argument and the path in the second stand for; null where there is none. */
function nodeAt(values: readonly JsonValue[], context: FunctionContext): JsonNode | null {
	const text = textOf(values[0]);
	if (text === null) return null;
	const root = parse(text, context);
	if (values.length === 1) return root;
	const path = textOf(values[1]);
	return path === null ? null : (findNode(root, path)?.node ?? null);
}

function extract(values: readonly JsonValue[], context: FunctionContext): JsonValue {
	if (values.length < 2) return null;
	const text = textOf(values[0]);
	if (text === null) return null;
	if (values.length === 2) {
		const node = nodeAt(values, context);
		return node === null ? null : valueOfNode(node);
	}
	const root = parse(text, context);
	const parts = values.slice(1).map((value) => {
		const path = textOf(value);
		const found = path === null ? null : findNode(root, path);
		return found === null ? "null" : jsonOfNode(found.node);
	});
	return new JsonText(`[${parts.join(",")}]`);
}

/** What the operators take for a path: besides paths, indexes and labels as they are. */
function arrowNode(value: Value, path: Value, context: FunctionContext): JsonNode | null {
	const text = textOf(value);
	if (text === null) return null;
	const root = parse(text, context);
	const pathText = textOf(path);
	if (pathText === null) return null;
	const written = beforeNul(pathText);
	const full = written.startsWith("$")
		? written
		: /^[0-9]/.test(written)
			? `$[${written}]`
			: written.startsWith("[")
				? `$${written}`
				: `$.${written}`;
	return findNode(root, full)?.node ?? null;
}

/** `value -> path` as an argument of a JSON function. */
export function jsonArrowWithJson(value: Value, path: Value, context: FunctionContext): JsonValue {
	const node = arrowNode(value, path, context);
	return node === null ? null : new JsonText(jsonOfNode(node));
}

/** `value -> path`: the part as JSON. */
export function jsonArrow(value: Value, path: Value, context: FunctionContext): Value {
	const node = arrowNode(value, path, context);
	return node === null ? null : jsonOfNode(node);
}

/** `value ->> path`: the part as SQL sees it. */
export function jsonArrowText(value: Value, path: Value, context: FunctionContext): Value {
	const node = arrowNode(value, path, context);
	return node === null ? null : withoutJson(valueOfNode(node));
}

/** The operators, as functions of two arguments. */
export const ARROW: ScalarFunction = {
	...define("->", 2, 2, ([value = null, path = null], context) => jsonArrow(value, path, context)),
	callWithJson: ([value = null, path = null], context) =>
		jsonArrowWithJson(withoutJson(value), withoutJson(path), context),
	returnsJson: "texts",
};

export const ARROW_TEXT: ScalarFunction = define("->>", 2, 2, ([value = null, path = null], context) =>
	jsonArrowText(value, path, context),
);

function array(values: readonly JsonValue[]): JsonValue {
	return new JsonText(`[${values.map(jsonOfValue).join(",")}]`);
}

function object(values: readonly JsonValue[]): JsonValue {
	if (values.length % 2 === 1) throw sqlError("json_object() requires an even number of arguments");
	const labels = values.filter((_, i) => i % 2 === 0).map(withoutJson);
	if (labels.some((label) => typeof label !== "string")) throw sqlError("json_object() labels must be TEXT");
	let text = "{";
	for (let i = 0; i < values.length; i += 2) {
		if (i > 0) text += ",";
		text += `${jsonString(labels[i / 2] as string)}:${jsonOfValue(values[i + 1] as JsonValue)}`; // an even number of them
	}
	return new JsonText(`${text}}`);
}

function arrayLength(values: readonly JsonValue[], context: FunctionContext): JsonValue {
	return nodeAt(values, context)?.items.length ?? null;
}

function isValid(values: readonly JsonValue[]): JsonValue {
	const text = textOf(values[0]);
	return text !== null && parseJson(text) !== null ? 1 : 0;
}

const NO_TEXT: readonly (readonly [name: string, minimum: number, maximum: number, body: Body])[] = [
	["json_array_length", 1, 2, arrayLength],
	["json_type", 1, 2, (values, context) => nodeAt(values, context)?.type ?? null],
	["json_valid", 1, 1, isValid],
];

const JSON_TEXT: typeof NO_TEXT = [
	["json", 1, 1, removed],
	["json_array", 0, Infinity, array],
	["json_insert", 0, Infinity, (values) => changed("insert", values)],
	["json_object", 0, Infinity, object],
	["json_patch", 2, 2, ([target = null, patch = null]) => patched(withoutJson(target), withoutJson(patch))],
	["json_quote", 1, 1, ([value = null]) => new JsonText(jsonOfValue(value))],
	["json_remove", 0, Infinity, removed],
];

/** Strings come out of them as SQL's, arrays and objects as JSON; what is set in the place of the whole comes out as it is. */
const CONTAINERS: typeof NO_TEXT = [
	["json_extract", 0, Infinity, extract],
	["json_replace", 0, Infinity, (values) => changed("replace", values)],
	["json_set", 0, Infinity, (values) => changed("set", values)],
];

function defineJson(returnsJson?: JsonKind) {
	return ([name, minimum, maximum, body]: (typeof NO_TEXT)[number]): ScalarFunction => ({
		name,
		minimum,
		maximum,
		deterministic: true,
		call: (values, context) => withoutJson(body(values, context)),
		callWithJson: body,
		...(returnsJson !== undefined && { returnsJson }),
	});
}

export const JSON_FUNCTIONS = [
	...NO_TEXT.map(defineJson()),
	...JSON_TEXT.map(defineJson("texts")),
	...CONTAINERS.map(defineJson("containers")),
];
