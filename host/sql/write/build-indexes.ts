/** Indexes that get entries for many rows at once. */

import { ROWID_COLUMN } from "../../../assembly/shared/row.js";
import type { MadeTables } from "../../engine/store.js";
import { Keyspace } from "../../engine/store.js";
import type { StoredTable } from "../catalog/table.js";
import { isRowId } from "../catalog/table.js";
import { objectRange, storedEntries } from "../codec/object.js";
import type { Tuple } from "../execute/operator.js";
import { FULL_BATCH } from "../execute/operator.js";
import { valueAt } from "../execute/row-page.js";
import { plainRows } from "../execute/row-scan.js";
import type { Value } from "../value/value.js";
import { fail } from "./constraint.js";
import { type FilledIndex, IndexEntries } from "./index-entries.js";
import type { WriteRun } from "./plan.js";
import { hasData } from "./schema.js";
import type { IndexPlan, TablePlan } from "./table-plan.js";

/** Makes the entries of indexes that have none, for all rows of their table. */
export function buildIndexes(
	plan: TablePlan,
	indexes: readonly IndexPlan[],
	write: WriteRun,
	memoryBytes = write.memoryBytes,
): void {
	if (indexes.length === 0) return;
	const filled = indexes.map((index): FilledIndex => ({ index, others: "none" }));
	const entries = new IndexEntries(plan, filled, write, Math.min(write.memoryBytes, memoryBytes));
	const columns = neededColumns(plan, indexes);
	if (plan.table.withoutRowId) addByKeys(entries, plan.table, columns, write);
	else forEachRow(write.journal, plan.table, columns, write, (row) => entries.add(row, null));
	entries.finish();
}

/**
 * Takes rows that are new, and makes their entries: for a table with rowids that asks for nothing but NOT NULL and UNIQUE. Fails where
 * a row breaks that, whatever is to become of such rows. Indexes have greater ids than their table, so that all entries lie behind the
 * rows.
 */
export function takeRows(plan: TablePlan, rows: MadeTables, memoryBytes: number, write: WriteRun): void {
	const { journal } = write;
	const { indexes, notNull } = plan;
	const filled = indexes.map(
		(index): FilledIndex => ({
			index,
			others: hasData(journal, index.index.id) ? "some" : "none",
		}),
	);
	const entries = new IndexEntries(plan, filled, write, Math.min(write.memoryBytes, memoryBytes));
	const columns = [...new Set([...neededColumns(plan, indexes), ...notNull.map(({ column }) => column)])];
	const add = (row: Tuple) => {
		for (const { slot, message } of notNull) if (row[slot] === null) fail(message, null);
		entries.add(row, null);
	};
	if (columns.length > 0) forEachRow(rows, plan.table, columns, write, add);
	entries.finish();
	journal.take(rows);
}

/** The columns that entries are made of; all where expressions may look at any. */
function neededColumns({ table }: TablePlan, indexes: readonly IndexPlan[]): readonly number[] {
	if (indexes.some(({ where, hasExpressions }) => where !== null || hasExpressions)) return [...table.columns.keys()];
	return [...new Set(indexes.flatMap(({ parts }) => parts.map(({ slot }) => slot - 1)))];
}

function addByKeys(
	entries: IndexEntries,
	{ id }: StoredTable,
	columns: readonly number[],
	{ journal, execution }: WriteRun,
): void {
	for (const { key, value } of storedEntries(journal, id, execution.stop))
		entries.add(entries.decode(key, value, columns), key);
}

/** Rows by rowids, of which no more is read than is needed. It is the same object each time. */
function forEachRow(
	rows: MadeTables,
	table: StoredTable,
	needed: readonly number[],
	{ execution }: WriteRun,
	body: (row: Tuple) => void,
): void {
	const columns = needed.filter((column) => !isRowId(table, column));
	const missing = columns.map((column) => table.columns[column]?.missing ?? null);
	const cursor = rows.scanRows(Keyspace.sql, objectRange(table.id), plainRows([ROWID_COLUMN, ...columns], []));
	const row: Tuple = new Array<Value>(table.columns.length + 1).fill(null);
	try {
		for (let page = cursor.nextRows(FULL_BATCH); page !== undefined; page = cursor.nextRows(FULL_BATCH)) {
			execution.stop?.count(page.count);
			for (let at = 0; at < page.count; at++) {
				const rowId = valueAt(page, at, 0, null);
				row[0] = rowId;
				if (table.rowIdColumn >= 0) row[table.rowIdColumn + 1] = rowId;
				for (let i = 0; i < columns.length; i++)
					row[(columns[i] as number) + 1] = valueAt(page, at, i + 1, missing[i] as Value); // one a column
				body(row);
			}
		}
	} finally {
		cursor.close();
	}
}
