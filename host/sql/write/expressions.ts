/** The expressions of tables and indexes, bound once per plan: what they may not contain, and what they read. */

import type { Bound } from "../bind/bound.js";
import { ExpressionBinder } from "../bind/expression.js";
import { ParameterList } from "../bind/parameters.js";
import { Scope } from "../bind/scope.js";
import { replaced, walk } from "../bind/traverse.js";
import type { Table } from "../catalog/table.js";
import { ROWID } from "../catalog/table.js";
import type { Evaluate } from "../execute/compile.js";
import { compile } from "../execute/compile.js";
import { timelessContext } from "../function/definition.js";
import type { ScalarFunction } from "../function/scalar.js";
import type { ExpressionNode, NameNode } from "../parse/ast.js";
import type { Source } from "../parse/source.js";
import { sourceOf, sqlErrorAt } from "../parse/source.js";
import type { PlanContext } from "../plan/context.js";
import { NO_COLUMNS } from "../plan/layout.js";
import { ROW_LAYOUT } from "./layout.js";
import { nodesOf } from "./nodes.js";

/** Where an expression stands; SQLite's words for what may not stand there. */
export type Place = "CHECK constraints" | "generated columns" | "index expressions" | "partial index WHERE clauses";

/** The same in the singular, for errors of a row. */
const ONE_PLACE: Record<Place, string> = {
	"CHECK constraints": "a CHECK constraint",
	"generated columns": "a generated column",
	"index expressions": "an index",
	"partial index WHERE clauses": "an index",
};

/** A context for expressions of the schema, whose offsets are in a text of their own. */
export function contextOf(sql: string, context: PlanContext, temporary: boolean): PlanContext {
	const source = sourceOf(sql);
	return { ...context, source, parameters: new ParameterList([], source), ofSchema: !temporary };
}

function prohibit(node: ExpressionNode, place: Place, source: Source): void {
	for (const part of nodesOf(node)) {
		const at = typeof part.at === "number" ? part.at : 0;
		if (part.type === "select" || part.operator === "inTable")
			throw sqlErrorAt(source, at, `subqueries prohibited in ${place}`);
		if (part.type === "parameter") throw sqlErrorAt(source, at, `parameters prohibited in ${place}`);
	}
}

/** Binds an expression over one row of the table. */
export function bindRowExpression(node: ExpressionNode, table: Table, place: Place, context: PlanContext): Bound {
	prohibit(node, place, context.source);
	const bound = new ExpressionBinder(context, new Scope([{ name: table.name, table }])).bind(node);
	if (place === "CHECK constraints") return timeless(bound, place);
	walk(bound, (part) => {
		if (part.kind === "call" && (!part.function.deterministic || part.function.readsClock === "always"))
			throw sqlErrorAt(context.source, 0, `non-deterministic functions prohibited in ${place}`);
		if (part.kind === "column" && part.column === ROWID && place !== "partial index WHERE clauses")
			throw sqlErrorAt(context.source, 0, "no such column: rowid");
	});
	return timeless(bound, place);
}

/** Functions that may read the clock refuse to: what is stored or was checked must hold at any time. */
function timeless(bound: Bound, place: Place): Bound {
	return replaced(bound, (part) => {
		if (part.kind !== "call" || part.function.readsClock !== "sometimes") return undefined;
		const { call } = part.function;
		const timelessCall: ScalarFunction["call"] = (values, context, collation) =>
			call(values, timelessContext(context, ONE_PLACE[place]), collation);
		const operands = part.arguments.map((argument) => timeless(argument, place));
		return { ...part, function: { ...part.function, call: timelessCall }, arguments: operands };
	});
}

/** Evaluates over rows of `[rowid, ...columns]`. */
export function rowExpression(node: ExpressionNode, table: Table, place: Place, context: PlanContext): Evaluate {
	return compile(bindRowExpression(node, table, place, context), ROW_LAYOUT);
}

/** Refuses a DEFAULT that is not constant, but for CURRENT_TIMESTAMP and functions. */
export function checkDefault(node: ExpressionNode, column: string, context: PlanContext): void {
	for (const part of nodesOf(node)) {
		const isQuery = part.type === "select" || part.operator === "inTable";
		if (isQuery || part.type === "parameter" || (part.type === "column" && !isWord(part)))
			throw sqlErrorAt(context.source, 0, `default value of column [${column}] is not constant`);
	}
}

export function defaultExpression(node: ExpressionNode, context: PlanContext): Evaluate {
	return compile(new ExpressionBinder(context, new Scope([])).bind(node), NO_COLUMNS);
}

/** TRUE and FALSE, and what is a string in double quotes. */
function isWord(column: { readonly name?: unknown }): boolean {
	const name = column.name as NameNode; // of a column node
	return name.quote === '"' || (name.quote === "" && /^(true|false)$/i.test(name.text));
}
