/** Rows of groups that came when memory was full: sorted by their keys, and then taken group by group. */

import type { Run, Tuple } from "../operator.js";
import { FULL_BATCH } from "../operator.js";
import type { SpillSpace } from "./file.js";
import { Sorter } from "./sorter.js";

/** How a group is made of its rows, in the order in which they came. */
export interface LateGroups<Group> {
	/** They stand first in what is answered. */
	keysOf(group: Group): Tuple;
	begin(keys: Tuple, row: Tuple): Group;
	step(group: Group, row: Tuple): void;
}

/** To be closed. */
export class LateRows {
	readonly #keys: number;
	readonly #compare: (a: Tuple, b: Tuple) => number;
	readonly #sorter: Sorter;

	/** `compare` looks at the keys, which stand first. */
	constructor(keys: number, compare: (a: Tuple, b: Tuple) => number, space: SpillSpace | undefined) {
		this.#keys = keys;
		this.#compare = compare;
		this.#sorter = new Sorter(compare, space);
	}

	add(keys: Tuple, row: Tuple): void {
		this.#sorter.add([...keys, ...row]);
	}

	/**
	 * All groups in the order of the keys: those that were begun earlier, which are in that order, with the rows that came late, and
	 * new ones. Each is let go of when it was handed out. To be called once.
	 */
	*finish<Group>(earlier: (Group | undefined)[], groups: LateGroups<Group>): Generator<Group> {
		let at = 0;
		const take = (): Group => {
			const group = earlier[at] as Group; // at is within, and those before it are gone
			earlier[at++] = undefined;
			return group;
		};
		const order = (both: Tuple) => this.#compare(groups.keysOf(earlier[at] as Group), both); // as above
		let group: Group | undefined;
		for (const both of rowsOf(this.#sorter.finish())) {
			const row = both.slice(this.#keys);
			if (group === undefined || this.#compare(groups.keysOf(group), both) !== 0) {
				if (group !== undefined) yield group;
				while (at < earlier.length && order(both) < 0) yield take();
				const isThere = at < earlier.length && order(both) === 0;
				group = isThere ? take() : groups.begin(both.slice(0, this.#keys), row);
			}
			groups.step(group, row);
		}
		if (group !== undefined) yield group;
		while (at < earlier.length) yield take();
	}

	close(): void {
		this.#sorter.close();
	}
}

function* rowsOf(rows: Run): Generator<Tuple> {
	try {
		for (let batch = rows.next(FULL_BATCH); batch !== undefined; batch = rows.next(FULL_BATCH)) yield* batch;
	} finally {
		rows.close();
	}
}
