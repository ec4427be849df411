/** PRAGMAs about tables and their columns. */

import type { Catalog } from "../catalog/catalog.js";
import type { Column, StoredTable, View } from "../catalog/table.js";
import type { Tuple } from "../execute/operator.js";
import { sourceOf } from "../parse/source.js";
import { viewColumns } from "../plan/view.js";
import { foldCase } from "../value/compare.js";
import type { Value } from "../value/value.js";
import { contextFor } from "./context.js";
import { define } from "./pragma-table.js";
import type { Session } from "./session.js";

interface ShownColumn extends Pick<Column, "name" | "typeName" | "primaryKey"> {
	readonly notNull: boolean;
	readonly fallback: Value;
	/** 2 where it is generated and VIRTUAL, 3 where it is STORED. */
	readonly hidden: number;
}

function columnsOfView(view: View, session: Session): ShownColumn[] {
	const context = contextFor(sourceOf(view.sql), session.catalog(), session.functions);
	return viewColumns(view, context).map(({ name, type }) => ({
		name,
		typeName: type ?? "",
		primaryKey: 0,
		notNull: false,
		fallback: null,
		hidden: 0,
	}));
}

function shownColumns(name: string | null, schema: string | null, session: Session): ShownColumn[] {
	const catalog = session.catalog();
	const view = catalog.view(name ?? "", schema);
	if (view !== undefined) return columnsOfView(view, session);
	return (catalog.find(name ?? "", schema)?.columns ?? []).map((column) => ({
		name: column.name,
		typeName: column.typeName,
		primaryKey: column.primaryKey,
		notNull: column.notNull,
		fallback: column.default?.text ?? null,
		hidden: column.generated === null ? 0 : column.generated.stored ? 3 : 2,
	}));
}

function columnRow({ name, typeName, notNull, fallback, primaryKey }: ShownColumn, i: number): Tuple {
	return [i, name, typeName, notNull ? 1 : 0, fallback, primaryKey];
}

const INFO = ["cid", "name", "type", "notnull", "dflt_value", "pk"];

function tableRows(catalog: Catalog, session: Session): Tuple[] {
	const table = ({ name, columns, withoutRowId, strict, temporary }: StoredTable): Tuple => [
		temporary ? "temp" : "main",
		name,
		"table",
		columns.length,
		withoutRowId ? 1 : 0,
		strict ? 1 : 0,
	];
	const view = (one: View): Tuple => [one.temporary ? "temp" : "main", one.name, "view", widthOf(one, session), 0, 0];
	return [
		...catalog.tables().map(table).reverse(),
		...catalog.views().map(view).reverse(),
		["main", "kv", "virtual", 2, 1, 0],
		["main", "sqlite_schema", "table", 5, 0, 0],
		["temp", "sqlite_temp_schema", "table", 5, 0, 0],
	];
}

/** Of a view that can no longer be read: 0. */
function widthOf(view: View, session: Session): number {
	try {
		return columnsOfView(view, session).length;
	} catch {
		return 0;
	}
}

export const SCHEMA_PRAGMAS = [
	define("table_info", INFO, ["arg", "schema"], (name, schema, session) =>
		shownColumns(name, schema, session)
			.filter(({ hidden }) => hidden === 0)
			.map(columnRow),
	),
	define("table_xinfo", [...INFO, "hidden"], ["arg", "schema"], (name, schema, session) =>
		shownColumns(name, schema, session).map((column, i) => [...columnRow(column, i), column.hidden]),
	),
	define(
		"table_list",
		["schema", "name", "type", "ncol", "wr", "strict"],
		["arg", "schema"],
		(name, schema, session) => {
			const rows = tableRows(session.catalog(), session);
			const named = name === null ? rows : rows.filter((row) => foldCase(String(row[1])) === foldCase(name));
			return schema === null ? named : named.filter((row) => row[0] === foldCase(schema));
		},
	),
	define("database_list", ["seq", "name", "file"], [], (_name, _schema, session) => {
		const hasTemporary = session
			.catalog()
			.tables()
			.some(({ temporary }) => temporary);
		return hasTemporary
			? [
					[0, "main", ""],
					[1, "temp", ""],
				]
			: [[0, "main", ""]];
	}),
];
