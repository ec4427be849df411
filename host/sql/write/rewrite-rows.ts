/** Writes every row of a table anew, where its columns have changed. */

import { Keyspace, prefixEnd } from "../../engine/store.js";
import { objectPrefix } from "../codec/key.js";
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
	const prefix = objectPrefix(tableId);
	const cursor = journal.scan(Keyspace.sql, { gte: prefix, lt: prefixEnd(prefix) });
	try {
		for (let page = cursor.next(); page !== undefined; page = cursor.next()) {
			execution.stop?.count(page.count);
			for (let i = 0; i < page.count; i++) {
				const start = page.bounds[i * 2 + 1] ?? 0;
				const key = page.bytes.slice(page.bounds[i * 2], start);
				const bytes = page.bytes.slice(start, page.bounds[i * 2 + 2]);
				const row = values(key, bytes);
				if (row !== null) journal.put(Keyspace.sql, key, encoders.rows.encode(row));
			}
		}
	} finally {
		cursor.close();
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
