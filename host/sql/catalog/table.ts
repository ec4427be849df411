/** What the catalog knows of tables, indexes, views and triggers. Immutable: a change of the schema makes a new catalog. */

import type { ConflictAction, CreateTriggerNode, ExpressionNode, ForeignAction, SelectNode } from "../parse/ast.js";
import type { Collation } from "../value/compare.js";
import type { Affinity } from "../value/convert.js";
import type { Value } from "../value/value.js";
import type { TableStatistics } from "./statistics.js";

export interface Column {
	readonly name: string;
	/** As declared; the empty string where none was. */
	readonly typeName: string;
	readonly affinity: Affinity;
	readonly collation: Collation;
	readonly notNull: boolean;
	/** What NOT NULL says to do on conflict. */
	readonly notNullConflict: ConflictAction | null;
	readonly default: { readonly expression: ExpressionNode; readonly text: string } | null;
	/** What rows have that were written before the column was added. */
	readonly missing: Value;
	/**
	 * Values are computed when a row is written, and kept in it, for VIRTUAL columns as for STORED ones: expressions of
	 * generated columns are deterministic and speak of their row alone, so nobody can tell.
	 */
	readonly generated: { readonly expression: ExpressionNode; readonly stored: boolean } | null;
	/** The column's place in the primary key from 1, or 0. */
	readonly primaryKey: number;
}

export interface IndexColumn {
	/** Position in the table, or EXPRESSION. */
	readonly column: number;
	/** Null where `column` is one of the table. Its offsets are in the index's `sql`. */
	readonly expression: ExpressionNode | null;
	readonly collation: Collation;
	readonly descending: boolean;
}

export interface Index {
	/** Of the primary key of a table WITHOUT ROWID this is the table's own: its rows are the index's entries. */
	readonly id: number;
	readonly name: string;
	readonly unique: boolean;
	/** Of a unique constraint that says what to do on conflict. */
	readonly onConflict: ConflictAction | null;
	readonly origin: "primary key" | "unique" | "create index";
	readonly columns: readonly IndexColumn[];
	/** Of a partial index: it holds only rows for which this is true. Offsets are in `sql`. */
	readonly where: ExpressionNode | null;
	/** The text of CREATE INDEX; null for the index of a constraint. */
	readonly sql: string | null;
}

export interface Check {
	readonly name: string;
	readonly expression: ExpressionNode;
}

export interface ForeignKey {
	/** Positions in the table. */
	readonly columns: readonly number[];
	/** As written: it need not exist. */
	readonly parent: string;
	/** Names of the parent's columns; null for its primary key. */
	readonly parentColumns: readonly string[] | null;
	readonly onDelete: ForeignAction;
	readonly onUpdate: ForeignAction;
	readonly deferred: boolean;
}

/** A table of rows keyed by rowid, or by their primary key where it is WITHOUT ROWID. */
export interface StoredTable {
	readonly kind: "stored";
	readonly id: number;
	readonly name: string;
	readonly columns: readonly Column[];
	/** The column that is another name of the rowid (INTEGER PRIMARY KEY), or -1. Its stored value is always NULL. */
	readonly rowIdColumn: number;
	/** What the INTEGER PRIMARY KEY says to do on conflict. */
	readonly rowIdConflict: ConflictAction | null;
	/** The rows' key is the index with the table's own id. */
	readonly withoutRowId: boolean;
	readonly strict: boolean;
	readonly temporary: boolean;
	/** Rowids of deleted rows never come back. */
	readonly autoincrement: boolean;
	readonly indexes: readonly Index[];
	readonly checks: readonly Check[];
	readonly foreignKeys: readonly ForeignKey[];
	/** The text of CREATE TABLE; expressions of the table have their offsets in it. */
	readonly sql: string;
	/** Only the catalog itself writes it. */
	readonly system: boolean;
	/** Of ANALYZE; absent where it has not seen the table. */
	readonly statistics?: TableStatistics | undefined;
}

/** The key-value data as the table `kv`. */
export interface KeyValueTable {
	readonly kind: "keyValue";
	readonly name: string;
	readonly columns: readonly Column[];
}

export type Table = StoredTable | KeyValueTable;

export interface View {
	readonly kind: "view";
	readonly name: string;
	/** Null where the columns are called as the query calls them. */
	readonly columns: readonly string[] | null;
	readonly select: SelectNode;
	/** The text of CREATE VIEW; the query's offsets are in it. */
	readonly sql: string;
	readonly temporary: boolean;
}

export interface Trigger {
	readonly name: string;
	/** Offsets are in `sql`. */
	readonly node: CreateTriggerNode;
	readonly temporary: boolean;
	readonly sql: string;
}

/** As a column number: the rowid of a row. */
export const ROWID = -1;

/** As a column number of an index: not a column but an expression. */
export const EXPRESSION = -2;

/** The column as a key sees it: the alias of the rowid is the rowid. */
export function isRowId(table: Table, column: number): boolean {
	if (table.kind !== "stored" || table.withoutRowId) return false;
	return column === ROWID || column === table.rowIdColumn;
}

/** Whether the rows of a table are what statements give: nothing else is computed, checked or counted for them but NOT NULL. */
export function takesRowsAsGiven({ withoutRowId, strict, autoincrement, checks, columns }: StoredTable): boolean {
	if (withoutRowId || strict || autoincrement || checks.length > 0) return false;
	return columns.every(({ generated }) => generated === null);
}
