/** ALTER TABLE … RENAME: the table's or column's name is changed in every text of the schema that names it. */

import { Keyspace } from "../../engine/store.js";
import type { Catalog } from "../catalog/catalog.js";
import type { StoredTable } from "../catalog/table.js";
import { RowSource } from "../codec/row.js";
import type { NameNode } from "../parse/ast.js";
import { parseStatement } from "../parse/parse.js";
import type { Source } from "../parse/source.js";
import { sourceOf } from "../parse/source.js";
import { foldCase } from "../value/compare.js";
import { checkSchema, checkTable } from "./check-schema.js";
import type { Wanted } from "./references.js";
import { findReferences } from "./references.js";
import type { SchemaChange, SchemaEntry } from "./schema.js";
import { SEQUENCE_NAME, sequenceKeyOf } from "./sequence.js";
import { edited, nameLength, quoted } from "./sql-text.js";

function same(a: string, b: string): boolean {
	return foldCase(a) === foldCase(b);
}

/** The text with each of the names it has of what is wanted replaced by what `written` answers for the old one. */
function renamedText(
	sql: string,
	wanted: Wanted,
	catalog: Catalog,
	written: (old: string, next: string) => string,
): string {
	const places = findReferences(parseStatement(sourceOf(sql)), wanted, catalog);
	const edits = places.map((at) => {
		const length = nameLength(sql, at);
		return { at, length, text: written(sql.slice(at, at + length), sql[at + length] ?? "") };
	});
	return edited(sql, edits);
}

const AUTOMATIC = /^sqlite_autoindex_/i;

export function renameTable(table: StoredTable, to: NameNode, change: SchemaChange): Catalog {
	const { catalog } = change;
	const schema = table.temporary ? "temp" : "main";
	const taken = catalog.find(to.text, schema) ?? catalog.view(to.text, schema) ?? catalog.findIndex(to.text, schema);
	if (taken !== undefined)
		throw change.error(to.at, `there is already another table or index with this name: ${to.text}`);
	change.checkName({ schema: null, name: to.text, at: to.at, nameAt: to.at });
	checkSchema(catalog, change.context, "");
	const wanted = { table: table.name, column: null };
	const own = (entry: SchemaEntry) =>
		entry.type !== "trigger" && entry.type !== "view" && same(entry.tableName, table.name);
	for (const temporary of [false, true]) {
		for (const entry of change.entries(temporary)) {
			const sql = entry.sql === null ? null : renamedText(entry.sql, wanted, catalog, () => quoted(to.text));
			const isOwn = temporary === table.temporary && own(entry);
			const isTrigger = entry.type === "trigger" && same(entry.tableName, table.name) && sql !== entry.sql;
			let name = entry.name;
			if (isOwn && entry.type === "table") name = to.text;
			if (isOwn && AUTOMATIC.test(name))
				name = `sqlite_autoindex_${to.text}${name.slice("sqlite_autoindex_".length + table.name.length)}`;
			const tableName = isOwn || isTrigger ? to.text : entry.tableName;
			if (sql !== entry.sql || name !== entry.name || tableName !== entry.tableName)
				change.replace(entry, { ...entry, name, tableName, sql });
		}
	}
	renameSequence(table, to.text, change);
	checkSchema(change.loaded(), change.context, "after rename");
	return change.finish();
}

function renameSequence(table: StoredTable, name: string, change: SchemaChange): void {
	const { journal, encoders, rowIds } = change.write;
	const sequence = table.autoincrement ? change.catalog.find(SEQUENCE_NAME, "main") : undefined;
	const key = sequence?.kind === "stored" ? sequenceKeyOf(sequence, table.name, journal) : undefined;
	const bytes = key === undefined ? undefined : journal.get(Keyspace.sql, key);
	if (key === undefined || bytes === undefined) return;
	const greatest = new RowSource(bytes).column(0, bytes.length, 1) ?? null;
	journal.put(Keyspace.sql, key, encoders.rows.encode([name, greatest]));
	rowIds.undone();
}

export function renameColumn(table: StoredTable, from: NameNode, to: NameNode, change: SchemaChange): Catalog {
	const { catalog, source } = change;
	const column = table.columns.find(({ name }) => same(name, from.text));
	if (column === undefined) {
		throw change.error(from.at, `no such column: "${writtenName(from, source)}"`);
	}
	checkSchema(catalog, change.context, "");
	const wanted = { table: table.name, column: column.name };
	// A name in quotes stays in them; a bare one replaces bare ones as it is.
	const written = (old: string, next: string) =>
		to.quote === "" && /^[A-Za-z0-9_$\u0080-\uffff]/.test(old) ? to.text : quoted(to.text) + (next === '"' ? " " : "");
	for (const temporary of [false, true]) {
		for (const entry of change.entries(temporary)) {
			if (entry.sql === null) continue;
			const sql = renamedText(entry.sql, wanted, catalog, written);
			const isOwn = temporary === table.temporary && entry.type === "table" && same(entry.name, table.name);
			if (isOwn) checkTable({ ...table, indexes: [] }, sql, change.context, "after rename");
			if (sql !== entry.sql) change.replace(entry, { ...entry, sql });
		}
	}
	checkSchema(change.loaded(), change.context, "after rename");
	return change.finish();
}

/** With its quotes. */
export function writtenName({ at }: NameNode, source: Source): string {
	const start = source.start + at;
	return source.script.slice(start, start + nameLength(source.script, start));
}
