/** The part of the kernel's contract that makes tables of CSV: see assembly/shared/csv.ts. */

import type { Buffer } from "node:buffer";
import type { TableDescription, Word64 } from "./contract.js";

/** A part of a file of CSV that becomes a table's rows; see assembly/shared/csv.ts. */
export interface CsvSettings {
	/** The byte between fields. */
	readonly delimiter: number;
	/** A byte too, or NO_QUOTE. */
	readonly quote: number;
	/** The byte that ends records; a carriage return before a line feed belongs to it. */
	readonly newline: number;
	/** The longest record, its line end not counted. */
	readonly maxRecordBytes: number;
	/** CSV_TEXT, …, with CSV_FIXED. */
	readonly types: readonly number[];
	/** Stand for NULL where they are a whole field without quotes. */
	readonly nullTexts: readonly Uint8Array[];
	/** CSV_KIND_…: what becomes of a record. */
	readonly kind: number;
	/** The column of the rowid, or of a pair's key. */
	readonly keyColumn: number;
	/** The column of a pair's value. */
	readonly valueColumn: number;
	/** Bytes of entries that are sorted together. */
	readonly runBytes: number;
	/**
	 * What is added to their sequence number for those that are sorted next: of several with one key the last one stays, or the first one
	 * where it is below 0.
	 */
	readonly sequenceStep: number;
	/** Of the table, where they are rows. */
	readonly objectId: number;
	/** Where in the file the text begins. */
	readonly offset: number;
	/** Records that begin here or behind it are not taken. */
	readonly stop: number;
	/** As a job's. */
	readonly blockBytes: number;
	/** As a job's. */
	readonly bitsPerKey: number;
	/** As a job's. */
	readonly compression: "none" | "lz4";
	/** As a job's. */
	readonly tableBytes: number;
	/** As a job's. */
	readonly databaseId: Uint8Array;
}

/** What is known of the place where a text begins once all before it has been looked at. */
export interface CsvStart {
	/** Within quotes. */
	readonly inside: boolean;
	/** Within a record, which is passed over. */
	readonly skip: boolean;
	/** Of the line that it is in: each line has the next rowid, whether it becomes a row or not. */
	readonly rowId: number;
	/** Sequence number of the entries. */
	readonly sequence: number;
}

/** A record that is no row. */
export interface CsvFlaw {
	/** Where in the file it begins. */
	readonly offset: number;
	/** Its bytes without the line end, as a view that is good until the next call. */
	readonly record: Buffer;
	/** CSV_FLAW_…. */
	readonly reason: number;
	/** The field at fault, from 0 on, or NO_FIELD. */
	readonly field: number;
	/** How many there are. */
	readonly fields: number;
}

/** Lines of a text, and those of them that end outside quotes where the text begins outside. */
export interface CsvCount {
	/** Line ends. */
	lines: number;
	/** Those outside quotes. */
	outside: number;
	/** Quotes. */
	quotes: number;
}

/** Makes tables of CSV. */
export interface CsvLoad {
	/** To be called before the first step. */
	begin(start: CsvStart): void;
	/** Room for so many bytes of text: `target[at…]`. */
	room(bytes: number): { readonly target: Buffer; readonly at: number };
	/** How many bytes were put there; `isLast`: the file ends behind them. */
	feed(bytes: number, isLast: boolean): void;
	/**
	 * Goes on until there is something to tell: STATUS_EMIT (append `result`; `tableEnd` tells whether a table is complete), CSV_MORE
	 * (room and feed), CSV_REFUSED and CSV_WIDEN (`flaw`), CSV_ASKED (`result` is the text of `field`, for `answer` to say what it is), STATUS_DONE.
	 * `file` and `seed` are those of the next table to start.
	 */
	step(file: number, seed: Word64): number;
	/** As a job's. */
	tableEnd(): TableDescription | undefined;
	/** After CSV_REFUSED and CSV_WIDEN. */
	flaw(): CsvFlaw;
	/** After CSV_WIDEN: the record is passed over. */
	pass(): void;
	/** Of the text that is asked about. */
	field(): number;
	/** Whether it fits its column, and the value where that is a number. */
	answer(fits: boolean, value: number): void;
	/** Records that became rows. */
	rows(): number;
	/** Those of them in whose place others with the same key are. */
	replaced(): number;
	/** Ends it wherever it stands. */
	free(): void;
}

/** What makes tables of CSV in a kernel. */
export interface CsvKernel {
	/** A load of a part of a file. */
	createLoad(settings: CsvSettings): CsvLoad;
	/** Counts in `text[at, at + length)`, which is memory of the kernel's that `CsvLoad.room` answered. */
	count(at: number, length: number, settings: Pick<CsvSettings, "quote" | "newline">): CsvCount;
}
