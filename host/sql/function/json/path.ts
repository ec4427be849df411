/** Paths: `$`, `.label`, `."label"`, `[index]`, `[#]` (behind the last), `[#-index]` (from the end). */

import type { WlsmError } from "../../../errors.js";
import { sqlError } from "../../parse/source.js";
import { beforeNul } from "../../value/text.js";
import type { JsonNode } from "./node.js";
import { newNode } from "./node.js";
import { jsonString } from "./write.js";

export type Missing = "is absent" | "is added";

function pathError(near: string): WlsmError {
	return sqlError(`JSON path error near '${near.replaceAll("'", "''")}'`);
}

export interface Found {
	readonly node: JsonNode;
	/** What it stands in; null for the root and for what was added. */
	readonly parent: JsonNode | null;
	/** It was not there before. */
	readonly added: boolean;
}

/** The node at a path. With "is added", what is missing is put there where it can be; the new node is then to be replaced. */
export function findNode(root: JsonNode, path: string, missing: Missing = "is absent"): Found | null {
	const text = beforeNul(path);
	if (!text.startsWith("$")) throw pathError(text);
	return step(root, text.slice(1), missing);
}

function step(start: JsonNode, startPath: string, missing: Missing): Found | null {
	let node = start;
	let parent: JsonNode | null = null;
	let path = startPath;
	for (;;) {
		if (path === "") return { node, parent, added: false };
		if (node.replacement !== undefined) return null;
		let next: JsonNode | undefined;
		if (path.startsWith(".")) {
			if (node.type !== "object") return null;
			const label = readLabel(path.slice(1));
			const member = node.members.find(({ key }) => key === label.key);
			if (member === undefined) {
				if (missing === "is absent") return null;
				return grow(label.rest, (value) => node.members.push({ key: label.key, label: jsonString(label.key), value }));
			}
			next = member.value;
			path = label.rest;
		} else if (path.startsWith("[")) {
			const index = readIndex(path, node);
			if (index === null || node.type !== "array") return null;
			const items = itemsLeft(node);
			next = items[index.index];
			if (next === undefined) {
				if (index.index !== items.length || missing === "is absent") return null;
				return grow(index.rest, (value) => node.items.push(value));
			}
			path = index.rest;
		} else {
			throw pathError(path);
		}
		parent = node;
		node = next;
	}
}

/** Of an array that has lost items, those that are still there. */
function itemsLeft({ items, lostItems }: JsonNode): readonly JsonNode[] {
	return lostItems === true ? items.filter(({ removed }) => removed !== true) : items;
}

/** A new node at the end of the path, inside of new arrays and objects; put into the tree only where that works out. */
function grow(path: string, attach: (node: JsonNode) => void): Found | null {
	if (path === "") {
		const node = newNode("null", "null");
		attach(node);
		return { node, parent: null, added: true };
	}
	const isObject = path.startsWith(".");
	if (!isObject && !path.startsWith("[0]")) return null;
	const outer = newNode(isObject ? "object" : "array", "");
	const found = step(outer, path, "is added");
	if (found !== null) attach(outer);
	return found === null ? null : { node: found.node, parent: null, added: true };
}

function readLabel(path: string): { readonly key: string; readonly rest: string } {
	let key: string;
	let end: number;
	if (path.startsWith('"')) {
		const close = path.indexOf('"', 1);
		if (close === -1) throw pathError(path);
		key = path.slice(1, close);
		end = close + 1;
	} else {
		end = path.search(/[.[]/);
		if (end === -1) end = path.length;
		key = path.slice(0, end);
		if (key === "") throw pathError(path);
	}
	return { key, rest: path.slice(end) };
}

const INDEX = /^\[([0-9]+)\]/;
const FROM_END = /^\[#(?:-([0-9]+))?\]/;

/** In 32 bits, as SQLite counts. */
function toUint32(digits: string): number {
	return Number(BigInt.asUintN(32, BigInt(digits)));
}

/** Null where the place cannot exist. */
function readIndex(path: string, node: JsonNode): { readonly index: number; readonly rest: string } | null {
	const plain = INDEX.exec(path);
	if (plain !== null) return { index: toUint32(plain[1] as string), rest: path.slice(plain[0].length) };
	if (path[1] !== "#") throw pathError(path);
	if (node.type !== "array") return null;
	const count = itemsLeft(node).length;
	const back = /^\[#-([0-9]+)/.exec(path);
	const distance = back === null ? 0 : toUint32(back[1] as string); // group 1 is not optional
	if (distance > count) return null;
	const whole = FROM_END.exec(path);
	if (whole === null) throw pathError(path);
	return { index: count - distance, rest: path.slice(whole[0].length) };
}
