/** The tables by name, as of one version of the schema. */

import type { TableNameNode } from "../parse/ast.js";
import type { Source } from "../parse/source.js";
import { sqlErrorAt, suggestion } from "../parse/source.js";
import { foldCase } from "../value/compare.js";
import type { Column, Index, KeyValueTable, StoredTable, Table } from "./table.js";

/** Object ids: 0 is the catalog's state, 1 the schema table. */
export const STATE_ID = 0;
export const SCHEMA_ID = 1;
export const FIRST_FREE_ID = 2;

function column(name: string, typeName: string, affinity: Column["affinity"], notNull = false, primaryKey = 0): Column {
	return { name, typeName, affinity, collation: "binary", notNull, default: null, primaryKey };
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
	autoincrement: false,
	indexes: [],
	checks: [],
	sql: "CREATE TABLE sqlite_schema(type text,name text,tbl_name text,rootpage integer,sql text)",
	system: true,
};

export const KEY_VALUE_TABLE: KeyValueTable = {
	kind: "keyValue",
	name: "kv",
	columns: [column("key", "TEXT", "text", true, 1), column("value", "TEXT", "text", true)],
};

const SCHEMA_NAMES = new Set(["sqlite_schema", "sqlite_master", "sqlite_temp_schema", "sqlite_temp_master"]);

export interface CatalogState {
	readonly schemaVersion: number;
	readonly nextId: number;
	readonly userVersion: number;
	readonly applicationId: number;
}

export class Catalog {
	readonly state: CatalogState;
	readonly #tables: ReadonlyMap<string, StoredTable>;

	constructor(tables: Iterable<StoredTable>, state: CatalogState) {
		this.#tables = new Map([...tables].map((table) => [foldCase(table.name), table]));
		this.state = state;
	}

	tables(): Iterable<StoredTable> {
		return this.#tables.values();
	}

	find(name: string): Table | undefined {
		const folded = foldCase(name);
		if (SCHEMA_NAMES.has(folded)) return SCHEMA_TABLE;
		return folded === KEY_VALUE_TABLE.name ? KEY_VALUE_TABLE : this.#tables.get(folded);
	}

	findIndex(name: string): { readonly table: StoredTable; readonly index: Index } | undefined {
		const folded = foldCase(name);
		for (const table of this.#tables.values()) {
			const index = table.indexes.find((candidate) => foldCase(candidate.name) === folded);
			if (index !== undefined) return { table, index };
		}
		return undefined;
	}

	/** The table of that name, or the error that a user expects. */
	table(name: TableNameNode, source: Source): Table {
		const table = isMainSchema(name.schema) ? this.find(name.name) : undefined;
		if (table !== undefined) return table;
		const written = name.schema === null ? name.name : `${name.schema}.${name.name}`;
		const names = [...this.#tables.values()].map((candidate) => candidate.name);
		throw sqlErrorAt(
			source,
			name.at,
			`no such table: ${written}${suggestion(name.name, [...names, "kv", "sqlite_schema"])}`,
		);
	}
}

export function isMainSchema(schema: string | null): boolean {
	return schema === null || /^(main|temp)$/i.test(schema);
}
