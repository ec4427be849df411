/** The tables of a database, as programs see them. */

import type { DescribedColumn, SqlDatabase } from "../../host/index.js";

export interface TableColumn extends DescribedColumn {
	/** What an INSERT may do: leave it out, as there is a default, or not name it at all; null for neither. */
	readonly filled: "default" | "always" | null;
}

export interface TableSchema {
	readonly name: string;
	readonly columns: readonly TableColumn[];
}

interface ColumnRow {
	readonly name: string;
	readonly type: string;
	readonly dflt_value: string | null;
	readonly pk: number;
	readonly hidden: number;
}

/** Tables and views in the order of their names, and why others are left out. */
export function readSchema(sql: SqlDatabase): {
	readonly tables: readonly TableSchema[];
	readonly notes: readonly string[];
} {
	const found = sql
		.prepare(
			"SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite!_%' ESCAPE '!'",
		)
		.all() as { readonly name: string; readonly type: "table" | "view" }[];
	const notes: string[] = [];
	const tables = [...found, { name: "kv", type: "table" } as const].flatMap(({ name, type }) => {
		try {
			return [tableOf(name, type, sql)];
		} catch (error) {
			// Such as a view over a table that is gone.
			notes.push(
				`${type} ${name} is left out: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`,
			);
			return [];
		}
	});
	return { tables: tables.sort((a, b) => (a.name < b.name ? -1 : 1)), notes };
}

function tableOf(name: string, type: "table" | "view", sql: SqlDatabase): TableSchema {
	const { columns } = sql.describe(`SELECT * FROM "${name.replaceAll('"', '""')}"`);
	const rows = sql.prepare("SELECT * FROM pragma_table_xinfo(?)").all(name) as ColumnRow[];
	const isWritten = type === "table" || hasTriggers(name, sql);
	const keys = rows.filter(({ pk }) => pk > 0);
	return {
		name,
		columns: columns.map((column, i) => {
			const row = rows[i];
			// An INTEGER PRIMARY KEY is numbered; of a table WITHOUT ROWID it is a column like others.
			const isKey = keys.length === 1 && row?.pk === 1 && /^integer$/i.test(row.type) && !column.nullable;
			const isRowId = isKey && hasRowId(name, sql);
			const isComputed = !isWritten || (row?.hidden ?? 0) > 1;
			const hasDefault = isRowId || (row?.dflt_value ?? null) !== null;
			return { ...column, filled: isComputed ? "always" : hasDefault ? "default" : null };
		}),
	};
}

function hasRowId(table: string, sql: SqlDatabase): boolean {
	return sql.prepare("SELECT wr FROM pragma_table_list WHERE name = ?").pluck().get(table) === 0;
}

/** A view that triggers take rows for. */
function hasTriggers(view: string, sql: SqlDatabase): boolean {
	const count = sql.prepare(
		"SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE",
	);
	return count.pluck().get(view) !== 0;
}
