/** Tables whose rows can be written past this layer: nothing asks what they are, and nothing has to be kept beside them. */

import type { StoredTable } from "../catalog/table.js";
import { takesRowsAsGiven } from "../catalog/table.js";
import type { Session } from "./session.js";

export interface PlainTable {
	/** What the keys of its rows begin with. */
	readonly objectId: number;
	/** Columns that store what they are given as it is, provided that it is of their type; of "numeric" that is a text that is no number. */
	readonly columns: readonly { readonly name: string; readonly type: "integer" | "real" | "text" | "numeric" }[];
	/** The column that is the rowid, -1 where there is none. */
	readonly rowIdColumn: number;
	/** One more than the greatest rowid. */
	readonly nextRowId: number;
}

/** undefined where the table asks for more than its rows. */
export function plainTable(name: string, session: Session): PlainTable | undefined {
	const table = session.catalog().find(name, "main");
	if (table?.kind !== "stored" || table.temporary || table.system || !isPlain(table, session)) return undefined;
	const columns = table.columns.map(({ name, affinity }) => ({ name, type: affinity === "blob" ? "text" : affinity }));
	const nextRowId = session.read((view) => session.rowIds.next(table, view, 0));
	if (typeof nextRowId !== "number") return undefined;
	return { objectId: table.id, columns, rowIdColumn: table.rowIdColumn, nextRowId };
}

function isPlain(table: StoredTable, session: Session): boolean {
	if (!takesRowsAsGiven(table) || table.indexes.length > 0) return false;
	if (session.settings.foreignKeys || session.catalog().triggersOn(table).length > 0) return false;
	return table.columns.every(({ notNull }, column) => !notNull || column === table.rowIdColumn);
}
