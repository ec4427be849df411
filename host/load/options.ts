import type { ColumnType } from "../csv/column-type.js";
import { checkDialect, DEFAULT_DIALECT, type Dialect } from "../csv/dialect.js";
import { invalid, show } from "../csv/failure.js";
import type { LoadProgress } from "./summary.js";

export interface LoadOptions {
	/** Loads a typed table of this name. Exactly one of `table` and `schema` is given. */
	readonly table?: string | undefined;
	/** Loads key-value pairs from these two columns; of several rows with one key the last wins. */
	readonly schema?: readonly [key: string, value: string] | undefined;
	/** One ASCII character; "," unless given. */
	readonly delimiter?: string | undefined;
	/** One ASCII character, or "" for files without quoting; '"' unless given. */
	readonly quote?: string | undefined;
	/** Whether the first record names the columns; true unless given. Without it they are column_1, column_2, … */
	readonly header?: boolean | undefined;
	/** Columns whose type is fixed: a row with a value that does not fit is rejected. The others are found out. */
	readonly types?: Readonly<Record<string, ColumnType>> | undefined;
	readonly primaryKey?: string | undefined;
	/** What to do where the table is there already; "fail" unless given. */
	readonly ifExists?: "fail" | "append" | "replace" | undefined;
	/** Rows per transaction, where the load may take several; 10,000 unless given. */
	readonly batchSize?: number | undefined;
	/** How many threads may make a table's files; as many as the machine runs at once, unless given. */
	readonly parallel?: number | undefined;
	/** Bytes that these threads may take together, about; 256 MiB unless given. */
	readonly memoryBytes?: number | undefined;
	/** A CSV file to write rejected rows to: line, column, value, reason. It replaces an earlier one, but no other file. */
	readonly rejects?: string | undefined;
	/** The load fails, and is undone, when more rows than this are rejected; no limit unless given. */
	readonly maxErrors?: number | undefined;
	/** The longest record in bytes, which bounds the memory that an unclosed quote can take; 16 MiB unless given. */
	readonly maxRecordBytes?: number | undefined;
	readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
	/** Stops the load, which is then undone as after a failure. */
	readonly signal?: AbortSignal | undefined;
}

export type Destination =
	| { readonly kind: "table"; readonly name: string; readonly ifExists: "fail" | "append" | "replace" }
	| { readonly kind: "pairs"; readonly key: string; readonly value: string };

/** The options, complete and known to make sense together. */
export interface LoadSettings {
	readonly destination: Destination;
	readonly dialect: Dialect;
	readonly header: boolean;
	readonly types: ReadonlyMap<string, ColumnType>;
	readonly primaryKey: string | undefined;
	readonly batchSize: number;
	readonly parallel: number | undefined;
	readonly memoryBytes: number;
	readonly rejects: string | undefined;
	readonly maxErrors: number;
	readonly onProgress: (progress: LoadProgress) => void;
	readonly signal: AbortSignal | undefined;
}

export function checkOptions(options: LoadOptions): LoadSettings {
	const {
		delimiter = DEFAULT_DIALECT.delimiter,
		quote = DEFAULT_DIALECT.quote,
		maxRecordBytes = DEFAULT_DIALECT.maxRecordBytes,
	} = options;
	const dialect = { delimiter, quote, maxRecordBytes: wholeNumber("maxRecordBytes", maxRecordBytes, 1) };
	checkDialect(dialect);
	for (const [name, type] of Object.entries(options.types ?? {})) {
		if (!["integer", "real", "text"].includes(type)) {
			throw invalid(`The type of column ${show(name)} must be integer, real or text, not ${show(String(type))}`);
		}
	}
	return {
		destination: destinationOf(options),
		dialect,
		header: options.header ?? true,
		types: new Map(Object.entries(options.types ?? {})),
		primaryKey: options.primaryKey,
		batchSize: wholeNumber("batchSize", options.batchSize ?? 10_000, 1),
		parallel: options.parallel === undefined ? undefined : wholeNumber("parallel", options.parallel, 1),
		memoryBytes: wholeNumber("memoryBytes", options.memoryBytes ?? 256 << 20, 1 << 20),
		rejects: options.rejects,
		maxErrors: options.maxErrors === undefined ? Infinity : wholeNumber("maxErrors", options.maxErrors, 0),
		onProgress: options.onProgress ?? (() => {}),
		signal: options.signal,
	};
}

function destinationOf(options: LoadOptions): Destination {
	const { table, schema, ifExists = "fail" } = options;
	if (schema === undefined) {
		if (table === undefined || table === "") throw invalid("A table name, or a schema of two columns, is needed");
		if (!["fail", "append", "replace"].includes(ifExists)) throw invalid(`No such ifExists: ${show(String(ifExists))}`);
		return { kind: "table", name: table, ifExists };
	}
	if (table !== undefined) throw invalid("Give a table or a schema, not both");
	if (schema.length !== 2) throw invalid("The schema names two columns: the key's and the value's");
	for (const name of ["types", "primaryKey", "ifExists"] as const) {
		if (options[name] !== undefined) throw invalid(`The option ${name} is for tables, not for key-value pairs`);
	}
	return { kind: "pairs", key: schema[0], value: schema[1] };
}

function wholeNumber(name: string, value: number, least: number): number {
	if (Number.isSafeInteger(value) && value >= least) return value;
	throw invalid(`${name} must be a whole number of at least ${least}, not ${value}`);
}
