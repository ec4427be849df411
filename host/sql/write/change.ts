/** UPDATE and DELETE: a scan finds the rows, which are then written one by one. */

import type { Bound } from "../bind/bound.js";
import { ExpressionBinder } from "../bind/expression.js";
import { Scope } from "../bind/scope.js";
import type { Table } from "../catalog/table.js";
import { ROWID } from "../catalog/table.js";
import type { RowId } from "../codec/key.js";
import { compile } from "../execute/compile.js";
import type { Operator, Tuple } from "../execute/operator.js";
import type { DeleteNode, ExpressionNode, NameNode, UpdateNode } from "../parse/ast.js";
import { sqlErrorAt, suggestion } from "../parse/source.js";
import type { Logical } from "../plan/logical.js";
import { physicalPlan } from "../plan/physical.js";
import type { PlanContext } from "../plan/select.js";
import { foldCase } from "../value/compare.js";
import { forEachRow, WriteOperator } from "./insert.js";
import type { RowWriterFor, WritePlan, WriteRun } from "./plan.js";
import { planReturning, ROW_LAYOUT, refuse, tableExpressions, writableTable, writerFor } from "./plan.js";
import { TableWriter } from "./table-writer.js";

/** The rows that the condition picks, as `[rowid, ...columns]`. */
function rowsToChange(table: Table, scope: Scope, where: ExpressionNode | null, context: PlanContext): Operator {
	const scan: Logical = { op: "scan", source: 0 };
	const condition = where === null ? null : new ExpressionBinder(context, scope).bind(where);
	const input: Logical = condition === null ? scan : { op: "filter", input: scan, condition };
	const rowId: Bound = table.kind === "stored" ? scope.column(0, ROWID) : { kind: "constant", value: null };
	const columns = [rowId, ...table.columns.map((_, i) => scope.column(0, i))];
	return physicalPlan({ op: "project", input, columns }, scope);
}

export function planDelete(node: DeleteNode, context: PlanContext): WritePlan {
	if (node.with !== null) refuse(context, node.table.at, "common table expressions");
	if (node.order.length > 0 || node.limit !== null) refuse(context, node.table.at, "ORDER BY and LIMIT in DELETE");
	const table = writableTable(node.table, context);
	const scope = new Scope([{ name: node.alias?.text ?? table.name, table }]);
	const input = rowsToChange(table, scope, node.where, context);
	const returning = planReturning(node.returning, table, context);
	const run = (write: WriteRun) => {
		const writer = writerFor(table, { checks: [], defaults: [] }, null, write);
		const rows: Tuple[] = [];
		let changes = 0;
		forEachRow(input.open(write.execution), (row) => {
			writer.delete(row);
			changes++;
			if (returning.project !== null) rows.push(returning.project(row, write.execution));
		});
		return { changes, lastRowId: null, rows };
	};
	return { operator: new WriteOperator(`Delete from ${table.name}`, input), columns: returning.columns, run };
}

export function planUpdate(node: UpdateNode, context: PlanContext): WritePlan {
	if (node.with !== null) refuse(context, node.table.at, "common table expressions");
	if (node.from !== null) refuse(context, node.table.at, "UPDATE FROM");
	if (node.order.length > 0 || node.limit !== null) refuse(context, node.table.at, "ORDER BY and LIMIT in UPDATE");
	const table = writableTable(node.table, context);
	const scope = new Scope([{ name: node.alias?.text ?? table.name, table }]);
	const binder = new ExpressionBinder(context, scope);
	const assignments = node.assignments.map(({ columns, value }) => {
		const [only] = columns;
		if (only === undefined || columns.length !== 1) refuse(context, columns[0]?.at ?? 0, "row values");
		return { slot: assignedSlot(only, table, context), value: compile(binder.bind(value), ROW_LAYOUT) };
	});
	const input = rowsToChange(table, scope, node.where, context);
	const expressions = tableExpressions(table, context);
	const returning = planReturning(node.returning, table, context);
	const run = (write: WriteRun) => {
		const { execution } = write;
		const writer = writerFor(table, expressions, node.onConflict, write);
		const rows: Tuple[] = [];
		let changes = 0;
		forEachRow(input.open(execution), (found) => {
			const old = currentRow(writer, found);
			if (old === undefined) return;
			const row = old.slice();
			for (const { slot, value } of assignments) row[slot] = value(old, execution);
			// An assignment to the rowid by its own name, or by that of its alias, sets both.
			if (table.kind === "stored" && table.rowIdColumn >= 0) settleRowId(row, old, table.rowIdColumn + 1);
			const stored = writer.update(old, row);
			if (stored === null) return;
			changes++;
			if (returning.project !== null) rows.push(returning.project(stored, execution));
		});
		return { changes, lastRowId: null, rows };
	};
	return { operator: new WriteOperator(`Update ${table.name}`, input), columns: returning.columns, run };
}

/** The row as it is now: an earlier row of this statement may have replaced it. */
function currentRow(writer: RowWriterFor, found: Tuple): Tuple | undefined {
	return writer instanceof TableWriter ? writer.current(found[0] as RowId) : found; // stored rows have their rowid first
}

function settleRowId(row: Tuple, old: Tuple, alias: number): void {
	if (row[alias] !== old[alias]) row[0] = row[alias] ?? null;
	else row[alias] = row[0] ?? null;
}

function assignedSlot(name: NameNode, table: Table, context: PlanContext): number {
	const folded = foldCase(name.text);
	const column = table.columns.findIndex((candidate) => foldCase(candidate.name) === folded);
	if (column !== -1) return column + 1;
	if (table.kind === "stored" && /^(rowid|oid|_rowid_)$/.test(folded)) return 0;
	const hint = suggestion(
		name.text,
		table.columns.map((candidate) => candidate.name),
	);
	throw sqlErrorAt(context.source, name.at, `no such column: ${name.text}${hint}`);
}
