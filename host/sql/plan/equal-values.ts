/** The values that an equality stands for, at run time: one, those of a list, or those of a query. */

import type { Execution, Tuple } from "../execute/operator.js";
import type { EncodeKey } from "../execute/searched-values.js";
import { compileSearchedValues } from "../execute/searched-values.js";
import { KeyList } from "../execute/spill/key-list.js";
import type { Value } from "../value/value.js";
import type { CompileFixed } from "./access.js";
import type { EqualCondition } from "./path.js";
import { coerced } from "./selectivity.js";

/** Where those of a query are too many, the keys of their own. */
export type EqualValues = (run: Execution, outer: Tuple) => readonly Value[] | KeyList;

/** Without those that equal nothing. */
export function compileValues(equal: EqualCondition, compileFixed: CompileFixed, encode: EncodeKey): EqualValues {
	const { values, query, coercion, matchesNull } = equal;
	if (query !== null) {
		const captures = query.subquery.captures.map(compileFixed);
		const found = compileSearchedValues(query.subquery, captures, (value) => encode(coerced(value, coercion)));
		return (run, outer) => {
			const values = found(outer, run);
			return values instanceof KeyList ? values : values.map((value) => coerced(value, coercion));
		};
	}
	const compiled = values.map(compileFixed);
	return (run, outer) => {
		const found: Value[] = [];
		for (const evaluate of compiled) {
			const value = coerced(evaluate(outer, run), coercion);
			if (value !== null || matchesNull) found.push(value);
		}
		return found;
	};
}
