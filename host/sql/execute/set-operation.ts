/** UNION, INTERSECT and EXCEPT. */

import type { Collation } from "../value/compare.js";
import { ofColumns, rowKeyOf } from "./gather.js";
import type { Execution, Operator, Run, Tuple } from "./operator.js";
import { deferred, emit, forEachRow } from "./operator.js";
import type { Fold } from "./spill/groups.js";
import { foldGroups, LAST } from "./spill/groups.js";
import { keyBytes, rowBytes } from "./spill/size.js";
import { Sorter } from "./spill/sorter.js";
import { stoppable } from "./stop.js";

type Key = ReturnType<typeof rowKeyOf>;

/**
 * Rows in the order of their columns, each once, as SQLite yields them; of rows that are equal by their collations the last one stays.
 * A UNION has any number of inputs, the others two. They are gathered by their keys; where these are too many, by sorting
 * all rows.
 */
export class SetOperation implements Operator {
	readonly inputs: readonly Operator[];
	readonly describe: string;
	readonly #operator: "union" | "intersect" | "except";
	readonly #collations: readonly Collation[];

	constructor(
		operator: "union" | "intersect" | "except",
		inputs: readonly Operator[],
		collations: readonly Collation[],
	) {
		this.inputs = inputs;
		this.describe = { union: "Union", intersect: "Intersect", except: "Except" }[operator];
		this.#operator = operator;
		this.#collations = collations;
	}

	open(run: Execution): Run {
		return deferred(() => (this.#operator === "union" ? this.#union(run) : this.#selection(run)));
	}

	#union(run: Execution): Run {
		const order = stoppable(ofColumns(this.#collations), run);
		const gathered = new Gathered(this.#collations, order, run);
		for (const input of this.inputs) gathered.addAll(input);
		const { sorter } = gathered;
		return sorter === null ? emit(gathered.sorted()) : foldGroups(sorter.finish(), order, LAST);
	}

	/** INTERSECT and EXCEPT. */
	#selection(run: Execution): Run {
		const [left, right] = this.inputs as [Operator, Operator];
		const keepsFound = this.#operator === "intersect";
		const width = this.#collations.length;
		const order = stoppable(ofColumns(this.#collations), run);
		const gathered = new Gathered(this.#collations, order, run);
		gathered.addAll(left);
		const { sorter } = gathered;
		if (sorter !== null) {
			// Behind its columns a row of the right side has a mark.
			forEachRow(right.open(run), (row) => sorter.add([...row.slice(0, width), 1]));
			return foldGroups(sorter.finish(), order, selection(width, keepsFound));
		}
		const { rows } = gathered;
		const found = new Set<Key>();
		forEachRow(right.open(run), (row) => {
			const key = gathered.keyOf(row);
			if (rows.has(key)) found.add(key);
		});
		for (const key of rows.keys()) if (found.has(key) !== keepsFound) rows.delete(key);
		return emit(gathered.sorted());
	}
}

/** The last row of the left side, where the right side has one too, or has none. */
function selection(width: number, keepsFound: boolean): Fold<{ row: Tuple | null; found: boolean }> {
	const step = (state: { row: Tuple | null; found: boolean }, row: Tuple) => {
		if (row.length > width) state.found = true;
		else state.row = row;
		return state;
	};
	return {
		begin: (row) => step({ row: null, found: false }, row),
		step,
		end: ({ row, found }) => (found === keepsFound ? row : null),
	};
}

/** The last row of each key; from too many on all rows, in a sorter. */
class Gathered {
	readonly rows = new Map<Key, Tuple>();
	sorter: Sorter | null = null;
	readonly #collations: readonly Collation[];
	readonly #order: (a: Tuple, b: Tuple) => number;
	readonly #run: Execution;
	readonly #budgetBytes: number;
	#bytes = 0;

	constructor(collations: readonly Collation[], order: (a: Tuple, b: Tuple) => number, run: Execution) {
		this.#collations = collations;
		this.#order = order;
		this.#run = run;
		this.#budgetBytes = run.spill?.budgetBytes ?? Infinity;
	}

	keyOf(row: Tuple): Key {
		return rowKeyOf(row, this.#collations.length, this.#collations);
	}

	addAll(operator: Operator): void {
		forEachRow(operator.open(this.#run), (row) => {
			if (this.sorter === null) this.#add(row);
			else this.sorter.add(row);
		});
	}

	sorted(): Tuple[] {
		return [...this.rows.values()].sort(this.#order);
	}

	#add(row: Tuple): void {
		const { rows } = this;
		const key = this.keyOf(row);
		const before = rows.size;
		rows.set(key, row);
		if (rows.size === before || this.#budgetBytes === Infinity) return;
		this.#bytes += keyBytes(key) + rowBytes(row);
		if (this.#bytes <= this.#budgetBytes) return;
		this.sorter = new Sorter(this.#order, this.#run.spill);
		for (const kept of rows.values()) this.sorter.add(kept);
		rows.clear();
	}
}
