/** What a call of a window function comes to for the rows of a partition. */

import { sqlError } from "../parse/source.js";
import { toInteger } from "../value/convert.js";
import type { Value } from "../value/value.js";
import { isInteger, real } from "../value/value.js";
import type { Frame } from "./frame.js";
import { frameReader } from "./frame.js";
import type { Execution } from "./operator.js";
import type { FrameRow, Partition } from "./partition.js";
import type { CompiledCall } from "./window.js";
import { aggregateReader } from "./window-aggregate.js";

/** A call, and where its results go. */
export interface PlacedCall {
	readonly slot: number;
	readonly compiled: CompiledCall;
}

/** Of row number i; rows are asked for one after the other, from the first on. */
export type CallReader = (i: number) => Value;

/** An argument of the call by its number, for row number i; NULL where the call has none such. */
type Argument = (which: number, i: number) => Value;

/** Puts the calls' results into the rows of a partition. */
export function fillIn(
	rows: readonly FrameRow[],
	partition: Partition,
	calls: readonly PlacedCall[],
	run: Execution,
): void {
	for (const { slot, compiled } of calls) {
		const read = callReader(compiled, partition, run);
		for (let i = 0; i < rows.length; i++) {
			run.stop?.count(1);
			(rows[i] as FrameRow).row[slot] = read(i); // i is within
		}
	}
}

export function callReader(compiled: CompiledCall, partition: Partition, run: Execution): CallReader {
	const called = compiled.call.function;
	if ("create" in called) return aggregateReader(compiled, called, partition, run);
	const { count } = partition;
	const argument: Argument = (which, i) => compiled.arguments[which]?.(partition.row(i), run) ?? null;
	const groupStart = (i: number) => partition.groupStart(partition.groupOf(i));
	switch (called.name) {
		case "row_number":
			return (i) => i + 1;
		case "rank":
			return (i) => groupStart(i) + 1;
		case "dense_rank":
			return (i) => partition.groupOf(i) + 1;
		case "percent_rank":
			return (i) => real(count > 1 ? groupStart(i) / (count - 1) : 0);
		case "cume_dist":
			return (i) => real(partition.groupStart(partition.groupOf(i) + 1) / count);
		case "ntile":
			return ntile(count, argument(0, 0));
		case "lag":
			// What lies ahead of lag() is not read beyond the next row, as in SQLite.
			return shifted(-1, compiled, argument, (i) => Math.min(i + 2, count));
		case "lead":
			return shifted(1, compiled, argument, () => count);
		case "first_value":
			return inFrame(compiled, partition, argument, run, (frame) => frame.at(0));
		case "last_value":
			return inFrame(compiled, partition, argument, run, (frame) => frame.at(frame.length - 1));
		case "nth_value":
			return inFrame(compiled, partition, argument, run, (frame, i) => frame.at(positionOf(argument(1, i)) - 1));
	}
}

function ntile(count: number, argument: Value): CallReader {
	const buckets = toInteger(argument);
	if (buckets === null || buckets <= 0) throw sqlError("argument of ntile must be a positive integer");
	const size = Math.floor(count / Number(buckets));
	const larger = count - size * Number(buckets);
	const small = larger * (size + 1);
	return (i) => (i < small ? Math.floor(i / (size + 1)) + 1 : larger + Math.floor((i - small) / size) + 1);
}

/** lag and lead. `endOf`: behind which row nothing is read. */
function shifted(sign: 1 | -1, compiled: CompiledCall, argument: Argument, endOf: (i: number) => number): CallReader {
	const hasOffset = compiled.arguments.length > 1;
	return (i) => {
		const offset = hasOffset ? toInteger(argument(1, i)) : 1;
		const at = offset === null ? -1 : i + sign * Number(offset);
		return at >= 0 && at < endOf(i) ? argument(0, at) : argument(2, i);
	};
}

function inFrame(
	compiled: CompiledCall,
	partition: Partition,
	argument: Argument,
	run: Execution,
	find: (frame: Frame, i: number) => number | undefined,
): CallReader {
	const frameOf = frameReader(compiled.bounds, partition, run);
	return (i) => {
		const at = find(frameOf(i), i);
		return at === undefined ? null : argument(0, at);
	};
}

function positionOf(value: Value): number {
	if (isInteger(value) && value > 0) return Number(value);
	throw sqlError("second argument to nth_value must be a positive integer");
}
