/** UPDATE FROM: a query over the table finds its rows, and the new values with them. */

import type { Table, View } from "../catalog/table.js";
import { ROWID } from "../catalog/table.js";
import type { Execution, Operator, Tuple } from "../execute/operator.js";
import { forEachRow } from "../execute/operator.js";
import { LastRows } from "../execute/spill/last-rows.js";
import type {
	ExpressionNode,
	IndexedNode,
	NameNode,
	ResultColumnNode,
	SelectNode,
	TablesNode,
	UpdateNode,
} from "../parse/ast.js";
import { selectNode } from "../parse/select-node.js";
import type { PlanContext } from "../plan/context.js";
import { planQuery } from "../plan/query.js";
import { settleRowId, singleAssignments, withRowId } from "./assignments.js";
import type { RowChanges, WritePlan, WriteRun } from "./plan.js";
import { changesTo, planReturning, WriteOperator } from "./plan.js";
import type { TablePlans } from "./table-plan.js";

/** What rows are found of: a table or a view. */
export interface Subject {
	readonly table: Table | View;
	readonly alias: NameNode | null;
	readonly indexed: IndexedNode;
	/** Where it is named. */
	readonly at: number;
	readonly columnCount: number;
	readonly hasRowId: boolean;
}

/** Yields `[rowid, ...columns, ...values]`. */
export function foundRows(
	subject: Subject,
	from: TablesNode | null,
	where: ExpressionNode | null,
	values: readonly ExpressionNode[],
	context: PlanContext,
): Operator {
	return planQuery(findingQuery(subject, from, where, values), context).operator;
}

/** The query of `foundRows`. */
export function findingQuery(
	{ table, alias, indexed, at, columnCount, hasRowId }: Subject,
	from: TablesNode | null,
	where: ExpressionNode | null,
	values: readonly ExpressionNode[],
): SelectNode {
	// By position: FROM may have a table of the same name.
	const column = (index: number): ExpressionNode => ({ type: "position", column: index, at });
	const result = (expression: ExpressionNode): ResultColumnNode => ({
		type: "expression",
		expression,
		text: "",
		alias: null,
	});
	const columns = [
		hasRowId ? column(ROWID) : ({ type: "null", at } as const),
		...Array.from({ length: columnCount }, (_, i) => column(i)),
		...values,
	];
	// With its schema, as no query of WITH has one.
	const schema = "temporary" in table && table.temporary ? "temp" : "main";
	const name = { schema, name: table.name, at, nameAt: at };
	const target = { type: "table", name, arguments: null, alias, indexed, at } as const;
	const tables = { first: target, joins: from === null ? [] : joinsOf(from, at) };
	return selectNode({ columns: columns.map(result), from: tables, where }, at);
}

/** FROM stands in brackets of its own: the conditions of its joins do not see the table that is changed. */
function joinsOf(from: TablesNode, at: number): TablesNode["joins"] {
	const table = from.joins.length === 0 ? from.first : ({ type: "nested", tables: from, alias: null, at } as const);
	return [{ kind: "inner", natural: false, comma: true, constraint: null, table }];
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
	const { alias, indexed } = node;
	const subject = { table, alias, indexed, at: node.table.at, columnCount: table.columns.length, hasRowId };
	const input = foundRows(subject, from, node.where, values, context);
	const returning = planReturning(node.returning, table, context);
	const changesOf = changesTo(table, node.onConflict, plans);
	const slots = assignments.map(({ slot }) => slot);
	const assigned = withRowId(slots, table);
	const width = table.columns.length + 1;
	const run = (write: WriteRun) => {
		const { execution } = write;
		const changes = changesOf(write);
		changes.announce("update", assigned);
		const rows: Tuple[] = [];
		const found = lastOfEach(input, width, changes, execution, hasRowId);
		try {
			forEachRow(found.finish(), ([key, ...values]) => {
				const old = changes.read(key as Uint8Array);
				if (old === undefined) return;
				const next = old.slice();
				for (const [i, slot] of slots.entries()) next[slot] = values[i] ?? null;
				settleRowId(next, slots, table);
				const stored = changes.update(old, next, assigned);
				if (stored === null) return;
				write.changes++;
				if (returning.project !== null) rows.push(returning.project(stored, execution));
			});
		} finally {
			found.close();
		}
		return rows;
	};
	return { operator: new WriteOperator(`Update ${table.name}`, input), columns: returning.columns, run };
}

/** Per row to change its new values, behind `width` others: where the join has it several times, it is changed once, by the last. SQLite changes them in the order of their keys. */
function lastOfEach(
	input: Operator,
	width: number,
	changes: RowChanges,
	execution: Execution,
	hasRowId: boolean,
): LastRows {
	const found = new LastRows(execution);
	try {
		forEachRow(input.open(execution), (row) => {
			// An aggregate over no row yields one all the same.
			if (!hasRowId || row[0] !== null) found.add(changes.keyOf(row), row.slice(width));
		});
	} catch (error) {
		found.close();
		throw error;
	}
	return found;
}
