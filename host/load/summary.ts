import type { RefusedRow } from "../bulk/refused.js";
import type { ColumnType } from "../csv/column-type.js";
import { WlsmError } from "../errors.js";
import type { LoadType } from "./options.js";

/** How far a load is. */
export interface LoadProgress {
	/**
	 * "read": the sources are put into a temporary file, as one text of UTF-8; a length that is not known is 0.
	 *
	 * "scan": a value did not fit its column's type, so the rest of the file is read for the types alone, and the load then
	 * begins again with types that hold for all of it.
	 */
	readonly phase: "read" | "load" | "scan";
	/** Bytes of the input read in this phase. */
	readonly bytes: number;
	/** Its whole length. */
	readonly totalBytes: number;
	/** Records read in this phase, the header not counted. */
	readonly rows: number;
	/** Of these, those that were rejected. */
	readonly rejected: number;
}

/** A row that was not loaded. */
export interface RejectedRow extends RefusedRow {
	/** The source that it is from. */
	readonly file: string;
	/** The line of the file, from 1, that the record begins on. */
	readonly line: number;
}

/** What a load did. */
export interface LoadSummary {
	/** Undefined where key-value pairs were loaded. */
	readonly table: string | undefined;
	/** The sources, in their order. */
	readonly files: readonly string[];
	/** In the order of the file, with the types that they have in the end. */
	readonly columns: readonly { readonly name: string; readonly type: LoadType }[];
	/** Records in the file, the header and blank lines not counted: `loaded + rejected + ignored`. */
	readonly read: number;
	/** Records that are in the database now. */
	readonly loaded: number;
	/** Records that are not: `firstRejected`, and the file that `rejects` names. */
	readonly rejected: number;
	/** Records that were left out, with `onConflict: "ignore"`, since their key was taken. */
	readonly ignored: number;
	/**
	 * Of those that were loaded, the ones that took the place of rows with the same key, with `onConflict: "replace"`; undefined where
	 * key-value pairs were loaded, of which nobody counts them.
	 */
	readonly replaced: number | undefined;
	/** Columns that later values made wider than the beginning of the file had promised. */
	readonly widened: readonly { readonly column: string; readonly from: ColumnType; readonly to: ColumnType }[];
	/** The first few rejected rows. */
	readonly firstRejected: readonly RejectedRow[];
	/** Of the text in UTF-8: what is packed counts unpacked. */
	readonly bytes: number;
	/** That it took. */
	readonly milliseconds: number;
}

/** More rows were rejected than `maxErrors` allows; nothing stays loaded. */
export class TooManyRejectsError extends WlsmError {
	/** The first few of them. */
	readonly firstRejected: readonly RejectedRow[];

	/** @internal */
	constructor(limit: number, firstRejected: readonly RejectedRow[]) {
		super("WLSM_INVALID_ARGUMENT", `More than ${limit} rows were rejected, so the load was stopped and undone`);
		this.firstRejected = firstRejected;
	}
}
