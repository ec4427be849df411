/** generate_series(start, stop, step). */

import { toInteger } from "../value/convert.js";
import type { Value } from "../value/value.js";
import { integer } from "../value/value.js";
import type { TableFunction } from "./table.js";

/** Where no end is given. */
const LAST = 4294967295;

/**
 * From `start` up to `stop`; where the step is negative the same values downwards, beginning with the last one. As in
 * SQLite, that makes one row of a stop that is less than one step below the start.
 */
function* series(start: bigint, stop: bigint, step: bigint): Generator<Value[]> {
	const size = step < 0n ? -step : step;
	const given = [integer(start), integer(stop), integer(BigInt.asIntN(64, size))];
	let value = step < 0n ? stop - ((stop - start) % size) : start;
	for (; step < 0n ? value >= start : value <= stop; value += step) yield [integer(value), ...given];
}

/** While all are safe integers. */
function* smallSeries(start: number, stop: number, step: number): Generator<Value[]> {
	const size = Math.abs(step);
	let value = step < 0 ? stop - ((stop - start) % size) : start;
	for (; step < 0 ? value >= start : value <= stop; value += step) yield [value, start, stop, size];
}

export const GENERATE_SERIES: TableFunction = {
	name: "generate_series",
	columns: [
		{ name: "value", typeName: "", hidden: false },
		{ name: "start", typeName: "", hidden: true },
		{ name: "stop", typeName: "", hidden: true },
		{ name: "step", typeName: "", hidden: true },
	],
	minimumArguments: 1,
	maximumArguments: 3,
	missingArguments: 'first argument to "generate_series()" missing or unusable',
	rows: (values) => {
		if (values.includes(null)) return [];
		const [start, stop = LAST, given = 1] = values.map((value) => toInteger(value) as number | bigint); // none is NULL
		if (start === undefined) return [];
		const step = given === 0 ? 1 : given;
		const all = [start, stop, step];
		if (all.every((value) => typeof value === "number" && Math.abs(value) < 2 ** 52)) {
			return smallSeries(Number(start), Number(stop), Number(step));
		}
		return series(BigInt(start), BigInt(stop), BigInt(step));
	},
};
