/** Joins: by going through the right side for each row of the left, and by hashing the right side. */

import type { Comparison } from "../bind/bound.js";
import { groupingKey } from "../value/compare.js";
import type { Value } from "../value/value.js";
import type { Evaluate } from "./compile.js";
import { coerce, isTrue } from "./compile.js";
import type { Execution, Operator, Run, Tuple } from "./operator.js";
import { emit, expectedRows, FULL_BATCH } from "./operator.js";
import { RowBuffer } from "./spill/buffer.js";
import { partitionedJoin } from "./spill/partitioned-join.js";
import { keyBytes, rowBytes } from "./spill/size.js";

export type JoinedKind = "inner" | "left" | "full";

export function concat(left: Tuple, right: Tuple, width: number): Tuple {
	const row = widened(left, width);
	const split = left.length;
	for (let i = 0; i < right.length; i++) row[split + i] = right[i] as Value;
	return row;
}

/** The row, with room behind it. */
export function widened(row: Tuple, width: number): Tuple {
	const wider = new Array<Value>(width);
	for (let i = 0; i < row.length; i++) wider[i] = row[i] as Value; // i is within
	return wider;
}

export function nulls(count: number): Tuple {
	return new Array<null>(count).fill(null);
}

const KIND_TEXT: Record<JoinedKind, string> = { inner: "", left: "Left ", full: "Full " };

/** Of a join that goes through its left side. */
export interface JoinOptions {
	readonly kind: "inner" | "left";
	readonly left: Operator;
	readonly right: Operator;
	readonly leftWidth: number;
	readonly rightWidth: number;
	/** What else must hold, over the joined row; null where the two sides have seen to all. */
	readonly on: Evaluate | null;
	readonly text: string;
	/** How many rows are expected, for EXPLAIN. */
	readonly estimate: number;
}

/** The right side is opened anew for each row of the left one, which it may depend on. */
export class LoopJoin implements Operator {
	readonly inputs: readonly Operator[];
	readonly describe: string;
	readonly #options: JoinOptions;

	constructor(options: JoinOptions) {
		this.#options = options;
		this.inputs = [options.left, options.right];
		const text = options.text === "" ? "" : ` on ${options.text}`;
		this.describe = `${options.kind === "left" ? "Left nested" : "Nested"} loop join${text} ${expectedRows(options.estimate)}`;
	}

	open(run: Execution, outer?: Tuple): Run {
		const { kind, right, leftWidth, rightWidth, on } = this.#options;
		const width = leftWidth + rightWidth;
		const left = this.#options.left.open(run, outer);
		let lefts: Tuple[] = [];
		let at = 0;
		let row: Tuple = [];
		let inner: Run | undefined;
		/** A run that has ended and can begin anew. */
		let idle: Run | undefined;
		let matched = false;
		const next = (limit: number): Tuple[] | undefined => {
			const rows: Tuple[] = [];
			while (rows.length < limit) {
				if (inner === undefined) {
					if (at === lefts.length) {
						const batch = left.next(limit);
						if (batch === undefined) break;
						lefts = batch;
						at = 0;
					}
					row = lefts[at++] as Tuple; // at is within
					if (idle === undefined) inner = right.open(run, row);
					else {
						inner = idle;
						idle = undefined;
						inner.restart?.(row);
					}
					matched = false;
				}
				const batch = inner.next(limit - rows.length);
				run.stop?.count(1 + (batch?.length ?? 0));
				if (batch === undefined) {
					if (inner.restart === undefined) inner.close();
					else idle = inner;
					inner = undefined;
					if (!matched && kind === "left") rows.push(concat(row, nulls(rightWidth), width));
					continue;
				}
				for (const candidate of batch) {
					const joined = concat(row, candidate, width);
					if (on !== null && !isTrue(on(joined, run))) continue;
					matched = true;
					rows.push(joined);
				}
			}
			return rows.length === 0 ? undefined : rows;
		};
		return {
			next,
			close: () => {
				inner?.close();
				idle?.close();
				inner = undefined;
				left.close();
				at = lefts.length;
			},
		};
	}
}

export interface HashJoinOptions {
	readonly kind: JoinedKind;
	readonly left: Operator;
	readonly right: Operator;
	readonly leftWidth: number;
	readonly rightWidth: number;
	/** Equal pairs: over rows of the left and of the right side; none for a join by other conditions only. */
	readonly leftKeys: readonly Evaluate[];
	readonly rightKeys: readonly Evaluate[];
	/** Where the left side's key is one column whose integers are compared as they are: its place in the rows. */
	readonly leftSlot: number | null;
	/** The right side is the same in all runs of a statement: what is made of it is kept for the next run. */
	readonly keepsRight: boolean;
	readonly comparisons: readonly Comparison[];
	/** What else must hold, over the joined row. */
	readonly on: Evaluate | null;
	readonly text: string;
	readonly estimate: number;
}

type Key = string | number | bigint | null;

/** Of a row its values as one key; undefined where one of them is NULL, which equals nothing. */
export function keyReader(keys: readonly Evaluate[], comparisons: readonly Comparison[]) {
	const [only] = keys;
	const [comparison] = comparisons;
	if (only !== undefined && comparison !== undefined && keys.length === 1) {
		const { coercion, collation } = comparison;
		return (row: Tuple, run: Execution): Key | undefined => {
			const value = coerce(only(row, run), coercion);
			if (typeof value === "number" && Number.isSafeInteger(value)) return value;
			return value === null ? undefined : groupingKey(value, collation);
		};
	}
	return (row: Tuple, run: Execution): Key | undefined => {
		let key = "";
		for (let i = 0; i < keys.length; i++) {
			const { coercion, collation } = comparisons[i] as Comparison; // one per key
			const value = coerce((keys[i] as Evaluate)(row, run), coercion);
			if (value === null) return undefined;
			const part = String(groupingKey(value, collation));
			key += `${part.length}:${part}`;
		}
		return key;
	};
}

