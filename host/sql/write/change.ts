/** UPDATE and DELETE: a query finds the rows, which are then written one by one. */

import type { Bound } from "../bind/bound.js";
import { ExpressionBinder } from "../bind/expression.js";
import { Scope, tableInScope } from "../bind/scope.js";
import type { StoredTable, Table } from "../catalog/table.js";
import { ROWID } from "../catalog/table.js";
import type { Execution, Operator, Tuple } from "../execute/operator.js";
import { forEachRow, NO_ROW } from "../execute/operator.js";
import { Scan } from "../execute/scan.js";
import { forEachKept } from "../execute/spill/buffer.js";
import type { DeleteNode, ExpressionNode, UpdateNode } from "../parse/ast.js";
import { withCommon } from "../plan/common.js";
import type { PlanContext } from "../plan/context.js";
import { indexHint } from "../plan/index-hint.js";
import type { Logical } from "../plan/logical.js";
import { physicalPlan } from "../plan/physical.js";
import { foldCase } from "../value/compare.js";
import { planAssignments } from "./assignments.js";
import { planJoinedUpdate } from "./joined.js";
import { ROW_LAYOUT } from "./layout.js";
import { hasQuery } from "./nodes.js";
import type { RowChanges, WritePlan, WriteRun } from "./plan.js";
import { changesTo, planReturning, refuse, WriteOperator, writableTable } from "./plan.js";
import { TablePlans } from "./table-plan.js";
import { planViewDelete, planViewUpdate, writtenView } from "./view-change.js";

function changedScope({ alias, indexed }: UpdateNode | DeleteNode, table: Table, context: PlanContext): Scope {
	return new Scope([tableInScope(alias?.text ?? table.name, table, indexHint(indexed, table, context))]);
}

/** The rows that the condition picks, as `[rowid, ...columns]`. */
function rowsToChange(table: Table, scope: Scope, where: ExpressionNode | null, context: PlanContext): Operator {
	const scan: Logical = { op: "scan", source: 0 };
	const condition = where === null ? null : new ExpressionBinder(context, scope).bind(where);
	const input: Logical = condition === null ? scan : { op: "filter", input: scan, condition };
	const hasRowId = table.kind === "stored" && !table.withoutRowId;
	const rowId: Bound = hasRowId ? scope.column(0, ROWID) : { kind: "constant", value: null };
	const columns = [rowId, ...table.columns.map((_, i) => scope.column(0, i))];
	return physicalPlan({ op: "project", input, columns }, scope, context);
}

/** Visits the rows to change, each as it is when its turn comes. */
export type EachRow = (execution: Execution, changes: RowChanges, visit: (row: Tuple) => void) => void;

/**
 * A scan by key has its rows from before the statement, so they can be changed while it goes on, where nothing but the
 * row itself changes. Everything else is gathered first, and each row is read once more. A single row whose key is known is
 * read without a scan.
 */
export function eachRow(input: Operator, mayChangeOthers: boolean): EachRow {
	const isPlain = !mayChangeOthers && input instanceof Scan && input.options.access.order === "key";
	const each: EachRow = isPlain
		? (execution, _changes, visit) => forEachRow(input.open(execution), visit)
		: (execution, changes, visit) => {
				forEachKept(input, execution, (found) => readAndVisit(changes.keyOf(found), changes, visit));
			};
	return (execution, changes, visit) => {
		const keys = keysOf(input, execution);
		if (keys === null) each(execution, changes, visit);
		else for (const key of keys) readAndVisit(key, changes, visit);
	};
}

/** The keys of all rows that are to be changed, where these are known without a scan: of at most one row. */
function keysOf(input: Operator, execution: Execution): readonly Uint8Array[] | null {
	if (!(input instanceof Scan) || input.options.filter !== null) return null;
	const { access } = input.options;
	if (access.order !== "key" || !access.atMostOneRow) return null;
	const selection = access.select(execution, NO_ROW);
	return selection.kind === "points" ? selection.keys : NO_KEYS;
}

const NO_KEYS: readonly Uint8Array[] = [];

