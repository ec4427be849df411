/** json_each() and json_tree(). */

import { toText } from "../../value/convert.js";
import { beforeNul } from "../../value/text.js";
import type { Value } from "../../value/value.js";
import type { TableFunction } from "../table.js";
import type { JsonNode } from "./node.js";
import { parseJsonOrFail } from "./parse.js";
import { findNode } from "./path.js";
import { withoutJson } from "./subtype.js";
import { unescaped, valueOfNode } from "./write.js";

/** A node with its place in the document. */
interface Place {
	readonly node: JsonNode;
	readonly key: Value;
	readonly parent: Place | null;
	/** Its own step of the path: "$", "[0]", ".label". */
	readonly step: string;
}

function fullKey(place: Place | null): string {
	let text = "";
	for (let at = place; at !== null; at = at.parent) text = at.step + text;
	return text;
}

/** As a path has it: with its quotes unless it is a plain word. */
function memberStep(key: string, label: string): string {
	return `.${/^[A-Za-z][A-Za-z0-9]*$/.test(key) ? key : label}`;
}

function* children(place: Place): Generator<Place> {
	const { node } = place;
	for (const [index, item] of node.items.entries()) yield { node: item, key: index, parent: place, step: `[${index}]` };
	for (const { key, label, value } of node.members) {
		yield { node: value, key: unescaped(key), parent: place, step: memberStep(key, label) };
	}
}

/** The node and all below it, in the order of the text. */
function* descendants(start: Place): Generator<Place> {
	const open = [[start].values() as Iterator<Place>];
	for (let top = open[open.length - 1]; top !== undefined; top = open[open.length - 1]) {
		const next = top.next();
		if (next.done === true) {
			open.pop();
			continue;
		}
		yield next.value;
		open.push(children(next.value));
	}
}

function find(start: Place, node: JsonNode): Place {
	for (const place of descendants(start)) if (place.node === node) return place;
	return start;
}

type Kind = "each" | "tree";

function* rows(kind: Kind, values: readonly Value[]): Generator<Value[]> {
	const text = toText(values[0] ?? null);
	if (text === null) return;
	const json = beforeNul(text);
	const root = parseJsonOrFail(json);
	const rootPath = values.length < 2 ? "$" : toText(values[1] ?? null);
	if (rootPath === null) return;
	const path = beforeNul(rootPath);
	const found = values.length < 2 ? root : findNode(root, path)?.node;
	if (found === undefined) return;
	const whole: Place = { node: root, key: null, parent: null, step: "$" };
	const start = find(whole, found);
	const hasParts = found.type === "array" || found.type === "object";
	const places = kind === "tree" ? descendants(start) : hasParts ? children(start) : [start];
	for (const place of places) {
		const { node } = place;
		const value = withoutJson(valueOfNode(node));
		const isStart = place === start;
		yield [
			isStart && !(kind === "tree" && hasParts && typeof place.key === "string") ? null : place.key,
			value,
			node.type,
			node.type === "array" || node.type === "object" ? null : value,
			node.id,
			kind === "each" || isStart ? null : (place.parent?.node.id ?? null),
			kind === "tree" ? fullKey(place) : isStart ? path : path + place.step,
			kind === "tree" ? fullKey(place.parent ?? place) : path,
			json,
			path,
		];
	}
}

const COLUMNS = ["key", "value", "type", "atom", "id", "parent", "fullkey", "path", "json", "root"];

function table(name: string, kind: Kind): TableFunction {
	return {
		name,
		columns: COLUMNS.map((column) => ({
			name: column,
			typeName: "",
			hidden: column === "json" || column === "root",
			holdsJson: column === "value",
		})),
		minimumArguments: 1,
		maximumArguments: 2,
		missingArguments: null,
		rows: (values) => rows(kind, values),
	};
}

export const JSON_TABLES = [table("json_each", "each"), table("json_tree", "tree")];
