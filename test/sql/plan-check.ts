/** Databases of one table, with indexes and without: what they answer must be the same. */

import * as assert from "uvu/assert";
import { SqlDatabase } from "../../host/sql/index.js";
import { MemoryStore } from "../support/memory-store.js";

export const VALUES = `WITH RECURSIVE n(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM n WHERE x < 499)`;

export function database(...scripts: string[]): SqlDatabase {
	const sql = new SqlDatabase(new MemoryStore());
	for (const script of scripts) sql.exec(script);
	return sql;
}

/** A table t(id, a INT, b TEXT, c, n TEXT NOCASE) of 500 rows, some of them odd. */
export const TABLE = `CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b TEXT, c, n TEXT COLLATE NOCASE);
	${VALUES} INSERT INTO t SELECT x, x % 50, 'b' || (x % 100), x % 25, CASE x % 3 WHEN 0 THEN 'Ab' WHEN 1 THEN 'aB' ELSE 'x' END || x FROM n;
	INSERT INTO t VALUES (1000, NULL, NULL, NULL, NULL), (1001, 9223372036854775807, 'b\u00e4', 2.0, ''),
		(1002, -9223372036854775808, x'6231', '2', x'00'), (1003, 1.5, char(98, 0, 98), x'02', 'AB'),
		(1004, -9223372036854775808.0, '', -2, 'ab'), (1005, 'text', 'b%', 2, 'ab%'), (1006, 9007199254740993, 'b', 3, 'A')`;

export const rows = (sql: SqlDatabase, query: string) =>
	JSON.stringify(sql.prepare(query).raw().safeIntegers().all(), showBigints);
const showBigints = (_: string, value: unknown) => (typeof value === "bigint" ? `${value}n` : value);

const PLAIN = new Map<string, SqlDatabase>();

/** Without indexes; only read, and made once. */
function plainDatabase(table: string): SqlDatabase {
	let made = PLAIN.get(table);
	if (made === undefined) {
		made = database(table);
		PLAIN.set(table, made);
	}
	return made;
}

/** What the table's plan must look like, and that its rows are those without any index, in any order but for ORDER BY. */
export function check(indexes: string, query: string, plan: RegExp, table = TABLE): void {
	const plain = plainDatabase(table);
	const indexed = database(table, indexes);
	const ordered = (text: string) =>
		/order by/i.test(query)
			? text
			: JSON.stringify((JSON.parse(text) as unknown[]).map((row) => JSON.stringify(row)).sort());
	for (const state of ["made", "analyzed"]) {
		assert.is(ordered(rows(indexed, query)), ordered(rows(plain, query)), `${query}, ${state}`);
		if (state === "made") assert.match(indexed.explain(query), plan);
		indexed.exec("ANALYZE");
	}
}