function readAndVisit(key: Uint8Array, changes: RowChanges, visit: (row: Tuple) => void): void {
	const row = changes.read(key);
	if (row !== undefined) visit(row);
}

/** Writing one row of the table may write others: by triggers, or by foreign keys that refer to it. */
export function mayChangeOthers(table: Table, { catalog }: PlanContext): boolean {
	if (table.kind === "keyValue") return false;
	const name = foldCase(table.name);
	const isParent = catalog
		.tables()
		.some(({ foreignKeys }) => foreignKeys.some(({ parent }) => foldCase(parent) === name));
	return isParent || catalog.triggersOn(table).length > 0;
}

export function planDelete(node: DeleteNode, outside: PlanContext, plans = new TablePlans(outside)): WritePlan {
	const context = withCommon(node.with, outside);
	if (node.order.length > 0 || node.limit !== null) refuse(context, node.table.at, "ORDER BY and LIMIT in DELETE");
	const view = writtenView(node.table, context);
	if (view !== undefined) return planViewDelete(view, node, outside, plans);
	const table = writableTable(node.table, context);
	const scope = changedScope(node, table, context);
	const input = rowsToChange(table, scope, node.where, context);
	const returning = planReturning(node.returning, table, context);
	const changesOf = changesTo(table, null, plans);
	const each = eachRow(input, mayChangeOthers(table, context) || hasQuery([node.where, node.returning]));
	const run = (write: WriteRun) => {
		const { execution } = write;
		const changes = changesOf(write);
		changes.announce("delete", []);
		const rows: Tuple[] = [];
		const keys = returning.project === null ? keysOf(input, execution) : null;
		if (keys !== null) {
			for (const key of keys) if (changes.deleteKey(key)) write.changes++;
			return rows;
		}
		each(execution, changes, (row) => {
			if (!changes.delete(row)) return;
			write.changes++;
			if (returning.project !== null) rows.push(returning.project(row, execution));
		});
		return rows;
	};
	return { operator: new WriteOperator(`Delete from ${table.name}`, input), columns: returning.columns, run };
}

export function planUpdate(node: UpdateNode, outside: PlanContext, plans = new TablePlans(outside)): WritePlan {
	const context = withCommon(node.with, outside);
	if (node.order.length > 0 || node.limit !== null) refuse(context, node.table.at, "ORDER BY and LIMIT in UPDATE");
	const view = writtenView(node.table, context);
	if (view !== undefined) return planViewUpdate(view, node, outside, plans);
	const table = writableTable(node.table, context);
	if (node.from !== null) return planJoinedUpdate(node, node.from, table, context, plans);
	const scope = changedScope(node, table, context);
	const binder = new ExpressionBinder(context, scope);
	const assignments = planAssignments(node.assignments, table, binder, ROW_LAYOUT, context);
	const input = rowsToChange(table, scope, node.where, context);
	const returning = planReturning(node.returning, table, context);
	const changesOf = changesTo(table, node.onConflict, plans);
	const reads = hasQuery([node.where, node.assignments, node.returning]);
	const replaces = node.onConflict === "replace" || (table.kind === "stored" && replacesByItself(table));
	const each = eachRow(input, reads || replaces || mayChangeOthers(table, context));
	const run = (write: WriteRun) => {
		const { execution } = write;
		const changes = changesOf(write);
		changes.announce("update", assignments.slots);
		const rows: Tuple[] = [];
		each(execution, changes, (old) => {
			const row = old.slice();
			assignments.apply(row, old, execution);
			const stored = changes.update(old, row, assignments.slots);
			if (stored === null) return;
			write.changes++;
			if (returning.project !== null) rows.push(returning.project(stored, execution));
		});
		return rows;
	};
	return { operator: new WriteOperator(`Update ${table.name}`, input), columns: returning.columns, run };
}

/** A constraint of the table says ON CONFLICT REPLACE. */
export function replacesByItself(table: StoredTable): boolean {
	return table.rowIdConflict === "replace" || table.indexes.some(({ onConflict }) => onConflict === "replace");
}
