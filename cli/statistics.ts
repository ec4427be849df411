/** What ANALYZE has found, for those who read it. */

import type { Database, StopOptions } from "../host/index.js";
import type { Value } from "./format/format.js";

export interface Statistics {
	readonly columns: readonly string[];
	readonly rows: readonly (readonly Value[])[];
}

const columns = ["table", "index", "rows", "columns", "rows per value"];

/** Of all tables, or of one. */
export function gatherStatistics(db: Database, table: string | undefined, stop: StopOptions = {}): Statistics {
	const sql = table === undefined ? "ANALYZE" : `ANALYZE "${table.replaceAll('"', '""')}"`;
	db.sql.exec(sql, stop);
	// Where nothing can be analysed there is no table of statistics.
	const hasAny = db.sql.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'").pluck().get() === 1;
	if (!hasAny) return { columns, rows: [] };
	const found = db.sql
		.prepare(
			`SELECT tbl, idx, stat, (SELECT group_concat(coalesce(name, '(expression)'), ', ') FROM pragma_index_info(idx))
			FROM sqlite_stat1 WHERE ?1 IS NULL OR ?1 = 'main' COLLATE NOCASE OR tbl = ?1 COLLATE NOCASE OR idx = ?1 COLLATE NOCASE ORDER BY tbl, idx IS NOT NULL, idx`,
		)
		.raw()
		.all(table ?? null) as [string, string | null, string, string | null][];
	return { columns, rows: found.map(rowOf) };
}

/** `rows per value`: on average, of the first column, of the first two, and so on. */
function rowOf([table, index, text, indexColumns]: readonly [string, string | null, string, string | null]): Value[] {
	const [rows = "0", ...perValue] = text.split(" ").filter((word) => /^[0-9]+$/.test(word));
	return [table, index, BigInt(rows), indexColumns, perValue.length === 0 ? null : perValue.join(", ")];
}
