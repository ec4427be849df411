/** INSERT and REPLACE. */

import type { Table } from "../catalog/table.js";
import { ROWID } from "../catalog/table.js";
import type { Evaluate } from "../execute/compile.js";
import type { Operator, Run, Tuple } from "../execute/operator.js";
import { FULL_BATCH } from "../execute/operator.js";
import type { ConflictAction, InsertNode, NameNode } from "../parse/ast.js";
import { sqlErrorAt, suggestion } from "../parse/source.js";
import type { PlanContext } from "../plan/select.js";
import { planQuery } from "../plan/query.js";
import { foldCase } from "../value/compare.js";
import type { WritePlan, WriteResult, WriteRun } from "./plan.js";
import { planReturning, refuse, tableExpressions, writableTable, writerFor } from "./plan.js";

export function planInsert(node: InsertNode, context: PlanContext): WritePlan {
	if (node.with !== null) refuse(context, node.table.at, "common table expressions");
	const onConflict = conflictAction(node, context);
	const table = writableTable(node.table, context);
	const targets =
		node.columns === null ? table.columns.map((_, i) => i) : node.columns.map((name) => targetOf(name, table, context));
	const source = node.source.type === "defaults" ? null : planQuery(node.source.select, context);
	const input = source === null ? null : source.operator;
	const given = source?.columns.length ?? 0;
	if (source !== null && given !== targets.length) {
		const message =
			node.columns === null
				? `table ${table.name} has ${targets.length} columns but ${given} values were supplied`
				: `${given} values for ${targets.length} columns`;
		throw sqlErrorAt(context.source, node.table.at, message);
	}
	const expressions = tableExpressions(table, context);
	const returning = planReturning(node.returning, table, context);
	// Columns that the statement does not give.
	const missing: [number, Evaluate][] = [];
	for (const [i, fallback] of expressions.defaults.entries()) {
		if (fallback !== null && (input === null || !targets.includes(i))) missing.push([i + 1, fallback]);
	}
	const width = table.columns.length + 1;

	const run = (write: WriteRun): WriteResult => {
		const { execution } = write;
		const writer = writerFor(table, expressions, onConflict, write);
		const rows: Tuple[] = [];
		let changes = 0;
		let lastRowId: number | bigint | null = null;
		const insert = (values: Tuple | null) => {
			const row: Tuple = new Array<null>(width).fill(null);
			for (const [slot, fallback] of missing) row[slot] = fallback(row, execution);
			if (values !== null)
				for (const [i, column] of targets.entries()) row[column === ROWID ? 0 : column + 1] = values[i] ?? null;
			const stored = writer.insert(row);
			if (stored === null) return;
			changes++;
			if (table.kind === "stored") lastRowId = stored[0] as number | bigint; // a stored row has its rowid first
			if (returning.project !== null) rows.push(returning.project(stored, execution));
		};
		if (input === null) insert(null);
		else forEachRow(input.open(execution), insert);
		return { changes, lastRowId, rows };
	};
	return { operator: new WriteOperator(`Insert into ${table.name}`, input), columns: returning.columns, run };
}

function conflictAction(node: InsertNode, context: PlanContext): ConflictAction | null {
	const [upsert] = node.upsert;
	if (upsert === undefined) return node.onConflict;
	// Without a target, DO NOTHING is OR IGNORE for uniqueness.
	refuse(context, upsert.at, "ON CONFLICT");
}

function targetOf(name: NameNode, table: Table, context: PlanContext): number {
	const folded = foldCase(name.text);
	const column = table.columns.findIndex((candidate) => foldCase(candidate.name) === folded);
	if (column !== -1) return column;
	if (table.kind === "stored" && /^(rowid|oid|_rowid_)$/.test(folded)) return ROWID;
	const hint = suggestion(
		name.text,
		table.columns.map((candidate) => candidate.name),
	);
	throw sqlErrorAt(context.source, name.at, `table ${table.name} has no column named ${name.text}${hint}`);
}

export function forEachRow(run: Run, visit: (row: Tuple) => void): void {
	try {
		for (let batch = run.next(FULL_BATCH); batch !== undefined; batch = run.next(FULL_BATCH)) batch.forEach(visit);
	} finally {
		run.close();
	}
}

/** A writing statement in EXPLAIN; it is run by its plan, not pulled. */
export class WriteOperator implements Operator {
	readonly describe: string;
	readonly inputs: readonly Operator[];

	constructor(describe: string, input: Operator | null) {
		this.describe = describe;
		this.inputs = input === null ? [] : [input];
	}

	open(): Run {
		throw new Error("a writing statement yields no rows by being pulled");
	}
}
