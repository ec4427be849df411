import type { Stats } from "node:fs";
import { basename, extname } from "node:path";
import { Readable } from "node:stream";
import type { ColumnType, LoadOptions, LoadSource, LoadSummary } from "../../host/load/index.js";
import type { Arguments } from "../arguments.js";
import { type Command, flagOption, textPositional, valueOption } from "../command.js";
import { withDatabase } from "../database.js";
import { ExitCode, UsageError } from "../exit-code.js";
import { type Interruption, interruptible } from "../interruption.js";
import { visible } from "../output.js";
import { progressOn } from "../progress.js";

export const load: Command = {
	usage: "load <file>",
	summary: "Loads a CSV file into a table or into key-value pairs",
	positionals: { file: textPositional("The file, or - for standard input") },
	options: {
		table: valueOption("Name of the table; the file's name unless given"),
		schema: {
			describe: "Load key-value pairs from these two columns",
			type: "string",
			array: true,
			nargs: 2,
		},
		append: flagOption("Add to a table that is there"),
		replace: flagOption("Replace a table that is there"),
		"primary-key": valueOption("The column that is the table's primary key"),
		types: valueOption("Types of columns: a=integer,b=real,c=text. The others are found out"),
		delimiter: valueOption('Between fields: one character or "tab"; a comma unless given'),
		quote: valueOption('Around fields: one character or "none"; a double quote unless given'),
		"no-header": flagOption("The first line is data; columns are column_1, column_2, …"),
		rejects: valueOption("Write the rows that cannot be loaded to this CSV file"),
		"max-errors": valueOption("Give up, and undo, when more rows than this are rejected"),
		"max-record-bytes": valueOption("The longest row; 16 MiB unless given"),
		"batch-size": valueOption("Rows per transaction; 10000 unless given"),
		parallel: valueOption("How many threads may parse; one does at present"),
		"no-progress": flagOption("Do not show progress"),
	},
	async run(args, output) {
		const file = args.required("file");
		const options = optionsOf(args, file);
		const source = await sourceOf(file);
		const { loadCsv, TooManyRejectsError } = await import("../../host/load/index.js");
		// It is undone. A pipe that is still open would keep the process alive.
		const interruption = interruptible(() => {
			if (source instanceof Readable) source.destroy();
		});
		const progress = args.flag("no-progress") ? undefined : await progressOn(process.stderr);
		try {
			const summary = await withDatabase(args, "create", (db) => {
				const { signal } = interruption;
				return loadCsv(db, source, { ...options, signal, onProgress: (now) => progress?.update(now) });
			});
			progress?.stop();
			await output.write(output.display(describe(summary)));
			hintAtDelimiter(summary);
			if (summary.rejected > 0) printRejected(summary.firstRejected, summary.rejected, options.rejects);
			return summary.rejected > 0 ? ExitCode.rejected : ExitCode.done;
		} catch (error) {
			progress?.stop();
			// Not where undoing failed, which has an error of its own.
			if (error === interruption.signal.reason) return interrupted(options, interruption);
			if (!(error instanceof TooManyRejectsError)) throw error;
			printRejected(error.firstRejected, undefined, options.rejects);
			process.stderr.write(`wlsm: ${error.message}\n`);
			return ExitCode.rejected;
		} finally {
			interruption.end();
		}
	},
};

function optionsOf(args: Arguments, file: string): LoadOptions {
	const schema = args.list("schema");
	if (schema.length > 2) throw new UsageError("--schema takes one key column and one value column");
	if (args.flag("append") && args.flag("replace")) throw new UsageError("--append and --replace exclude each other");
	const types = args.text("types");
	const common: LoadOptions = {
		delimiter: delimiterOf(args.text("delimiter")),
		quote: args.text("quote") === "none" ? "" : args.text("quote"),
		header: !args.flag("no-header"),
		rejects: args.text("rejects"),
		maxErrors: args.wholeNumber("max-errors", 0),
		maxRecordBytes: args.wholeNumber("max-record-bytes", 1),
		batchSize: args.wholeNumber("batch-size", 1),
		parallel: args.wholeNumber("parallel", 1),
		types: types === undefined ? undefined : typesOf(types),
		primaryKey: args.text("primary-key"),
		ifExists: args.flag("append") ? "append" : args.flag("replace") ? "replace" : undefined,
	};
	const [key, value] = schema;
	if (key === undefined || value === undefined) return { ...common, table: args.text("table") ?? tableNameOf(file) };
	return { ...common, table: args.text("table"), schema: [key, value] };
}

function delimiterOf(text: string | undefined): string | undefined {
	return text === "tab" || text === "\\t" ? "\t" : text;
}

