/** Rules on inner queries: conditions move into them, columns that nobody reads are not computed. */

import type { Bound } from "../bind/bound.js";
import { everyPart, replaced } from "../bind/traverse.js";
import type { Logical, QueryPlan } from "./logical.js";
import { belowFilters } from "./logical.js";

interface Pushed {
	readonly plan: QueryPlan;
	/** The conditions that stay outside. */
	readonly rest: readonly Bound[];
}

/** Moves conditions on the columns of `source` into the query that yields them. */
export function pushedInto(plan: QueryPlan, source: number, conjuncts: readonly Bound[]): Pushed {
	if (conjuncts.length === 0) return { plan, rest: conjuncts };
	const rest: Bound[] = [];
	let { root } = plan;
	for (const bound of conjuncts) {
		const moved = pushed(root, bound, source);
		if (moved === null) rest.push(bound);
		else root = moved;
	}
	return { plan: { ...plan, root }, rest };
}

function pushed(node: Logical, bound: Bound, source: number): Logical | null {
	switch (node.op) {
		case "sort":
		case "distinct":
		case "cut": {
			const input = pushed(node.input, bound, source);
			return input === null ? null : { ...node, input };
		}
		case "project": {
			// Behind an aggregation or a window a condition on their input would change their results.
			const below = belowFilters(node.input);
			if (below.op === "window" || below.op === "aggregate") return null;
			const inside = substituted(bound, source, node.columns);
			return inside === null ? null : { ...node, input: { op: "filter", input: node.input, condition: inside } };
		}
		case "compound": {
			const parts = [node.first, ...node.rest.map(({ plan }) => plan)].map((plan) => {
				const root = pushed(plan.root, bound, source);
				return root === null ? null : { ...plan, root };
			});
			const moved = parts.filter((part) => part !== null);
			const [first] = moved;
			if (first === undefined || moved.length < parts.length) return null;
			return {
				...node,
				first,
				rest: node.rest.map(({ operator }, i) => ({ operator, plan: moved[i + 1] as QueryPlan })), // as many
			};
		}
		default:
			return null;
	}
}

function mayBeComputedTwice(part: Bound): boolean {
	if (part.kind === "call") return part.function.deterministic;
	return part.kind !== "subquery" && part.kind !== "exists" && part.kind !== "inQuery";
}

/** The condition over what the columns are computed from; null where computing these twice would not do. */
function substituted(bound: Bound, source: number, columns: readonly Bound[]): Bound | null {
	let possible = true;
	const inside = replaced(bound, (part) => {
		if (part.kind !== "column" || part.source !== source) return undefined;
		const column = columns[part.column];
		if (column === undefined || !everyPart(column, mayBeComputedTwice)) possible = false;
		return column ?? part;
	});
	return possible ? inside : null;
}

const UNREAD: Bound = { kind: "constant", value: null };

/** Without the work for columns that are not read; these are NULL. */
export function withoutColumns(node: Logical, read: ReadonlySet<number>): Logical {
	switch (node.op) {
		case "project": {
			if (node.columns.every((_, i) => read.has(i))) return node;
			return { ...node, columns: node.columns.map((column, i) => (read.has(i) ? column : UNREAD)) };
		}
		case "limit":
		case "cut":
			return { ...node, input: withoutColumns(node.input, read) };
		case "sort":
			return { ...node, input: withoutColumns(node.input, new Set([...read, ...node.terms.map(({ slot }) => slot)])) };
		case "compound": {
			if (node.rest.some(({ operator }) => operator !== "union all")) return node;
			const without = (plan: QueryPlan) => ({ ...plan, root: withoutColumns(plan.root, read) });
			return {
				...node,
				first: without(node.first),
				rest: node.rest.map(({ operator, plan }) => ({ operator, plan: without(plan) })),
			};
		}
		default:
			return node;
	}
}
