/**
 * A join of two sides that both come in the order of the values they are joined by, whatever these are. Rows of the right side
 * that have the same values are kept for as long as rows of the left side have them too.
 */

import type { Collation } from "../value/compare.js";
import { compareValues } from "../value/compare.js";
import type { Value } from "../value/value.js";
import { isTrue } from "./compile.js";
import type { JoinedKind, JoinOptions } from "./join.js";
import { concat, nulls } from "./join.js";
import type { Execution, Operator, Run, Tuple } from "./operator.js";
import { expectedRows, FULL_BATCH } from "./operator.js";
import { RowBuffer } from "./spill/buffer.js";

/** The places of two values that must be equal. */
export interface MergeKey {
	readonly left: number;
	readonly right: number;
	readonly collation: Collation;
	/** In which order both sides come. */
	readonly descending: boolean;
}

export interface GroupMergeJoinOptions extends Omit<JoinOptions, "kind"> {
	/** Of a full join the keys are the whole condition. */
	readonly kind: JoinedKind;
	readonly keys: readonly MergeKey[];
}

const KIND_TEXT: Record<JoinedKind, string> = { inner: "Merge", left: "Left merge", full: "Full merge" };

export class GroupMergeJoin implements Operator {
	readonly inputs: readonly Operator[];
	readonly describe: string;
	readonly #options: GroupMergeJoinOptions;

	constructor(options: GroupMergeJoinOptions) {
		this.#options = options;
		this.inputs = [options.left, options.right];
		this.describe = `${KIND_TEXT[options.kind]} join on ${options.text}, in order ${expectedRows(options.estimate)}`;
	}

	open(run: Execution, outer?: Tuple): Run {
		return new MergeRun(this.#options, run, outer);
	}
}

class MergeRun implements Run {
	readonly #options: GroupMergeJoinOptions;
	readonly #run: Execution;
	readonly #compare: (left: Tuple, right: Tuple) => number;
	readonly #lefts: Ahead;
	readonly #rights: Ahead;
	readonly #group: Group;
	/** The row of the left side whose partners are looked for. */
	#row: Tuple | undefined;
	/** Its place on the right side is not found yet. */
	#isSeeking = false;
	#hasPartner = true;
	#ended = false;

	constructor(options: GroupMergeJoinOptions, run: Execution, outer: Tuple | undefined) {
		this.#options = options;
		this.#run = run;
		this.#compare = keyComparison(options.keys);
		this.#lefts = new Ahead(options.left.open(run, outer));
		this.#rights = new Ahead(options.right.open(run));
		this.#group = new Group(run);
	}

