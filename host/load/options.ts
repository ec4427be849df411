import type { ColumnType } from "../csv/column-type.js";
import { checkDialect, DEFAULT_DIALECT, type Dialect } from "../csv/dialect.js";
import { invalid, show } from "../csv/failure.js";
import { DECLARED_TYPES, type DeclaredType } from "../csv/form.js";
import { checkEncoding, type Encoding } from "./encoding.js";
import type { SniffGiven } from "./sniff/sniff.js";
import type { LoadProgress } from "./summary.js";

/** What a column can be declared as. */
export type LoadType = ColumnType | DeclaredType;

const LOAD_TYPES: readonly LoadType[] = ["integer", "real", "text", ...DECLARED_TYPES];

/** What the text of a source is. */
export type LoadFormat = "csv" | "jsonl";

/** What becomes of a row whose primary key, or what else must be unique, another row has already. */
export type ConflictChoice = "reject" | "replace" | "ignore" | "fail";

const CONFLICT_CHOICES: readonly ConflictChoice[] = ["reject", "replace", "ignore", "fail"];

/** Where rows go, how the text is read, and what becomes of rows that do not fit. */
export interface LoadOptions {
	/** Loads a typed table of this name. Exactly one of `table` and `schema` is given. */
	readonly table?: string | undefined;
	/** Loads key-value pairs from these two columns; of several rows with one key the last wins. */
	readonly schema?: readonly [key: string, value: string] | undefined;
	/** "jsonl": an object on each line, whose keys are the columns; unless given by the name of the first source, or "csv". */
	readonly format?: LoadFormat | undefined;
	/** One ASCII character; unless given it is found out: "," where that is not certain. */
	readonly delimiter?: string | undefined;
	/** One ASCII character, or "" for files without quoting; unless given '"', or "'" where that is certain. */
	readonly quote?: string | undefined;
	/**
	 * Whether the first record names the columns; unless given it does, but where it has numbers and dates as the others have. Without
	 * it they are column_1, column_2, …
	 */
	readonly header?: boolean | undefined;
	/**
	 * Columns whose type is fixed: a row with a value that does not fit is rejected. The others are found out, as integer, real or
	 * text. Values of boolean, date, timestamp and json stay the texts that they are, in their full form; an empty one is NULL.
	 */
	readonly types?: Readonly<Record<string, LoadType>> | undefined;
	/** Texts that stand for NULL where they are a whole field, without quotes. */
	readonly nullValues?: readonly string[] | undefined;
	/** Of the text; unless given UTF-8, or what the first bytes say. "latin1" and "windows-1252" are never found out. */
	readonly encoding?: Encoding | undefined;
	/** The column that becomes the primary key of a new table; none unless given. Rows where it is empty or taken are rejected. */
	readonly primaryKey?: string | undefined;
	/** What to do where the table is there already; "fail" unless given. */
	readonly ifExists?: "fail" | "append" | "replace" | undefined;
	/**
	 * What becomes of a row whose primary key, or what else must be unique, is taken, by a row that was there or by one of this load.
	 * "reject", unless given: it is rejected, but where the table itself has a conflict clause. "replace": the rows in its way go
	 * (INSERT OR REPLACE). "ignore": it is left out and counted as ignored. "fail": the load fails and is undone. Rows that break other constraints are rejected
	 * in any case. Of key-value pairs a later one always replaces.
	 */
	readonly onConflict?: ConflictChoice | undefined;
	/** Rows per transaction, where the load may take several; 10,000 unless given. */
	readonly batchSize?: number | undefined;
	/** How many threads may make a table's files; as many as the machine runs at once, unless given. */
	readonly parallel?: number | undefined;
	/** Bytes that these threads may take together, about; 256 MiB unless given. */
	readonly memoryBytes?: number | undefined;
	/**
	 * A CSV file to write rejected rows to: line, offset (of the record's first byte; empty where the text was converted from another
	 * encoding), column, value, reason, record, file. It replaces an earlier one, but no other file.
	 */
	readonly rejects?: string | undefined;
	/** The load fails, and is undone, when more rows than this are rejected; no limit unless given. */
	readonly maxErrors?: number | undefined;
	/** The longest record in bytes, its line end not counted: a longer one, such as an unclosed quote makes, fails the load; 16 MiB unless given. */
	readonly maxRecordBytes?: number | undefined;
	/** Is called as the load goes on. */
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
	/** Undefined where the name is to tell. */
	readonly format: LoadFormat | undefined;
	readonly dialect: Dialect;
	readonly header: boolean;
	/** What was said of these and is not to be found out. */
	readonly given: SniffGiven;
	readonly encoding: Encoding | undefined;
	readonly types: ReadonlyMap<string, LoadType>;
	readonly nullValues: ReadonlySet<string>;
	readonly primaryKey: string | undefined;
	readonly onConflict: ConflictChoice;
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
		if (!LOAD_TYPES.includes(type)) {
			const choice = `one of ${LOAD_TYPES.join(", ")}`;
			throw invalid(`The type of column ${show(name)} must be ${choice}, not ${show(String(type))}`);
		}
	}
	if (options.format !== undefined && !["csv", "jsonl"].includes(options.format)) {
		throw invalid(`The format must be csv or jsonl, not ${show(String(options.format))}`);
	}
	const destination = destinationOf(options);
	const nullValues = new Set(options.nullValues);
	return {
		destination,
		format: options.format,
		dialect,
		header: options.header ?? true,
		given: {
			delimiter: options.delimiter,
			quote: options.quote,
			header: options.header,
			nullValues,
			columns: columnsAskedFor(options, destination),
		},
		nullValues,
		encoding: options.encoding === undefined ? undefined : checkEncoding(options.encoding),
		types: new Map(Object.entries(options.types ?? {})),
		primaryKey: options.primaryKey,
		onConflict: conflictChoiceOf(options, destination),
		batchSize: wholeNumber("batchSize", options.batchSize ?? 10_000, 1),
		parallel: options.parallel === undefined ? undefined : wholeNumber("parallel", options.parallel, 1),
		memoryBytes: wholeNumber("memoryBytes", options.memoryBytes ?? 256 << 20, 1 << 20),
		rejects: options.rejects,
		maxErrors: options.maxErrors === undefined ? Infinity : wholeNumber("maxErrors", options.maxErrors, 0),
		onProgress: options.onProgress ?? (() => {}),
		signal: options.signal,
	};
}

function columnsAskedFor({ types = {}, primaryKey }: LoadOptions, destination: Destination): string[] {
	if (destination.kind === "pairs") return [destination.key, destination.value];
	return [...Object.keys(types), ...(primaryKey === undefined ? [] : [primaryKey])];
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

function conflictChoiceOf({ onConflict }: LoadOptions, { kind }: Destination): ConflictChoice {
	if (onConflict !== undefined && !CONFLICT_CHOICES.includes(onConflict)) {
		throw invalid(`onConflict must be one of ${CONFLICT_CHOICES.join(", ")}, not ${show(String(onConflict))}`);
	}
	if (kind === "table") return onConflict ?? "reject";
	if (onConflict === undefined || onConflict === "replace") return "replace";
	throw invalid(`Of key-value pairs a later one replaces; onConflict ${show(onConflict)} is for tables`);
}

function wholeNumber(name: string, value: number, least: number): number {
	if (Number.isSafeInteger(value) && value >= least) return value;
	throw invalid(`${name} must be a whole number of at least ${least}, not ${value}`);
}
