/** Operators over whole queries: UNION ALL, recursion, queries of WITH, table functions. */

import type { TableFunction } from "../function/table.js";
import { sqlError } from "../parse/source.js";
import type { Collation } from "../value/compare.js";
import type { Value } from "../value/value.js";
import type { Evaluate } from "./compile.js";
import type { SortTerm } from "./gather.js";
import { comparator, rowKeyOf } from "./gather.js";
import type { Execution, Operator, Run, Tuple } from "./operator.js";
import { emit, FULL_BATCH, NO_ROW, pulled } from "./operator.js";
import { RowBuffer } from "./spill/buffer.js";
import { KeySet } from "./spill/key-set.js";
import { OrderedQueue } from "./spill/ordered-queue.js";
import { RowQueue } from "./spill/queue.js";
import { stoppable } from "./stop.js";

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
		const [input] = this.inputs as [Operator];
		return RowBuffer.keptIn(this.#correlated ? run.local : run.kept, this.#key, input, run);
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
		const queue =
			order.length === 0 ? new RowQueue(run.spill) : new OrderedQueue(stoppable(comparator(order), run), run.spill);
		const seen = new KeySet(run);
		let begun = false;
		const isNew = (row: Tuple): boolean =>
			collations === null || seen.add(rowKeyOf(row, collations.length, collations));
		const add = (operator: Operator, execution: Execution) => {
			const rows = operator.open(execution);
			try {
				for (let batch = rows.next(FULL_BATCH); batch !== undefined; batch = rows.next(FULL_BATCH))
					queue.push(batch.filter(isNew));
			} finally {
				rows.close();
			}
		};
		return {
			next: (limit) => {
				if (!begun) {
					begun = true;
					add(initial, run);
				}
				const rows: Tuple[] = [];
				// Row by row, as each row's successors may depend on how many were asked about at once.
				while (rows.length < Math.min(limit, FULL_BATCH)) {
					const row = queue.take();
					if (row === undefined) break;
					rows.push(row);
					run.stop?.count(1);
					const inner = run.step(recursion, [row]);
					for (const step of steps) add(step, inner);
					inner.release();
				}
				return rows.length === 0 ? undefined : rows;
			},
			close: () => {
				begun = true;
				queue.close();
				seen.close();
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
		const rows = pulled(this.#function.rows(values, this.#wanted)[Symbol.iterator]());
		return {
			next: (limit) => {
				const batch = rows.next(limit);
				run.stop?.count(batch?.length ?? 1);
				return batch;
			},
			close: () => rows.close(),
		};
	}
}
