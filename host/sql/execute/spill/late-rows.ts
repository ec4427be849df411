/** Rows of groups that came when memory was full: sorted by their keys, and then taken group by group. */

import type { Run, Tuple } from "../operator.js";
import type { SpillSpace } from "./file.js";
import { foldGroups } from "./groups.js";
import { Sorter } from "./sorter.js";

/** How a group is made of its rows, in the order in which they came. */
export interface LateGroups<Group> {
	begin(keys: Tuple, row: Tuple): Group;
	step(group: Group, row: Tuple): void;
	end(group: Group): Tuple;
}

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

	/** What `end` makes of each group, in the order of the keys. */
	finish<Group>(groups: LateGroups<Group>): Run {
		const split = this.#keys;
		return foldGroups(this.#sorter.finish(), this.#compare, {
			begin: (both) => {
				const row = both.slice(split);
				const group = groups.begin(both.slice(0, split), row);
				groups.step(group, row);
				return group;
			},
			step: (group, both) => {
				groups.step(group, both.slice(split));
				return group;
			},
			end: (group) => groups.end(group),
		});
	}
}
