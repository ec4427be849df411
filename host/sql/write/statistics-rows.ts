/** The rows in which ANALYZE keeps what it found out. */

import { Keyspace, prefixEnd } from "../../engine/store.js";
import { histogramRange } from "../catalog/load-statistics.js";
import type { StoredTable } from "../catalog/table.js";
import { OBJECT_ID_BYTES, objectPrefix, readRowId, rowKey } from "../codec/key.js";
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
	const prefix = objectPrefix(kept.id);
	const cursor = journal.scan(Keyspace.sql, { gte: prefix, lt: prefixEnd(prefix) });
	try {
		for (let page = cursor.next(); page !== undefined; page = cursor.next()) {
			const source = new RowSource(page.bytes);
			for (let i = 0; i < page.count; i++) {
				const start = page.bounds[i * 2 + 1] ?? 0;
				const end = page.bounds[i * 2 + 2] ?? 0;
				const isNamed = (column: number, name: string) => {
					const value = source.column(start, end, column);
					return typeof value === "string" && foldCase(value) === foldCase(name);
				};
				if (!isNamed(0, table) || (index !== null && !isNamed(1, index))) continue;
				const key = page.bytes.slice(page.bounds[i * 2], start);
				journal.delete(Keyspace.sql, key);
				rowIds.deleted(kept, readRowId(key, OBJECT_ID_BYTES));
			}
		}
	} finally {
		cursor.close();
	}
}

/** Of a table's columns and of its indexes' expressions. */
export function removeHistograms(table: Pick<StoredTable, "id" | "indexes">, journal: Journal): void {
	for (const { id } of [table, ...table.indexes]) removeRange(journal, histogramRange(id));
}
