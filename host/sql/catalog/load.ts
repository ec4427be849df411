/** Reads the catalog from the store and writes its state. */

import type { ByteView } from "../../engine/store.js";
import { Keyspace } from "../../engine/store.js";
import { WlsmError } from "../../errors.js";
import { objectPrefix } from "../codec/key.js";
import { storedEntries } from "../codec/object.js";
import { RowSource } from "../codec/row.js";
import { RowWriter } from "../codec/row-writer.js";
import type { CreateTableNode, StatementNode } from "../parse/ast.js";
import { parseStatement } from "../parse/parse.js";
import { sourceOf } from "../parse/source.js";
import { foldCase } from "../value/compare.js";
import type { Value } from "../value/value.js";
import type { Journal } from "../write/journal.js";
import type { CatalogState, KnownDefinitions, KnownTable } from "./catalog.js";
import { Catalog } from "./catalog.js";
import { defineTable, type TableIdentity } from "./define.js";
import { indexColumns } from "./index-columns.js";
import { withStatistics } from "./load-statistics.js";
import { FIRST_FREE_ID, SCHEMA_TABLE, STATE_ID, TEMPORARY_SCHEMA_TABLE } from "./system.js";
import type { Index, StoredTable, Trigger, View } from "./table.js";

/** What this version of the library writes and reads. */
const CATALOG_FORMAT = 1;

/** One row of sqlite_schema; `id` is what SQLite calls the root page. */
export interface SchemaRow {
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
	journal.put(Keyspace.sql, key, new RowWriter().encode(row));
}

export function readSchema(view: ByteView, table: StoredTable): SchemaRow[] {
	return Array.from(storedEntries(view, table.id), ({ value }) => {
		const source = new RowSource(value);
		const field = (column: number) => source.column(0, value.length, column) ?? null;
		return {
			type: field(0),
			name: String(field(1)),
			tableName: String(field(2)),
			id: Number(field(3)),
			sql: String(field(4) ?? ""),
		};
	});
}

export interface LoadOptions {
	/** What is still as it was there need not be made again. */
	readonly previous?: Catalog | null;
	/** Leaves out temporary objects: where nobody can write, those of an earlier connection are still there. */
	readonly withoutTemporary?: boolean;
}

export function loadCatalog(view: ByteView, { previous, withoutTemporary = false }: LoadOptions = {}): Catalog {
	const load = new Load(previous?.known);
	load.read(readSchema(view, SCHEMA_TABLE), false);
	if (!withoutTemporary) load.read(readSchema(view, TEMPORARY_SCHEMA_TABLE), true);
	const tables = withStatistics(
		Array.from(load.tables.values(), ({ table }) => table),
		view,
	);
	const { views, triggers, parsed } = load;
	return new Catalog({ tables, views, triggers }, readState(view), { parsed, tables: load.tables });
}

class Load {
	readonly views: View[] = [];
	readonly triggers: Trigger[] = [];
	readonly parsed = new Map<string, StatementNode>();
	readonly tables = new Map<string, KnownTable>();
	readonly #known: KnownDefinitions | undefined;

	constructor(known: KnownDefinitions | undefined) {
		this.#known = known;
	}

	read(rows: readonly SchemaRow[], temporary: boolean): void {
		const ids = new Map(rows.filter((row) => row.type === "index").map((row) => [row.name, row.id]));
		const indexes = new Map<string, SchemaRow[]>();
		for (const row of rows) {
			if (row.type !== "index" || row.sql === "") continue;
			const table = foldCase(row.tableName);
			const others = indexes.get(table);
			if (others === undefined) indexes.set(table, [row]);
			else others.push(row);
		}
		const idOf = (index: string) => ids.get(index) ?? failMissing(index);
		for (const row of rows) {
			const { name, sql } = row;
			const node = row.type === "index" ? undefined : this.#parse(sql, name);
			if (node?.type === "createTable" && row.type === "table") {
				// After a rename the text names the table as it is now, so the two never differ.
				const own = indexes.get(foldCase(name)) ?? [];
				indexes.delete(foldCase(name));
				const key = `${temporary} ${name}`;
				const known = this.#known?.tables.get(key);
				const table =
					known !== undefined && known.sql === sql && isStill(known.table, row.id, own, ids)
						? known.table
						: this.#table(node, row, own, { id: row.id, temporary, idOf });
				for (const index of own) this.#parse(index.sql, index.name);
				this.tables.set(key, { sql, table });
			} else if (node?.type === "createView" && row.type === "view") {
				const columns = node.columns?.map(({ text }) => text) ?? null;
				this.views.push({ kind: "view", name, columns, select: node.select, sql, temporary });
			} else if (node?.type === "createTrigger" && row.type === "trigger") {
				this.triggers.push({ name, node, temporary, sql });
			} else if (row.type !== "index") {
				throw damaged(name);
			}
		}
		for (const [orphan] of indexes.values()) if (orphan !== undefined) throw damaged(orphan.name);
	}

	#table(node: CreateTableNode, { sql }: SchemaRow, own: readonly SchemaRow[], identity: TableIdentity): StoredTable {
		const table = defineTable(node, sourceOf(sql), identity);
		if (own.length === 0) return table;
		return { ...table, indexes: [...table.indexes, ...own.map((index) => this.#index(index, table))] };
	}

	#parse(sql: string, name: string): StatementNode {
		let node = this.#known?.parsed.get(sql);
		if (node === undefined) {
			if (sql === "") throw damaged(name);
			node = parseStatement(sourceOf(sql));
		}
		this.parsed.set(sql, node);
		return node;
	}

	#index(row: SchemaRow, table: StoredTable): Index {
		const node = this.#parse(row.sql, row.name);
		if (node.type !== "createIndex") throw damaged(row.name);
		return {
			id: row.id,
			name: row.name,
			unique: node.unique,
			onConflict: null,
			origin: "create index",
			columns: indexColumns(node.columns, table.columns, sourceOf(row.sql)),
			where: node.where,
			sql: row.sql,
		};
	}
}

/** Whether a table and its indexes are those of the rows. `own`: of CREATE INDEX. `ids`: of all indexes, by name. */
function isStill(
	{ id, indexes }: StoredTable,
	rowId: number,
	own: readonly SchemaRow[],
	ids: ReadonlyMap<string, number>,
): boolean {
	if (id !== rowId || indexes.some((index) => index.id !== id && ids.get(index.name) !== index.id)) return false;
	const made = indexes.filter(({ origin }) => origin === "create index");
	return made.length === own.length && own.every(({ name, sql }, i) => made[i]?.name === name && made[i]?.sql === sql);
}

function failMissing(index: string): never {
	throw damaged(index);
}

function damaged(name: string): WlsmError {
	return new WlsmError("WLSM_CORRUPTION", `the SQL catalog is damaged at ${name}`);
}
