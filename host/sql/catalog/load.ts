/** Reads the catalog from the store and writes its state. */

import type { ByteView } from "../../engine/store.js";
import { Keyspace, prefixEnd } from "../../engine/store.js";
import { WlsmError } from "../../errors.js";
import { objectPrefix } from "../codec/key.js";
import { RowSource, RowWriter } from "../codec/row.js";
import { parseStatement } from "../parse/parse.js";
import { sourceOf } from "../parse/source.js";
import type { Value } from "../value/value.js";
import type { Journal } from "../write/journal.js";
import type { CatalogState } from "./catalog.js";
import { Catalog, FIRST_FREE_ID, SCHEMA_ID, STATE_ID } from "./catalog.js";
import { defineTable, indexColumns } from "./define.js";
import type { Index, StoredTable } from "./table.js";

/** What this version of the library writes and reads. */
const CATALOG_FORMAT = 1;

interface SchemaRow {
	readonly type: Value;
	readonly name: string;
	readonly tableName: string;
	readonly id: number;
	readonly sql: string;
}

function readState(view: ByteView): CatalogState {
	const bytes = view.get(Keyspace.sql, objectPrefix(STATE_ID));
	if (bytes === undefined) return { schemaVersion: 0, nextId: FIRST_FREE_ID, userVersion: 0, applicationId: 0 };
	const row = new RowSource(bytes);
	const field = (column: number) => Number(row.column(0, bytes.length, column) ?? 0);
	if (field(0) !== CATALOG_FORMAT) {
		throw new WlsmError(
			"WLSM_UNSUPPORTED",
			`the SQL catalog has format ${field(0)}; this version of wlsm reads ${CATALOG_FORMAT}`,
		);
	}
	return { schemaVersion: field(1), nextId: field(2), userVersion: field(3), applicationId: field(4) };
}

export function writeState(journal: Journal, state: CatalogState): void {
	const row = [CATALOG_FORMAT, state.schemaVersion, state.nextId, state.userVersion, state.applicationId];
	const key = objectPrefix(STATE_ID);
	journal.put(Keyspace.sql, key, new RowWriter().encode(row), journal.get(Keyspace.sql, key));
}

function readSchema(view: ByteView): SchemaRow[] {
	const prefix = objectPrefix(SCHEMA_ID);
	const cursor = view.scan(Keyspace.sql, { gte: prefix, lt: prefixEnd(prefix) });
	const rows: SchemaRow[] = [];
	try {
		for (let page = cursor.next(); page !== undefined; page = cursor.next()) {
			const source = new RowSource(page.bytes);
			for (let i = 0; i < page.count; i++) {
				const start = page.bounds[i * 2 + 1] ?? 0;
				const end = page.bounds[i * 2 + 2] ?? 0;
				const field = (column: number) => source.column(start, end, column) ?? null;
				rows.push({
					type: field(0),
					name: String(field(1)),
					tableName: String(field(2)),
					id: Number(field(3)),
					sql: String(field(4) ?? ""),
				});
			}
		}
	} finally {
		cursor.close();
	}
	return rows;
}

export function loadCatalog(view: ByteView): Catalog {
	const rows = readSchema(view);
	const ids = new Map(rows.filter((row) => row.type === "index").map((row) => [row.name, row.id]));
	const tables = new Map<string, StoredTable>();
	for (const row of rows) {
		if (row.type !== "table") continue;
		const source = sourceOf(row.sql);
		const node = parseStatement(source);
		if (node.type !== "createTable") throw damaged(row.name);
		// After a rename the text names the table as it is now, so the two never differ.
		const table = defineTable(node, source, row.id, (index) => ids.get(index) ?? failMissing(index));
		tables.set(row.name, table);
	}
	for (const row of rows) {
		const table = tables.get(row.tableName);
		if (row.type !== "index" || row.sql === "") continue;
		if (table === undefined) throw damaged(row.name);
		tables.set(row.tableName, { ...table, indexes: [...table.indexes, defineIndex(row, table)] });
	}
	return new Catalog(tables.values(), readState(view));
}

function defineIndex(row: SchemaRow, table: StoredTable): Index {
	const source = sourceOf(row.sql);
	const node = parseStatement(source);
	if (node.type !== "createIndex") throw damaged(row.name);
	const columns = indexColumns(node.columns, table.columns, source, table.name);
	return { id: row.id, name: row.name, unique: node.unique, onConflict: null, origin: "create index", columns };
}

function failMissing(index: string): never {
	throw damaged(index);
}

function damaged(name: string): WlsmError {
	return new WlsmError("WLSM_CORRUPTION", `the SQL catalog is damaged at ${name}`);
}
