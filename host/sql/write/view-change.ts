/** INSERT, UPDATE and DELETE on a view: rows for its INSTEAD OF triggers, and nothing else. */

import { ExpressionBinder } from "../bind/expression.js";
import type { ScopeTable } from "../bind/scope.js";
import { Scope } from "../bind/scope.js";
import type { View } from "../catalog/table.js";
import { compile } from "../execute/compile.js";
import type { Execution, Operator, Tuple } from "../execute/operator.js";
import { forEachKept } from "../execute/spill/buffer.js";
import type {
	DeleteNode,
	ExpressionNode,
	InsertNode,
	NameNode,
	ResultColumnNode,
	TableNameNode,
	TriggerEvent,
	UpdateNode,
} from "../parse/ast.js";
import { sqlErrorAt } from "../parse/source.js";
import { withCommon } from "../plan/common.js";
import type { PlanContext } from "../plan/context.js";
import { bindOutputs } from "../plan/output.js";
import { planQuery } from "../plan/query.js";
import { viewColumns } from "../plan/view.js";
import { foldCase } from "../value/compare.js";
import { rowItems } from "./assignments.js";
import { foundRows } from "./joined.js";
import { ROW_LAYOUT } from "./layout.js";
import type { Returning, WritePlan, WriteRun } from "./plan.js";
import { WriteOperator } from "./plan.js";
import type { TablePlans } from "./table-plan.js";
import type { TriggersOf } from "./trigger-runner.js";
import { triggersOf } from "./triggers.js";

/** The view that a statement writes to, if it is one. */
export function writtenView(name: TableNameNode, { catalog }: PlanContext): View | undefined {
	return catalog.view(name.name, name.schema);
}

interface Target {
	readonly view: View;
	readonly names: readonly string[];
	readonly row: ScopeTable;
	readonly triggers: TriggersOf;
}

function target(
	view: View,
	node: InsertNode | UpdateNode | DeleteNode,
	event: TriggerEvent,
	context: PlanContext,
	plans: TablePlans,
): Target {
	const triggers = context.catalog.triggersOn(view).filter((trigger) => trigger.node.event === event);
	const columns = viewColumns(view, context);
	const names = columns.map(({ name }) => name);
	const opened = triggersOf(triggers, names, "onConflict" in node ? node.onConflict : null, plans);
	if (opened === null)
		throw sqlErrorAt(context.source, node.table.at, `cannot modify ${view.name} because it is a view`);
	const row: ScopeTable = {
		name: view.name,
		table: null,
		columns: columns.map(({ name, affinity, collation }) => ({
			name,
			affinity,
			collation: collation ?? "binary",
			origin: null,
			hidden: false,
		})),
	};
	return { view, names, row, triggers: opened };
}

function position(name: NameNode, { view, names }: Target, context: PlanContext, event: "INSERT" | "UPDATE"): number {
	const folded = foldCase(name.text);
	const found = names.findIndex((candidate) => foldCase(candidate) === folded);
	if (found !== -1) return found;
	const message =
		event === "INSERT" ? `table ${view.name} has no column named ${name.text}` : `no such column: ${name.text}`;
	throw sqlErrorAt(context.source, name.at, message);
}

function returning(nodes: readonly ResultColumnNode[] | null, { row }: Target, context: PlanContext): Returning {
	if (nodes === null) return { columns: [], project: null };
	const scope = new Scope([row]);
	const outputs = bindOutputs(nodes, scope, new ExpressionBinder(context, scope), context);
	const compiled = outputs.map(({ bound }) => compile(bound, ROW_LAYOUT));
	return {
		columns: outputs.map(({ column }) => column),
		project: (values: Tuple, run: Execution) => compiled.map((value) => value(values, run)),
	};
}

