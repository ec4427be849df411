/** INSERT, UPDATE and DELETE: plans that change rows, all of them or none. */

import type { Bound } from "../bind/bound.js";
import { ExpressionBinder, unsupported } from "../bind/expression.js";
import { ParameterList } from "../bind/parameters.js";
import { Scope } from "../bind/scope.js";
import type { Column, Table } from "../catalog/table.js";
import { ROWID } from "../catalog/table.js";
import type { Evaluate, Layout } from "../execute/compile.js";
import { compile } from "../execute/compile.js";
import type { Execution, Operator, Tuple } from "../execute/operator.js";
import type { ConflictAction, ResultColumnNode, TableNameNode } from "../parse/ast.js";
import { sourceOf, sqlErrorAt } from "../parse/source.js";
import { NO_COLUMNS } from "../plan/layout.js";
import type { PlanContext, ResultColumn } from "../plan/select.js";
import { bindOutputs } from "../plan/select.js";
import type { Encoders } from "./encoders.js";
import type { Journal } from "./journal.js";
import { KeyValueWriter } from "./key-value-writer.js";
import type { RowIds } from "./rowids.js";
import type { TableExpressions } from "./table-writer.js";
import { TableWriter } from "./table-writer.js";

export interface WriteResult {
	readonly changes: number;
	/** Of the last row inserted into a table with rowids. */
	readonly lastRowId: number | bigint | null;
	/** Rows of RETURNING. */
	readonly rows: readonly Tuple[];
}

export interface WriteRun {
	readonly journal: Journal;
	readonly rowIds: RowIds;
	readonly encoders: Encoders;
	readonly execution: Execution;
}

export interface WritePlan {
	readonly operator: Operator;
	/** Of RETURNING; empty without. */
	readonly columns: readonly ResultColumn[];
	run(run: WriteRun): WriteResult;
}

/** Rows to be written stand as `[rowid, ...columns]`. */
export const ROW_LAYOUT: Layout = {
	column: (_source, column) => (column === ROWID ? 0 : column + 1),
	aggregate: NO_COLUMNS.aggregate,
	window: NO_COLUMNS.window,
};

export type RowWriterFor = Pick<TableWriter, "insert" | "update" | "delete">;

export function writableTable(name: TableNameNode, context: PlanContext): Table {
	const table = context.catalog.table(name, context.source);
	if (table.kind === "stored" && table.system) {
		throw sqlErrorAt(context.source, name.at, `table ${table.name} may not be modified`);
	}
	return table;
}

export function writerFor(
	table: Table,
	expressions: TableExpressions,
	onConflict: ConflictAction | null,
	run: WriteRun,
): RowWriterFor {
	if (table.kind === "keyValue") return new KeyValueWriter(run.journal, onConflict);
	return new TableWriter({ table, expressions, onConflict }, run.journal, run.rowIds, run.encoders, run.execution);
}

/** The table's CHECKs and DEFAULTs. Their text is that of CREATE TABLE, so errors show that. */
export function tableExpressions(table: Table, context: PlanContext): TableExpressions {
	if (table.kind === "keyValue") return { checks: [], defaults: [null, null] };
	const own = { source: sourceOf(table.sql), parameters: new ParameterList(), functions: context.functions };
	const binder = new ExpressionBinder(own, new Scope([{ name: table.name, table }]));
	const constants = new ExpressionBinder(own, new Scope([]));
	const fallback = (column: Column): Evaluate | null =>
		column.default === null ? null : compile(constants.bind(column.default.expression), NO_COLUMNS);
	return {
		checks: table.checks.map(({ name, expression }) => ({ name, test: compile(binder.bind(expression), ROW_LAYOUT) })),
		defaults: table.columns.map(fallback),
	};
}

export interface Returning {
	readonly columns: readonly ResultColumn[];
	/** Null without RETURNING. */
	readonly project: ((row: Tuple, run: Execution) => Tuple) | null;
}

export function planReturning(
	nodes: readonly ResultColumnNode[] | null,
	table: Table,
	context: PlanContext,
): Returning {
	if (nodes === null) return { columns: [], project: null };
	const scope = new Scope([{ name: table.name, table }]);
	const outputs = bindOutputs(nodes, scope, new ExpressionBinder(context, scope), context);
	const compiled = outputs.map(({ bound }: { bound: Bound }) => compile(bound, ROW_LAYOUT));
	return {
		columns: outputs.map(({ column }) => column),
		project: (row, run) => compiled.map((value) => value(row, run)),
	};
}

export function refuse(context: PlanContext, at: number, feature: string): never {
	throw unsupported(context.source, at, feature);
}
