/** ALTER TABLE … DROP COLUMN. */

import type { Catalog } from "../catalog/catalog.js";
import type { StoredTable } from "../catalog/table.js";
import type { CreateTableNode, NameNode } from "../parse/ast.js";
import { parseStatement } from "../parse/parse.js";
import { sourceOf } from "../parse/source.js";
import { foldCase } from "../value/compare.js";
import { checkSchema, checkTable } from "./check-schema.js";
import { writtenName } from "./rename.js";
import { rewriteRows, withoutColumn } from "./rewrite-rows.js";
import type { SchemaChange } from "./schema.js";
import { edited } from "./sql-text.js";
import { removeHistograms } from "./statistics-rows.js";

export function dropColumn(table: StoredTable, column: NameNode, change: SchemaChange): Catalog {
	const folded = foldCase(column.text);
	const position = table.columns.findIndex(({ name }) => foldCase(name) === folded);
	const found = table.columns[position];
	const refuse = (message: string) => change.error(column.at, message);
	if (found === undefined) throw refuse(`no such column: "${writtenName(column, change.source)}"`);
	if (found.primaryKey > 0) throw refuse(`cannot drop PRIMARY KEY column: "${found.name}"`);
	const isUnique = table.indexes.some(
		({ origin, columns }) => origin === "unique" && columns.length === 1 && columns[0]?.column === position,
	);
	const [entry] = change
		.entries(table.temporary)
		.filter(({ type, name }) => type === "table" && foldCase(name) === foldCase(table.name));
	const sql = entry?.sql ?? "";
	const node = parseStatement(sourceOf(sql));
	if (entry === undefined || node.type !== "createTable") throw refuse(`no such table: ${table.name}`);
	if (isUnique && node.columns[position]?.constraints.some(({ type }) => type === "unique"))
		throw refuse(`cannot drop UNIQUE column: "${found.name}"`);
	if (table.columns.length === 1) throw refuse(`cannot drop column "${found.name}": no other columns exist`);
	checkSchema(change.catalog, change.context, "");
	const altered = withoutDefinition(sql, node, position);
	checkTable(table, altered, change.context, "after drop column");
	change.replace(entry, { ...entry, sql: altered });
	checkSchema(change.loaded(), change.context, "after drop column");
	// They are those of positions.
	removeHistograms(table, change.write.journal);
	rewriteRows(table.id, change.write, (_key, bytes) => withoutColumn(bytes, position));
	return change.finish();
}

/** From the column's name to the next one's, or from the comma before it to the columns' end. */
function withoutDefinition(sql: string, { columns, columnsEnd }: CreateTableNode, position: number): string {
	const start = columns[position]?.name.at ?? 0;
	const next = columns[position + 1];
	if (next !== undefined) return edited(sql, [{ at: start, length: next.name.at - start, text: "" }]);
	const comma = sql.lastIndexOf(",", start);
	return edited(sql, [{ at: comma, length: columnsEnd - comma, text: "" }]);
}
