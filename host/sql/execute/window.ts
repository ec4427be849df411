/** Window functions: rows in the order of a window, partition by partition, and for each row what a call finds there. */

import type { Bound, BoundWindow } from "../bind/bound.js";
import { collationOf } from "../bind/bound.js";
import { sameBound } from "../bind/traverse.js";
import { sqlError } from "../parse/source.js";
import { toInteger } from "../value/convert.js";
import type { Value } from "../value/value.js";
import { isInteger, real } from "../value/value.js";
import type { Evaluate } from "./compile.js";
import type { FrameBounds, FrameRow, Partition } from "./frame.js";
import { frameReader } from "./frame.js";
import type { SortTerm } from "./gather.js";
import { comparator } from "./gather.js";
import type { Execution, Operator, Run, Tuple } from "./operator.js";
import { deferred, emit, FULL_BATCH, pulled } from "./operator.js";
import { isRunning, runningRows } from "./running-window.js";
import { rowBytes } from "./spill/size.js";
import { Sorter } from "./spill/sorter.js";
import { stoppable } from "./stop.js";
import { aggregateOver } from "./window-aggregate.js";

export interface CompiledCall {
	readonly call: BoundWindow;
	readonly arguments: readonly Evaluate[];
	readonly filter: Evaluate | null;
	readonly bounds: FrameBounds;
}

/** Calls that share partitions and order. */
interface Group {
	readonly partition: readonly Evaluate[];
	readonly order: readonly Evaluate[];
	readonly terms: readonly SortTerm[];
	readonly calls: { readonly at: number; readonly compiled: CompiledCall }[];
	readonly first: BoundWindow;
}

type CompileBound = (bound: Bound) => Evaluate;

function sameWindow(a: BoundWindow, b: BoundWindow): boolean {
	return (
		a.partition.length === b.partition.length &&
		a.order.length === b.order.length &&
		a.partition.every((part, i) => sameBound(part, b.partition[i] as Bound)) && // as many
		a.order.every((term, i) => {
			const other = b.order[i] as (typeof b.order)[number]; // as many
			return (
				term.descending === other.descending &&
				term.nulls === other.nulls &&
				term.collation === other.collation &&
				sameBound(term.bound, other.bound)
			);
		})
	);
}

export class Window implements Operator {
	readonly inputs: readonly Operator[];
	readonly describe: string;
	readonly #groups: Group[] = [];
	readonly #width: number;
	readonly #count: number;

	constructor(
		input: Operator,
		calls: readonly BoundWindow[],
		evaluate: CompileBound,
		fixed: CompileBound,
		inputWidth: number,
		text: string,
	) {
		this.inputs = [input];
		this.describe = text;
		this.#width = inputWidth;
		this.#count = calls.length;
		for (const [at, call] of calls.entries()) {
			let group = this.#groups.find(({ first }) => sameWindow(first, call));
			if (group === undefined) {
				group = {
					partition: call.partition.map(evaluate),
					order: call.order.map(({ bound }) => evaluate(bound)),
					terms: termsOf(call),
					calls: [],
					first: call,
				};
				this.#groups.push(group);
			}
			group.calls.push({
				at,
				compiled: {
					call,
					arguments: call.arguments.map(evaluate),
					filter: call.filter === null ? null : evaluate(call.filter),
					bounds: {
						frame: call.frame,
						start: "offset" in call.frame.start ? fixed(call.frame.start.offset) : null,
						end: "offset" in call.frame.end ? fixed(call.frame.end.offset) : null,
					},
				},
			});
		}
	}

	open(run: Execution): Run {
		const [operator] = this.inputs as [Operator];
		const input = operator.open(run);
		return deferred(() => {
			const rows: Tuple[] = [];
			const budgetBytes = run.spill?.budgetBytes ?? Infinity;
			let bytes = 0;
			for (let batch = input.next(FULL_BATCH); batch !== undefined; batch = input.next(FULL_BATCH)) {
				for (const row of batch) {
					rows.push(this.#widened(row));
					if (budgetBytes !== Infinity) bytes += rowBytes(row);
				}
				if (bytes > budgetBytes) return this.#streamed(rows, input, run);
			}
			return emit(this.#compute(rows, run));
		}, input);
	}

	/** The row with room for the calls' results behind it. */
	#widened(row: Tuple): Tuple {
		const width = this.#width;
		const wider = new Array<Value>(width + this.#count).fill(null);
		for (let i = 0; i < width; i++) wider[i] = row[i] as Value; // i is within
		return wider;
	}

	/** The rows with the calls' results, in the order of the first window. */
	#compute(rows: readonly Tuple[], run: Execution): Tuple[] {
		let output: readonly Tuple[] = rows;
		for (const [i, group] of this.#groups.entries()) {
			const sorted = this.#inWindow(rows, group, run);
			if (i === 0) output = sorted;
		}
		return output as Tuple[];
	}

	#inWindow(rows: readonly Tuple[], group: Group, run: Execution): Tuple[] {
		const { terms } = group;
		const split = group.partition.length;
		const entries = rows.map((row): FrameRow => ({ row, key: keyOf(row, group, run) }));
		const compare = comparator(terms);
		entries.sort(stoppable((a, b) => compare(a.key, b.key), run));
		const comparePartition = comparator(terms.slice(0, split));
		for (let start = 0; start < entries.length; ) {
			const first = entries[start] as FrameRow; // start is within
			let end = start + 1;
			while (end < entries.length && comparePartition(first.key, (entries[end] as FrameRow).key) === 0) end++;
			this.#evaluate(entries.slice(start, end), group, run);
			start = end;
		}
		return entries.map(({ row }) => row);
	}

