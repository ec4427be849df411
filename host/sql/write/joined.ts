/** UPDATE FROM: a query over the table finds its rows, and the new values with them. */

import { Buffer } from "node:buffer";
import type { Table } from "../catalog/table.js";
import type { Operator, Tuple } from "../execute/operator.js";
import type {
	ExpressionNode,
	IndexedNode,
	NameNode,
	ResultColumnNode,
	TableNameNode,
	TablesNode,
	UpdateNode,
} from "../parse/ast.js";
import { selectNode } from "../parse/select-node.js";
import type { PlanContext } from "../plan/context.js";
import { planQuery } from "../plan/query.js";
import { foldCase } from "../value/compare.js";
import { settleRowId, singleAssignments, withRowId } from "./assignments.js";
import type { WritePlan, WriteRun } from "./plan.js";
import { changesTo, collectRows, planReturning, refuse, WriteOperator } from "./plan.js";
import type { TablePlans } from "./table-plan.js";

/** A name that reaches the rowid: one that no column has. */
function rowIdName(table: Table): string | null {
	const names = new Set(table.columns.map((column) => foldCase(column.name)));
	return ["rowid", "oid", "_rowid_"].find((name) => !names.has(name)) ?? null;
}

/** What rows are found of: a table or a view. */
export interface Subject {
	readonly name: TableNameNode;
	readonly alias: NameNode | null;
	readonly indexed: IndexedNode;
	/** Its own name, by which it is called without an alias. */
	readonly called: string;
	readonly columnNames: readonly string[];
	/** A name that reaches the rowid; null where there is none. */
	readonly rowId: string | null;
}

/** Yields `[rowid, ...columns, ...values]`. */
export function foundRows(
	subject: Subject,
	from: TablesNode | null,
	where: ExpressionNode | null,
	values: readonly ExpressionNode[],
	context: PlanContext,
): Operator {
	const { at } = subject.name;
	const own: NameNode = { text: subject.alias?.text ?? subject.called, quote: "`", at };
	const column = (text: string): ExpressionNode => ({
		type: "column",
		schema: null,
		table: own,
		name: { text, quote: "`", at },
		at,
	});
	const result = (expression: ExpressionNode): ResultColumnNode => ({
		type: "expression",
		expression,
		text: "",
		alias: null,
	});
	const columns = [
		subject.rowId === null ? ({ type: "null", at } as const) : column(subject.rowId),
		...subject.columnNames.map(column),
		...values,
	];
	const { name, alias, indexed } = subject;
	const target = { type: "table", name, arguments: null, alias, indexed, at } as const;
	const tables = { first: target, joins: from === null ? [] : joinsOf(from) };
	const select = selectNode({ columns: columns.map(result), from: tables, where }, at);
	return planQuery(select, context).operator;
}

function joinsOf(from: TablesNode): TablesNode["joins"] {
	const plain = { kind: "inner", natural: false, comma: true, constraint: null } as const;
	return [{ ...plain, table: from.first }, ...from.joins];
}

export function planJoinedUpdate(
	node: UpdateNode,
	from: TablesNode,
	table: Table,
	context: PlanContext,
	plans: TablePlans,
): WritePlan {
	const assignments = singleAssignments(node.assignments, table, context);
	const values = assignments.map(({ value }) => value);
	const hasRowId = table.kind === "stored" && !table.withoutRowId;
	const rowId = hasRowId ? rowIdName(table) : null;
	if (hasRowId && rowId === null)
		refuse(context, node.table.at, "UPDATE FROM for a table with columns of all names of the rowid");
	const columnNames = table.columns.map(({ name }) => name);
	const { alias, indexed } = node;
	const subject = { name: node.table, alias, indexed, called: table.name, columnNames, rowId };
	const input = foundRows(subject, from, node.where, values, context);
	const returning = planReturning(node.returning, table, context);
	const changesOf = changesTo(table, node.onConflict, plans);
	const slots = assignments.map(({ slot }) => slot);
	const assigned = withRowId(slots, table);
	const width = table.columns.length + 1;
	const run = (write: WriteRun) => {
		const { execution } = write;
		const changes = changesOf(write);
		// A row that the join has several times is changed once, by the last of them.
		const found = new Map<string, Tuple>();
		for (const row of collectRows(input.open(execution))) {
			// An aggregate over no row yields one all the same.
			if (hasRowId && row[0] === null) continue;
			found.set(keyText(changes.keyOf(row)), row);
		}
		const rows: Tuple[] = [];
		for (const row of found.values()) {
			const old = changes.read(changes.keyOf(row));
			if (old === undefined) continue;
			const next = old.slice();
			for (const [i, slot] of slots.entries()) next[slot] = row[width + i] ?? null;
			settleRowId(next, slots, table);
			const stored = changes.update(old, next, assigned);
			if (stored === null) continue;
			write.progress.changes++;
			if (returning.project !== null) rows.push(returning.project(stored, execution));
		}
		return rows;
	};
	return { operator: new WriteOperator(`Update ${table.name}`, input), columns: returning.columns, run };
}

function keyText(key: Uint8Array): string {
	return Buffer.from(key).toString("latin1");
}
