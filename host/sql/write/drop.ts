/** DROP TABLE, INDEX, VIEW and TRIGGER. */

import { Keyspace } from "../../engine/store.js";
import type { Catalog } from "../catalog/catalog.js";
import { isKnownSchema } from "../catalog/catalog.js";
import { STATISTICS_NAME } from "../catalog/load-statistics.js";
import type { Index, StoredTable } from "../catalog/table.js";
import { sequenceKey } from "../codec/key.js";
import { storedEntries } from "../codec/object.js";
import type { DropNode } from "../parse/ast.js";
import { foldCase } from "../value/compare.js";
import { fail } from "./constraint.js";
import { FOREIGN_KEY_FAILED, ForeignChecks } from "./foreign-checks.js";
import type { ForeignLink } from "./foreign-links.js";
import type { WriteRun } from "./plan.js";
import { RowStore } from "./row-store.js";
import type { SchemaChange } from "./schema.js";
import { removeData } from "./schema.js";
import { SEQUENCE_NAME, sequenceKeyOf } from "./sequence.js";
import { removeFigures, removeHistograms } from "./statistics-rows.js";
import { TablePlans } from "./table-plan.js";

function same(a: string, b: string): boolean {
	return foldCase(a) === foldCase(b);
}

export function drop(node: DropNode, change: SchemaChange): Catalog {
	switch (node.type) {
		case "dropTable":
			return dropTable(node, change);
		case "dropIndex":
			return dropIndex(node, change);
		case "dropView":
			return dropView(node, change);
		case "dropTrigger":
			return dropTrigger(node, change);
	}
}

/** Nothing to drop: an error, unless IF EXISTS says that this may be. */
function missing(node: DropNode, what: string, change: SchemaChange): Catalog {
	if (node.ifExists) return change.catalog;
	const { schema, name, at } = node.name;
	throw change.error(at, `no such ${what}: ${schema === null ? "" : `${schema}.`}${name}`);
}

function dropTable(node: DropNode, change: SchemaChange): Catalog {
	const { catalog } = change;
	const { schema, name, at } = node.name;
	const known = isKnownSchema(schema);
	const view = known ? catalog.view(name, schema) : undefined;
	if (view !== undefined) throw change.error(at, `use DROP VIEW to delete view ${view.name}`);
	const table = known ? catalog.find(name, schema) : undefined;
	if (table === undefined) {
		if (node.ifExists) return catalog;
		return catalog.table(node.name, change.source) && catalog;
	}
	const isKept = /^sqlite_/i.test(table.name) && foldCase(table.name) !== STATISTICS_NAME;
	if (table.kind === "keyValue" || isKept) throw change.error(at, `table ${table.name} may not be dropped`);
	deleteReferredRows(table, change);
	removeTable(table, change);
	return change.finish();
}

/** What refers to the rows has its say before they go: as on DELETE, but that no trigger runs. */
function deleteReferredRows(table: StoredTable, { write, context }: SchemaChange): void {
	if (write.foreign === null) return;
	const plans = new TablePlans(context);
	const links = plans.links(table);
	const incoming = links?.incoming.filter(hasParent) ?? [];
	const outgoing = links?.outgoing.filter(hasParent) ?? [];
	if (incoming.length === 0 && !outgoing.some(({ key }) => key.deferred || write.foreign?.defersAll)) return;
	const checks = new ForeignChecks({ incoming, outgoing }, write.foreign, write, plans);
	const store = new RowStore(plans.of(table), write);
	for (const key of rowKeys(table, write)) {
		const row = store.read(key);
		if (row === undefined) continue;
		checks.deleting(row);
		store.remove(row, key);
		checks.deleted(row);
	}
	if (write.foreign.immediate > 0) fail(FOREIGN_KEY_FAILED, "abort");
}

/** A foreign key that fits nothing keeps no table from being dropped. */
function hasParent(link: ForeignLink): boolean {
	try {
		return link.parent !== undefined;
	} catch {
		return false;
	}
}

function rowKeys(table: StoredTable, { journal }: WriteRun): Uint8Array[] {
	return Array.from(storedEntries(journal, table.id), ({ key }) => key.slice());
}

export function removeTable(table: StoredTable, change: SchemaChange): void {
	const { journal, rowIds } = change.write;
	const triggers = new Set(change.catalog.triggersOn(table));
	for (const trigger of triggers)
		change.remove(trigger.temporary, ({ type, name }) => type === "trigger" && same(name, trigger.name));
	change.remove(table.temporary, ({ type, tableName }) => type !== "trigger" && same(tableName, table.name));
	for (const object of [table, ...table.indexes]) removeData(journal, object.id);
	removeStatistics(table, null, change);
	if (!table.autoincrement) return;
	const sequence = change.catalog.find(SEQUENCE_NAME, "main");
	const key = sequence?.kind === "stored" ? sequenceKeyOf(sequence, table.name, journal) : undefined;
	for (const sequenceRow of [key, sequenceKey(table.id)])
		if (sequenceRow !== undefined) journal.delete(Keyspace.sql, sequenceRow);
	rowIds.undone();
}

/** What ANALYZE knows of a table, or of one index of it. */
function removeStatistics(table: StoredTable, index: Index | null, { write, catalog }: SchemaChange): void {
	const kept = catalog.find(STATISTICS_NAME, table.temporary ? "temp" : "main");
	if (kept?.kind !== "stored" || kept === table) return;
	removeFigures(kept, table.name, index?.name ?? null, write);
	removeHistograms(index === null ? table : { id: index.id, indexes: [] }, write.journal);
}

function dropIndex(node: DropNode, change: SchemaChange): Catalog {
	const found = isKnownSchema(node.name.schema)
		? change.catalog.findIndex(node.name.name, node.name.schema)
		: undefined;
	if (found === undefined) return missing(node, "index", change);
	const { table, index } = found;
	if (index.origin !== "create index") {
		const message = "index associated with UNIQUE or PRIMARY KEY constraint cannot be dropped";
		throw change.error(node.name.at, message);
	}
	change.remove(table.temporary, ({ type, name }) => type === "index" && same(name, index.name));
	removeData(change.write.journal, index.id);
	removeStatistics(table, index, change);
	return change.finish();
}

function dropView(node: DropNode, change: SchemaChange): Catalog {
	const { catalog } = change;
	const { schema, name, at } = node.name;
	const known = isKnownSchema(schema);
	const view = known ? catalog.view(name, schema) : undefined;
	if (view === undefined) {
		const table = known ? catalog.find(name, schema) : undefined;
		if (table !== undefined) throw change.error(at, `use DROP TABLE to delete table ${table.name}`);
		return missing(node, "view", change);
	}
	for (const trigger of catalog.triggersOn(view))
		change.remove(trigger.temporary, (entry) => entry.type === "trigger" && same(entry.name, trigger.name));
	change.remove(view.temporary, (entry) => entry.type === "view" && same(entry.name, view.name));
	return change.finish();
}

function dropTrigger(node: DropNode, change: SchemaChange): Catalog {
	const { schema, name } = node.name;
	const trigger = isKnownSchema(schema) ? change.catalog.trigger(name, schema) : undefined;
	if (trigger === undefined) return missing(node, "trigger", change);
	change.remove(trigger.temporary, (entry) => entry.type === "trigger" && same(entry.name, trigger.name));
	return change.finish();
}
