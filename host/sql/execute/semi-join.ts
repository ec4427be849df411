/** Rows of the left side that have a partner on the right side, each once; or those that have none. */

import type { Comparison } from "../bind/bound.js";
import type { Evaluate } from "./compile.js";
import { isTrue } from "./compile.js";
import { concat, keyReader } from "./join.js";
import type { Execution, Operator, Run, Tuple } from "./operator.js";
import { deferred, emit, expectedRows, FULL_BATCH, forEachRow } from "./operator.js";
import type { SpillSpace } from "./spill/file.js";
import type { PartitionedJoinOptions } from "./spill/partitioned-join.js";
import { partitionedJoin } from "./spill/partitioned-join.js";
import type { Key } from "./spill/partitions.js";
import { keyBytes, rowBytes } from "./spill/size.js";
import { Sorter } from "./spill/sorter.js";
import { stoppable } from "./stop.js";

export type SemiJoinKind = "semi" | "anti";

export interface SemiJoinOptions {
	readonly kind: SemiJoinKind;
	readonly left: Operator;
	readonly right: Operator;
	readonly leftWidth: number;
	readonly rightWidth: number;
	/** Equal pairs, at least one: over rows of the left and of the right side. */
	readonly leftKeys: readonly Evaluate[];
	readonly rightKeys: readonly Evaluate[];
	readonly comparisons: readonly Comparison[];
	/** What else must hold, over a row of the left side with one of the right side behind it; null for nothing. */
	readonly on: Evaluate | null;
	/** The side that is kept in a table. */
	readonly built: "left" | "right";
	/** The right side is the same in all runs of a statement: what is made of it is kept for the next run. */
	readonly keepsRight: boolean;
	readonly text: string;
	readonly estimate: number;
}

/** The right side by its keys; rows only where more than the key is asked of them. */
type RightTable = ReadonlyMap<Key | null, Tuple[]>;

const NO_ROWS: Tuple[] = [];

/** The left side's rows come in their order, whichever side is kept. */
export class SemiJoin implements Operator {
	readonly inputs: readonly Operator[];
	readonly describe: string;
	readonly #options: SemiJoinOptions;

	constructor(options: SemiJoinOptions) {
		this.#options = options;
		this.inputs = [options.left, options.right];
		const side = options.built === "left" ? ", by the left side" : "";
		this.describe = `${options.kind === "semi" ? "Semi" : "Anti"} join on ${options.text}${side} ${expectedRows(options.estimate)}`;
	}

	open(run: Execution, outer?: Tuple): Run {
		const left = this.#options.left.open(run, outer);
		return this.#options.built === "left" ? this.#byLeft(left, run) : this.#byRight(left, run);
	}

