/** What a load says of its columns and its dialect, in the kernel's words. */

import {
	CSV_BOOLEAN,
	CSV_DATE,
	CSV_INTEGER,
	CSV_JSON,
	CSV_NUMERIC,
	CSV_REAL,
	CSV_TEXT,
	CSV_TIMESTAMP,
	NO_QUOTE,
} from "../../assembly/shared/csv.js";
import type { ColumnType } from "../csv/column-type.js";
import { bytesOf, type Dialect, type DialectBytes } from "../csv/dialect.js";
import type { DeclaredType } from "../csv/form.js";

/** "numeric": a text that is no number, as a column of that affinity keeps it. */
export type BulkType = ColumnType | DeclaredType | "numeric";

export const KERNEL_TYPES: Record<BulkType, number> = {
	text: CSV_TEXT,
	integer: CSV_INTEGER,
	real: CSV_REAL,
	boolean: CSV_BOOLEAN,
	date: CSV_DATE,
	timestamp: CSV_TIMESTAMP,
	json: CSV_JSON,
	numeric: CSV_NUMERIC,
};

export function dialectSettings(dialect: Dialect, newline: "\n" | "\r"): DialectBytes {
	const bytes = bytesOf(dialect, newline);
	return dialect.quote === "" ? { ...bytes, quote: NO_QUOTE } : bytes;
}
