/** Types of calls of scalar functions. */

import type { Bound } from "../bind/bound.js";
import { statementContext } from "../function/definition.js";
import type { Value } from "../value/value.js";
import type { Inner } from "./expression.js";
import { alike } from "./expression.js";
import { OPEN_USE, useful } from "./parameters.js";
import { signatureOf } from "./signatures.js";
import type { ValueType } from "./value-type.js";
import { ALL, typeOfValue } from "./value-type.js";

type CallBound = Extract<Bound, { kind: "call" }>;

export function callType(bound: CallBound, inner: Inner): ValueType {
	const constant = constantType(bound);
	if (constant !== undefined) return constant;
	const signature = signatureOf(bound.function);
	const operands = bound.arguments;
	if (operands.length > 1 && signature.argument(0) === undefined) return signature.result(alike(operands, inner));
	const given = operands.map((operand, i) => {
		const classes = signature.argument(i) ?? ALL;
		return inner(operand, classes === ALL ? OPEN_USE : useful(classes));
	});
	return signature.result(given);
}

/** What literals give shows in a call of their own, as that of `strftime('%s', 'now')`: the time changes, but not whether there is one. */
function constantType({ function: called, arguments: operands, collation }: CallBound): ValueType | undefined {
	if (!called.deterministic || called.isOwn === true) return undefined;
	const values: Value[] = [];
	for (const operand of operands) {
		if (operand.kind !== "constant") return undefined;
		values.push(operand.value);
	}
	try {
		const connection = { changes: 0, totalChanges: 0, lastInsertRowId: 0 };
		return typeOfValue(called.call(values, statementContext(connection), collation));
	} catch {
		return undefined; // an error of running the statement, not of describing it
	}
}
