/** CREATE INDEX, and REINDEX: entries for the rows that are there. */

import type { Catalog } from "../catalog/catalog.js";
import { indexColumns } from "../catalog/index-columns.js";
import type { Index, StoredTable } from "../catalog/table.js";
import { storedEntries } from "../codec/object.js";
import type { CreateIndexNode, TableNameNode } from "../parse/ast.js";
import { sqlErrorAt, statementText } from "../parse/source.js";
import { foldCase } from "../value/compare.js";
import { fail } from "./constraint.js";
import type { WriteRun } from "./plan.js";
import { RowStore } from "./row-store.js";
import type { SchemaChange } from "./schema.js";
import { removeData } from "./schema.js";
import type { IndexPlan, TablePlan } from "./table-plan.js";
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
	const plan = planTable({ ...table, indexes: table.indexes.filter(({ id }) => id === table.id) }, change.context);
	const indexes = [planIndex(index, table, change.context)];
	change.add(table.temporary, "index", name, table.name, id, sql);
	const after = change.finish();
	// Last: whatever reads the transaction's own writes after this looks among all of the entries.
	build({ ...plan, indexes }, change.write, "new");
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

/** Writes the entries of all indexes of the plan for all rows of its table. "new": indexes that had none before. */
export function build(plan: TablePlan, write: WriteRun, kind: "new" | "known"): void {
	const { table } = plan;
	const store = new RowStore(plan, write);
	const needed = neededColumns(plan);
	for (const { key, value } of storedEntries(write.journal, table.id, write.execution.stop)) {
		const row = store.decode(key, value, needed);
		for (const [at, indexKey] of store.indexKeys(row, key).entries()) {
			if (indexKey === undefined) continue;
			const { index, what } = plan.indexes[at] as IndexPlan; // one key per index
			if (index.unique && store.owner(indexKey) !== undefined) fail(`UNIQUE constraint failed: ${what}`, null);
			store.putEntry(indexKey, row, key, kind);
		}
	}
}

/** The columns that entries are made of; all where expressions may look at any. */
function neededColumns({ indexes, table }: TablePlan): readonly number[] {
	const reads = indexes.some(({ where, hasExpressions }) => where !== null || hasExpressions);
	if (reads) return [...table.columns.keys()];
	return [...new Set(indexes.flatMap(({ parts }) => parts.map(({ slot }) => slot - 1)))];
}

/** REINDEX: of one table, of one index, of a collation, or of all. */
export function reindex(name: TableNameNode | null, change: SchemaChange): void {
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
	for (const { table, indexes } of chosen) {
		const rebuilt = indexes.filter(({ id }) => id !== table.id);
		for (const { id } of rebuilt) removeData(write.journal, id);
		const plan = planTable(table, change.context);
		build({ ...plan, indexes: plan.indexes.filter(({ index }) => rebuilt.includes(index)) }, write, "known");
	}
}
