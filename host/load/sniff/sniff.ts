/** Finds out how a file of CSV is to be read, from a sample of all parts of it. */

import type { ColumnType } from "../../csv/column-type.js";
import type { DeclaredType } from "../../csv/form.js";
import { columnNames, findColumn, numberedColumns } from "../../csv/header.js";
import type { TextFile } from "../text.js";
import { sniffDialect } from "./dialect.js";
import { evidenceOf } from "./evidence.js";
import { hasHeader } from "./header.js";
import { placesOf } from "./places.js";

/** How a file of CSV is to be read. */
export interface SniffedCsv {
	/** What stands between fields. */
	readonly delimiter: string;
	/** What stands around fields, "" for nothing. */
	readonly quote: string;
	/** What ends lines; "\n" stands for CRLF too. */
	readonly newline: "\n" | "\r";
	/** Whether the first record names the columns. */
	readonly header: boolean;
	/** The types are those of the sample: `loadCsv` with them rejects what is none of these; without them it makes columns wider. */
	readonly columns: readonly { readonly name: string; readonly type: ColumnType | DeclaredType }[];
	/** Records that were looked at. */
	readonly records: number;
}

/** What is given and need not be found out. */
export interface SniffGiven {
	readonly delimiter: string | undefined;
	readonly quote: string | undefined;
	readonly header: boolean | undefined;
	readonly nullValues: ReadonlySet<string>;
	/** Names of columns that are asked for: a first record that has all of them is a header. */
	readonly columns: readonly string[];
}

/** Undefined where there is no record, or the first one is so long that it is not seen whole. */
export function sniffText(text: TextFile, given: SniffGiven): SniffedCsv | undefined {
	const { cut, records } = sniffDialect(placesOf(text), given);
	const [first, ...rest] = records;
	if (first === undefined) return undefined;
	const width = first.fields.length;
	const evidence = evidenceOf(rest, width, given.nullValues);
	const isAskedFor = given.columns.length > 0 && given.columns.every((name) => findColumn(first.fields, name) !== -1);
	const header = given.header ?? (isAskedFor || hasHeader(first, evidence));
	const types = (header ? evidence : evidenceOf(records, width, given.nullValues)).map(({ type }) => type);
	const names = header ? columnNames(first.fields) : numberedColumns(width);
	const { delimiter, quote, newline } = cut;
	return {
		delimiter,
		quote,
		newline,
		header,
		columns: names.map((name, i) => ({ name, type: types[i] ?? "text" })),
		records: records.length,
	};
}
