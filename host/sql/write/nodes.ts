/** Walks over trees of any kind: what a statement reads, what an expression may not contain. */

import type { Catalog } from "../catalog/catalog.js";
import { foldCase } from "../value/compare.js";

interface AnyNode {
	readonly type?: unknown;
	readonly operator?: unknown;
	readonly at?: unknown;
	readonly name?: unknown;
	readonly table?: unknown;
}

/** The node and all nodes below it. */
export function* nodesOf(root: unknown): Generator<AnyNode> {
	const pending: unknown[] = [root];
	while (pending.length > 0) {
		const node = pending.pop();
		if (typeof node !== "object" || node === null) continue;
		if (Array.isArray(node)) {
			for (let i = node.length - 1; i >= 0; i--) pending.push(node[i]);
			continue;
		}
		yield node;
		pending.push(...Object.values(node).reverse());
	}
}

/** The tree has a query in it. */
export function hasQuery(root: unknown): boolean {
	for (const node of nodesOf(root)) if (node.type === "select" || node.operator === "inTable") return true;
	return false;
}

/** The statement may read the table: it names it, or a view, which may be over it. */
export function mayRead(root: unknown, tableName: string, catalog: Catalog): boolean {
	const folded = foldCase(tableName);
	for (const node of nodesOf(root)) {
		const named = node.type === "table" ? node.name : node.operator === "inTable" ? node.table : undefined;
		if (typeof named !== "object" || named === null || !("name" in named)) continue;
		const name = String(named.name);
		if (foldCase(name) === folded || catalog.view(name) !== undefined) return true;
	}
	return false;
}

/** The expressions say the same, wherever they stand and however their names are written. */
export function sameExpression(a: unknown, b: unknown): boolean {
	return canonical(a) === canonical(b);
}

function canonical(root: unknown): string {
	return JSON.stringify(root, (key, value: unknown) => {
		if (key === "at" || key === "nameAt" || key === "quote") return undefined;
		if (key === "table" || key === "schema") return undefined;
		let node = value;
		while (typeof node === "object" && node !== null && "type" in node && node.type === "bracket" && "operand" in node)
			node = node.operand;
		if (typeof node === "object" && node !== null && "quote" in node && "text" in node)
			return { text: foldCase(String(node.text)) };
		if (typeof node === "object" && node !== null && "type" in node && node.type === "call" && "name" in node)
			return { ...node, name: foldCase(String(node.name)) };
		return node;
	});
}
