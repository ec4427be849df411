/** CREATE and DROP: rows of the schema table, and the data behind them. */

import { Keyspace, prefixEnd } from "../../engine/store.js";
import { unsupported } from "../bind/expression.js";
import type { Catalog } from "../catalog/catalog.js";
import { isMainSchema, SCHEMA_TABLE } from "../catalog/catalog.js";
import { defineTable } from "../catalog/define.js";
import { loadCatalog, writeState } from "../catalog/load.js";
import type { StoredTable } from "../catalog/table.js";
import { objectPrefix, readRowId, sequenceKey } from "../codec/key.js";
import type { Execution } from "../execute/operator.js";
import type { CreateTableNode, DropNode } from "../parse/ast.js";
import type { Source } from "../parse/source.js";
import { sqlErrorAt, statementText } from "../parse/source.js";
import type { PlanContext } from "../plan/select.js";
import { foldCase } from "../value/compare.js";
import type { Encoders } from "./encoders.js";
import type { Journal } from "./journal.js";
import { tableExpressions } from "./plan.js";
import type { RowIds } from "./rowids.js";
import { TableWriter } from "./table-writer.js";

export interface SchemaRun {
	readonly journal: Journal;
	readonly rowIds: RowIds;
	readonly encoders: Encoders;
	readonly execution: Execution;
	readonly catalog: Catalog;
}

function schemaWriter(run: SchemaRun): TableWriter {
	const target = { table: SCHEMA_TABLE, expressions: { checks: [], defaults: [] }, onConflict: null };
	return new TableWriter(target, run.journal, run.rowIds, run.encoders, run.execution);
}

/** Every change of the schema ends here: a new version, and from it the catalog as the store now has it. */
function finish(run: SchemaRun, nextId: number): Catalog {
	const { state } = run.catalog;
	writeState(run.journal, { ...state, nextId, schemaVersion: state.schemaVersion + 1 });
	return loadCatalog(run.journal);
}

/** SQLite keeps the text from CREATE TABLE on, in these words however they were written. */
function schemaText(node: CreateTableNode, source: Source): string {
	return `CREATE TABLE ${statementText(source).slice(node.name.at).trimEnd()}`;
}

export function createTable(node: CreateTableNode, run: SchemaRun, context: PlanContext): Catalog {
	const { source } = context;
	const { name } = node.name;
	if (!isMainSchema(node.name.schema)) throw sqlErrorAt(source, node.name.at, `unknown database ${node.name.schema}`);
	if (node.select !== null) throw unsupported(source, node.at, "CREATE TABLE AS");
	if (run.catalog.find(name) !== undefined) {
		if (node.ifNotExists) return run.catalog;
		throw sqlErrorAt(source, node.name.at, `table ${name} already exists`);
	}
	if (run.catalog.findIndex(name) !== undefined)
		throw sqlErrorAt(source, node.name.at, `there is already an index named ${name}`);
	if (/^sqlite_/i.test(name)) throw sqlErrorAt(source, node.name.at, `object name reserved for internal use: ${name}`);
	let nextId = run.catalog.state.nextId;
	const id = nextId++;
	const table = defineTable(node, source, id, () => nextId++);
	checkExpressions(table, context);
	const writer = schemaWriter(run);
	writer.insert([null, "table", name, name, id, schemaText(node, source)]);
	for (const index of table.indexes) writer.insert([null, "index", index.name, name, index.id, null]);
	return finish(run, nextId);
}

/** Binds CHECKs and DEFAULTs once, so that a mistake in them is an error of CREATE TABLE. */
function checkExpressions(table: StoredTable, context: PlanContext): void {
	tableExpressions({ ...table, sql: statementText(context.source) }, context);
}

export function dropTable(node: DropNode, run: SchemaRun, context: PlanContext): Catalog {
	const { source } = context;
	const { name } = node.name;
	const table = isMainSchema(node.name.schema) ? run.catalog.find(name) : undefined;
	if (table === undefined) {
		if (node.ifExists) return run.catalog;
		return run.catalog.table(node.name, source) && run.catalog;
	}
	if (table.kind === "keyValue" || table.system)
		throw sqlErrorAt(source, node.name.at, `table ${table.name} may not be dropped`);
	removeSchemaRows(run, (row) => foldCase(String(row.tableName)) === foldCase(table.name));
	for (const object of [table, ...table.indexes]) removeData(run.journal, object.id);
	const sequence = sequenceKey(table.id);
	run.journal.delete(Keyspace.sql, sequence, run.journal.get(Keyspace.sql, sequence));
	return finish(run, run.catalog.state.nextId);
}

function removeSchemaRows(run: SchemaRun, matches: (row: { tableName: unknown }) => boolean): void {
	const writer = schemaWriter(run);
	const prefix = objectPrefix(SCHEMA_TABLE.id);
	const cursor = run.journal.scan(Keyspace.sql, { gte: prefix, lt: prefixEnd(prefix) });
	try {
		for (let page = cursor.next(); page !== undefined; page = cursor.next()) {
			for (let i = 0; i < page.count; i++) {
				const rowId = readRowId(page.bytes, (page.bounds[i * 2] ?? 0) + 4);
				const row = writer.current(rowId);
				if (row !== undefined && matches({ tableName: row[3] })) writer.delete(row);
			}
		}
	} finally {
		cursor.close();
	}
}

function removeData(journal: Journal, objectId: number): void {
	const prefix = objectPrefix(objectId);
	const cursor = journal.scan(Keyspace.sql, { gte: prefix, lt: prefixEnd(prefix) });
	try {
		for (let page = cursor.next(); page !== undefined; page = cursor.next()) {
			for (let i = 0; i < page.count; i++) {
				const at = i * 2;
				const key = page.bytes.slice(page.bounds[at], page.bounds[at + 1]);
				journal.delete(Keyspace.sql, key, page.bytes.slice(page.bounds[at + 1], page.bounds[at + 2]));
			}
		}
	} finally {
		cursor.close();
	}
}
