/** generate_series(start, stop, step). */

import { toInteger } from "../value/convert.js";
import type { Value } from "../value/value.js";
import { fitsInteger, integer } from "../value/value.js";
import type { TableFunction } from "./table.js";

/** Where no end is given. */
const LAST = 4294967295;

function* series(start: bigint, stop: bigint, step: bigint): Generator<Value[]> {
	const column = { start: integer(start), stop: integer(stop), step: integer(step) };
	for (let value = start; step > 0n ? value <= stop : value >= stop; value += step) {
		if (!fitsInteger(value)) return;
		yield [integer(value), column.start, column.stop, column.step];
	}
}

/** While all are safe integers. */
function* smallSeries(start: number, stop: number, step: number): Generator<Value[]> {
	for (let value = start; step > 0 ? value <= stop : value >= stop; value += step) yield [value, start, stop, step];
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
