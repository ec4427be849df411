/** The rows of one partition of a window, in its order: all of them in memory, or beyond what may be there in temporary files. */

import type { Value } from "../value/value.js";
import type { SortTerm } from "./gather.js";
import { comparator } from "./gather.js";
import type { Execution, Tuple } from "./operator.js";
import { PagedRows } from "./spill/paged-rows.js";
import type { CompiledCall } from "./window.js";
import { argumentsOf } from "./window-aggregate.js";

export interface Partition {
	readonly count: number;
	/** The first term of ORDER BY. */
	readonly order: SortTerm | undefined;
	/** What calls evaluate their arguments over. */
	row(i: number): Tuple;
	/** The row's value of the first term of ORDER BY. */
	orderValue(i: number): Value;
	/** The number of the row's group of peers. Asked row after row. */
	groupOf(i: number): number;
	/** The first row of a group; the count of all rows where there is none such behind the last one. */
	groupStart(group: number): number;
	/**
	 * What an aggregate is stepped with for a row, null where its filter refuses that. Evaluated once per row: what leaves a frame
	 * is what came into it.
	 */
	argumentsOf(call: CompiledCall): (i: number) => readonly Value[] | null;
}

export interface FrameRow {
	readonly row: Tuple;
	/** Values of PARTITION BY, then of ORDER BY. */
	readonly key: Tuple;
}

export class MemoryPartition implements Partition {
	readonly count: number;
	readonly order: SortTerm | undefined;
	readonly #rows: readonly FrameRow[];
	readonly #run: Execution;
	/** Where the first term of ORDER BY stands in the keys. */
	readonly #slot: number;
	readonly #groupOf: number[];
	readonly #groupStarts: number[] = [];

	/** `terms` are those of the keys, of which `split` are those of PARTITION BY. */
	constructor(rows: readonly FrameRow[], split: number, terms: readonly SortTerm[], run: Execution) {
		this.#rows = rows;
		this.#run = run;
		this.#slot = split;
		this.count = rows.length;
		this.order = terms[split];
		const compare = comparator(terms.slice(split));
		this.#groupOf = new Array<number>(rows.length);
		for (const [i, { key }] of rows.entries()) {
			if (i === 0 || compare((rows[i - 1] as FrameRow).key, key) !== 0) this.#groupStarts.push(i);
			this.#groupOf[i] = this.#groupStarts.length - 1;
		}
	}

	row(i: number): Tuple {
		return (this.#rows[i] as FrameRow).row; // i is within, here and below
	}

	orderValue(i: number): Value {
		return (this.#rows[i] as FrameRow).key[this.#slot] as Value;
	}

	groupOf(i: number): number {
		return this.#groupOf[i] as number;
	}

	groupStart(group: number): number {
		return this.#groupStarts[group] ?? this.count;
	}

	argumentsOf(call: CompiledCall): (i: number) => readonly Value[] | null {
		const values = this.#rows.map(({ row }) => argumentsOf(call, row, this.#run));
		return (i) => values[i] as Value[] | null;
	}
}

/** What the first rows of groups may take of the memory, beside the rows. */
const STARTS_SHARE = 1 / 4;

/** Rows with their keys behind them. To be closed. */
export class PagedPartition implements Partition {
	readonly order: SortTerm | undefined;
	readonly #run: Execution;
	/** Rows, and behind them the arguments of aggregates. */
	readonly #rows: PagedRows;
	/** Per group its first row. */
	readonly #starts: PagedRows;
	readonly #aggregates: readonly CompiledCall[];
	readonly #comparePeers: (a: Tuple, b: Tuple) => number;
	/** Columns of the rows that are added, and of what is behind them. */
	readonly #width: number;
	#last: Tuple | undefined;
	/** The group that was asked for last. */
	#group = 0;
	#groupEnd = 0;

	/** `terms` are those of ORDER BY, by their places in the rows; of the calls, the arguments of aggregates are kept. */
	constructor(width: number, terms: readonly SortTerm[], calls: readonly CompiledCall[], run: Execution) {
		this.#run = run;
		this.#rows = new PagedRows(run.spill);
		this.#starts = new PagedRows(run.spill, STARTS_SHARE);
		this.#width = width;
		this.order = terms[0];
		this.#comparePeers = comparator(terms);
		this.#aggregates = calls.filter(({ call }) => "create" in call.function);
	}

	get count(): number {
		return this.#rows.count;
	}

	add(row: Tuple): void {
		this.#run.stop?.count(1);
		if (this.#last === undefined || this.#comparePeers(this.#last, row) !== 0) this.#starts.add([this.count]);
		this.#last = row;
		const stored = [...row];
		for (const call of this.#aggregates) {
			const given = argumentsOf(call, row, this.#run);
			stored.push(given === null ? 0 : 1);
			for (let j = 0; j < call.arguments.length; j++) stored.push(given?.[j] ?? null);
		}
		this.#rows.add(stored);
	}

	/** No more rows come. */
	finish(): void {
		this.#rows.finish();
		this.#starts.finish();
		this.#groupEnd = this.groupStart(1);
	}

	row(i: number): Tuple {
		return this.#rows.at(i);
	}

	orderValue(i: number): Value {
		return this.#rows.at(i)[this.order?.slot ?? 0] as Value; // rows are as wide
	}

	groupOf(i: number): number {
		while (i >= this.#groupEnd) {
			this.#group++;
			this.#groupEnd = this.groupStart(this.#group + 1);
		}
		return this.#group;
	}

	groupStart(group: number): number {
		return group < this.#starts.count ? (this.#starts.at(group)[0] as number) : this.count;
	}

	argumentsOf(call: CompiledCall): (i: number) => readonly Value[] | null {
		let at = this.#width;
		for (const other of this.#aggregates) {
			if (other === call) break;
			at += 1 + other.arguments.length;
		}
		const end = at + 1 + call.arguments.length;
		return (i) => {
			const row = this.#rows.at(i);
			return row[at] === 0 ? null : row.slice(at + 1, end);
		};
	}

	close(): void {
		this.#rows.close();
		this.#starts.close();
	}
}
