/** SQL as a tree that knows which of its parts may be left out or stand for one another: what shrinking works on. */

import type { Feature } from "./features.js";

export type Tree = string | Node;

/**
 * - `expression`: any expression inside it, or a constant, may take its place
 * - `query`: any query inside it may
 * - `source`: any part of a join may stand for the join
 * - `optional`: nothing may
 * - `list`: some of its items may go
 * - `fixed`: stays as it is, though parts inside it may change
 */
export type Kind = "expression" | "query" | "source" | "optional" | "list" | "fixed";

export interface Node {
	readonly kind: Kind;
	readonly parts: readonly Tree[];
	/** Of a list: how many items must stay. */
	readonly least?: number;
	readonly feature?: Feature;
	/** The rows of the statement are in an order that leaves nothing open. */
	readonly ordered?: true;
}

function node(kind: Kind, strings: TemplateStringsArray, values: readonly Tree[]): Node {
	const parts: Tree[] = [];
	for (const [i, text] of strings.entries()) {
		if (text !== "") parts.push(text);
		const value = values[i];
		if (value !== undefined && value !== "") parts.push(value);
	}
	return { kind, parts };
}

export function fixed(strings: TemplateStringsArray, ...values: Tree[]): Node {
	return node("fixed", strings, values);
}

export function expression(strings: TemplateStringsArray, ...values: Tree[]): Node {
	return node("expression", strings, values);
}

export function query(strings: TemplateStringsArray, ...values: Tree[]): Node {
	return node("query", strings, values);
}

export function source(strings: TemplateStringsArray, ...values: Tree[]): Node {
	return node("source", strings, values);
}

export function optional(strings: TemplateStringsArray, ...values: Tree[]): Node {
	return node("optional", strings, values);
}

export function list(items: readonly Tree[], least = 1): Node {
	return { kind: "list", parts: items, least };
}

export function tagged(feature: Feature, tree: Node): Node {
	return { ...tree, feature };
}

export function textOf(tree: Tree): string {
	if (typeof tree === "string") return tree;
	return tree.parts.map(textOf).join(tree.kind === "list" ? ", " : "");
}

export function featuresOf(tree: Tree, found: Set<Feature> = new Set()): Set<Feature> {
	if (typeof tree === "string") return found;
	if (tree.feature !== undefined) found.add(tree.feature);
	for (const part of tree.parts) featuresOf(part, found);
	return found;
}

export function isOrdered(tree: Tree): boolean {
	return typeof tree !== "string" && (tree.ordered === true || tree.parts.some(isOrdered));
}
