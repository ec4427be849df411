/** Random tables whose columns hold what their declared types say, as types of queries trust them to. */

import { WlsmError } from "../../../host/errors.js";
import type { SqlDatabase } from "../../../host/sql/index.js";
import type { Random } from "../../support/random.js";

/** Undefined where it fails with an error of the library. */
export function attempt<T>(body: () => T): T | undefined {
	try {
		return body();
	} catch (error) {
		if (error instanceof WlsmError) return undefined;
		throw error;
	}
}

/** More columns of CREATE TABLE that are NOT NULL, so that what is not nullable is worth testing. */
export function withoutNulls(sql: string, random: Random): string {
	if (!sql.startsWith("CREATE TABLE")) return sql;
	return sql.replace(/\b(c\d+ (?:INTEGER|INT|BIGINT|TEXT|REAL|BLOB|NUMERIC))(?=[,)])/g, (column) => {
		if (random.once(3)) return column;
		const value = / (TEXT|BLOB)$/.exec(column)?.[1];
		const otherwise = value === "TEXT" ? "'b'" : value === "BLOB" ? "x'62'" : "3";
		return `${column} NOT NULL ON CONFLICT REPLACE DEFAULT ${otherwise}`;
	});
}

/** Rows with values that their columns are not declared for go; how many are left in which table. */
export function removeStrays(database: SqlDatabase): { counts: ReadonlyMap<string, number>; removed: number } {
	const counts = new Map<string, number>();
	const before = database.prepare("SELECT total_changes()").pluck().get() as number;
	const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all() as string[];
	for (const table of tables) {
		if (table.startsWith("sqlite_")) continue;
		const columns = database.prepare(`SELECT name, type FROM pragma_table_xinfo('${table}')`).all() as {
			name: string;
			type: string;
		}[];
		const wrong = columns.flatMap(({ name, type }) => {
			const classes = declaredClasses(type);
			return classes === null ? [] : [`typeof(${name}) NOT IN ('null', ${classes})`];
		});
		try {
			if (wrong.length > 0) database.exec(`DELETE FROM ${table} WHERE ${wrong.join(" OR ")}`);
		} catch {
			// A trigger or a key that refers to it: all of it goes.
			database.exec(`PRAGMA foreign_keys = OFF; DELETE FROM ${table}`);
		}
		counts.set(table, database.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number);
	}
	return { counts, removed: (database.prepare("SELECT total_changes()").pluck().get() as number) - before };
}

function declaredClasses(type: string): string | null {
	if (/INT/.test(type)) return "'integer', 'real'";
	if (/CHAR|CLOB|TEXT/.test(type)) return "'text'";
	if (/BLOB/.test(type)) return "'blob'";
	return /REAL|FLOA|DOUB/.test(type) ? "'real'" : null;
}