/** Builds a table of the right side's rows by their keys, then goes through the left side. */
export class HashJoin implements Operator {
	readonly inputs: readonly Operator[];
	readonly describe: string;
	readonly #options: HashJoinOptions;

	constructor(options: HashJoinOptions) {
		this.#options = options;
		this.inputs = [options.left, options.right];
		const how = options.leftKeys.length === 0 ? "Block join" : "Hash join";
		this.describe = `${KIND_TEXT[options.kind]}${how}${options.text === "" ? "" : ` on ${options.text}`} ${expectedRows(options.estimate)}`;
	}

	open(run: Execution, outer?: Tuple): Run {
		const { kind, leftWidth, rightWidth, on, leftSlot } = this.#options;
		const keeps = this.#options.keepsRight && !run.changing && kind !== "full";
		const width = leftWidth + rightWidth;
		const leftKey = keyReader(this.#options.leftKeys, this.#options.comparisons);
		let left: Run | undefined;
		let table: Map<Key, Tuple[]> | undefined;
		let unmatched: Set<Tuple> | undefined;
		let lefts: Tuple[] = [];
		let at = 0;
		let row: Tuple = [];
		let candidates: readonly Tuple[] = [];
		let candidate = 0;
		let matched = true;
		let tail: Run | undefined;
		/** In the place of all that, where the right side is too much for memory. */
		let spilled: Run | undefined;

		const join = (leftRow: Tuple, right: Tuple): Tuple | null => {
			const joined = concat(leftRow, right, width);
			return on === null || isTrue(on(joined, run)) ? joined : null;
		};
		const leftAlone = (leftRow: Tuple) => concat(leftRow, nulls(rightWidth), width);
		const rightAlone = (right: Tuple) => concat(nulls(leftWidth), right, width);
		const openLeft = () => this.#options.left.open(run, outer);
		const build = (): Map<Key, Tuple[]> => {
			const known = keeps ? (run.kept.get(this) as Map<Key, Tuple[]> | undefined) : undefined;
			if (known !== undefined) {
				left = openLeft();
				return known;
			}
			const rightKey = keyReader(this.#options.rightKeys, this.#options.comparisons);
			const { spill } = run;
			const built = new Map<Key, Tuple[]>();
			const rows = kind === "full" ? new Set<Tuple>() : undefined;
			let bytes = 0;
			const right = this.#options.right.open(run);
			try {
				for (let batch = right.next(FULL_BATCH); batch !== undefined; batch = right.next(FULL_BATCH)) {
					for (const row of batch) {
						rows?.add(row);
						const key = rightKey(row, run);
						if (spill !== undefined) bytes += rowBytes(row) + keyBytes(key ?? null);
						if (key === undefined) continue;
						const bucket = built.get(key);
						if (bucket === undefined) built.set(key, [row]);
						else bucket.push(row);
					}
					if (spill === undefined || bytes <= spill.budgetBytes) continue;
					const options = { kind, leftKey, rightKey, join, leftAlone, rightAlone };
					spilled = partitionedJoin(options, openLeft, rows ?? [...built.values()].flat(), right, spill, run);
					return new Map();
				}
			} finally {
				right.close();
			}
			unmatched = rows;
			left = openLeft();
			if (keeps) run.kept.set(this, built);
			return built;
		};
		const joinRight = (limit: number): Tuple[] | undefined => {
			if (unmatched === undefined) return undefined;
			tail ??= emit([...unmatched].map(rightAlone));
			return tail.next(limit);
		};
		const next = (limit: number): Tuple[] | undefined => {
			if (table === undefined) {
				table = build();
				if (kind === "inner" && leftSlot !== null) left?.narrow?.(leftSlot, table);
			}
			if (spilled !== undefined) return spilled.next(limit);
			// With an empty right side there is nothing to be found.
			if (table.size === 0 && kind === "inner") return undefined;
			const rows: Tuple[] = [];
			while (rows.length < limit) {
				if (candidate < candidates.length) {
					const right = candidates[candidate++] as Tuple; // candidate is within
					run.stop?.count(1);
					const joined = join(row, right);
					if (joined === null) continue;
					matched = true;
					unmatched?.delete(right);
					rows.push(joined);
					continue;
				}
				if (!matched && kind !== "inner") {
					matched = true;
					rows.push(leftAlone(row));
					continue;
				}
				if (at === lefts.length) {
					const batch = left?.next(kind === "inner" ? FULL_BATCH : limit);
					if (batch === undefined) break;
					lefts = batch;
					at = 0;
				}
				row = lefts[at++] as Tuple; // at is within
				matched = false;
				const key = leftKey(row, run);
				candidates = (key === undefined ? undefined : table.get(key)) ?? [];
				candidate = 0;
			}
			return rows.length > 0 ? rows : joinRight(limit);
		};
		return {
			next,
			close: () => {
				left?.close();
				tail?.close();
				spilled?.close();
				table = new Map();
				unmatched = undefined;
				lefts = [];
				at = 0;
				candidates = [];
				matched = true;
			},
		};
	}
}

/** Rows of an operator that does not depend on the row it is joined to: read once, handed out again and again. */
export class Kept implements Operator {
	readonly inputs: readonly Operator[];
	readonly describe = "Keep rows";
	readonly #input: Operator;

	constructor(input: Operator) {
		this.#input = input;
		this.inputs = [input];
	}

	open(run: Execution): Run {
		return RowBuffer.keptIn(run.local, this, this.#input, run);
	}
}
