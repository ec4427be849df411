/** Rows to be looked for by values: in memory, and beyond what may be there all of them in a sorted file. */

import type { Comparison } from "../bind/bound.js";
import type { Value } from "../value/value.js";
import type { Evaluate } from "./compile.js";
import { coerce } from "./compile.js";
import { ofColumns } from "./gather.js";
import { keyReader } from "./join.js";
import type { Execution, Tuple } from "./operator.js";
import { NO_ROW } from "./operator.js";
import type { SpillSpace } from "./spill/file.js";
import { keyBytes, rowBytes } from "./spill/size.js";
import { SortedFile } from "./spill/sorted-file.js";
import { Sorter } from "./spill/sorter.js";
import { stoppable } from "./stop.js";

export interface KeyedRowsOptions {
	/** Over the rows, and what these equal: without a row. */
	readonly keys: readonly Evaluate[];
	readonly wanted: readonly Evaluate[];
	readonly comparisons: readonly Comparison[];
}

/** Its file is closed by the statement's end. */
export class KeyedRows {
	readonly #options: KeyedRowsOptions;
	readonly #run: Execution;
	readonly #wantedKey: ReturnType<typeof keyReader>;
	readonly #keyOf: ReturnType<typeof keyReader>;
	#rows = new Map<unknown, Tuple[]>();
	#bytes = 0;
	#sorter: Sorter | undefined;
	#sorted: SortedFile | undefined;

	constructor(options: KeyedRowsOptions, run: Execution) {
		this.#options = options;
		this.#run = run;
		this.#keyOf = keyReader(options.keys, options.comparisons);
		this.#wantedKey = keyReader(options.wanted, options.comparisons);
	}

	add(row: Tuple): void {
		if (this.#sorter !== undefined) {
			this.#addTo(this.#sorter, row);
			return;
		}
		const key = this.#keyOf(row, this.#run);
		if (key === undefined) return;
		const others = this.#rows.get(key);
		if (others === undefined) this.#rows.set(key, [row]);
		else others.push(row);
		const { spill } = this.#run;
		if (spill === undefined) return;
		this.#bytes += rowBytes(row) + keyBytes(key);
		if (this.#bytes > spill.budgetBytes) this.#spill(spill);
	}

	/** No more rows come. */
	finish(): void {
		const { spill } = this.#run;
		if (this.#sorter === undefined || spill === undefined) return;
		this.#sorted = new SortedFile(this.#sorter.finish(), this.#compare(), spill);
		this.#sorter = undefined;
	}

	/** Those that equal what is wanted now, in the order in which they came. */
	find(run: Execution): Tuple[] | Generator<Tuple> {
		if (this.#sorted !== undefined) return this.#found(this.#sorted, run);
		const key = this.#wantedKey(NO_ROW, run);
		return (key === undefined ? undefined : this.#rows.get(key)) ?? [];
	}

	*#found(sorted: SortedFile, run: Execution): Generator<Tuple> {
		const wanted = this.#valuesOf(this.#options.wanted, NO_ROW, run);
		if (wanted === null) return;
		for (const row of sorted.equalTo(wanted)) yield row.slice(wanted.length);
	}

	#spill(space: SpillSpace): void {
		this.#sorter = new Sorter(this.#compare(), space);
		for (const rows of this.#rows.values()) for (const row of rows) this.#addTo(this.#sorter, row);
		this.#rows = new Map();
	}

	#addTo(sorter: Sorter, row: Tuple): void {
		const values = this.#valuesOf(this.#options.keys, row, this.#run);
		if (values !== null) sorter.add([...values, ...row]);
	}

	/** As they are compared; null where one of them is NULL, which equals nothing. */
	#valuesOf(expressions: readonly Evaluate[], row: Tuple, run: Execution): Tuple | null {
		const values = expressions.map((value, i) => {
			const { coercion } = this.#options.comparisons[i] as Comparison; // one per expression
			return coerce(value(row, run), coercion);
		});
		return values.includes(null) ? null : (values as Value[]);
	}

	#compare(): (a: Tuple, b: Tuple) => number {
		return stoppable(ofColumns(this.#options.comparisons.map(({ collation }) => collation)), this.#run);
	}
}