	/** The rows of one partition, in the order of the window. */
	#evaluate(entries: readonly FrameRow[], group: Group, run: Execution): void {
		const part = partitionOf(entries, group.partition.length, group.terms);
		for (const { at, compiled } of group.calls) evaluateCall(compiled, part, this.#width + at, run);
	}

	/**
	 * For more rows than may be in memory, of which `first` have been read: window after window, the first one last, they are sorted
	 * with a number behind them, and at most one partition is in memory at a time.
	 */
	#streamed(first: readonly Tuple[], more: Run, run: Execution): Run {
		let number = 0;
		const rows = pulled(followed(first, more, (row) => this.#widened(row)));
		let output: Run = {
			next: (limit) => rows.next(limit)?.map((row) => [...row, number++]),
			close: () => rows.close(),
		};
		for (const group of this.#groups.toReversed()) output = this.#throughWindow(output, group, run);
		const width = this.#width + this.#count;
		return {
			next: (limit) => output.next(limit)?.map((row) => row.slice(0, width)),
			close: () => output.close(),
		};
	}

	#throughWindow(input: Run, group: Group, run: Execution): Run {
		const width = this.#width + this.#count + 1;
		const terms = group.terms.map((term) => ({ ...term, slot: width + term.slot }));
		// The last term is the number: rows that are equal stay in the order in which they came.
		const order = comparator([...terms, { slot: width - 1, collation: "binary", descending: false, nulls: "first" }]);
		const sorter = new Sorter(stoppable(order, run), run.spill);
		for (let batch = input.next(FULL_BATCH); batch !== undefined; batch = input.next(FULL_BATCH)) {
			for (const row of batch) sorter.add([...row, ...keyOf(row, group, run)]);
		}
		input.close();
		const sorted = sorter.finish();
		const evaluated = pulled(this.#evaluated(sorted, group, terms, run));
		return {
			next: (limit) => evaluated.next(limit)?.map((row) => row.slice(0, width)),
			close: () => {
				evaluated.close();
				sorted.close();
			},
		};
	}

	/** Sorted rows with the values of the window behind them, which `terms` say how to compare. */
	#evaluated(sorted: Run, group: Group, terms: readonly SortTerm[], run: Execution): Iterator<Tuple> {
		const split = group.partition.length;
		const comparePartition = comparator(terms.slice(0, split));
		if (group.calls.every(({ compiled }) => isRunning(compiled))) {
			const calls = group.calls.map(({ at, compiled }) => ({ slot: this.#width + at, compiled }));
			return runningRows(sorted, calls, comparePartition, comparator(terms.slice(split)), run);
		}
		const width = this.#width + this.#count + 1;
		return partitioned(sorted, comparePartition, (rows) => {
			this.#evaluate(
				rows.map((row): FrameRow => ({ row, key: row.slice(width) })),
				group,
				run,
			);
			return rows;
		});
	}
}

/** Values of PARTITION BY, then of ORDER BY. */
function keyOf(row: Tuple, { partition, order }: Group, run: Execution): Tuple {
	return [...partition.map((part) => part(row, run)), ...order.map((term) => term(row, run))];
}

/** Rows that are there, then those of a run. */
function* followed(first: readonly Tuple[], more: Run, change: (row: Tuple) => Tuple): Generator<Tuple> {
	yield* first;
	for (let batch = more.next(FULL_BATCH); batch !== undefined; batch = more.next(FULL_BATCH)) yield* batch.map(change);
}

/** Rows that lie side by side and are equal go through `evaluate` together. */
function* partitioned(
	rows: Run,
	compare: (a: Tuple, b: Tuple) => number,
	evaluate: (rows: readonly Tuple[]) => readonly Tuple[],
): Generator<Tuple> {
	let part: Tuple[] = [];
	for (let batch = rows.next(FULL_BATCH); batch !== undefined; batch = rows.next(FULL_BATCH)) {
		for (const row of batch) {
			if (part.length > 0 && compare(part[0] as Tuple, row) !== 0) {
				yield* evaluate(part);
				part = [];
			}
			part.push(row);
		}
	}
	if (part.length > 0) yield* evaluate(part);
}

function termsOf(call: BoundWindow): SortTerm[] {
	const partition = call.partition.map((bound, slot) => ({
		slot,
		descending: false,
		nulls: "first" as const,
		collation: collationOf(bound)?.collation ?? ("binary" as const),
	}));
	const order = call.order.map(({ descending, nulls, collation }, i) => ({
		slot: partition.length + i,
		descending,
		nulls,
		collation,
	}));
	return [...partition, ...order];
}

function partitionOf(rows: readonly FrameRow[], split: number, terms: readonly SortTerm[]): Partition {
	const compare = comparator(terms.slice(split));
	const groupOf = new Array<number>(rows.length);
	const groupStarts: number[] = [];
	for (const [i, { key }] of rows.entries()) {
		if (i === 0 || compare((rows[i - 1] as FrameRow).key, key) !== 0) groupStarts.push(i);
		groupOf[i] = groupStarts.length - 1;
	}
	return { rows, groupOf, groupStarts, order: terms[split], slot: split };
}

function evaluateCall(compiled: CompiledCall, partition: Partition, slot: number, run: Execution): void {
	const called = compiled.call.function;
	if ("create" in called) {
		aggregateOver(compiled, called, partition, slot, run);
		return;
	}
	const { rows, groupOf, groupStarts } = partition;
	const count = rows.length;
	const store = (i: number, value: Value) => {
		run.stop?.count(1);
		(rows[i] as FrameRow).row[slot] = value; // i is within
	};
	const argument = (which: number, i: number): Value =>
		compiled.arguments[which]?.((rows[i] as FrameRow).row, run) ?? null; // i is within
	const groupEnd = (i: number) => groupStarts[(groupOf[i] as number) + 1] ?? count;
	const groupStart = (i: number) => groupStarts[groupOf[i] as number] as number; // every row has a group
	switch (called.name) {
		case "row_number":
			for (let i = 0; i < count; i++) store(i, i + 1);
			return;
		case "rank":
			for (let i = 0; i < count; i++) store(i, groupStart(i) + 1);
			return;
		case "dense_rank":
			for (let i = 0; i < count; i++) store(i, (groupOf[i] as number) + 1);
			return;
		case "percent_rank":
			for (let i = 0; i < count; i++) store(i, real(count > 1 ? groupStart(i) / (count - 1) : 0));
			return;
		case "cume_dist":
			for (let i = 0; i < count; i++) store(i, real(groupEnd(i) / count));
			return;
		case "ntile": {
			const buckets = toInteger(argument(0, 0));
			if (buckets === null || buckets <= 0) throw sqlError("argument of ntile must be a positive integer");
			const size = Math.floor(count / Number(buckets));
			const larger = count - size * Number(buckets);
			const small = larger * (size + 1);
			for (let i = 0; i < count; i++) {
				store(i, i < small ? Math.floor(i / (size + 1)) + 1 : larger + Math.floor((i - small) / size) + 1);
			}
			return;
		}
		case "lag":
		case "lead": {
			const sign = called.name === "lag" ? -1 : 1;
			for (let i = 0; i < count; i++) {
				const offset = compiled.arguments.length > 1 ? toInteger(argument(1, i)) : 1;
				const at = offset === null ? -1 : i + sign * Number(offset);
				// What lies ahead of lag() is not read beyond the next row, as in SQLite.
				const end = called.name === "lag" ? Math.min(i + 2, count) : count;
				store(i, at >= 0 && at < end ? argument(0, at) : argument(2, i));
			}
			return;
		}
		case "first_value":
		case "last_value":
		case "nth_value": {
			const frameOf = frameReader(compiled.bounds, partition, run);
			for (let i = 0; i < count; i++) {
				const frame = frameOf(i);
				let at: number | undefined;
				if (called.name === "first_value") at = frame.at(0);
				else if (called.name === "last_value") at = frame.at(frame.length - 1);
				else {
					const position = argument(1, i);
					if (!isInteger(position) || position <= 0) {
						throw sqlError("second argument to nth_value must be a positive integer");
					}
					at = frame.at(Number(position) - 1);
				}
				store(i, at === undefined ? null : argument(0, at));
			}
			return;
		}
	}
}
