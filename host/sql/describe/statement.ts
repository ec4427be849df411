/** Types of a statement's parameters and of the columns that it returns. */

import type { PlainStatementNode } from "../parse/ast.js";
import type { PlanContext } from "../plan/context.js";
import { planSelect } from "../plan/select.js";
import { Inference } from "./inference.js";
import { columnTypes } from "./query.js";
import type { ValueType } from "./value-type.js";
import { writeTypes } from "./write.js";

export interface StatementTypes {
	/** In the order in which the statement numbers them. */
	readonly parameters: readonly ValueType[];
	/** Of the columns that it returns; those of PRAGMA and EXPLAIN are not among them. */
	readonly columns: readonly ValueType[];
}

/** Of a statement that can be planned. What it returns is inferred once more when it is known what its parameters are meant to be. */
export function statementTypes(node: PlainStatementNode, contextFor: () => PlanContext): StatementTypes {
	const first = new Inference(contextFor());
	const columns = columnsOf(node, first);
	const parameters = first.parameterTypes;
	if (parameters.length === 0) return { parameters, columns };
	return { parameters, columns: columnsOf(node, new Inference(contextFor(), parameters)) };
}

function columnsOf(node: PlainStatementNode, inference: Inference): readonly ValueType[] {
	switch (node.type) {
		case "select":
			return columnTypes(planSelect(node, inference.context), [], inference);
		case "insert":
		case "update":
		case "delete":
			return writeTypes(node, inference);
		default:
			return [];
	}
}