	/** Goes through the left side, past a table of the right side; this is not read where the left side has no rows. */
	#byRight(left: Run, run: Execution): Run {
		const leftKey = keyReader(this.#options.leftKeys, this.#options.comparisons);
		const isWanted = this.#options.kind === "semi";
		let table: RightTable | undefined;
		let spilled: Run | undefined;
		let ended = false;
		const next = (limit: number): Tuple[] | undefined => {
			while (!ended) {
				if (spilled !== undefined) return spilled.next(limit);
				const batch = left.next(limit);
				if (batch === undefined) break;
				if (table === undefined) {
					table = this.#rightTable(run);
					if (table === undefined) {
						spilled = this.#partitioned(followed(batch, left), run);
						continue;
					}
				}
				if (table.size === 0 && isWanted) break;
				const known = table;
				run.stop?.count(batch.length);
				const kept = batch.filter((row) => this.#hasPartner(row, leftKey(row, run), known, run) === isWanted);
				if (kept.length > 0) return kept;
			}
			return undefined;
		};
		return {
			next,
			close: () => {
				ended = true;
				table = undefined;
				spilled?.close();
				left.close();
			},
		};
	}

	#hasPartner(row: Tuple, key: Key | null | undefined, table: RightTable, run: Execution): boolean {
		const candidates = key === undefined ? undefined : table.get(key);
		const { on } = this.#options;
		if (candidates === undefined || on === null) return candidates !== undefined;
		// The one that was met last often is a partner again, or else one at the end: of rows with less than the greatest, the greatest.
		const count = candidates.length;
		for (let i = 0; i < count; i++) {
			const at = (count - i) % count;
			const candidate = candidates[at] as Tuple; // at is within
			run.stop?.count(1);
			if (!isTrue(on(this.#joined(row, candidate), run))) continue;
			candidates[at] = candidates[0] as Tuple;
			candidates[0] = candidate;
			return true;
		}
		return false;
	}

	#joined(left: Tuple, right: Tuple): Tuple {
		return concat(left, right, this.#options.leftWidth + this.#options.rightWidth);
	}

	/** Undefined where it is too much for memory. */
	#rightTable(run: Execution): RightTable | undefined {
		const keeps = this.#options.keepsRight && !run.changing;
		const known = keeps ? (run.kept.get(this) as RightTable | undefined) : undefined;
		if (known !== undefined) return known;
		const { right, rightKeys, comparisons, on } = this.#options;
		const keyOf = keyReader(rightKeys, comparisons);
		const { spill } = run;
		const table = new Map<Key | null, Tuple[]>();
		let bytes = 0;
		const add = (row: Tuple): void => {
			const key = keyOf(row, run);
			if (key === undefined) return;
			const bucket = table.get(key);
			if (bucket !== undefined && on === null) return;
			if (bucket === undefined) table.set(key, on === null ? NO_ROWS : [row]);
			else bucket.push(row);
			if (spill !== undefined) bytes += keyBytes(key) + (on === null ? 0 : rowBytes(row));
		};
		const rows = right.open(run);
		try {
			for (let batch = rows.next(FULL_BATCH); batch !== undefined; batch = rows.next(FULL_BATCH)) {
				run.stop?.count(batch.length);
				batch.forEach(add);
				if (spill !== undefined && bytes > spill.budgetBytes) return undefined;
			}
		} finally {
			rows.close();
		}
		if (keeps) run.kept.set(this, table);
		return table;
	}

	/** Goes through the right side, past a table of the left side, and marks what it meets. */
	#byLeft(left: Run, run: Execution): Run {
		return deferred(() => {
			const { kind, leftKeys, comparisons } = this.#options;
			const leftKey = keyReader(leftKeys, comparisons);
			const { spill } = run;
			const rows: Tuple[] = [];
			const open = new Map<Key | null, Tuple[]>();
			let bytes = 0;
			for (let batch = left.next(FULL_BATCH); batch !== undefined; batch = left.next(FULL_BATCH)) {
				run.stop?.count(batch.length);
				for (const row of batch) {
					rows.push(row);
					const key = leftKey(row, run);
					if (spill !== undefined) bytes += rowBytes(row) + keyBytes(key ?? null);
					if (key === undefined) continue;
					const bucket = open.get(key);
					if (bucket === undefined) open.set(key, [row]);
					else bucket.push(row);
				}
				if (spill !== undefined && bytes > spill.budgetBytes) return this.#partitioned(followed(rows, left), run);
			}
			const matched = this.#matched(open, run);
			return emit(rows.filter((row) => matched.has(row) === (kind === "semi")));
		}, left);
	}

	/** Of rows by their keys, those that have a partner on the right side, which is read as long as there are others. */
	#matched(open: Map<Key | null, Tuple[]>, run: Execution): ReadonlySet<Tuple> {
		const { right, rightKeys, comparisons, on } = this.#options;
		const rightKey = keyReader(rightKeys, comparisons);
		const matched = new Set<Tuple>();
		if (open.size === 0) return matched;
		const visit = (row: Tuple): void => {
			const key = rightKey(row, run);
			const candidates = key === undefined ? undefined : open.get(key);
			if (key === undefined || candidates === undefined) return;
			const others: Tuple[] = [];
			for (const candidate of candidates) {
				run.stop?.count(1);
				if (on === null || isTrue(on(this.#joined(candidate, row), run))) matched.add(candidate);
				else others.push(candidate);
			}
			if (others.length === 0) open.delete(key);
			else if (others.length < candidates.length) open.set(key, others);
		};
		const rows = right.open(run);
		try {
			for (let batch = rows.next(FULL_BATCH); batch !== undefined; batch = rows.next(FULL_BATCH)) {
				run.stop?.count(batch.length);
				batch.forEach(visit);
				if (open.size === 0) break;
			}
		} finally {
			rows.close();
		}
		return matched;
	}

	/** Both sides by way of files; the left side's rows are numbered, to be put into their order again. */
	#partitioned(left: Run, run: Execution): Run {
		const { kind, right, leftWidth, leftKeys, rightKeys, comparisons, on } = this.#options;
		const spill = run.spill as SpillSpace; // its memory was too little
		let count = 0;
		const numbered = mapped(left, (row) => [...row, count++]);
		const matches = (row: Tuple, other: Tuple) =>
			on === null || isTrue(on(this.#joined(row.slice(0, leftWidth), other), run));
		const options: PartitionedJoinOptions = {
			kind,
			leftKey: keyReader(leftKeys, comparisons),
			rightKey: keyReader(rightKeys, comparisons),
			join: (row, other) => (matches(row, other) ? row : null),
			leftAlone: (row) => row,
			rightAlone: (row) => row,
		};
		const rights = right.open(run);
		const byNumber = (a: Tuple, b: Tuple) => (a[leftWidth] as number) - (b[leftWidth] as number);
		const sorter = new Sorter(stoppable(byNumber, run), spill);
		try {
			forEachRow(
				partitionedJoin(options, () => numbered, [], rights, spill, run),
				(row) => sorter.add(row),
			);
		} catch (error) {
			sorter.close();
			throw error;
		} finally {
			rights.close();
		}
		return mapped(sorter.finish(), (row) => row.slice(0, leftWidth));
	}
}

function mapped(input: Run, map: (row: Tuple) => Tuple): Run {
	return {
		next: (limit) => input.next(limit)?.map(map),
		close: () => input.close(),
	};
}

/** Rows that have been read of a run already, and those behind them. */
function followed(rows: readonly Tuple[], rest: Run): Run {
	const first = emit(rows);
	return {
		next: (limit) => first.next(limit) ?? rest.next(limit),
		close: () => {
			first.close();
			rest.close();
		},
	};
}
