/** PRAGMAs about indexes and foreign keys. */

import type { Catalog } from "../catalog/catalog.js";
import { clusteredIndex, indexesAsChecked } from "../catalog/index-columns.js";
import type { ForeignKey, Index, StoredTable } from "../catalog/table.js";
import { ROWID } from "../catalog/table.js";
import { storedEntries } from "../codec/object.js";
import type { RunLimits, Tuple } from "../execute/operator.js";
import { sourceOf, sqlError } from "../parse/source.js";
import type { Value } from "../value/value.js";
import { ForeignLink, parentExists } from "../write/foreign-links.js";
import { RowCodec } from "../write/row-codec.js";
import { planTable } from "../write/table-plan.js";
import { contextFor } from "./context.js";
import { define } from "./pragma-table.js";
import type { Session } from "./session.js";

const ORIGINS = { "primary key": "pk", unique: "u", "create index": "c" } as const;

function storedTable(name: string | null, schema: string | null, catalog: Catalog): StoredTable | undefined {
	const table = catalog.find(name ?? "", schema);
	return table?.kind === "stored" ? table : undefined;
}

/** An index by its name, or the primary key of a table WITHOUT ROWID by the table's. */
function findIndex(name: string | null, schema: string | null, catalog: Catalog) {
	const found = catalog.findIndex(name ?? "", schema);
	if (found !== undefined) return found;
	const table = storedTable(name, schema, catalog);
	const index = table === undefined ? undefined : clusteredIndex(table);
	return table === undefined || index === undefined ? undefined : { table, index };
}

type ShownPart = Pick<Index["columns"][number], "column" | "collation" | "descending">;

/** What an entry holds behind the index's own columns: the rowid, or what the row's key or row has besides. */
function furtherParts(index: Index, table: StoredTable): ShownPart[] {
	if (!table.withoutRowId) return [{ column: ROWID, collation: "binary", descending: false }];
	// What is computed when it is read is no part of a row.
	const plain = table.columns.flatMap(({ generated }, column): ShownPart[] =>
		generated === null || generated.stored ? [{ column, collation: "binary", descending: false }] : [],
	);
	const key = index.id === table.id ? plain : (clusteredIndex(table)?.columns ?? []);
	return key.filter(
		(part) =>
			!index.columns.some(({ column, collation }) => column === part.column && collation === part.collation) &&
			(index.id !== table.id || !index.columns.some(({ column }) => column === part.column)),
	);
}

function indexParts(name: string | null, schema: string | null, session: Session) {
	const found = findIndex(name, schema, session.catalog());
	if (found === undefined) return [];
	const { index, table } = found;
	const part = (isKey: boolean) => (shown: ShownPart) => ({
		...shown,
		name: table.columns[shown.column]?.name ?? null,
		isKey,
	});
	return [...index.columns.map(part(true)), ...furtherParts(index, table).map(part(false))];
}

/** As SQLite numbers them: the last one first. */
function numberedKeys(table: StoredTable): ForeignKey[] {
	return [...table.foreignKeys].reverse();
}

function foreignKeyRows(table: StoredTable | undefined): Tuple[] {
	if (table === undefined) return [];
	return numberedKeys(table).flatMap((key, id) =>
		key.columns.map(
			(column, seq): Tuple => [
				id,
				seq,
				key.parent,
				table.columns[column]?.name ?? null,
				key.parentColumns?.[seq] ?? null,
				key.onUpdate.toUpperCase(),
				key.onDelete.toUpperCase(),
				"NONE",
			],
		),
	);
}

/** The rows of a table that refer to nothing. */
function orphans(table: StoredTable, session: Session, { stop }: RunLimits): Tuple[] {
	if (table.foreignKeys.length === 0) return [];
	const catalog = session.catalog();
	const context = contextFor(sourceOf(table.sql), catalog, session.functions);
	const links = numberedKeys(table).map((key) => new ForeignLink(key, table, context));
	const parents = links.map((link) => (catalog.find(link.key.parent)?.kind === "stored" ? link.parent : null));
	return session.read((view) => {
		const codec = new RowCodec(planTable(table, context), session.encoders, { execution: session.execution(view, []) });
		const found: Tuple[] = [];
		for (const { key, value } of storedEntries(view, table.id, stop)) {
			const row = codec.decode(key, value);
			for (const [id, link] of links.entries()) {
				const values = link.key.columns.map((column) => row[column + 1] as Value); // rows are as wide as their table
				const parent = parents[id] ?? null;
				if (values.includes(null) || (parent !== null && parentExists(parent, values, view))) continue;
				found.push([table.name, row[0] ?? null, link.key.parent, id]);
			}
		}
		return found;
	});
}

export const KEY_PRAGMAS = [
	define("index_list", ["seq", "name", "unique", "origin", "partial"], ["arg", "schema"], (name, schema, session) => {
		const table = storedTable(name, schema, session.catalog());
		const indexes = table === undefined ? [] : indexesAsChecked(table);
		return indexes.map((index, seq) => [
			seq,
			index.name,
			index.unique ? 1 : 0,
			ORIGINS[index.origin],
			index.where === null ? 0 : 1,
		]);
	}),
	define("index_info", ["seqno", "cid", "name"], ["arg", "schema"], (name, schema, session) =>
		indexParts(name, schema, session)
			.filter(({ isKey }) => isKey)
			.map((part, seqno) => [seqno, part.column, part.name]),
	),
	define("index_xinfo", ["seqno", "cid", "name", "desc", "coll", "key"], ["arg", "schema"], (name, schema, session) =>
		indexParts(name, schema, session).map((part, seqno) => [
			seqno,
			part.column,
			part.name,
			part.descending ? 1 : 0,
			part.collation.toUpperCase(),
			part.isKey ? 1 : 0,
		]),
	),
	define(
		"foreign_key_list",
		["id", "seq", "table", "from", "to", "on_update", "on_delete", "match"],
		["arg", "schema"],
		(name, schema, session) => foreignKeyRows(storedTable(name, schema, session.catalog())),
	),
	define(
		"foreign_key_check",
		["table", "rowid", "parent", "fkid"],
		["arg", "schema"],
		(name, schema, session, limits) => {
			const catalog = session.catalog();
			if (name === null)
				return catalog
					.tables()
					.reverse()
					.flatMap((table) => orphans(table, session, limits));
			const table = storedTable(name, schema, catalog);
			if (table === undefined) throw sqlError(`no such table: ${name}`);
			return orphans(table, session, limits);
		},
	),
];
