/** Arguments of aggregates as rows, which may go to files: what is JSON is told from other text again. */

import type { AggregateFunction } from "../function/aggregate.js";
import { JsonText, type JsonValue, withoutJson } from "../function/json/subtype.js";
import type { Value } from "../value/value.js";
import type { Tuple } from "./operator.js";

export interface ArgumentRows {
	/** A row of its own, which begins with the arguments as values. */
	pack(values: readonly JsonValue[]): Tuple;
	unpack(row: Tuple): readonly JsonValue[];
}

/** Values stand for themselves. */
const PLAIN: ArgumentRows = {
	pack: (values) => [...(values as readonly Value[])],
	unpack: (row) => row,
};

/** The last column has a bit for each argument: whether it is JSON. */
const MARKED: ArgumentRows = {
	pack: (values) => {
		let marks = 0;
		for (const [i, value] of values.entries()) if (value instanceof JsonText) marks |= 1 << i;
		return [...values.map(withoutJson), marks];
	},
	unpack: (row) => {
		const marks = row[row.length - 1] as number; // so it was packed
		const values: JsonValue[] = row.slice(0, -1);
		if (marks === 0) return values;
		return values.map((value, i) => ((marks >> i) & 1 ? new JsonText(value as string) : value));
	},
};

export function argumentRows({ takesJson }: AggregateFunction): ArgumentRows {
	return takesJson === true ? MARKED : PLAIN;
}
