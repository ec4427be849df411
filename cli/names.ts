/** Names in a database. */

import type { Database } from "../host/index.js";

/** Tables and views that people have made, and the key-value data. */
export function tableNames(db: Database): string[] {
	const query = "SELECT name FROM pragma_table_list WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
	const names = db.sql.prepare(query).pluck().all() as string[];
	return names.includes("kv") ? names : [...names, "kv"];
}

export function columnsOf(db: Database, table: string): string[] {
	return db.sql.prepare("SELECT name FROM pragma_table_xinfo(?)").pluck().all(table) as string[];
}
