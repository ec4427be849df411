/** Rows of which only the first of equals is wanted, in the order in which they came: more than can be remembered. */

import type { Execution, Run, Tuple } from "../operator.js";
import { forEachRow } from "../operator.js";
import { stoppable } from "../stop.js";
import { FIRST, foldGroups } from "./groups.js";
import { Sorter } from "./sorter.js";

type Compare = (a: Tuple, b: Tuple) => number;

/** To be closed. */
export class LaterRows {
	readonly #run: Pick<Execution, "stop" | "spill">;
	readonly #compare: Compare;
	readonly #sorter: Sorter;
	#count = 0;

	constructor(compare: Compare, run: Pick<Execution, "stop" | "spill">) {
		this.#run = run;
		this.#compare = stoppable(compare, run);
		this.#sorter = new Sorter(this.#compare, run.spill);
	}

	add(row: Tuple): void {
		this.#sorter.add([...row, this.#count++]);
	}

	/** To be called once. Closing the run closes the rest. */
	finish(): Run {
		const firsts = foldGroups(this.#sorter.finish(), this.#compare, FIRST);
		const byNumber = new Sorter(stoppable(compareNumbers, this.#run), this.#run.spill);
		forEachRow(firsts, (row) => byNumber.add(row));
		const rows = byNumber.finish();
		return {
			next: (limit) => rows.next(limit)?.map((row) => row.slice(0, -1)),
			close: () => rows.close(),
		};
	}

	close(): void {
		this.#sorter.close();
	}
}

/** Of rows that have one behind their columns. */
function compareNumbers(a: Tuple, b: Tuple): number {
	return (a[a.length - 1] as number) - (b[b.length - 1] as number);
}
