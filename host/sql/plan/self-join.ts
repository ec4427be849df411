/** Tables that are joined to themselves by their rowids: each row finds itself, so one scan has the columns of both. */

import type { Bound } from "../bind/bound.js";
import { replaced, sourcesOf } from "../bind/traverse.js";
import type { JoinCandidate } from "./join-order.js";
import type { JoinParts } from "./join-parts.js";
import { within } from "./join-parts.js";
import type { Needed } from "./joins.js";
import type { ColumnLayout } from "./layout.js";
import type { Leaves } from "./leaves.js";

/** By tables that are not read, those that are in their place. */
export type SameRows = ReadonlyMap<number, number>;

export interface OnceRead extends JoinParts {
	readonly same: SameRows;
}

export function withoutSelfJoins(parts: JoinParts, leaves: Leaves): OnceRead {
	let found: OnceRead = { ...parts, same: new Map() };
	// A table that has to stand behind others does so by its own name.
	if (parts.candidates.some(({ behind }) => behind.size > 0)) return found;
	for (;;) {
		const scans = new Set(found.candidates.flatMap(({ node }) => (node.op === "scan" ? [node.source] : [])));
		const pairs = found.multiple.map((bound) => sameRowOf(bound, scans, leaves));
		const at = pairs.findIndex((pair) => pair !== undefined);
		const pair = pairs[at];
		if (pair === undefined) return found;
		found = merged({ ...found, multiple: found.multiple.toSpliced(at, 1) }, pair.kept, pair.other);
	}
}

/** The two tables, where the condition is that their rows are the same. */
function sameRowOf(
	bound: Bound,
	scans: ReadonlySet<number>,
	leaves: Leaves,
): { readonly kept: number; readonly other: number } | undefined {
	if (bound.kind !== "compare" || bound.operator !== "=") return undefined;
	const { left, right } = bound;
	if (left.kind !== "column" || right.kind !== "column" || left.source === right.source) return undefined;
	if (!scans.has(left.source) || !scans.has(right.source)) return undefined;
	const [a, b] = [leaves.scope.tables[left.source], leaves.scope.tables[right.source]];
	if (a?.table?.kind !== "stored" || a.table !== b?.table) return undefined;
	if (a.hint !== undefined || b.hint !== undefined) return undefined;
	if (!leaves.isRowId(left, left.source) || !leaves.isRowId(right, right.source)) return undefined;
	return { kept: Math.min(left.source, right.source), other: Math.max(left.source, right.source) };
}

/** With one table in the place of another. */
function merged(parts: OnceRead, kept: number, other: number): OnceRead {
	const renamed = (bound: Bound): Bound => {
		if (!sourcesOf(bound).has(other)) return bound;
		return replaced(bound, (part) =>
			part.kind === "column" && part.source === other ? { ...part, source: kept } : undefined,
		);
	};
	const multiple = parts.multiple.map(renamed);
	const alone = new Set([kept]);
	const candidates = parts.candidates
		.filter(({ tables }) => !tables.has(other))
		.map((candidate): JoinCandidate => {
			if (!candidate.tables.has(kept)) return candidate;
			const others = parts.candidates.find(({ tables }) => tables.has(other))?.local ?? [];
			const own = multiple.filter((bound) => within(sourcesOf(bound), alone));
			return { ...candidate, local: [...candidate.local, ...others.map(renamed), ...own] };
		});
	const same = new Map([...parts.same].map(([from, to]) => [from, to === other ? kept : to]));
	return {
		candidates,
		multiple: multiple.filter((bound) => !within(sourcesOf(bound), alone)),
		fixed: parts.fixed,
		same: same.set(other, kept),
	};
}

/** What is read of the tables where others are read in their place. */
export function neededOf(needed: Needed, same: SameRows): Needed {
	if (same.size === 0) return needed;
	const all = new Map([...needed].map(([source, columns]) => [source, new Set(columns)]));
	for (const [other, kept] of same) {
		all.set(kept, new Set([...(all.get(kept) ?? []), ...(all.get(other) ?? [])]));
		all.delete(other);
	}
	return all;
}

/** Shows columns of the tables that are not read where those in their place have them. */
export function addSameRows(layout: ColumnLayout, needed: Needed, same: SameRows): void {
	for (const [other, kept] of same) {
		for (const column of needed.get(other) ?? []) layout.add(other, column, layout.column(kept, column));
	}
}