export function planViewInsert(view: View, node: InsertNode, outside: PlanContext, plans: TablePlans): WritePlan {
	const context = withCommon(node.with, outside);
	const on = target(view, node, "insert", context, plans);
	const [upsert] = node.upsert;
	if (upsert !== undefined) throw sqlErrorAt(context.source, upsert.at, "cannot UPSERT a view");
	const targets = node.columns?.map((name) => position(name, on, context, "INSERT")) ?? [...on.names.keys()];
	const source = node.source.type === "defaults" ? null : planQuery(node.source.select, context);
	if (source !== null && source.columns.length !== targets.length) {
		const given = source.columns.length;
		const message =
			node.columns === null
				? `table ${view.name} has ${targets.length} columns but ${given} values were supplied`
				: `${given} values for ${targets.length} columns`;
		throw sqlErrorAt(context.source, node.table.at, message);
	}
	const output = returning(node.returning, on, context);
	const run = (write: WriteRun): Tuple[] => {
		const triggers = on.triggers(write);
		const rows: Tuple[] = [];
		const insert = (values: Tuple) => {
			const row: Tuple = new Array<null>(on.names.length + 1).fill(null);
			for (let i = targets.length - 1; i >= 0; i--) row[(targets[i] as number) + 1] = values[i] ?? null; // i is within
			if (triggers.fire("instead of", "insert", null, row, null) && output.project !== null)
				rows.push(output.project(row, write.execution));
		};
		if (source === null) insert([]);
		else forEachKept(source.operator, write.execution, insert);
		return rows;
	};
	const operator = new WriteOperator(`Insert into ${view.name}`, source?.operator ?? null);
	return { operator, columns: output.columns, run };
}

function rowsOf(
	on: Target,
	node: UpdateNode | DeleteNode,
	values: readonly ExpressionNode[],
	context: PlanContext,
): Operator {
	const from = "from" in node ? node.from : null;
	const { alias, indexed } = node;
	const columnCount = on.names.length;
	const subject = { table: on.view, alias, indexed, at: node.table.at, columnCount, hasRowId: false };
	return foundRows(subject, from, node.where, values, context);
}

export function planViewDelete(view: View, node: DeleteNode, outside: PlanContext, plans: TablePlans): WritePlan {
	const context = withCommon(node.with, outside);
	const on = target(view, node, "delete", context, plans);
	const input = rowsOf(on, node, [], context);
	const output = returning(node.returning, on, context);
	const run = (write: WriteRun): Tuple[] => {
		const triggers = on.triggers(write);
		const rows: Tuple[] = [];
		forEachKept(input, write.execution, (row) => {
			if (triggers.fire("instead of", "delete", row, null, null) && output.project !== null)
				rows.push(output.project(row, write.execution));
		});
		return rows;
	};
	return { operator: new WriteOperator(`Delete from ${view.name}`, input), columns: output.columns, run };
}

export function planViewUpdate(view: View, node: UpdateNode, outside: PlanContext, plans: TablePlans): WritePlan {
	const context = withCommon(node.with, outside);
	const on = target(view, node, "update", context, plans);
	const bySlot = new Map<number, ExpressionNode>();
	for (const { columns, value } of node.assignments) {
		const values = columns.length === 1 ? [value] : rowItems(columns, value, context);
		for (const [i, name] of columns.entries())
			bySlot.set(position(name, on, context, "UPDATE") + 1, values[i] as ExpressionNode); // one value per column
	}
	const slots = [...bySlot.keys()];
	const input = rowsOf(on, node, [...bySlot.values()], context);
	const output = returning(node.returning, on, context);
	const width = on.names.length + 1;
	const run = (write: WriteRun): Tuple[] => {
		const triggers = on.triggers(write);
		const rows: Tuple[] = [];
		forEachKept(input, write.execution, (found) => {
			const old = found.slice(0, width);
			const row = old.slice();
			for (const [i, slot] of slots.entries()) row[slot] = found[width + i] ?? null;
			if (triggers.fire("instead of", "update", old, row, slots) && output.project !== null)
				rows.push(output.project(row, write.execution));
		});
		return rows;
	};
	return { operator: new WriteOperator(`Update ${view.name}`, input), columns: output.columns, run };
}
