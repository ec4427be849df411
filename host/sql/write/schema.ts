/** What all changes of the schema share: rows of the schema table, the data behind them, the catalog's next version. */

import type { ByteRange } from "../../engine/store.js";
import { Keyspace } from "../../engine/store.js";
import type { Catalog } from "../catalog/catalog.js";
import { isKnownSchema, SCHEMA_TABLE } from "../catalog/catalog.js";
import { loadCatalog, writeState } from "../catalog/load.js";
import { TEMPORARY_SCHEMA_TABLE } from "../catalog/system.js";
import type { StoredTable } from "../catalog/table.js";
import type { RowId } from "../codec/key.js";
import { OBJECT_ID_BYTES, readRowId, rowKey } from "../codec/key.js";
import { objectRange, storedEntries } from "../codec/object.js";
import { RowSource } from "../codec/row.js";
import type { Tuple } from "../execute/operator.js";
import type { TableNameNode } from "../parse/ast.js";
import type { Source } from "../parse/source.js";
import { sqlErrorAt, statementText } from "../parse/source.js";
import type { PlanContext } from "../plan/context.js";
import { foldCase } from "../value/compare.js";
import type { Value } from "../value/value.js";
import type { Journal } from "./journal.js";
import type { WriteRun } from "./plan.js";

export type ObjectType = "table" | "index" | "view" | "trigger";

/** A row of the schema table as it is stored. */
export interface SchemaEntry {
	readonly key: Uint8Array;
	readonly type: string;
	readonly name: string;
	readonly tableName: string;
	readonly id: number;
	readonly sql: string | null;
}

/** One change of the schema: ids are given out and rows written; `finish` makes the catalog that follows. */
export class SchemaChange {
	readonly write: WriteRun;
	readonly context: PlanContext;
	readonly catalog: Catalog;
	#nextId: number;

	/** `catalog`: that of the change before, where a statement makes several. */
	constructor(write: WriteRun, context: PlanContext, catalog = write.catalog) {
		this.write = write;
		this.catalog = catalog;
		this.context = { ...context, catalog };
		this.#nextId = catalog.state.nextId;
	}

	get source(): Source {
		return this.context.source;
	}

	newId(): number {
		return this.#nextId++;
	}

	error(at: number, message: string): Error {
		return sqlErrorAt(this.source, at, message);
	}

	/** Every change of the schema ends here: a new version, and from it the catalog as the store now has it. */
	finish(): Catalog {
		const { journal } = this.write;
		const { state } = this.catalog;
		writeState(journal, { ...state, nextId: this.#nextId, schemaVersion: state.schemaVersion + 1 });
		return loadCatalog(journal, { previous: this.catalog });
	}

	/** The catalog as the rows written so far make it. */
	loaded(): Catalog {
		return loadCatalog(this.write.journal, { previous: this.catalog });
	}

	add(temporary: boolean, type: ObjectType, name: string, tableName: string, id: number, sql: string | null): void {
		const { journal, rowIds, encoders } = this.write;
		const table = schemaTable(temporary);
		const rowId = rowIds.next(table, journal, 0);
		const row = encoders.rows.encode([type, name, tableName, id, sql]);
		journal.put(Keyspace.sql, rowKey(table.id, rowId), row);
		rowIds.inserted(table, rowId);
	}

	entries(temporary: boolean): SchemaEntry[] {
		return entriesOf(this.write.journal, schemaTable(temporary));
	}

	remove(temporary: boolean, matches: (entry: SchemaEntry) => boolean): void {
		const { journal, rowIds } = this.write;
		for (const entry of this.entries(temporary)) {
			if (!matches(entry)) continue;
			journal.delete(Keyspace.sql, entry.key);
			rowIds.deleted(schemaTable(temporary), readRowId(entry.key, OBJECT_ID_BYTES) as RowId);
		}
	}

	replace({ key }: SchemaEntry, entry: Omit<SchemaEntry, "key">): void {
		const { journal, encoders } = this.write;
		const row: Tuple = [entry.type, entry.name, entry.tableName, entry.id, entry.sql];
		journal.put(Keyspace.sql, key, encoders.rows.encode(row));
	}

	/** Whether the object is to be temporary, by its schema's name and the word TEMP. */
	isTemporary(name: TableNameNode, word: boolean): boolean {
		if (!isKnownSchema(name.schema)) throw this.error(name.at, `unknown database ${name.schema}`);
		if (word && name.schema !== null) throw this.error(name.at, "temporary table name must be unqualified");
		return word || (name.schema !== null && foldCase(name.schema) === "temp");
	}

	/** Fails where a table, view or index of the schema has the name. False where that is what IF NOT EXISTS allows. */
	isFree(name: TableNameNode, temporary: boolean, ifNotExists: boolean): boolean {
		const schema = temporary ? "temp" : "main";
		const taken = this.catalog.view(name.name, schema) ?? this.catalog.find(name.name, schema);
		if (taken !== undefined) {
			if (ifNotExists) return false;
			throw this.error(name.at, `${taken.kind === "view" ? "view" : "table"} ${name.name} already exists`);
		}
		if (this.catalog.findIndex(name.name, schema) !== undefined)
			throw this.error(name.at, `there is already an index named ${name.name}`);
		this.checkName(name);
		return true;
	}

	checkName(name: TableNameNode): void {
		if (/^sqlite_/i.test(name.name)) throw this.error(name.at, `object name reserved for internal use: ${name.name}`);
	}

	/** SQLite keeps the text from these words on, however they were written, and then from the name on. */
	textFrom(words: string, at: number): string {
		return `${words} ${statementText(this.source).slice(at).trimEnd()}`;
	}
}

export function schemaTable(temporary: boolean): StoredTable {
	return temporary ? TEMPORARY_SCHEMA_TABLE : SCHEMA_TABLE;
}

export function entriesOf(journal: Journal, table: StoredTable): SchemaEntry[] {
	return Array.from(storedEntries(journal, table.id), ({ key, value }) => {
		const source = new RowSource(value);
		const field = (column: number): Value => source.column(0, value.length, column) ?? null;
		const sql = field(4);
		return {
			key,
			type: String(field(0)),
			name: String(field(1)),
			tableName: String(field(2)),
			id: Number(field(3)),
			sql: sql === null ? null : String(sql),
		};
	});
}

/** Deletes all rows of a table or entries of an index at once, however many they are. */
export function removeData(journal: Journal, objectId: number): void {
	removeRange(journal, objectRange(objectId));
}

export function removeRange(journal: Journal, range: ByteRange): void {
	if (hasEntries(journal, range)) journal.deleteRange(Keyspace.sql, range);
}

/** Whether there is any row, or any entry. */
export function hasData(journal: Journal, objectId: number): boolean {
	return hasEntries(journal, objectRange(objectId));
}

function hasEntries(journal: Journal, range: ByteRange): boolean {
	const cursor = journal.scan(Keyspace.sql, range);
	try {
		return cursor.next() !== undefined;
	} finally {
		cursor.close();
	}
}