function typesOf(text: string): Record<string, ColumnType> {
	const synonyms: Record<string, ColumnType> = { int: "integer", float: "real", double: "real", string: "text" };
	const pairs = text.split(",").map((pair): [string, ColumnType] => {
		const equals = pair.lastIndexOf("=");
		if (equals < 1) throw new UsageError(`--types wants column=type, not ${JSON.stringify(pair)}`);
		const type = pair.slice(equals + 1).toLowerCase();
		// What is no type at all is for the loader to refuse.
		return [
			pair.slice(0, equals),
			Object.hasOwn(synonyms, type) ? (synonyms[type] as ColumnType) : (type as ColumnType),
		];
	});
	return Object.fromEntries(pairs);
}

/** A name that SQL takes without quotes: zip-codes.csv becomes zip_codes. */
function tableNameOf(file: string): string {
	if (file === "-") throw new UsageError("--table is needed when the rows come from standard input");
	const name = basename(file, extname(file)).replace(/[^A-Za-z0-9_]+/g, "_");
	return /^[0-9]/.test(name) ? `_${name}` : name;
}

/** A file can be read again from its start; pipes and devices, such as /dev/stdin, come as streams. */
async function sourceOf(file: string): Promise<LoadSource> {
	if (file === "-") return process.stdin;
	const { createReadStream } = await import("node:fs");
	const { WlsmError } = await import("../../host/errors.js");
	// Said before a database is made for nothing.
	let stat: Stats | undefined;
	try {
		stat = await lookAt(file);
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw new WlsmError("WLSM_IO", `Cannot read ${file}: ${reason}`, { cause: error, file });
	}
	if (stat === undefined || stat.isDirectory()) {
		const message = stat === undefined ? `There is no file ${file}` : `${file} is a directory, not a CSV file`;
		throw new WlsmError("WLSM_INVALID_ARGUMENT", message, { file });
	}
	return stat.isFile() ? file : createReadStream(file);
}

async function lookAt(file: string): Promise<Stats | undefined> {
	const { accessSync, constants, statSync } = await import("node:fs");
	const stat = statSync(file, { throwIfNoEntry: false });
	if (stat?.isFile()) accessSync(file, constants.R_OK);
	return stat;
}

function interrupted(options: LoadOptions, interruption: Interruption): ExitCode {
	const left = options.schema === undefined ? "Nothing was loaded." : "The batches loaded by then stay.";
	process.stderr.write(`wlsm: interrupted. ${left}\n`);
	return interruption.exitCode;
}

const shownColumns = 50;

function describe(summary: LoadSummary): string {
	const seconds = (summary.milliseconds / 1000).toFixed(2);
	const into = summary.table === undefined ? "key-value pairs" : `table ${summary.table}`;
	const lines = [`${summary.loaded} of ${summary.read} rows loaded into ${into} in ${seconds} s`];
	if (summary.table !== undefined) {
		const columns = summary.columns.slice(0, shownColumns).map(({ name, type }) => `${name} ${type.toUpperCase()}`);
		const more = summary.columns.length - columns.length;
		lines.push(`  columns: ${columns.join(", ")}${more > 0 ? ` and ${more} more` : ""}`);
	}
	for (const { column, from, to } of summary.widened) lines.push(`  widened: ${column} from ${from} to ${to}`);
	return `${lines.join("\n")}\n`;
}

/** A file with another delimiter is loaded without an error, into a single column. */
function hintAtDelimiter({ columns }: LoadSummary): void {
	const [only, second] = columns;
	const delimiter =
		second === undefined ? [";", "\t", "|"].find((candidate) => only?.name.includes(candidate)) : undefined;
	if (only === undefined || delimiter === undefined) return;
	const option = delimiter === "\t" ? "tab" : `"${delimiter}"`;
	process.stderr.write(
		`note: all of the header is one column, ${JSON.stringify(only.name)}. Is it to be cut with --delimiter ${option}?\n`,
	);
}

function printRejected(first: LoadSummary["firstRejected"], count: number | undefined, file: string | undefined): void {
	const where = file === undefined ? "" : `; all of them are in ${file}`;
	const lines = [`${count ?? "too many"} ${count === 1 ? "row" : "rows"} rejected${where}`];
	for (const { line, column, value, reason } of first) {
		const shown = value.length > 80 ? `${value.slice(0, 80)}…` : value;
		lines.push(`  line ${line}${column === "" ? "" : `, column ${column}`}: ${reason}: ${JSON.stringify(shown)}`);
	}
	process.stderr.write(`${visible(lines.join("\n"))}\n`);
}
