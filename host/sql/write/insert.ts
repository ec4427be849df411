/** INSERT and REPLACE. */

import type { Table } from "../catalog/table.js";
import { ROWID } from "../catalog/table.js";
import { Values } from "../execute/basic.js";
import type { Evaluate } from "../execute/compile.js";
import type { Execution, Operator, Tuple } from "../execute/operator.js";
import { forEachRow, NO_ROW } from "../execute/operator.js";
import { forEachKept } from "../execute/spill/buffer.js";
import type { InsertNode, SelectNode } from "../parse/ast.js";
import { sqlErrorAt } from "../parse/source.js";
import { withCommon } from "../plan/common.js";
import type { PlanContext } from "../plan/context.js";
import { planQuery } from "../plan/query.js";
import type { Value } from "../value/value.js";
import { insertedColumns } from "./columns.js";
import { mayRead } from "./nodes.js";
import { planPlainInsert } from "./plain-insert.js";
import type { ChangesOf, WritePlan, WriteRun } from "./plan.js";
import { changesTo, planReturning, WriteOperator, writableTable, writerOf } from "./plan.js";
import { TablePlans } from "./table-plan.js";
import type { Upsert } from "./upsert.js";
import { planUpsert } from "./upsert.js";
import { planViewInsert, writtenView } from "./view-change.js";

export function planInsert(node: InsertNode, outside: PlanContext, plans = new TablePlans(outside)): WritePlan {
	const view = writtenView(node.table, outside);
	if (view !== undefined) return planViewInsert(view, node, outside, plans);
	const context = withCommon(node.with, outside);
	const table = writableTable(node.table, context);
	const targets = insertedColumns(node.columns, table, context);
	const input = node.source.type === "defaults" ? null : planSource(node.source.select, node, targets, table, context);
	const upsert = planUpsert(node, table, context, plans);
	const changesOf = planChanges(node, table, upsert, plans);
	const returning = planReturning(node.returning, table, context);
	const { rowOf, rowOfAll } = planRow(input === null ? [] : targets, table, plans);
	const collects = input !== null && needsAllFirst(node, table, context);

	const run = (write: WriteRun): readonly Tuple[] => {
		const { execution } = write;
		const changes = changesOf(write);
		changes.announce("insert", []);
		const rows: Tuple[] = [];
		const stored = (row: Tuple) => {
			write.changes++;
			if (returning.project !== null) rows.push(returning.project(row, execution));
		};
		const conflict = upsert?.open(write, stored) ?? null;
		const insert = (values: Tuple) => {
			const row = changes.insert(rowOf(values, execution), conflict);
			if (row !== null) stored(row);
		};
		if (input === null) insert([]);
		else if (collects) forEachKept(input, execution, insert);
		else forEachRow(input.open(execution), insert);
		// Its row in sqlite_sequence is there after the first INSERT, even of no row.
		if (table.kind === "stored" && table.autoincrement) write.sequences.note(table, 0, write);
		return rows;
	};
	const single = input instanceof Values && input.rows.length === 1 ? (input.rows[0] ?? null) : null;
	/** The usual case with nothing around it: one row of expressions, and no clause that asks for it again. */
	const runSingle = (values: readonly Evaluate[]) => (write: WriteRun) => {
		const changes = changesOf(write);
		changes.announce("insert", []);
		const row = changes.insert(rowOfAll(values, write.execution));
		if (row !== null) write.changes++;
		else if (table.kind === "stored" && table.autoincrement) write.sequences.note(table, 0, write);
		return NO_ROWS;
	};
	const isPlain =
		single !== null && upsert === null && returning.project === null && new Set(targets).size === targets.length;
	return {
		operator: new WriteOperator(`Insert into ${table.name}`, input),
		columns: returning.columns,
		run: isPlain ? runSingle(single) : run,
		plain: isPlain && table.kind === "stored" ? planPlainInsert(node, targets, table, plans, context) : undefined,
	};
}

function planChanges(node: InsertNode, table: Table, upsert: Upsert | null, plans: TablePlans): ChangesOf {
	if (upsert === null || table.kind === "keyValue") return changesTo(table, node.onConflict, plans);
	const { uniques } = upsert;
	const triggers = plans.triggers(table, node.onConflict);
	return writerOf({ plan: plans.of(table), plans, onConflict: node.onConflict, uniques, triggers });
}

function planSource(
	select: SelectNode,
	node: InsertNode,
	targets: readonly number[],
	table: Table,
	context: PlanContext,
): Operator {
	const { operator, columns } = planQuery(select, context);
	const given = columns.length;
	if (given === targets.length) return operator;
	const message =
		node.columns === null
			? `table ${table.name} has ${targets.length} columns but ${given} values were supplied`
			: `${given} values for ${targets.length} columns`;
	throw sqlErrorAt(context.source, node.table.at, message);
}

const NO_ROWS: readonly Tuple[] = [];

/** The source must be read to its end before the first row is written, where it may see that one. */
function needsAllFirst(node: InsertNode, table: Table, context: PlanContext): boolean {
	if (node.source.type === "defaults") return false;
	const { select } = node.source;
	const isConstant = select.first.type === "values" && select.rest.length === 0;
	if (mayRead([select, node.with], table.name, context.catalog)) return true;
	if (isConstant) return false;
	// What replaces rows, or runs triggers, may write to tables that the source reads.
	return node.onConflict === "replace" || (table.kind === "stored" && context.catalog.triggersOn(table).length > 0);
}

interface PlannedRow {
	/** From the values that the statement gives. */
	rowOf(values: Tuple, run: Execution): Tuple;
	/** From their expressions, where no column is named twice. */
	rowOfAll(values: readonly Evaluate[], run: Execution): Tuple;
}

/** Rows of `[rowid, ...columns]`. */
function planRow(targets: readonly number[], table: Table, plans: TablePlans): PlannedRow {
	const alias = table.kind === "stored" ? table.rowIdColumn : -1;
	const slots = targets.map((column) => (column === ROWID || column === alias ? 0 : column + 1));
	const rowIdAt = slots.lastIndexOf(0);
	const defaults = table.kind === "stored" ? plans.of(table).defaults : [];
	const missing: { slot: number; fallback: Evaluate }[] = [];
	// The rowid is numbered, whatever the DEFAULT of the column that is another name of it.
	for (const [i, fallback] of defaults.entries())
		if (fallback !== null && i !== alias && !targets.includes(i)) missing.push({ slot: i + 1, fallback });
	const empty: Tuple = new Array<null>(table.columns.length + 1).fill(null);
	const emptyRow = (run: Execution): Tuple => {
		const row = empty.slice();
		for (let i = 0; i < missing.length; i++) {
			const { slot, fallback } = missing[i] as (typeof missing)[number]; // i is within
			row[slot] = fallback(row, run);
		}
		return row;
	};
	return {
		rowOf: (values, run) => {
			const row = emptyRow(run);
			// Of a column that is named twice the first value counts, of the rowid under all its names the last.
			for (let i = slots.length - 1; i >= 0; i--) row[slots[i] as number] = values[i] ?? null; // i is within
			if (rowIdAt !== -1) row[0] = values[rowIdAt] ?? null;
			if (alias !== -1) row[alias + 1] = row[0] as Value; // it stands there too
			return row;
		},
		rowOfAll: (values, run) => {
			const row = emptyRow(run);
			for (let i = 0; i < slots.length; i++) row[slots[i] as number] = (values[i] as Evaluate)(NO_ROW, run); // i is within
			if (alias !== -1) row[alias + 1] = row[0] as Value; // it stands there too
			return row;
		},
	};
}
