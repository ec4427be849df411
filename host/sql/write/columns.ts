/** The columns that a statement gives values to. */

import type { Table } from "../catalog/table.js";
import { ROWID } from "../catalog/table.js";
import type { NameNode } from "../parse/ast.js";
import { sqlErrorAt, suggestion } from "../parse/source.js";
import type { PlanContext } from "../plan/context.js";
import { foldCase } from "../value/compare.js";

/** The position of a column by its name; ROWID for the rowid, undefined where there is none. */
function columnNamed(name: string, table: Table): number | undefined {
	const folded = foldCase(name);
	const column = table.columns.findIndex((candidate) => foldCase(candidate.name) === folded);
	if (column !== -1) return column;
	const hasRowId = table.kind === "stored" && !table.withoutRowId;
	return hasRowId && /^(rowid|oid|_rowid_)$/.test(folded) ? ROWID : undefined;
}

function hint(name: NameNode, table: Table): string {
	return suggestion(
		name.text,
		table.columns.map((candidate) => candidate.name),
	);
}

/** The columns of INSERT: those that are named, or all that are not generated. */
export function insertedColumns(names: readonly NameNode[] | null, table: Table, context: PlanContext): number[] {
	if (names === null) return [...table.columns.keys()].filter((column) => !table.columns[column]?.generated);
	return names.map((name) => {
		const column = columnNamed(name.text, table);
		if (column === undefined) {
			const message = `table ${table.name} has no column named ${name.text}${hint(name, table)}`;
			throw sqlErrorAt(context.source, name.at, message);
		}
		if (table.columns[column]?.generated)
			throw sqlErrorAt(context.source, name.at, `cannot INSERT into generated column "${name.text}"`);
		return column;
	});
}

/** The slot of a column that UPDATE assigns to, in rows of `[rowid, ...columns]`. */
export function assignedSlot(name: NameNode, table: Table, context: PlanContext): number {
	const column = columnNamed(name.text, table);
	if (column === undefined)
		throw sqlErrorAt(context.source, name.at, `no such column: ${name.text}${hint(name, table)}`);
	const definition = table.columns[column];
	if (definition?.generated)
		throw sqlErrorAt(context.source, name.at, `cannot UPDATE generated column "${definition.name}"`);
	return column === ROWID ? 0 : column + 1;
}
