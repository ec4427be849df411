/** A join of two sides that both come in the order of the column they are joined by; the right side has each value once. */

import type { Value } from "../value/value.js";
import { isTrue } from "./compile.js";
import type { JoinOptions } from "./join.js";
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
		const right = this.#options.right.open(run);
		const [lefts, rights] = [sideOf(left), sideOf(right)];
		let ended = false;
		const next = (limit: number): Tuple[] | undefined => {
			const rows: Tuple[] = [];
			/** Of an inner join: rows of the left side below this match none of the right side. */
			let least: Integer = Number.NEGATIVE_INFINITY;
			while (rows.length < limit && !ended) {
				const key = lefts.seek(leftSlot, least);
				if (key === undefined) break;
				const found = rights.seek(rightSlot, key);
				if (kind === "inner" && found !== key) {
					if (found === undefined) ended = true;
					else least = found;
					continue;
				}
				const joined = new Array<Value>(width);
				lefts.read(joined, 0);
				lefts.pass();
				if (found === key) {
					rights.read(joined, leftWidth);
					if (on === null || isTrue(on(joined, run))) {
						rows.push(joined);
						continue;
					}
					if (kind === "inner") continue;
				}
				for (let i = leftWidth; i < width; i++) joined[i] = null;
				rows.push(joined);
			}
			return rows.length === 0 ? undefined : rows;
		};
		return {
			next,
			close: () => {
				ended = true;
				left.close();
				right.close();
			},
		};
	}
}

function sideOf(run: Run): Side {
	return run instanceof RowScanRun && run.isPlain ? run : new Batches(run);
}

type Integer = number | bigint;

/** A side, which is gone through once. */
interface Side {
	/** Goes on to the first row whose INTEGER in that place is not below `key`: answers it, or undefined where there is none. */
	seek(slot: number, key: Integer): Integer | undefined;
	/** Puts the row that it stands on into a wider one, from `at` on. */
	read(into: Tuple, at: number): void;
	/** Goes behind the row that it stands on. */
	pass(): void;
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

	pass(): void {
		this.#at++;
	}

	read(into: Tuple, at: number): void {
		const row = this.#batch[this.#at] ?? [];
		for (let i = 0; i < row.length; i++) into[at + i] = row[i] as Value; // i is within
	}
}
