/** Operators over whole queries: compounds, recursion, queries of WITH, table functions. */

import type { TableFunction } from "../function/table.js";
import { sqlError } from "../parse/source.js";
import type { Collation } from "../value/compare.js";
import type { Value } from "../value/value.js";
import type { Evaluate } from "./compile.js";
import type { SortTerm } from "./gather.js";
import { comparator, rowKeyOf, stoppable } from "./gather.js";
import type { Execution, Operator, Run, Tuple } from "./operator.js";
import { allRows, deferred, emit, FULL_BATCH, NO_ROW } from "./operator.js";

/** The rows of one input after the other. */
export class UnionAll implements Operator {
	readonly inputs: readonly Operator[];
	readonly describe = "Union all";

	constructor(inputs: readonly Operator[]) {
		this.inputs = inputs;
	}

	open(run: Execution): Run {
		let at = 0;
		let current: Run | undefined;
		return {
			next: (limit) => {
				for (;;) {
					if (current === undefined) {
						const input = this.inputs[at++];
						if (input === undefined) return undefined;
						current = input.open(run);
					}
					const batch = current.next(limit);
					if (batch !== undefined) return batch;
					current.close();
					current = undefined;
				}
			},
			close: () => {
				current?.close();
				current = undefined;
				at = this.inputs.length;
			},
		};
	}
}

/** UNION, INTERSECT, EXCEPT: rows in the order of their columns, each once, as SQLite yields them. */
export class SetOperation implements Operator {
	readonly inputs: readonly Operator[];
	readonly describe: string;
	readonly #operator: "union" | "intersect" | "except";
	readonly #collations: readonly Collation[];

	constructor(
		operator: "union" | "intersect" | "except",
		left: Operator,
		right: Operator,
		collations: readonly Collation[],
	) {
		this.inputs = [left, right];
		this.describe = { union: "Union", intersect: "Intersect", except: "Except" }[operator];
		this.#operator = operator;
		this.#collations = collations;
	}

	open(run: Execution): Run {
		return deferred(() => emit(this.#combine(run)));
	}

	#combine(run: Execution): Tuple[] {
		const [left, right] = this.inputs as [Operator, Operator];
		const collations = this.#collations;
		const keyOf = (row: Tuple) => rowKeyOf(row, collations.length, collations);
		const rows = new Map<ReturnType<typeof keyOf>, Tuple>();
		// Of rows that are equal by their collations the last one stays.
		for (const row of allRows(left, run)) rows.set(keyOf(row), row);
		if (this.#operator === "union") {
			for (const row of allRows(right, run)) rows.set(keyOf(row), row);
		} else if (this.#operator === "except") {
			for (const row of allRows(right, run)) rows.delete(keyOf(row));
		} else {
			const others = new Set(allRows(right, run).map(keyOf));
			for (const key of rows.keys()) if (!others.has(key)) rows.delete(key);
		}
		const order = comparator(
			collations.map((collation, slot) => ({ slot, collation, descending: false, nulls: "first" as const })),
		);
		return [...rows.values()].sort(stoppable(order, run));
	}
}

/** A query of WITH that is named more than once: its rows are found once. */
export class SharedRows implements Operator {
	readonly inputs: readonly Operator[];
	readonly describe: string;
	readonly #key: object;
	readonly #correlated: boolean;

	constructor(name: string, key: object, correlated: boolean, input: Operator) {
		this.inputs = [input];
		this.describe = `Rows of ${name}, kept`;
		this.#key = key;
		this.#correlated = correlated;
	}

