/** ALTER TABLE … ADD COLUMN. Rows stay as they are: one that is shorter than its table has the new columns' defaults. */

import type { Catalog } from "../catalog/catalog.js";
import { literalValue } from "../catalog/default-value.js";
import type { StoredTable } from "../catalog/table.js";
import { isTrue } from "../execute/compile.js";
import type { AlterTableNode, ColumnDefinitionNode } from "../parse/ast.js";
import { parseStatement } from "../parse/parse.js";
import { sourceOf } from "../parse/source.js";
import { foldCase } from "../value/compare.js";
import { applyAffinity } from "../value/convert.js";
import { fail } from "./constraint.js";
import { rewriteRows } from "./rewrite-rows.js";
import { RowStore } from "./row-store.js";
import { hasData, type SchemaChange } from "./schema.js";
import { edited } from "./sql-text.js";
import { planTable } from "./table-plan.js";

export function addColumn(
	table: StoredTable,
	{ column, text }: AlterTableNode["change"] & { action: "add column" },
	change: SchemaChange,
): Catalog {
	checkDefinition(table, column, change);
	const [entry] = change
		.entries(table.temporary)
		.filter(({ type, name }) => type === "table" && foldCase(name) === foldCase(table.name));
	if (entry === undefined || entry.sql === null) throw change.error(0, `no such table: ${table.name}`);
	const node = parseStatement(sourceOf(entry.sql));
	if (node.type !== "createTable") throw change.error(0, `no such table: ${table.name}`);
	const sql = edited(entry.sql, [{ at: node.columnsEnd, length: 0, text: `, ${text}` }]);
	change.replace(entry, { ...entry, sql });
	const catalog = change.loaded();
	const altered = catalog.find(table.name, table.temporary ? "temp" : "main");
	if (altered?.kind === "stored") checkRows(altered, column, change);
	return change.finish();
}

function checkDefinition(table: StoredTable, column: ColumnDefinitionNode, change: SchemaChange): void {
	const { constraints, name, at } = column;
	const has = (type: string) => constraints.some((constraint) => constraint.type === type);
	if (table.columns.some((other) => foldCase(other.name) === foldCase(name.text)))
		throw change.error(at, `duplicate column name: ${name.text}`);
	if (has("primaryKey")) throw change.error(at, "Cannot add a PRIMARY KEY column");
	if (has("unique")) throw change.error(at, "Cannot add a UNIQUE column");
	const filled = hasData(change.write.journal, table.id);
	const generated = constraints.find((constraint) => constraint.type === "generated");
	if (generated !== undefined) {
		if (generated.stored && filled) throw change.error(at, "cannot add a STORED column");
		return;
	}
	if (!filled) return;
	const fallback = constraints.find((constraint) => constraint.type === "default");
	const value = fallback === undefined ? null : literalValue(fallback.expression, change.source);
	if (value === undefined) throw change.error(at, "Cannot add a column with non-constant default");
	if (has("references") && value !== null && change.write.foreign !== null)
		throw change.error(at, "Cannot add a REFERENCES column with non-NULL default value");
	if (has("notNull") && value === null) throw change.error(at, "Cannot add a NOT NULL column with default value NULL");
}

/** Gives all rows a generated column, and asks them whether the new constraints hold. */
function checkRows(table: StoredTable, column: ColumnDefinitionNode, change: SchemaChange): void {
	const { write } = change;
	const plan = planTable(table, change.context);
	const last = table.columns.length - 1;
	const generated = table.columns[last]?.generated !== null;
	const checks = plan.checks.slice(
		plan.checks.length - column.constraints.filter(({ type }) => type === "check").length,
	);
	if (!generated && checks.length === 0) return;
	const store = new RowStore(plan, write);
	const notNull = table.columns[last]?.notNull === true;
	rewriteRows(table.id, write, (key, bytes) => {
		const row = store.decode(key, bytes);
		for (const { slot, value, affinity } of plan.generated)
			row[slot] = applyAffinity(value(row, write.execution), affinity);
		if (notNull && row[last + 1] === null) fail("NOT NULL constraint failed", null);
		for (const { test } of checks) {
			const value = test(row, write.execution);
			if (value !== null && !isTrue(value)) fail("CHECK constraint failed", null);
		}
		return generated ? store.values(row) : null;
	});
}
