/** Types of the columns of tables and of functions that stand in FROM. */

import { WlsmError } from "../../errors.js";
import type { Column, StoredTable, Table } from "../catalog/table.js";
import type { TableFunction } from "../function/table.js";
import { affinityOfType } from "../value/convert.js";
import { bindRowExpression, contextOf } from "../write/expressions.js";
import type { SourceTypes } from "./environment.js";
import { Environment } from "./environment.js";
import { typeOf } from "./expression.js";
import type { Inference } from "./inference.js";
import type { Use } from "./parameters.js";
import { useful } from "./parameters.js";
import type { ValueType } from "./value-type.js";
import { ALL, ANYTHING, BLOB, CLASSES_OF_AFFINITY, INTEGER, maybe, NUMBER, never, TEXT } from "./value-type.js";

/** What a column is trusted to hold. Of a table that is STRICT that is certain; others may hold anything, but are not meant to. */
function declaredClasses({ affinity, typeName }: Column, table: Table): number {
	// Keys and values that are no UTF-8 come as they are.
	if (table.kind === "keyValue") return TEXT | BLOB;
	if (table.strict && /^any$/i.test(typeName)) return ALL;
	if (table.strict && affinity === "integer") return INTEGER;
	return typeName === "" ? ALL : CLASSES_OF_AFFINITY[affinity];
}

export function tableTypes(table: Table, inference: Inference): SourceTypes {
	if (table.kind !== "stored") return { columns: typesOf(table), rowId: ANYTHING };
	const known = inference.tables.get(table);
	if (known !== undefined) return known;
	const rowId = never(INTEGER);
	const types: SourceTypes = { columns: typesOf(table), rowId };
	// Columns that are computed may read others that are.
	inference.tables.set(table, types);
	const columns = table.columns.map((column, i): ValueType => {
		const declared = types.columns[i] ?? ANYTHING;
		const computed = computedType(column, table, types, inference);
		const classes = column.typeName === "" ? computed.classes : declared.classes;
		return { classes, nullable: declared.nullable && computed.nullable };
	});
	const all = { columns, rowId };
	inference.tables.set(table, all);
	return all;
}

/** What the expression of a generated column gives. */
function computedType({ generated }: Column, table: StoredTable, types: SourceTypes, inference: Inference): ValueType {
	if (generated === null) return ANYTHING;
	const context = contextOf(table.sql, inference.context, table.temporary);
	try {
		const bound = bindRowExpression(generated.expression, table, "generated columns", context);
		return typeOf(bound, new Environment({ sources: new Map([[0, types]]) }), inference);
	} catch (error) {
		// It calls a function that this connection does not have. Reading what is stored does without.
		if (error instanceof WlsmError) return ANYTHING;
		throw error;
	}
}

function typesOf(table: Table): ValueType[] {
	return table.columns.map((column, i) => {
		if (table.kind === "stored" && table.rowIdColumn === i) return never(INTEGER);
		return { classes: declaredClasses(column, table), nullable: !column.notNull };
	});
}

/** What a statement is meant to give the column; ROWID for the rowid. */
export function columnUse(table: Table, column: number): Use {
	const definition = table.columns[column];
	const isRowId = table.kind === "stored" && table.rowIdColumn === column;
	// For NULL the next number is taken.
	if (definition === undefined || isRowId) return { classes: INTEGER, nulls: "welcome" };
	const replaces = definition.notNullConflict === "replace" && definition.default !== null;
	return {
		classes: declaredClasses(definition, table),
		nulls: definition.notNull && !replaces ? "refused" : "welcome",
	};
}

// biome-ignore format: a table
const JSON_COLUMNS: Readonly<Record<string, ValueType>> = {
	key: maybe(INTEGER | TEXT), value: maybe(NUMBER | TEXT), type: never(TEXT), atom: maybe(NUMBER | TEXT), id: never(INTEGER),
	parent: maybe(INTEGER), fullkey: never(TEXT), path: never(TEXT), json: never(TEXT), root: never(TEXT),
};

/** Its columns, and what its arguments are meant to be. */
export function functionTypes({ name, columns }: TableFunction): {
	readonly columns: readonly ValueType[];
	readonly uses: readonly Use[];
} {
	const types = columns.map((column): ValueType => {
		if (name === "json_each" || name === "json_tree") return JSON_COLUMNS[column.name] ?? ANYTHING;
		if (name === "generate_series") return never(INTEGER);
		return maybe(column.typeName === "" ? ALL : CLASSES_OF_AFFINITY[affinityOfType(column.typeName)]);
	});
	const use = name === "generate_series" ? useful(INTEGER) : /^json_/.test(name) ? useful(TEXT) : undefined;
	return { columns: types, uses: use === undefined ? [] : columns.map(() => use) };
}
