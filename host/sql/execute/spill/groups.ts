/** Rows that lie side by side because they are sorted, taken together. */

import type { Run, Tuple } from "../operator.js";
import { FULL_BATCH } from "../operator.js";

/** What becomes of a group of equal rows. */
export interface Fold<State> {
	begin(row: Tuple): State;
	step(state: State, row: Tuple): State;
	/** The row that the group yields; null for none. */
	end(state: State): Tuple | null;
}

export function foldGroups<State>(rows: Run, compare: (a: Tuple, b: Tuple) => number, fold: Fold<State>): Run {
	let group: { readonly first: Tuple; state: State } | null = null;
	let ended = false;
	return {
		next: (limit) => {
			const found: Tuple[] = [];
			const finish = () => {
				const row = group === null ? null : fold.end(group.state);
				if (row !== null) found.push(row);
				group = null;
			};
			while (found.length === 0 && !ended) {
				// Each row ends at most one group.
				const batch = rows.next(Math.min(limit, FULL_BATCH));
				if (batch === undefined) {
					ended = true;
					finish();
					break;
				}
				for (const row of batch) {
					if (group !== null && compare(group.first, row) === 0) {
						group.state = fold.step(group.state, row);
						continue;
					}
					finish();
					group = { first: row, state: fold.begin(row) };
				}
			}
			return found.length === 0 ? undefined : found;
		},
		close: () => {
			ended = true;
			group = null;
			rows.close();
		},
	};
}

/** Of equal rows the first. */
export const FIRST: Fold<Tuple> = { begin: (row) => row, step: (first) => first, end: (first) => first };

/** Of equal rows the last. */
export const LAST: Fold<Tuple> = { begin: (row) => row, step: (_, row) => row, end: (last) => last };
