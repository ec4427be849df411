/** CREATE TABLE AS: a table of a query's columns, with its rows. */

import type { Catalog } from "../catalog/catalog.js";
import { defineTable } from "../catalog/define.js";
import type { Tuple } from "../execute/operator.js";
import { forEachRow } from "../execute/operator.js";
import { RowBuffer } from "../execute/spill/buffer.js";
import type { SelectNode } from "../parse/ast.js";
import { parseStatement } from "../parse/parse.js";
import { sourceOf } from "../parse/source.js";
import type { ResultColumn } from "../plan/logical.js";
import { planQuery } from "../plan/query.js";
import { foldCase } from "../value/compare.js";
import type { Affinity } from "../value/convert.js";
import { mayRead } from "./nodes.js";
import { changesTo } from "./plan.js";
import type { SchemaChange } from "./schema.js";
import { identifier } from "./sql-text.js";
import { TablePlans } from "./table-plan.js";

const TYPE_OF: Readonly<Record<Affinity, string>> = {
	blob: "",
	text: " TEXT",
	numeric: " NUM",
	integer: " INT",
	real: " REAL",
};

/** From this many characters on SQLite gives each column a line. */
const LONG_LINE = 50;

const SCHEMA_NAMES = ["sqlite_schema", "sqlite_master", "sqlite_temp_schema", "sqlite_temp_master"];

/** Each name once: the others get a number. */
function uniqueNames(columns: readonly ResultColumn[]): string[] {
	const known = new Set<string>();
	return columns.map((column) => {
		let name = column.name;
		for (let i = 1; known.has(foldCase(name)); i++) name = `${column.name}:${i}`;
		known.add(foldCase(name));
		return name;
	});
}

function tableText(name: string, columns: readonly ResultColumn[]): string {
	const names = uniqueNames(columns);
	const length = (text: string) => text.replaceAll('"', '""').length + 2;
	const total = names.reduce((sum, text) => sum + length(text) + 5, length(name));
	const [first, between, last] = total < LONG_LINE ? ["", ",", ")"] : ["\n  ", ",\n  ", "\n)"];
	const list = names.map((text, i) => identifier(text) + TYPE_OF[columns[i]?.affinity ?? "blob"]);
	return `CREATE TABLE ${identifier(name)}(${first}${list.join(between)}${last}`;
}

export function createTableAs(name: string, select: SelectNode, temporary: boolean, change: SchemaChange): Catalog {
	const { write, context } = change;
	const query = planQuery(select, context);
	// A row of the schema is about to be added, which a query of it is not to see.
	const readsSchema = SCHEMA_NAMES.some((schema) => mayRead([select], schema, context.catalog));
	const rows = readsSchema ? RowBuffer.of(query.operator, write.execution) : null;
	const sql = tableText(name, query.columns);
	const source = sourceOf(sql);
	const node = parseStatement(source);
	if (node.type !== "createTable") throw change.error(0, `cannot make a table of ${sql}`);
	const id = change.newId();
	const table = defineTable(node, source, { id, temporary, idOf: () => change.newId() });
	change.add(temporary, "table", name, name, id, sql);
	const rowId = write.counters.lastInsertRowId;
	const changes = changesTo(table, null, new TablePlans(context))(write);
	const insert = (row: Tuple) => void changes.insert([null, ...row]);
	forEachRow(rows === null ? query.operator.open(write.execution) : rows.read(), insert);
	rows?.close();
	write.counters.lastInsertRowId = rowId;
	return change.finish();
}