	open(run: Execution): Run {
		const kept = this.#correlated ? run.local : run.kept;
		let rows = kept.get(this.#key) as Tuple[] | undefined;
		if (rows === undefined) {
			rows = allRows(this.inputs[0] as Operator, run); // it has one input
			kept.set(this.#key, rows);
		}
		return emit(rows);
	}
}

/** What the last step of a recursive query found. */
export class WorkingRows implements Operator {
	readonly inputs: readonly Operator[] = [];
	readonly describe: string;
	readonly #recursion: object;

	constructor(name: string, recursion: object) {
		this.describe = `New rows of ${name}`;
		this.#recursion = recursion;
	}

	open(run: Execution): Run {
		return emit(run.working.get(this.#recursion) ?? []);
	}
}

export interface RecursiveOptions {
	readonly name: string;
	readonly recursion: object;
	readonly initial: Operator;
	readonly steps: readonly Operator[];
	readonly collations: readonly Collation[] | null;
	readonly order: readonly SortTerm[];
}

/** WITH RECURSIVE: each row is followed in the queue's order, until none is left. */
export class Recursive implements Operator {
	readonly inputs: readonly Operator[];
	readonly describe: string;
	readonly #options: RecursiveOptions;

	constructor(options: RecursiveOptions) {
		this.#options = options;
		this.inputs = [options.initial, ...options.steps];
		this.describe = `Recursion of ${options.name}`;
	}

	open(run: Execution): Run {
		const { initial, steps, collations, order, recursion } = this.#options;
		const compare = order.length === 0 ? null : comparator(order);
		const seen = new Set<ReturnType<typeof rowKeyOf>>();
		// Taken from `queue[head]` on; sorted where the queue has an order.
		let queue: Tuple[] = [];
		let head = 0;
		let begun = false;
		const add = (rows: readonly Tuple[]) => {
			const fresh =
				collations === null
					? rows
					: rows.filter((row) => {
							const before = seen.size;
							seen.add(rowKeyOf(row, collations.length, collations));
							return seen.size > before;
						});
			if (fresh.length === 0) return;
			if (head > 1024 && head > queue.length / 2) {
				queue = queue.slice(head);
				head = 0;
			}
			for (const row of fresh) queue.push(row);
			if (compare !== null) {
				queue = queue.slice(head).sort(stoppable(compare, run));
				head = 0;
			}
		};
		return {
			next: (limit) => {
				if (!begun) {
					begun = true;
					add(allRows(initial, run));
				}
				const rows: Tuple[] = [];
				// Row by row, as each row's successors may depend on how many were asked about at once.
				while (head < queue.length && rows.length < Math.min(limit, FULL_BATCH)) {
					const row = queue[head++] as Tuple; // head is within
					rows.push(row);
					run.stop?.count(1);
					const inner = run.step(recursion, [row]);
					for (const step of steps) add(allRows(step, inner));
				}
				if (rows.length === 0) return undefined;
				return rows;
			},
			close: () => {
				begun = true;
				queue = [];
				head = 0;
			},
		};
	}
}

/** The rows of a function in FROM, for arguments that may come from the row it is joined to. */
export class FunctionRows implements Operator {
	readonly inputs: readonly Operator[] = [];
	readonly describe: string;
	readonly #function: TableFunction;
	readonly #arguments: readonly Evaluate[];
	readonly #wanted: ReadonlySet<number>;

	/** `wanted` are the columns that are looked at. */
	constructor(called: TableFunction, values: readonly Evaluate[], wanted: ReadonlySet<number>, text: string) {
		this.describe = `Call ${called.name}(${text})`;
		this.#function = called;
		this.#arguments = values;
		this.#wanted = wanted;
	}

	open(run: Execution, outer: Tuple = NO_ROW): Run {
		const values: Value[] = this.#arguments.map((value) => value(outer, run));
		const { minimumArguments, missingArguments } = this.#function;
		if (values.length < minimumArguments) {
			if (missingArguments !== null) throw sqlError(missingArguments);
			return emit([]);
		}
		const iterator = this.#function.rows(values, this.#wanted)[Symbol.iterator]();
		let done = false;
		return {
			next: (limit) => {
				const rows: Tuple[] = [];
				while (!done && rows.length < Math.min(limit, FULL_BATCH)) {
					const step = iterator.next();
					if (step.done === true) done = true;
					else rows.push(step.value);
				}
				run.stop?.count(rows.length);
				return rows.length === 0 ? undefined : rows;
			},
			close: () => {
				if (!done) iterator.return?.();
				done = true;
			},
		};
	}
}
