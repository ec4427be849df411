/**
 * A frame that moves forward over its partition, in SQLite's steps. What comes in and what goes out is the same in any order, but
 * sums of REALs are rounded by it, and one that was REAL for a moment stays so: SQLite takes in all rows from the first one on, also
 * those before the first frame.
 */

import type { BoundFrame } from "../bind/bound.js";
import type { Frame, FrameBounds } from "./frame.js";
import { offsetsOf } from "./frame.js";
import type { Execution } from "./operator.js";
import type { Partition } from "./partition.js";

export interface FrameRows {
	step(row: number): void;
	inverse(row: number): void;
}

export class SlidingFrame {
	readonly #rows: FrameRows;
	readonly #addsFirst: boolean;
	/** Up to the first frame. */
	readonly #lead: (first: Frame) => void;
	#start = 0;
	#end = 0;
	#hasBegun = false;

	constructor(bounds: FrameBounds, partition: Partition, run: Execution, rows: FrameRows) {
		this.#rows = rows;
		this.#addsFirst = addsFirst(bounds.frame);
		this.#lead = this.#leadOf(bounds, partition, run);
	}

	/** Frames come in the order of their rows. */
	moveTo(frame: Frame): void {
		if (!this.#hasBegun) {
			this.#hasBegun = true;
			this.#lead(frame);
		}
		const { start, reach } = frame;
		if (this.#addsFirst) this.#addTo(reach);
		this.#takeTo(Math.min(start, this.#end));
		if (start < reach) this.#addTo(reach);
		this.#takeTo(Math.min(start, this.#end));
	}

	#addTo(end: number): void {
		while (this.#end < end) this.#rows.step(this.#end++);
	}

	#takeTo(start: number): void {
		while (this.#start < start) this.#rows.inverse(this.#start++);
	}

	/** What happens before the first frame is there: a frame as wide moves up to it from before the first row. */
	#leadOf({ frame, ...bounds }: FrameBounds, partition: Partition, run: Execution): (first: Frame) => void {
		if (this.#addsFirst || frame.start.type !== "following") return () => undefined;
		const offsets = offsetsOf({ frame, ...bounds }, run);
		const width = offsets.end - offsets.start;
		const startOf = (unit: number) => (frame.unit === "rows" ? unit : partition.groupStart(unit));
		return ({ start, end }) => {
			for (let unit = 0; width >= 0 && startOf(unit) < end; unit++) {
				this.#addTo(Math.min(startOf(unit + 1), end));
				if (unit >= width) this.#takeTo(Math.min(startOf(unit - width + 1), start));
			}
		};
	}
}

/** Whether a frame takes in what is new before it lets go of what is old. */
function addsFirst({ unit, start, end }: BoundFrame): boolean {
	if (start.type === "following") return unit === "range" || end.type === "unbounded following";
	return unit === "range" && start.type === "preceding" && end.type === "preceding";
}
