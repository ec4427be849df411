/** Functions in FROM whose columns depend on their arguments: these are looked at while the statement is planned. */

import { numberLiteral } from "../bind/literal.js";
import { startOf, stripBrackets } from "../bind/place.js";
import type { ShapedTableFunction, TableFunction } from "../function/table.js";
import type { ExpressionNode, NameNode, TableNode } from "../parse/ast.js";
import { sqlErrorAt } from "../parse/source.js";
import type { Value } from "../value/value.js";
import type { PlanContext } from "./context.js";

export interface Shaped {
	readonly shaped: TableFunction;
	/** The arguments without the options. */
	readonly values: readonly ExpressionNode[];
}

export function shapedFunction(
	called: ShapedTableFunction,
	node: TableNode & { type: "table" },
	context: PlanContext,
): Shaped {
	const { source } = context;
	// What a database file brings along is not to read other files of whoever opens it.
	if (context.schema !== undefined || context.inTrigger === true) {
		throw sqlErrorAt(source, node.at, `${called.name}() may not stand in the schema: in a view or a trigger`);
	}
	const values: ExpressionNode[] = [];
	const options = new Map<string, Value>();
	for (const argument of node.arguments ?? []) {
		const option = optionOf(argument);
		if (option !== undefined) options.set(option.name.text, constantOf(option.value, called.name, context));
		else if (options.size === 0) values.push(argument);
		else throw sqlErrorAt(source, startOf(argument), `${called.name}(): options stand behind the other arguments`);
	}
	if (values.length > called.maximumArguments) {
		throw sqlErrorAt(source, node.at, `too many arguments on ${called.name}() - max ${called.maximumArguments}`);
	}
	if (values.length < called.minimumArguments) {
		throw sqlErrorAt(source, node.at, `not enough arguments on ${called.name}() - min ${called.minimumArguments}`);
	}
	const constants = values.map((value) => constantOf(value, called.name, context));
	return { shaped: called.shape(constants, options), values };
}

/** `name = value`, which would be a comparison elsewhere. */
function optionOf(argument: ExpressionNode): { name: NameNode; value: ExpressionNode } | undefined {
	if (argument.type !== "chain" || argument.first.type !== "column" || argument.first.table !== null) return undefined;
	const [step, more] = argument.rest;
	if (more !== undefined || step?.operator !== "=") return undefined;
	return { name: argument.first.name, value: step.right };
}

function constantOf(expression: ExpressionNode, name: string, context: PlanContext): Value {
	const node = stripBrackets(expression);
	if (node.type === "string") return node.value;
	if (node.type === "number") return numberLiteral(node, context.source);
	if (node.type === "column" && node.table === null) {
		const word = node.name.text.toLowerCase();
		if (word === "true") return 1;
		if (word === "false") return 0;
		// As everywhere, what is quoted like a name and is none is a text.
		if (node.name.quote === '"') return node.name.text;
	}
	const what = node.type === "parameter" ? ": parameters are not known yet when the statement is planned" : "";
	throw sqlErrorAt(context.source, startOf(node), `arguments of ${name}() must be literals${what}`);
}
