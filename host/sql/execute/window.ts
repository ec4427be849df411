/** Window functions: rows in the order of a window, partition by partition, and for each row what a call finds there. */

import type { Bound, BoundWindow } from "../bind/bound.js";
import { collationOf } from "../bind/bound.js";
import { sameBound } from "../bind/traverse.js";
import type { Value } from "../value/value.js";
import type { Evaluate } from "./compile.js";
import type { FrameBounds } from "./frame.js";
import type { SortTerm } from "./gather.js";
import { comparator } from "./gather.js";
import type { Execution, Operator, Run, Tuple } from "./operator.js";
import { deferred, emit, FULL_BATCH, pulled } from "./operator.js";
import type { FrameRow } from "./partition.js";
import { MemoryPartition } from "./partition.js";
import { partitionedRows, placedTerms } from "./partitioned-window.js";
import { isRunning, runningRows } from "./running-window.js";
import { rowBytes } from "./spill/size.js";
import { Sorter } from "./spill/sorter.js";
import { stoppable } from "./stop.js";
import type { PlacedCall } from "./window-call.js";
import { fillIn } from "./window-call.js";

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
	readonly calls: PlacedCall[];
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
				slot: inputWidth + at,
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
			const part = entries.slice(start, end);
			fillIn(part, new MemoryPartition(part, split, terms, run), group.calls, run);
			start = end;
		}
		return entries.map(({ row }) => row);
	}

	/**
	 * For more rows than may be in memory, of which `first` have been read: window after window, the first one last, they are sorted
	 * with a number behind them, and then taken partition by partition.
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
		const { terms, calls } = group;
		const window = { width, terms, split: group.partition.length, calls };
		const [partition, peers] = placedTerms(window);
		// The last term is the number: rows that are equal stay in the order in which they came.
		const order = comparator([
			...partition,
			...peers,
			{ slot: width - 1, collation: "binary", descending: false, nulls: "first" },
		]);
		const sorter = new Sorter(stoppable(order, run), run.spill);
		for (let batch = input.next(FULL_BATCH); batch !== undefined; batch = input.next(FULL_BATCH)) {
			for (const row of batch) sorter.add([...row, ...keyOf(row, group, run)]);
		}
		input.close();
		const sorted = sorter.finish();
		const evaluated = pulled(
			calls.every(({ compiled }) => isRunning(compiled))
				? runningRows(sorted, calls, comparator(partition), comparator(peers), run)
				: partitionedRows(sorted, window, run),
		);
		return {
			next: (limit) => evaluated.next(limit)?.map((row) => row.slice(0, width)),
			close: () => {
				evaluated.close();
				sorted.close();
			},
		};
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
