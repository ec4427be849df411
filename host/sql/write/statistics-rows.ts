/** The rows in which ANALYZE keeps what it found out. */

import { Keyspace } from "../../engine/store.js";
import { histogramKey, histogramRange } from "../catalog/load-statistics.js";
import type { StoredTable } from "../catalog/table.js";
import { OBJECT_ID_BYTES, readRowId, rowKey } from "../codec/key.js";
import { storedEntries } from "../codec/object.js";
import { RowSource } from "../codec/row.js";
import { foldCase } from "../value/compare.js";
import type { Value } from "../value/value.js";
import type { Journal } from "./journal.js";
import type { WriteRun } from "./plan.js";
import { removeRange } from "./schema.js";

export function putFigures(kept: StoredTable, row: readonly Value[], { journal, rowIds, encoders }: WriteRun): void {
	const rowId = rowIds.next(kept, journal, 0);
	journal.put(Keyspace.sql, rowKey(kept.id, rowId), encoders.rows.encode(row));
	rowIds.inserted(kept, rowId);
}

/** Of one index of a table, or of the table with all of them. */
export function removeFigures(
	kept: StoredTable,
	table: string,
	index: string | null,
	{ journal, rowIds }: WriteRun,
): void {
	for (const { key, value: row } of storedEntries(journal, kept.id)) {
		const source = new RowSource(row);
		const isNamed = (column: number, name: string) => {
			const value = source.column(0, row.length, column);
			return typeof value === "string" && foldCase(value) === foldCase(name);
		};
		if (!isNamed(0, table) || (index !== null && !isNamed(1, index))) continue;
		journal.delete(Keyspace.sql, key);
		rowIds.deleted(kept, readRowId(key, OBJECT_ID_BYTES));
	}
}

/** Of an index that begins with an expression, where there is one: it gets another number. */
export function moveHistogram(from: number, to: number, journal: Journal): void {
	const histogram = journal.get(Keyspace.sql, histogramKey(from, 0));
	if (histogram === undefined) return;
	journal.put(Keyspace.sql, histogramKey(to, 0), histogram);
	removeRange(journal, histogramRange(from));
}

/** Of a table's columns and of its indexes' expressions. */
export function removeHistograms(table: Pick<StoredTable, "id" | "indexes">, journal: Journal): void {
	for (const { id } of [table, ...table.indexes]) removeRange(journal, histogramRange(id));
}
