/** Tables whose rows can be made past this layer: nothing but NOT NULL and UNIQUE asks what they are, and nothing but entries of indexes is kept beside them. */

import type { MadeTables } from "../../engine/store.js";
import type { StoredTable } from "../catalog/table.js";
import { takesRowsAsGiven } from "../catalog/table.js";
import { sourceOf, sqlError } from "../parse/source.js";
import { takeRows } from "../write/build-indexes.js";
import { planTable } from "../write/table-plan.js";
import { contextFor } from "./context.js";
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
	/** "unique": of some, which may be all, nothing may be there twice. */
	readonly indexes: "none" | "some" | "unique";
}

/** undefined where the table asks for more. */
export function plainTable(name: string, session: Session): PlainTable | undefined {
	const table = session.catalog().find(name, "main");
	if (table?.kind !== "stored" || table.temporary || table.system || !isPlain(table, session)) return undefined;
	const columns = table.columns.map(({ name, affinity }) => ({ name, type: affinity === "blob" ? "text" : affinity }));
	const nextRowId = session.read((view) => session.rowIds.next(table, view, 0));
	if (typeof nextRowId !== "number") return undefined;
	const unique = table.indexes.some(({ unique }) => unique);
	const indexes = unique ? "unique" : table.indexes.length > 0 ? "some" : "none";
	return { objectId: table.id, columns, rowIdColumn: table.rowIdColumn, nextRowId, indexes };
}

function isPlain(table: StoredTable, session: Session): boolean {
	if (!takesRowsAsGiven(table)) return false;
	return !session.settings.foreignKeys && session.catalog().triggersOn(table).length === 0;
}

/** Commits rows of a plain table with the entries of its indexes, in a transaction of their own. */
export function takeTables(name: string, rows: MadeTables, memoryBytes: number, session: Session): void {
	const catalog = session.catalog();
	const table = catalog.find(name, "main");
	if (table?.kind !== "stored") throw sqlError(`no such table: main.${name}`);
	const plan = planTable(table, contextFor(sourceOf(table.sql), catalog, session.functions));
	const limits = session.limits({});
	try {
		session.write({ run: (write) => takeRows(plan, rows, memoryBytes, write) }, [], catalog, limits);
	} finally {
		limits.spill?.close();
	}
}
