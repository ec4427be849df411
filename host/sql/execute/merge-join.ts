/** A join of two sides that both come in the order of the column they are joined by; the right side has each value once. */

import type { Value } from "../value/value.js";
import { isTrue } from "./compile.js";
import type { JoinOptions } from "./join.js";
import { concat, nulls, widened } from "./join.js";
import type { Execution, Operator, Run, Tuple } from "./operator.js";
import { expectedRows, FULL_BATCH } from "./operator.js";
import { RowScanRun } from "./row-scan.js";

export interface MergeJoinOptions extends JoinOptions {
	/** Where the rows have the INTEGERs that they ascend by. */
	readonly leftSlot: number;
	readonly rightSlot: number;
}

export class MergeJoin implements Operator {
	readonly inputs: readonly Operator[];
	readonly describe: string;
	readonly #options: MergeJoinOptions;

	constructor(options: MergeJoinOptions) {
		this.#options = options;
		this.inputs = [options.left, options.right];
		this.describe = `${options.kind === "left" ? "Left merge" : "Merge"} join on ${options.text} ${expectedRows(options.estimate)}`;
	}

	open(run: Execution, outer?: Tuple): Run {
		const { kind, leftWidth, rightWidth, leftSlot, rightSlot, on } = this.#options;
		const width = leftWidth + rightWidth;
		const left = this.#options.left.open(run, outer);
		const opened = this.#options.right.open(run);
		const right: Side = opened instanceof RowScanRun && opened.isPlain ? opened : new Batches(opened);
		let lefts: readonly Tuple[] = [];
		let at = 0;
		let ended = false;
		const next = (limit: number): Tuple[] | undefined => {
			const rows: Tuple[] = [];
			while (rows.length < limit && !ended) {
				if (at === lefts.length) {
					lefts = left.next(kind === "inner" ? FULL_BATCH : limit) ?? [];
					at = 0;
					if (lefts.length === 0) break;
				}
				const row = lefts[at++] as Tuple; // at is within
				const key = row[leftSlot] as Integer;
				const found = right.seek(rightSlot, key);
				if (found === undefined && kind === "inner") {
					ended = true;
				} else if (found === key) {
					const joined = widened(row, width);
					right.read(joined, leftWidth);
					if (on === null || isTrue(on(joined, run))) rows.push(joined);
					else if (kind === "left") rows.push(concat(row, nulls(rightWidth), width));
				} else if (kind === "left") {
					rows.push(concat(row, nulls(rightWidth), width));
				}
			}
			return rows.length === 0 ? undefined : rows;
		};
		return {
			next,
			close: () => {
				ended = true;
				left.close();
				opened.close();
			},
		};
	}
}

type Integer = number | bigint;

/** The side that is gone through once, by its keys. */
interface Side {
	/** Goes on to the first row whose INTEGER in that place is not below `key`: answers it, or undefined where there is none. */
	seek(slot: number, key: Integer): Integer | undefined;
	/** Puts the row that it stands on into a wider one, from `at` on. */
	read(into: Tuple, at: number): void;
}

class Batches implements Side {
	readonly #run: Run;
	#batch: readonly Tuple[] = [];
	#at = 0;

	constructor(run: Run) {
		this.#run = run;
	}

	seek(slot: number, key: Integer): Integer | undefined {
		for (;;) {
			for (; this.#at < this.#batch.length; this.#at++) {
				const value = this.#batch[this.#at]?.[slot] as Integer;
				if (value >= key) return value;
			}
			const batch = this.#run.next(FULL_BATCH);
			if (batch === undefined) return undefined;
			this.#batch = batch;
			this.#at = 0;
		}
	}

	read(into: Tuple, at: number): void {
		const row = this.#batch[this.#at] ?? [];
		for (let i = 0; i < row.length; i++) into[at + i] = row[i] as Value; // i is within
	}
}