	next(limit: number): Tuple[] | undefined {
		const { kind, on, leftWidth, rightWidth } = this.#options;
		const width = leftWidth + rightWidth;
		const { stop } = this.#run;
		const rows: Tuple[] = [];
		while (rows.length < limit && !this.#ended) {
			stop?.count(1);
			if (this.#isSeeking) {
				const passed = this.#seek();
				if (passed !== undefined && kind === "full") rows.push(concat(nulls(leftWidth), passed, width));
				continue;
			}
			const row = this.#row as Tuple; // where the group has rows, they are partners of one
			const right = this.#group.next();
			if (right !== undefined) {
				const joined = concat(row, right, width);
				if (on !== null && !isTrue(on(joined, this.#run))) continue;
				this.#hasPartner = true;
				rows.push(joined);
			} else if (!this.#hasPartner && kind !== "inner") {
				this.#hasPartner = true;
				rows.push(concat(row, nulls(rightWidth), width));
			} else if (!this.#nextRow(limit)) {
				const rest = kind === "full" ? this.#rights.take(FULL_BATCH) : undefined;
				if (rest === undefined) this.#ended = true;
				else rows.push(concat(nulls(leftWidth), rest, width));
			}
		}
		return rows.length === 0 ? undefined : rows;
	}

	close(): void {
		this.#ended = true;
		this.#lefts.close();
		this.#rights.close();
		this.#group.close();
	}

	/** To the next row of the left side; false where there is none. */
	#nextRow(limit: number): boolean {
		const row = this.#lefts.take(limit);
		if (row === undefined) return false;
		this.#row = row;
		this.#hasPartner = false;
		const { first } = this.#group;
		if (first !== undefined && this.#compare(row, first) === 0) this.#group.rewind();
		else this.#isSeeking = !this.#options.keys.some(({ left }) => row[left] === null);
		return true;
	}

	/** One step on the right side; answers the row that it has passed. */
	#seek(): Tuple | undefined {
		const row = this.#row as Tuple; // it is what is sought for
		const right = this.#rights.peek(FULL_BATCH);
		const order = right === undefined ? -1 : this.#compare(row, right);
		if (order > 0) return this.#rights.take(FULL_BATCH);
		this.#isSeeking = false;
		if (order === 0) this.#group.collect(this.#rights, (other) => this.#compare(row, other) === 0);
		else if (right === undefined && this.#options.kind === "inner") this.#ended = true;
		return undefined;
	}
}

function keyComparison(keys: readonly MergeKey[]): (left: Tuple, right: Tuple) => number {
	const [only, ...others] = keys;
	if (only !== undefined && others.length === 0) return (left, right) => compareKey(only, left, right);
	return (left, right) => {
		for (const key of keys) {
			const order = compareKey(key, left, right);
			if (order !== 0) return order;
		}
		return 0;
	};
}

function compareKey({ left, right, collation, descending }: MergeKey, a: Tuple, b: Tuple): number {
	const order = compareValues(a[left] as Value, b[right] as Value, collation); // places are within the rows
	return descending ? -order : order;
}

/** A side, of which the next row can be looked at. */
class Ahead {
	readonly #run: Run;
	#batch: readonly Tuple[] = [];
	#at = 0;

	constructor(run: Run) {
		this.#run = run;
	}

	peek(batchRows: number): Tuple | undefined {
		if (this.#at === this.#batch.length) {
			this.#batch = this.#run.next(batchRows) ?? [];
			this.#at = 0;
		}
		return this.#batch[this.#at];
	}

	take(batchRows: number): Tuple | undefined {
		const row = this.peek(batchRows);
		if (row !== undefined) this.#at++;
		return row;
	}

	close(): void {
		this.#batch = [];
		this.#at = 0;
		this.#run.close();
	}
}

/** Rows of the right side with the same values: one is held, of several as many as may be in memory. */
class Group {
	/** Undefined where it is empty. */
	first: Tuple | undefined;
	readonly #several: RowBuffer;
	readonly #run: Execution;
	#isOne = true;
	/** Read from `#several`, while there may be more than the batch. */
	#rest: Run | undefined;
	#batch: readonly Tuple[] = [];
	#at = 0;

	constructor(run: Execution) {
		this.#run = run;
		this.#several = new RowBuffer(run.spill);
	}

	/** Takes the rows from the side's next one on that belong to it. */
	collect(side: Ahead, belongs: (row: Tuple) => boolean): void {
		this.close();
		const first = side.take(FULL_BATCH) as Tuple; // it was looked at
		this.first = first;
		for (let row = side.peek(FULL_BATCH); row !== undefined && belongs(row); row = side.peek(FULL_BATCH)) {
			this.#run.stop?.count(1);
			if (this.#isOne) this.#several.add(first);
			this.#isOne = false;
			this.#several.add(row);
			side.take(FULL_BATCH);
		}
		this.#several.finish();
		this.#batch = this.#isOne ? [first] : [];
		this.rewind();
	}

	/** From its first row on. */
	rewind(): void {
		this.#at = 0;
		if (this.#isOne) return;
		this.#batch = [];
		this.#rest = this.#several.read();
	}

	/** The next row, or undefined behind the last one. */
	next(): Tuple | undefined {
		if (this.#at === this.#batch.length) {
			const batch = this.#rest?.next(FULL_BATCH);
			if (batch === undefined) return undefined;
			this.#batch = batch;
			this.#at = 0;
		}
		return this.#batch[this.#at++];
	}

	close(): void {
		this.first = undefined;
		this.#isOne = true;
		this.#rest = undefined;
		this.#batch = [];
		this.#at = 0;
		this.#several.close();
	}
}
