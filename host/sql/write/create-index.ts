/** CREATE INDEX, and REINDEX: entries for the rows that are there. */

import type { Catalog } from "../catalog/catalog.js";
import { indexColumns } from "../catalog/index-columns.js";
import type { Index, StoredTable } from "../catalog/table.js";
import type { CreateIndexNode, TableNameNode } from "../parse/ast.js";
import { sqlErrorAt, statementText } from "../parse/source.js";
import { foldCase } from "../value/compare.js";
import { buildIndexes } from "./build-indexes.js";
import type { SchemaChange } from "./schema.js";
import { removeData } from "./schema.js";
import { moveHistogram } from "./statistics-rows.js";
import { planIndex, planTable } from "./table-plan.js";

export function createIndex(node: CreateIndexNode, change: SchemaChange): Catalog {
	const { catalog, source } = change;
	const table = indexedTable(node, change);
	const { name } = node.name;
	const schema = table.temporary ? "temp" : "main";
	change.checkName(node.name);
	if (catalog.find(name, schema) !== undefined || catalog.view(name, schema) !== undefined)
		throw change.error(node.name.at, `there is already a table named ${name}`);
	if (catalog.findIndex(name, schema) !== undefined) {
		if (node.ifNotExists) return catalog;
		throw change.error(node.name.at, `index ${name} already exists`);
	}
	const id = change.newId();
	const sql = change.textFrom(node.unique ? "CREATE UNIQUE INDEX" : "CREATE INDEX", node.name.nameAt);
	const index: Index = {
		id,
		name,
		unique: node.unique,
		onConflict: null,
		origin: "create index",
		columns: indexColumns(node.columns, table.columns, source),
		where: node.where,
		// Offsets of the tree are those of the statement as it was given.
		sql: statementText(source),
	};
	const plan = planTable(table, change.context);
	const planned = planIndex(index, table, change.context);
	change.add(table.temporary, "index", name, table.name, id, sql);
	const after = change.finish();
	// Last: whatever reads the transaction's own writes after this looks among all of the entries.
	buildIndexes(plan, [planned], change.write);
	return after;
}

function indexedTable(node: CreateIndexNode, change: SchemaChange): StoredTable {
	const { catalog } = change;
	const { text, at } = node.table;
	change.isTemporary(node.name, false);
	const view = catalog.view(text, node.name.schema);
	if (view !== undefined) throw change.error(at, "views may not be indexed");
	const table = catalog.find(text, node.name.schema);
	if (table === undefined) {
		// Fails: with the schema that an unqualified name stands for.
		const name: TableNameNode = { schema: node.name.schema ?? "main", name: text, at, nameAt: at };
		throw change.error(at, `no such table: ${name.schema}.${text}`);
	}
	if (table.kind === "keyValue") throw change.error(at, `table ${table.name} may not be indexed`);
	if (table.system || foldCase(table.name).startsWith("sqlite_")) {
		const shown = table.system ? table.name.replace("schema", "master") : table.name;
		throw change.error(at, `table ${shown} may not be indexed`);
	}
	return table;
}

/** REINDEX: of one table, of one index, of a collation, or of all. */
export function reindex(name: TableNameNode | null, change: SchemaChange): Catalog {
	const { catalog, write } = change;
	const tables = catalog.tables();
	let chosen = tables.map((table) => ({ table, indexes: table.indexes }));
	if (name !== null && !(name.schema === null && /^(binary|nocase|rtrim)$/i.test(name.name))) {
		const table = catalog.find(name.name, name.schema);
		const found = catalog.findIndex(name.name, name.schema);
		if (table?.kind === "stored") chosen = [{ table, indexes: table.indexes }];
		else if (found !== undefined) chosen = [{ table: found.table, indexes: [found.index] }];
		else throw sqlErrorAt(change.source, name.at, "unable to identify the object to be reindexed");
	}
	const rebuilt = chosen.flatMap(({ table, indexes }) => {
		const plan = planTable(table, change.context);
		const own = plan.indexes.filter(({ index }) => indexes.includes(index));
		return own.map(({ index }) => ({ plan, index: planIndex(moved(index, table, change), table, change.context) }));
	});
	if (rebuilt.length === 0) return catalog;
	const after = change.finish();
	for (const { plan, index } of rebuilt) buildIndexes(plan, [index], write);
	return after;
}

/** The index under another number, which no entries have; those that it had are removed. */
function moved(index: Index, table: StoredTable, change: SchemaChange): Index {
	const { journal } = change.write;
	const id = change.newId();
	const entry = change.entries(table.temporary).find((entry) => entry.type === "index" && entry.id === index.id);
	if (entry === undefined) throw change.error(0, `no such index: ${index.name}`);
	change.replace(entry, { ...entry, id });
	removeData(journal, index.id);
	moveHistogram(index.id, id, journal);
	return { ...index, id };
}
