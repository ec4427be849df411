/** Tables that are there without being made. */

import type { Column, KeyValueTable, StoredTable } from "./table.js";

/** Object ids: 0 is the catalog's state, 1 the schema table; the greatest ones are those of temporary objects and histograms. */
export const STATE_ID = 0;
export const SCHEMA_ID = 1;
export const FIRST_FREE_ID = 2;
const TEMPORARY_SCHEMA_ID = 0xffff_fffe;
const HISTOGRAM_ID = 0xffff_fffd;

function column(name: string, typeName: string, affinity: Column["affinity"], notNull = false, primaryKey = 0): Column {
	return {
		name,
		typeName,
		affinity,
		collation: "binary",
		notNull,
		notNullConflict: null,
		default: null,
		missing: null,
		generated: null,
		primaryKey,
	};
}

export const SCHEMA_TABLE: StoredTable = {
	kind: "stored",
	id: SCHEMA_ID,
	name: "sqlite_schema",
	columns: [
		column("type", "TEXT", "text"),
		column("name", "TEXT", "text"),
		column("tbl_name", "TEXT", "text"),
		column("rootpage", "INT", "integer"),
		column("sql", "TEXT", "text"),
	],
	rowIdColumn: -1,
	rowIdConflict: null,
	withoutRowId: false,
	strict: false,
	temporary: false,
	autoincrement: false,
	indexes: [],
	checks: [],
	foreignKeys: [],
	sql: "CREATE TABLE sqlite_schema(type text,name text,tbl_name text,rootpage integer,sql text)",
	system: true,
};

export const TEMPORARY_SCHEMA_TABLE: StoredTable = {
	...SCHEMA_TABLE,
	id: TEMPORARY_SCHEMA_ID,
	name: "sqlite_temp_schema",
	temporary: true,
};

/**
 * What ANALYZE found out about the values of columns. Rows are keyed by whose column it is, see `histogramKey`; buckets are
 * encoded as a row of upper bounds, each with its figures.
 */
export const HISTOGRAM_TABLE: StoredTable = {
	...SCHEMA_TABLE,
	id: HISTOGRAM_ID,
	name: "sqlite_histogram",
	columns: [
		column("tbl", "TEXT", "text"),
		column("col", "TEXT", "text"),
		column("sampled", "INT", "integer"),
		column("nulls", "INT", "integer"),
		column("distinct", "INT", "integer"),
		column("buckets", "BLOB", "blob"),
	],
	sql: 'CREATE TABLE sqlite_histogram(tbl text,col text,sampled integer,nulls integer,"distinct" integer,buckets blob)',
};

export const KEY_VALUE_TABLE: KeyValueTable = {
	kind: "keyValue",
	name: "kv",
	columns: [column("key", "TEXT", "text", true, 1), column("value", "TEXT", "text", true)],
};
