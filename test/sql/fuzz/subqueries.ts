/** Queries inside expressions. */

import { aggregate } from "./aggregates.js";
import { exactTerm, expressionOf, totalOrder } from "./expressions.js";
import type { Generator, Scope } from "./generator.js";
import { nestedQuery } from "./queries.js";
import { noSource, sources } from "./sources.js";
import { expression, fixed, optional, query, type Tree, tagged } from "./tree.js";
import type { Hint } from "./values.js";

/** What a query inside an expression sees: the columns around it, as outer ones. */
function inward(g: Generator, scope: Scope): Scope {
	const outer = g.has("correlated subquery") ? [...scope.columns, ...scope.outer] : [];
	return { ...scope, columns: [], outer };
}

function rows(g: Generator, scope: Scope, depth: number): { tree: Tree; scope: Scope } {
	return sources(g, scope, Math.min(depth, 1)) ?? noSource(scope);
}

function condition(g: Generator, scope: Scope, depth: number): Tree {
	return optional` WHERE ${expressionOf(g, scope, "boolean", depth - 1)}`;
}

/** Mostly with something that is equal to a value of the row around it, as queries that can be joined to it have. */
function joined(g: Generator, scope: Scope, depth: number): Tree {
	const { columns, outer } = scope;
	if (columns.length === 0 || outer.length === 0 || !g.chance("correlated subquery", 2))
		return condition(g, scope, depth);
	const pair = () => expression`${g.random.pick(columns).tree} = ${g.random.pick(outer).tree}`;
	const second = g.random.once(4) ? optional` AND ${pair()}` : "";
	const others = g.random.once(3) ? optional` AND ${expressionOf(g, scope, "boolean", depth - 1)}` : "";
	return tagged("correlated subquery", optional` WHERE ${pair()}${second}${others}`);
}

export function scalarQuery(g: Generator, scope: Scope, hint: Hint, depth: number): Tree {
	const { tree, scope: inside } = rows(g, inward(g, scope), depth);
	const where = condition(g, inside, depth);
	if (g.chance("aggregate", 2)) {
		const own = { ...inside, outer: [] }; // an aggregate of outer columns alone would belong to the outer query
		const { tree: value } = aggregate(g, own, "exact", depth);
		return tagged("scalar subquery", expression`(${query`SELECT ${value}${tree}${where}`})`);
	}
	const value = expressionOf(g, inside, hint, depth - 1);
	const limit = g.random.pick([" LIMIT 1", " LIMIT 1 OFFSET 1", ""]);
	const order = fixed` ORDER BY ${totalOrder(inside.columns)}${limit}`;
	return tagged("scalar subquery", expression`(${query`SELECT ${value}${tree}${where}${order}`})`);
}

export function existsQuery(g: Generator, scope: Scope, depth: number): Tree {
	const { tree, scope: inside } = rows(g, inward(g, scope), depth);
	const not = optional`${g.random.once(3) ? "NOT " : ""}`;
	return tagged("scalar subquery", expression`(${not}EXISTS (${query`SELECT 1${tree}${joined(g, inside, depth)}`}))`);
}

export function inQuery(g: Generator, scope: Scope, value: Tree, depth: number): Tree {
	const not = optional`${g.random.once(3) ? "NOT " : ""}`;
	if (depth > 1 && g.random.once(3)) {
		const inner = nestedQuery(g, { ...inward(g, scope), outer: [] }, depth - 1, 1);
		return tagged("IN subquery", expression`(${value} ${not}IN (${inner.tree}))`);
	}
	const { tree, scope: inside } = rows(g, inward(g, scope), depth);
	const found = expressionOf(g, inside, "any", depth - 1);
	const inner = query`SELECT ${found}${tree}${joined(g, inside, depth)}`;
	return tagged("IN subquery", expression`(${value} ${not}IN (${inner}))`);
}

export function rowsQuery(g: Generator, scope: Scope, depth: number): Tree {
	const { tree, scope: inside } = rows(g, inward(g, scope), depth);
	const pair = (around: Scope) => fixed`${exactTerm(g, around, depth)}, ${expressionOf(g, around, "any", depth - 1)}`;
	const inner = query`SELECT ${pair(inside)}${tree}${joined(g, inside, depth)}`;
	return tagged("row value", expression`((${pair(scope)}) IN (${tagged("IN subquery", inner)}))`);
}
