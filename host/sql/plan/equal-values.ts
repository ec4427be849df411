/** The values that an equality stands for, at run time: one, those of a list, or those of a query. */

import type { Execution, Tuple } from "../execute/operator.js";
import { compileMembers } from "../execute/subquery.js";
import type { Value } from "../value/value.js";
import type { CompileFixed } from "./access.js";
import type { EqualCondition } from "./path.js";
import { coerced } from "./selectivity.js";

export type EqualValues = (run: Execution, outer: Tuple) => readonly Value[];

/** Without those that equal nothing. */
export function compileValues(equal: EqualCondition, compileFixed: CompileFixed): EqualValues {
	const { values, query, coercion, matchesNull } = equal;
	if (query !== null) {
		const members = compileMembers(query.subquery, query.subquery.captures.map(compileFixed));
		return (run, outer) =>
			members(outer, run)
				.filter((value) => value !== null)
				.map((value) => coerced(value, coercion));
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
