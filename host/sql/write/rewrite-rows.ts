/** Writes every row of a table anew, where its columns have changed. */

import { Keyspace } from "../../engine/store.js";
import { storedEntries } from "../codec/object.js";
import { RowSource } from "../codec/row.js";
import type { Tuple } from "../execute/operator.js";
import type { WriteRun } from "./plan.js";

/** `values` answers with the row's columns as they are to be stored; null leaves the row as it is. */
export function rewriteRows(
	tableId: number,
	write: WriteRun,
	values: (key: Uint8Array, bytes: Uint8Array) => Tuple | null,
): void {
	const { journal, encoders, execution } = write;
	for (const { key, value } of storedEntries(journal, tableId, execution.stop)) {
		const row = values(key, value);
		if (row !== null) journal.put(Keyspace.sql, key, encoders.rows.encode(row));
	}
}

/** The row's columns without one. */
export function withoutColumn(bytes: Uint8Array, column: number): Tuple | null {
	const source = new RowSource(bytes);
	const count = source.columnCount(0);
	if (column >= count) return null;
	const row: Tuple = [];
	for (let i = 0; i < count; i++) if (i !== column) row.push(source.column(0, bytes.length, i) ?? null);
	return row;
}
