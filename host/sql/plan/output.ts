/** The result columns of a query. */

import type { Bound } from "../bind/bound.js";
import { affinityOf, collationOf } from "../bind/bound.js";
import type { ExpressionBinder } from "../bind/expression.js";
import { jsonKindOf } from "../bind/json.js";
import { stripBrackets } from "../bind/place.js";
import type { Scope, ScopeColumn } from "../bind/scope.js";
import { ROWID } from "../catalog/table.js";
import type { ExpressionNode, ResultColumnNode } from "../parse/ast.js";
import { sqlErrorAt } from "../parse/source.js";
import { foldCase } from "../value/compare.js";
import type { PlanContext } from "./context.js";
import { checkStar } from "./from.js";
import type { ResultColumn } from "./logical.js";

export interface Output {
	readonly column: ResultColumn;
	readonly bound: Bound;
	/** Folded; null where the column was not given a name. */
	readonly alias: string | null;
}

function resultColumn(name: string, bound: Bound, origin: ScopeColumn["origin"] | undefined): ResultColumn {
	return {
		name,
		column: origin?.column ?? null,
		table: origin?.table ?? null,
		type: origin?.type ?? null,
		affinity: affinityOf(bound),
		collation: collationOf(bound)?.collation ?? null,
		collated: collationOf(bound)?.explicit,
		json: jsonKindOf(bound),
	};
}

export function bindOutputs(
	nodes: readonly ResultColumnNode[],
	scope: Scope,
	binder: ExpressionBinder,
	context: PlanContext,
): Output[] {
	const outputs: Output[] = [];
	for (const node of nodes) {
		if (node.type === "expression") {
			outputs.push(expressionOutput(node, binder.bind(node.expression), scope));
			continue;
		}
		if (scope.tables.length === 0) throw sqlErrorAt(context.source, node.at, "no tables specified");
		const columns = scope.starColumns(node.table?.text ?? null);
		if (columns === undefined) throw sqlErrorAt(context.source, node.at, `no such table: ${node.table?.text}`);
		if (scope.tables.length > 1) checkStar(scope, node.at, context, node.table?.text ?? null);
		for (const { source, column } of columns) {
			const definition = scope.tables[source]?.columns[column] as ScopeColumn; // starColumns names columns of the scope
			const bound = node.table === null ? scope.shown(source, column) : scope.column(source, column);
			outputs.push({
				column: resultColumn(definition.name, bound, definition.origin),
				bound,
				alias: foldCase(definition.name),
			});
		}
	}
	return outputs;
}

/** The name of the column that the expression is, but for brackets and collations. */
function innerName(node: ExpressionNode): string | undefined {
	let inner = stripBrackets(node);
	while (inner.type === "collate") inner = stripBrackets(inner.operand);
	return inner.type === "column" ? inner.name.text : undefined;
}

function expressionOutput(node: ResultColumnNode & { type: "expression" }, bound: Bound, scope: Scope): Output {
	const source = bound.kind === "column" ? scope.tables[bound.source] : undefined;
	const shown = bound.kind === "column" ? source?.columns[bound.column] : undefined;
	const rowId = bound.kind === "column" && bound.column === ROWID;
	// A plain column is called as it was declared, anything else as it was written.
	const plain = stripBrackets(node.expression).type === "column" ? (shown?.name ?? null) : null;
	const written = rowId ? node.text : null;
	const column = resultColumn(node.alias?.text ?? plain ?? written ?? node.text, bound, shown?.origin);
	return {
		column: node.alias === null && plain === null ? { ...column, innerName: innerName(node.expression) } : column,
		bound,
		alias: node.alias === null ? (plain === null ? null : foldCase(plain)) : foldCase(node.alias.text),
	};
}
