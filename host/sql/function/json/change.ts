/** json_insert(), json_replace(), json_set(), json_remove() and json_patch(). */

import { sqlError } from "../../parse/source.js";
import type { Value } from "../../value/value.js";
import type { JsonMember, JsonNode } from "./node.js";
import { parseJsonOrFail } from "./parse.js";
import { findNode } from "./path.js";
import type { JsonValue } from "./subtype.js";
import { JsonText } from "./subtype.js";
import { textOf } from "./text-of.js";
import { jsonOfNode } from "./write.js";

export type Change = "insert" | "replace" | "set";

export function changed(kind: Change, values: readonly JsonValue[]): JsonValue {
	if (values.length === 0) return null;
	if (values.length % 2 === 0) throw sqlError(`json_${kind}() needs an odd number of arguments`);
	const text = textOf(values[0]);
	if (text === null) return null;
	const root = parseJsonOrFail(text);
	for (let i = 1; i < values.length; i += 2) {
		const path = textOf(values[i]);
		if (path === null) continue;
		const found = findNode(root, path, kind === "replace" ? "is absent" : "is added");
		if (found !== null && (found.added || kind !== "insert")) found.node.replacement = values[i + 1] as JsonValue;
	}
	return root.replacement === undefined ? new JsonText(jsonOfNode(root)) : root.replacement;
}

export function removed(values: readonly JsonValue[]): JsonValue {
	const text = textOf(values[0]);
	if (text === null) return null;
	const root = parseJsonOrFail(text);
	for (const value of values.slice(1)) {
		const path = textOf(value);
		if (path === null) return null;
		const found = findNode(root, path);
		if (found === null) continue;
		found.node.removed = true;
		if (found.parent !== null) found.parent.lostItems = true;
	}
	return root.removed === true ? null : new JsonText(jsonOfNode(root));
}

export function patched(target: Value, patch: Value): JsonValue {
	const targetText = textOf(target);
	if (targetText === null) return null;
	const root = parseJsonOrFail(targetText);
	const patchText = textOf(patch);
	if (patchText === null) return null;
	return new JsonText(jsonOfNode(merge(root, parseJsonOrFail(patchText))));
}

/** RFC 7396. Of labels that occur twice, the first of the target is changed; the patch's later ones are ignored there. */
function merge(target: JsonNode, patch: JsonNode): JsonNode {
	if (patch.type !== "object") return patch;
	if (target.type !== "object") {
		removeNulls(patch);
		return patch;
	}
	const added: JsonMember[] = [];
	for (const { key, label, value } of patch.members) {
		const member = target.members.find((candidate) => candidate.key === key);
		if (member === undefined) {
			if (value.type === "null") continue;
			removeNulls(patch);
			added.push({ key, label, value });
			continue;
		}
		if (member.value.removed === true || member.value.patched !== undefined) continue;
		if (value.type === "null") {
			member.value.removed = true;
		} else {
			const merged = merge(member.value, value);
			if (merged !== member.value) member.value.patched = merged;
		}
	}
	target.members.push(...added);
	return target;
}

function removeNulls(node: JsonNode): void {
	for (const { value } of node.members) {
		if (value.type === "null") value.removed = true;
		else if (value.type === "object") removeNulls(value);
	}
}
