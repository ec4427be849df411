/** The part of the kernel's contract that reads rows of SQL (host/sql/ROW_FORMAT.md). */

import type { Buffer } from "node:buffer";
import type { TAG_BLOB, TAG_INT64, TAG_NULL, TAG_REAL, TAG_TEXT_UTF8 } from "../../assembly/shared/row.js";
import type { ScanOptions, Status } from "./contract.js";

/** A constant that a column is compared with. */
export type RowValue =
	| { readonly tag: typeof TAG_NULL }
	| { readonly tag: typeof TAG_INT64; readonly integer: bigint }
	| { readonly tag: typeof TAG_REAL; readonly real: number }
	| { readonly tag: typeof TAG_TEXT_UTF8 | typeof TAG_BLOB; readonly bytes: Uint8Array };

/** A condition on a column of a row. */
export interface RowTerm {
	/** Its number in the row, ROWID_COLUMN for the rowid. */
	readonly column: number;
	/** TERM_… of assembly/shared/row.ts. */
	readonly operator: number;
	/** Of TERM_LIKE: the pattern. */
	readonly value: RowValue;
	/** Whether it holds for NULL too. */
	readonly nullHolds: boolean;
}

/** What a scan reads of rows of SQL (host/sql/ROW_FORMAT.md): which of them, and which of their columns. */
export interface RowProgram {
	/** Their numbers, ROWID_COLUMN for the rowid in the key. */
	readonly columns: readonly number[];
	/** A row is taken where all of them hold. */
	readonly terms: readonly RowTerm[];
	/** How many of the columns, from the first on, say which group a row belongs to; 0: rows have no groups. */
	readonly grouped: number;
	/** What the keys of groups may take. */
	readonly groupBytes: number;
}

/**
 * Rows by their keys. `fill` takes those that the values of the entries in `page` point to, as a scan has just left it: DONE (the
 * rows stand in `rows`), ABSENT (one of them is not there), NEED or CORRUPT.
 */
export interface Lookup {
	/** The rows of the page that a scan has filled last. */
	fill(): Status;
	/**
	 * As `fill` by the first `count` pointers of eight bytes in `pointers`. Rows that are not there are passed over: to which
	 * pointer a row belongs stands in the place of its group.
	 */
	fillGiven(pointers: Uint8Array, count: number): Status;
	/** After NEED, when the bytes have been read. */
	resume(): Status;
	/** As a scan's; to be called before the first page. */
	read(program: RowProgram): void;
	/** Ends it wherever it stands. */
	free(): void;
}

/** What is seen of rows, as by a scan. */
export interface LookupOptions extends Pick<ScanOptions, "superversion" | "overlay" | "sequence" | "now"> {
	/** What stands before each pointer in a row's stored key, at most KEY_MAX_BYTES. */
	readonly prefix: Uint8Array;
}

/**
 * A page of rows, valid until its scan is filled again or freed. Of row `r` and column `c`, the tag (assembly/shared/row.ts) is
 * `tags[tagsAt + c * capacity + r]`, a REAL is number `valuesAt + c * capacity + r` of `doubles`, all else the two words there: the
 * lower and the upper half of an INTEGER, or where the bytes lie behind `at` and how many there are.
 */
export interface RowPage {
	/** How many rows. */
	count: number;
	/** Rows that a column's part of the arrays has room for. */
	capacity: number;
	/** A row was not as rows are: what else there is on the page is not to be used. */
	damaged: boolean;
	/** An entry of an index points to a row that is not there; nothing else is on the page. */
	missing: boolean;
	/** Memory of the kernel, by bytes. */
	tags: Uint8Array;
	/** Where in `tags` the first column begins. */
	tagsAt: number;
	/** Memory of the kernel, by doubles. */
	doubles: Float64Array;
	/** The same memory as `doubles`. */
	words: Uint32Array;
	/** Where in `doubles` the first column begins. */
	valuesAt: number;
	/** Numbers of rows' groups, from 0 in the order in which groups come; NO_GROUP where there is no room for one more. */
	groups: Uint32Array;
	/** Where in `groups` they begin. */
	groupsAt: number;
	/** Memory of the kernel, with texts and blobs. */
	bytes: Buffer;
	/** Where in `bytes` they begin. */
	at: number;
}
