/** What the catalog knows of tables and indexes. Immutable: a change of the schema makes a new catalog. */

import type { ConflictAction, ExpressionNode } from "../parse/ast.js";
import type { Collation } from "../value/compare.js";
import type { Affinity } from "../value/convert.js";

export interface Column {
	readonly name: string;
	/** As declared; the empty string where none was. */
	readonly typeName: string;
	readonly affinity: Affinity;
	readonly collation: Collation;
	readonly notNull: boolean;
	readonly default: { readonly expression: ExpressionNode; readonly text: string } | null;
	/** The column's place in the primary key from 1, or 0. */
	readonly primaryKey: number;
}

export interface IndexColumn {
	/** Position in the table. */
	readonly column: number;
	readonly collation: Collation;
	readonly descending: boolean;
}

export interface Index {
	readonly id: number;
	readonly name: string;
	readonly unique: boolean;
	/** Of a unique constraint that says what to do on conflict. */
	readonly onConflict: ConflictAction | null;
	readonly origin: "primary key" | "unique" | "create index";
	readonly columns: readonly IndexColumn[];
}

export interface Check {
	readonly name: string;
	readonly expression: ExpressionNode;
}

/** A table of rows keyed by rowid. */
export interface StoredTable {
	readonly kind: "stored";
	readonly id: number;
	readonly name: string;
	readonly columns: readonly Column[];
	/** The column that is another name of the rowid (INTEGER PRIMARY KEY), or -1. Its stored value is always NULL. */
	readonly rowIdColumn: number;
	/** Rowids of deleted rows never come back. */
	readonly autoincrement: boolean;
	readonly indexes: readonly Index[];
	readonly checks: readonly Check[];
	/** The text of CREATE TABLE; expressions of the table have their offsets in it. */
	readonly sql: string;
	/** Only the catalog itself writes it. */
	readonly system: boolean;
}

/** The key-value data as the table `kv`. */
export interface KeyValueTable {
	readonly kind: "keyValue";
	readonly name: string;
	readonly columns: readonly Column[];
}

export type Table = StoredTable | KeyValueTable;

/** As a column number: the rowid of a row. */
export const ROWID = -1;

/** The column as a key sees it: the alias of the rowid is the rowid. */
export function isRowId(table: Table, column: number): boolean {
	return table.kind === "stored" && (column === ROWID || column === table.rowIdColumn);
}
