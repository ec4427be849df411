/**
 * EXISTS and IN among the conditions of a query as semi joins, NOT EXISTS as an anti join: where what the query inside takes
 * from the row around it is compared for equality with what it reads itself (Galindo-Legaria and Joshi, SIGMOD 2001).
 * NOT IN is none of these: where a NULL is on either side it is not known.
 */

import type { Bound, Comparison } from "../bind/bound.js";
import { everyPart, isDeterministic, replaced, sourcesOf } from "../bind/traverse.js";
import type { Collation } from "../value/compare.js";
import { everyBound } from "./every-bound.js";
import { conditionsOf } from "./fold.js";
import { InnerQuery } from "./inner-query.js";
import type { Logical } from "./logical.js";
import { readsOuter } from "./outer-equality.js";

export interface SemiPair {
	/** Over rows of the query around. */
	readonly outer: Bound;
	/** Over rows of the query inside. */
	readonly inner: Bound;
	readonly compare: Comparison;
}

export interface SemiJoin {
	readonly kind: "semi" | "anti";
	/** The condition that it is. */
	readonly bound: Bound;
	readonly query: InnerQuery;
	/** FROM of the query inside. */
	readonly tree: Logical;
	/** All that its rows are tested by where it is run for a row around it. */
	readonly conditions: readonly Bound[];
	/** Those that the row around it has no part in. */
	readonly own: readonly Bound[];
	/** At least one. */
	readonly pairs: readonly SemiPair[];
	/** What else must hold for a pair of rows. Tables inside are counted behind those around. */
	readonly rest: readonly Bound[];
}

/** Null for any other condition. `tables` are those of the query around. */
export function semiJoinOf(condition: Bound, tables: number): SemiJoin | null {
	const bound = withoutNot(condition);
	if (bound.kind !== "exists" && bound.kind !== "inQuery") return null;
	const { query, captures } = bound.subquery;
	if (bound.kind === "inQuery" && bound.negated) return null;
	// What is the same for all rows is looked for once.
	if (!(query instanceof InnerQuery) || !captures.some(hasColumns) || !captures.every(isPlain)) return null;
	const shape = shapeOf(query.plan.root, bound.kind === "exists");
	if (shape === null || !everyBound(shape.tree, isSteady)) return null;
	const split = splitConditions(shape.conditions, captures, tables);
	const pairs = [...split.pairs];
	if (bound.kind === "inQuery") {
		const found = shape.columns.slice(0, bound.operands.length);
		if (!found.every((column) => isPlain(column) && !readsOuter([column]))) return null;
		if (!bound.comparisons.every((compare, i) => isIndifferentTo(compare, shape.distinct?.[i]))) return null;
		for (const [i, outer] of bound.operands.entries()) {
			pairs.push({ outer, inner: found[i] as Bound, compare: bound.comparisons[i] as Comparison }); // as many
		}
	}
	if (pairs.length === 0) return null;
	const kind = bound.kind === "exists" && bound.negated ? "anti" : "semi";
	return { ...split, kind, bound: condition, query, tree: shape.tree, conditions: shape.conditions, pairs };
}

const hasColumns = (bound: Bound) => sourcesOf(bound).size > 0;

/** `NOT (EXISTS …)` too is written so. */
function withoutNot(bound: Bound): Bound {
	if (bound.kind !== "unary" || bound.operators.length !== 1 || bound.operators[0] !== "not") return bound;
	const { operand } = bound;
	return operand.kind === "exists" ? { ...operand, negated: !operand.negated } : bound;
}

/** The same whenever and however often it is computed. */
const isPlain = (bound: Bound) => isDeterministic(bound) && everyPart(bound, ({ kind }) => kind !== "raise");

/** Of what stands in FROM: the row around has no part in it. */
function isSteady(part: Bound): boolean {
	return part.kind !== "outer" && part.kind !== "raise" && (part.kind !== "call" || part.function.deterministic);
}

/** Whether it makes no difference to the comparison which of several rows DISTINCT keeps that takes them for equal. */
function isIndifferentTo({ coercion, collation }: Comparison, distinct: Collation | undefined): boolean {
	return distinct === undefined || (coercion !== "text" && (distinct === "binary" || distinct === collation));
}

interface Shape {
	readonly tree: Logical;
	/** How DISTINCT compares the columns; absent without it. */
	readonly distinct: readonly Collation[] | undefined;
	readonly conditions: readonly Bound[];
	readonly columns: readonly Bound[];
}

/** A query without aggregates, windows and parts; nor with a LIMIT where it matters how many rows there are. */
function shapeOf(root: Logical, isExists: boolean): Shape | null {
	let node = root;
	if (node.op === "limit") {
		if (!isExists || !letsOneThrough(node)) return null;
		node = node.input;
	}
	let distinct: readonly Collation[] | undefined;
	while (node.op === "cut" || node.op === "sort" || node.op === "distinct") {
		if (node.op === "distinct") distinct = node.collations;
		node = node.input;
	}
	if (node.op !== "project" || !node.columns.every(isPlain)) return null;
	const conditions: Bound[] = [];
	let tree = node.input;
	for (; tree.op === "filter"; tree = tree.input) conditions.unshift(...conditionsOf(tree.condition));
	const isFrom = tree.op !== "aggregate" && tree.op !== "window" && tree.op !== "values";
	return isFrom && conditions.every(isPlain) ? { tree, distinct, conditions, columns: node.columns } : null;
}

function letsOneThrough({ limit, offset }: Logical & { op: "limit" }): boolean {
	const isWhole = limit.kind === "constant" && typeof limit.value === "number" && limit.value >= 1;
	return isWhole && (offset === null || (offset.kind === "constant" && offset.value === 0));
}

type Split = Pick<SemiJoin, "own" | "pairs" | "rest">;

function splitConditions(conditions: readonly Bound[], captures: readonly Bound[], tables: number): Split {
	const captured = (part: Bound) => (part.kind === "outer" ? captures[part.index] : undefined);
	const around = (bound: Bound) => replaced(bound, captured);
	const together = (bound: Bound) =>
		replaced(bound, (part) => (part.kind === "column" ? { ...part, source: tables + part.source } : captured(part)));
	/** What it takes from outside is the same for all rows around. */
	const isOwn = (bound: Bound) => everyPart(bound, (part) => part.kind !== "outer" || !hasColumns(around(part)));
	const own: Bound[] = [];
	const pairs: SemiPair[] = [];
	const rest: Bound[] = [];
	for (const bound of conditions) {
		const pair = isOwn(bound) ? null : pairOf(bound);
		if (pair !== null) pairs.push({ ...pair, outer: around(pair.outer) });
		else if (isOwn(bound)) own.push(around(bound));
		else rest.push(together(bound));
	}
	return { own, pairs, rest };
}

/** `own = outer`, each over one side alone. */
function pairOf(bound: Bound): SemiPair | null {
	if (bound.kind !== "compare" || bound.operator !== "=") return null;
	const { left, right } = bound;
	const isInner = (side: Bound) => sourcesOf(side).size > 0 && !readsOuter([side]);
	const isOuter = (side: Bound) => sourcesOf(side).size === 0 && readsOuter([side]);
	if (isInner(left) && isOuter(right)) return { inner: left, outer: right, compare: bound };
	return isInner(right) && isOuter(left) ? { inner: right, outer: left, compare: bound } : null;
}
