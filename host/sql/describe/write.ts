/** Types of statements that write: of what they return, and of the values that they are given. */

import { ExpressionBinder } from "../bind/expression.js";
import type { ScopeTable } from "../bind/scope.js";
import { Scope } from "../bind/scope.js";
import type { Table, View } from "../catalog/table.js";
import { ROWID } from "../catalog/table.js";
import type { DeleteNode, ExpressionNode, InsertNode, NameNode, ResultColumnNode, UpdateNode } from "../parse/ast.js";
import { withCommon } from "../plan/common.js";
import type { PlanContext } from "../plan/context.js";
import { bindOutputs } from "../plan/output.js";
import { planSelect } from "../plan/select.js";
import { viewQuery } from "../plan/view.js";
import { foldCase } from "../value/compare.js";
import { rowItems, singleAssignments } from "../write/assignments.js";
import { insertedColumns } from "../write/columns.js";
import { findingQuery } from "../write/joined.js";
import { writableTable } from "../write/plan.js";
import { excludedRow } from "../write/upsert.js";
import { writtenView } from "../write/view-change.js";
import type { SourceTypes } from "./environment.js";
import { Environment } from "./environment.js";
import { typeOf } from "./expression.js";
import type { Inference } from "./inference.js";
import type { Use } from "./parameters.js";
import { OPEN_USE, useful } from "./parameters.js";
import { columnTypes } from "./query.js";
import { columnUse, tableTypes } from "./source.js";
import type { ValueType } from "./value-type.js";
import { ANYTHING, NUMBER } from "./value-type.js";

/** A table or a view, as statements that write to it see it. */
interface Target {
	readonly of: Table | View;
	/** A row of it as RETURNING names it. */
	readonly row: ScopeTable | { readonly name: string; readonly table: Table };
	readonly types: SourceTypes;
	readonly columnCount: number;
	readonly hasRowId: boolean;
	/** What a column is to be given. */
	use(column: number): Use;
	/** The columns of INSERT. */
	inserted(names: readonly NameNode[] | null): readonly number[];
	/** The columns that SET names, and their values. */
	assigned(node: Pick<UpdateNode, "assignments">): { readonly column: number; readonly value: ExpressionNode }[];
}

/** Of RETURNING; none without. */
export function writeTypes(node: InsertNode | UpdateNode | DeleteNode, inference: Inference): readonly ValueType[] {
	const context = withCommon(node.with, inference.context);
	const view = writtenView(node.table, context);
	const target =
		view === undefined
			? tableTarget(writableTable(node.table, context), context, inference)
			: viewTarget(view, context, inference);
	if (node.type === "insert") insertedTypes(node, target, context, inference);
	else changedTypes(node, target, context, inference);
	return returnedTypes(node.returning, target, context, inference);
}

function tableTarget(table: Table, context: PlanContext, inference: Inference): Target {
	return {
		of: table,
		row: { name: table.name, table },
		types: tableTypes(table, inference),
		columnCount: table.columns.length,
		hasRowId: table.kind === "stored" && !table.withoutRowId,
		use: (column) => columnUse(table, column),
		inserted: (names) => insertedColumns(names, table, context),
		assigned: ({ assignments }) =>
			singleAssignments(assignments, table, context).map(({ slot, value }) => ({
				column: slot === 0 ? ROWID : slot - 1,
				value,
			})),
	};
}

/** Its triggers get what they are given, which may be anything. */
function viewTarget(view: View, context: PlanContext, inference: Inference): Target {
	const plan = viewQuery(view, context);
	const found = columnTypes(plan, [], inference);
	const place = ({ text }: NameNode) => plan.columns.findIndex(({ name }) => foldCase(name) === foldCase(text));
	return {
		of: view,
		row: {
			name: view.name,
			table: null,
			columns: plan.columns.map(({ name, affinity }) => ({
				name,
				affinity,
				collation: "binary",
				origin: null,
				hidden: false,
			})),
		},
		types: { columns: plan.columns.map(() => ANYTHING), rowId: ANYTHING },
		columnCount: plan.columns.length,
		hasRowId: false,
		use: (column) => ({ classes: (found[column] ?? ANYTHING).classes, nulls: "welcome" }),
		inserted: (names) => names?.map(place) ?? [...plan.columns.keys()],
		assigned: ({ assignments }) =>
			assignments.flatMap(({ columns, value }) => {
				const values = columns.length === 1 ? [value] : rowItems(columns, value, context);
				return columns.map((name, i) => ({ column: place(name), value: values[i] ?? value }));
			}),
	};
}

function insertedTypes(node: InsertNode, target: Target, context: PlanContext, inference: Inference): void {
	if (node.source.type === "query") {
		const uses = target.inserted(node.columns).map((column) => target.use(column));
		columnTypes(planSelect(node.source.select, context), [], inference, uses);
	}
	const { of: table } = target;
	if (node.upsert.length === 0 || table.kind === "view") return;
	const name = node.alias?.text ?? table.name;
	const scope = new Scope([{ name, table }, excludedRow(table)]);
	const binder = new ExpressionBinder(context, scope);
	const sources = new Map([target.types, target.types].entries());
	const names = new Environment({ sources });
	for (const clause of node.upsert) {
		if (clause.targetWhere !== null) typeOf(binder.bind(clause.targetWhere), names, inference, useful(NUMBER));
		if (clause.assignments === null) continue;
		for (const { column, value } of target.assigned({ assignments: clause.assignments }))
			typeOf(binder.bind(value), names, inference, target.use(column));
		if (clause.where !== null) typeOf(binder.bind(clause.where), names, inference, useful(NUMBER));
	}
}

/** As a query that finds the rows, with their new values behind them. */
function changedTypes(node: UpdateNode | DeleteNode, target: Target, context: PlanContext, inference: Inference): void {
	const { alias, indexed, where } = node;
	const { of: table, columnCount, hasRowId } = target;
	const subject = { table, alias, indexed, at: node.table.at, columnCount, hasRowId };
	const assigned = node.type === "update" ? target.assigned(node) : [];
	const from = node.type === "update" ? node.from : null;
	const select = findingQuery(
		subject,
		from,
		where,
		assigned.map(({ value }) => value),
	);
	const found = Array.from({ length: columnCount + 1 }, () => OPEN_USE);
	const uses = [...found, ...assigned.map(({ column }) => target.use(column))];
	columnTypes(planSelect(select, context), [], inference, uses);
}

function returnedTypes(
	nodes: readonly ResultColumnNode[] | null,
	{ row, types }: Target,
	context: PlanContext,
	inference: Inference,
): readonly ValueType[] {
	if (nodes === null) return [];
	const scope = new Scope([row]);
	const names = new Environment({ sources: new Map([[0, types]]) });
	const outputs = bindOutputs(nodes, scope, new ExpressionBinder(context, scope), context);
	return outputs.map(({ bound }) => typeOf(bound, names, inference, OPEN_USE));
}
