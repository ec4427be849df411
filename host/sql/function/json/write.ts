/** JSON nodes and SQL values -> JSON text, and JSON nodes -> SQL values. */

import { sqlError } from "../../parse/source.js";
import { toText } from "../../value/convert.js";
import { beforeNul } from "../../value/text.js";
import type { Value } from "../../value/value.js";
import { fitsInteger, integer, real } from "../../value/value.js";
import type { JsonNode } from "./node.js";
import type { JsonValue } from "./subtype.js";
import { JsonText } from "./subtype.js";

const SHORT: Readonly<Record<string, string>> = { "\b": "b", "\t": "t", "\n": "n", "\f": "f", "\r": "r" };

/** A string with its quotes. Unlike JSON.stringify it leaves lone surrogates alone. */
export function jsonString(text: string): string {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: what JSON forbids in strings
	if (!/["\\\u0000-\u001f]/.test(text)) return `"${text}"`;
	// biome-ignore lint/suspicious/noControlCharactersInRegex: what JSON forbids in strings
	const escaped = text.replace(/["\\\u0000-\u001f]/g, (character) => {
		if (character === '"' || character === "\\") return `\\${character}`;
		const short = SHORT[character];
		return short === undefined ? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}` : `\\${short}`;
	});
	return `"${escaped}"`;
}

/** A SQL value inside JSON. */
export function jsonOfValue(value: JsonValue): string {
	if (value instanceof JsonText) return value.text;
	if (value === null) return "null";
	if (value instanceof Uint8Array) throw sqlError("JSON cannot hold BLOB values");
	return typeof value === "string" ? jsonString(value) : (toText(value) as string); // a number
}

/** Minified, with all changes that were made to the tree. */
export function jsonOfNode(node: JsonNode): string {
	if (node.replacement !== undefined) return jsonOfValue(node.replacement);
	if (node.patched !== undefined) return jsonOfNode(node.patched);
	switch (node.type) {
		case "array": {
			let text = "[";
			for (const item of node.items) {
				if (item.removed === true) continue;
				if (text.length > 1) text += ",";
				text += jsonOfNode(item);
			}
			return `${text}]`;
		}
		case "object": {
			let text = "{";
			for (const { label, value } of node.members) {
				if (value.removed === true) continue;
				if (text.length > 1) text += ",";
				text += `${label}:${jsonOfNode(value)}`;
			}
			return `${text}}`;
		}
		default:
			return node.text;
	}
}

const LONG: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** The characters that a string stands for; \u0000 ends it, as in C. */
export function unescaped(inside: string): string {
	if (!inside.includes("\\")) return inside;
	const text = inside.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_, hex: string | undefined, letter: string) => {
		return hex === undefined ? (LONG[letter] ?? letter) : String.fromCharCode(Number.parseInt(hex, 16));
	});
	return beforeNul(text);
}

/** What SQL sees of a node. Arrays and objects are JSON, all else is not. */
export function valueOfNode(node: JsonNode): JsonValue {
	switch (node.type) {
		case "null":
			return null;
		case "true":
			return 1;
		case "false":
			return 0;
		case "integer":
			return integerValue(node.text);
		case "real":
			return real(Number(node.text));
		case "text":
			return unescaped(node.text.slice(1, -1));
		case "array":
		case "object":
			return new JsonText(jsonOfNode(node));
	}
}

/** REAL where it is too large for an INTEGER. */
function integerValue(text: string): Value {
	if (text.length <= 15) return Number(text) + 0;
	const exact = BigInt(text);
	return fitsInteger(exact) ? integer(exact) : real(Number(text));
}
