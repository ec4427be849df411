/** SET: which slots get which values. */

import type { ExpressionBinder } from "../bind/expression.js";
import type { Table } from "../catalog/table.js";
import type { Evaluate, Layout } from "../execute/compile.js";
import { compile } from "../execute/compile.js";
import type { Execution, Tuple } from "../execute/operator.js";
import type { AssignmentNode, ExpressionNode, NameNode } from "../parse/ast.js";
import { sqlErrorAt } from "../parse/source.js";
import type { PlanContext } from "../plan/context.js";
import { assignedSlot } from "./columns.js";

/** One column and the expression of its new value; where a column is assigned twice, the last one. */
export interface SingleAssignment {
	readonly slot: number;
	readonly value: ExpressionNode;
}

/** Row values taken apart. */
export function singleAssignments(
	nodes: readonly AssignmentNode[],
	table: Table,
	context: PlanContext,
): SingleAssignment[] {
	const bySlot = new Map<number, ExpressionNode>();
	for (const { columns, value } of nodes) {
		const values = columns.length === 1 ? [value] : rowItems(columns, value, context);
		for (const [i, column] of columns.entries())
			bySlot.set(assignedSlot(column, table, context), values[i] as ExpressionNode); // one value per column
	}
	return [...bySlot].map(([slot, value]) => ({ slot, value }));
}

export function rowItems(columns: readonly NameNode[], value: ExpressionNode, context: PlanContext): ExpressionNode[] {
	const wrong = (count: number) =>
		sqlErrorAt(context.source, columns[0]?.at ?? 0, `${columns.length} columns assigned ${count} values`);
	let node = value;
	while (node.type === "bracket") node = node.operand;
	if (node.type === "row") {
		if (node.items.length !== columns.length) throw wrong(node.items.length);
		return [...node.items];
	}
	if (node.type !== "subquery") throw wrong(1);
	const row = node;
	return columns.map((_, index) => ({
		type: "rowItem",
		row,
		index,
		width: columns.length,
		at: columns[0]?.at ?? row.at,
	}));
}

export interface Assignments {
	readonly slots: readonly number[];
	/** Puts the new values into `row`, which is the old row's copy; `input` is what the expressions read. */
	apply(row: Tuple, input: Tuple, run: Execution): void;
}

export function planAssignments(
	nodes: readonly AssignmentNode[],
	table: Table,
	binder: ExpressionBinder,
	layout: Layout,
	context: PlanContext,
): Assignments {
	const assignments = singleAssignments(nodes, table, context).map(({ slot, value }) => ({
		slot,
		value: compile(binder.bind(value), layout),
	}));
	const values: readonly Evaluate[] = assignments.map(({ value }) => value);
	const slots = assignments.map(({ slot }) => slot);
	return {
		slots: withRowId(slots, table),
		apply: (row, input, run) => {
			for (let i = 0; i < slots.length; i++) row[slots[i] as number] = (values[i] as Evaluate)(input, run); // i is within
			settleRowId(row, slots, table);
		},
	};
}

/** The rowid and the column that is another name of it are assigned together. */
export function withRowId(slots: readonly number[], table: Table): number[] {
	const alias = table.kind === "stored" && table.rowIdColumn >= 0 ? table.rowIdColumn + 1 : -1;
	if (alias === -1 || slots.includes(0) === slots.includes(alias)) return [...slots];
	return [...slots, slots.includes(0) ? alias : 0];
}

/** An assignment to the rowid by its own name, or by that of its alias, sets both. */
export function settleRowId(row: Tuple, slots: readonly number[], table: Table): void {
	if (table.kind !== "stored" || table.rowIdColumn < 0) return;
	const alias = table.rowIdColumn + 1;
	if (slots.includes(alias)) row[0] = row[alias] ?? null;
	else if (slots.includes(0)) row[alias] = row[0] ?? null;
}
