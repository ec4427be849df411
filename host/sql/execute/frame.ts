/** Frames of window functions: which rows of its partition a row's call sees. */

import type { BoundFrame, FrameBound } from "../bind/bound.js";
import { sqlError } from "../parse/source.js";
import { add, subtract } from "../value/arithmetic.js";
import { compareValues } from "../value/compare.js";
import { numericIfWhole } from "../value/convert.js";
import type { Value } from "../value/value.js";
import { isInteger, isNumeric, toDouble } from "../value/value.js";
import type { Evaluate } from "./compile.js";
import type { Execution } from "./operator.js";
import { NO_ROW } from "./operator.js";
import type { Partition } from "./partition.js";

export interface FrameBounds {
	readonly frame: BoundFrame;
	readonly start: Evaluate | null;
	readonly end: Evaluate | null;
}

/** Rows [start, end) without [holeStart, holeEnd), which keeps the row `kept` (-1 for none). */
export class Frame {
	start = 0;
	end = 0;
	/** Where its end alone says that it ends: before its start where these are the wrong way round. */
	reach = 0;
	holeStart = 0;
	holeEnd = 0;
	kept = -1;

	get length(): number {
		const hole = Math.max(0, Math.min(this.holeEnd, this.end) - Math.max(this.holeStart, this.start));
		const stays = hole > 0 && this.kept >= this.start && this.kept < this.end ? 1 : 0;
		return Math.max(0, this.end - this.start) - hole + stays;
	}

	/** The frame's row number i, or undefined. */
	at(i: number): number | undefined {
		if (i < 0) return undefined;
		if (this.holeStart >= this.holeEnd) return this.start + i < this.end ? this.start + i : undefined;
		let left = i;
		for (let row = this.start; row < this.end; row++) if (this.has(row) && left-- === 0) return row;
		return undefined;
	}

	has(row: number): boolean {
		return row < this.holeStart || row >= this.holeEnd || row === this.kept;
	}
}

function offsetOf(value: Value, unit: BoundFrame["unit"], which: "starting" | "ending"): number {
	const number = numericIfWhole(value);
	if (unit === "range") {
		if (!isNumeric(number) || toDouble(number) < 0) {
			throw sqlError(`frame ${which} offset must be a non-negative number`);
		}
		return toDouble(number);
	}
	if (!isInteger(number) || number < 0) throw sqlError(`frame ${which} offset must be a non-negative integer`);
	return Number(number);
}

/** 0 where an edge has none. */
export function offsetsOf(
	{ frame, ...edges }: FrameBounds,
	run: Execution,
): { readonly start: number; readonly end: number } {
	return {
		start: edges.start === null ? 0 : offsetOf(edges.start(NO_ROW, run), frame.unit, "starting"),
		end: edges.end === null ? 0 : offsetOf(edges.end(NO_ROW, run), frame.unit, "ending"),
	};
}

/** Answers the frame of row i, asked row after row; one object, overwritten by the next call. */
export function frameReader(bounds: FrameBounds, partition: Partition, run: Execution): (i: number) => Frame {
	const { frame } = bounds;
	const { start, end } = offsetsOf(bounds, run);
	const found = new Frame();
	const { count } = partition;
	const firstOf = edge(frame.start, start, frame.unit, partition, "first");
	const behindOf = edge(frame.end, end, frame.unit, partition, "behind");
	return (i) => {
		found.start = Math.max(0, Math.min(count, firstOf(i)));
		found.reach = Math.max(0, Math.min(count, behindOf(i)));
		found.end = Math.max(found.start, found.reach);
		found.kept = -1;
		switch (frame.exclude) {
			case "no others":
				found.holeStart = found.holeEnd = 0;
				break;
			case "current row":
				found.holeStart = i;
				found.holeEnd = i + 1;
				break;
			case "ties":
				found.kept = i;
				excludePeers(found, i, partition);
				break;
			case "group":
				excludePeers(found, i, partition);
				break;
		}
		return found;
	};
}

function excludePeers(frame: Frame, i: number, partition: Partition): void {
	const group = partition.groupOf(i);
	frame.holeStart = partition.groupStart(group);
	frame.holeEnd = partition.groupStart(group + 1);
}

/** Where the frame of row i begins, or behind which row it ends. */
function edge(
	bound: FrameBound,
	offset: number,
	unit: BoundFrame["unit"],
	partition: Partition,
	side: "first" | "behind",
): (i: number) => number {
	const { count } = partition;
	const more = side === "behind" ? 1 : 0;
	switch (bound.type) {
		case "unbounded preceding":
			return () => 0;
		case "unbounded following":
			return () => count;
		case "current row":
			if (unit === "rows") return (i) => i + more;
			return (i) => partition.groupStart(partition.groupOf(i) + more);
		default: {
			const sign = bound.type === "preceding" ? -1 : 1;
			if (unit === "rows") return (i) => i + sign * offset + more;
			if (unit === "groups") {
				return (i) => {
					const group = partition.groupOf(i) + sign * offset + more;
					return group < 0 ? 0 : partition.groupStart(group);
				};
			}
			return rangeEdge(partition, sign, offset, side);
		}
	}
}

/** The first row whose value is not before (or is behind) the current value less or plus the offset. */
function rangeEdge(
	partition: Partition,
	sign: 1 | -1,
	offset: number,
	side: "first" | "behind",
): (i: number) => number {
	const { count, order } = partition;
	const descending = order?.descending ?? false;
	const collation = order?.collation ?? "binary";
	const nullsFirst = order?.nulls !== "last";
	const before = (value: Value, target: Value): number => {
		if (value === null || target === null) {
			if (value === target) return 0;
			return (value === null) === nullsFirst ? -1 : 1;
		}
		const compared = compareValues(value, target, collation);
		return descending ? -compared : compared;
	};
	const shifted = (value: Value): Value => {
		if (!isNumeric(value)) return value;
		return descending ? subtract(value, offset) : add(value, offset);
	};
	let found = 0;
	return (i) => {
		const current = partition.orderValue(i);
		// Always added to the earlier of the two values, as in SQLite: it shows where that goes beyond 64 bits.
		const target = sign > 0 ? shifted(current) : current;
		const isBefore = (row: number) => {
			const value = partition.orderValue(row);
			const compared = before(sign > 0 ? value : shifted(value), target);
			return side === "first" ? compared < 0 : compared <= 0;
		};
		found = firstFrom(found, count, isBefore);
		return found;
	};
}

/**
 * The first of `count` rows that is not before what is looked for, which all rows behind it are not either. Looked for in growing
 * steps from a row where it may be: edges of frames mostly move a little.
 */
function firstFrom(guess: number, count: number, isBefore: (row: number) => boolean): number {
	let low = 0;
	let high = count;
	if (guess < count && isBefore(guess)) {
		low = guess + 1;
		for (let step = 1; low < high; step *= 2) {
			const row = Math.min(low + step - 1, count - 1);
			if (!isBefore(row)) {
				high = row;
				break;
			}
			low = row + 1;
		}
	} else {
		high = Math.min(guess, count);
		for (let step = 1; low < high; step *= 2) {
			const row = Math.max(high - step, 0);
			if (isBefore(row)) {
				low = row + 1;
				break;
			}
			high = row;
		}
	}
	while (low < high) {
		const middle = (low + high) >>> 1;
		if (isBefore(middle)) low = middle + 1;
		else high = middle;
	}
	return low;
}
