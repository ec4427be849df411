/** JSON text as a tree that keeps the spelling of every number and string, and the order and doubles of labels. */

import type { JsonValue } from "./subtype.js";

export type JsonType = "null" | "true" | "false" | "integer" | "real" | "text" | "array" | "object";

export interface JsonMember {
	/** What stands between the quotes: paths are compared with this, escapes and all. */
	readonly key: string;
	/** With its quotes. */
	readonly label: string;
	readonly value: JsonNode;
}

export interface JsonNode {
	readonly type: JsonType;
	/** As it is written; strings with their quotes; of arrays and objects nothing. */
	readonly text: string;
	/** Its place among all nodes and labels of the text, from 0: the `id` of json_tree(). */
	readonly id: number;
	/** Of arrays. */
	readonly items: JsonNode[];
	/** Of objects. */
	readonly members: JsonMember[];
	/** A change puts this value in its place. */
	replacement?: JsonValue;
	/** A patch puts this node in its place. */
	patched?: JsonNode;
	removed?: boolean;
	/** One of its items is removed. */
	lostItems?: boolean;
}

/** Shared by all nodes that have no parts. */
const NONE: never[] = [];

export function newNode(type: JsonType, text: string, id = 0): JsonNode {
	return { type, text, id, items: type === "array" ? [] : NONE, members: type === "object" ? [] : NONE };
}
