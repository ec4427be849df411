/** The parts of a tree of joins, and the conditions on each of them and on several. */

import type { Bound, BoundCompare } from "../bind/bound.js";
import { sourcesOf } from "../bind/traverse.js";
import { conditionsOf } from "./fold.js";
import type { JoinCandidate } from "./join-order.js";
import type { ColumnLayout } from "./layout.js";
import type { Logical } from "./logical.js";
import { tablesOf } from "./logical.js";

export const within = (sources: ReadonlySet<number>, tables: ReadonlySet<number>) =>
	[...sources].every((source) => tables.has(source));

export interface JoinParts {
	readonly candidates: readonly JoinCandidate[];
	/** Conditions on several parts. */
	readonly multiple: readonly Bound[];
	/** Conditions on none. */
	readonly fixed: readonly Bound[];
}

/** What inner joins put together, in whatever order. */
export function joinParts(node: Logical, conjuncts: readonly Bound[]): JoinParts {
	const items: { readonly node: Logical; readonly behind: ReadonlySet<number> }[] = [];
	const conditions = [...conjuncts];
	const flatten = (part: Logical, behind: ReadonlySet<number>): void => {
		if (part.op !== "join" || part.kind !== "inner") {
			items.push({ node: part, behind });
			return;
		}
		if (part.on !== null) conditions.push(...conditionsOf(part.on));
		flatten(part.left, behind);
		flatten(part.right, part.fixed ? new Set([...behind, ...tablesOf(part.left)]) : behind);
	};
	flatten(node, new Set());
	const multiple: Bound[] = [];
	const fixed: Bound[] = [];
	const local = items.map((): Bound[] => []);
	const tables = items.map((item) => tablesOf(item.node));
	for (const bound of conditions) {
		const sources = sourcesOf(bound);
		if (sources.size === 0) {
			fixed.push(bound);
			continue;
		}
		const at = tables.findIndex((own) => within(sources, own));
		if (at === -1) multiple.push(bound);
		else local[at]?.push(bound);
	}
	const candidates = items.map(
		(item, i): JoinCandidate => ({
			node: item.node,
			tables: tables[i] as ReadonlySet<number>, // one per item
			local: local[i] as Bound[],
			behind: new Set([...item.behind, ...lateralSources(item.node)]),
		}),
	);
	return { candidates, multiple, fixed };
}

/** The conditions of all joins of a tree. */
export function conditionsIn(node: Logical): Bound[] {
	if (node.op === "function") return [...node.arguments];
	if (node.op !== "join") return [];
	return [...(node.on === null ? [] : [node.on]), ...conditionsIn(node.left), ...conditionsIn(node.right)];
}

/** Tables whose rows a part of FROM takes as arguments. */
export function lateralSources(node: Logical): Set<number> {
	const sources = new Set<number>();
	if (node.op === "function") {
		for (const argument of node.arguments) for (const source of sourcesOf(argument)) sources.add(source);
	}
	if (node.op === "join") {
		for (const source of [...lateralSources(node.left), ...lateralSources(node.right)]) sources.add(source);
		for (const source of tablesOf(node)) sources.delete(source);
	}
	return sources;
}

export interface EqualPair {
	readonly left: Bound;
	readonly right: Bound;
	readonly compare: BoundCompare;
}

/** The place of that side's key, where it is one column, and an integer in it is compared as it is. */
export function integerSlot(
	[pair, ...others]: readonly EqualPair[],
	side: "left" | "right",
	layout: ColumnLayout,
): number | null {
	const key = pair?.[side];
	if (others.length > 0 || key?.kind !== "column" || pair?.compare.coercion === "text") return null;
	return layout.column(key.source, key.column);
}

/** `left = right`, where one side is of the right tables only and the other of none of them. */
export function equalPair(bound: Bound, rightTables: ReadonlySet<number>): EqualPair | null {
	if (bound.kind !== "compare" || bound.operator !== "=") return null;
	const first = sourcesOf(bound.left);
	const second = sourcesOf(bound.right);
	if (first.size === 0 || second.size === 0) return null;
	const touches = (sources: ReadonlySet<number>) => [...sources].some((source) => rightTables.has(source));
	if (!touches(first) && within(second, rightTables)) return { left: bound.left, right: bound.right, compare: bound };
	if (!touches(second) && within(first, rightTables)) return { left: bound.right, right: bound.left, compare: bound };
	return null;
}
