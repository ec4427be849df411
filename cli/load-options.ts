import { basename, extname } from "node:path";
import type { ConflictChoice, LoadFormat, LoadOptions, LoadType } from "../host/load/index.js";
import type { Arguments } from "./arguments.js";
import { UsageError } from "./exit-code.js";

const formats: readonly LoadFormat[] = ["csv", "jsonl"];
const conflictChoices: readonly ConflictChoice[] = ["reject", "replace", "ignore", "fail"];

/** What the words of the command line ask of the loader, which refuses what makes no sense. */
export function optionsOf(args: Arguments, files: readonly string[]): LoadOptions {
	const schema = args.list("schema");
	if (schema.length > 2) throw new UsageError("--schema takes one key column and one value column");
	if (args.flag("append") && args.flag("replace")) throw new UsageError("--append and --replace exclude each other");
	if (args.flag("header") && args.flag("no-header"))
		throw new UsageError("--header and --no-header exclude each other");
	const types = args.list("types");
	const common: LoadOptions = {
		format: args.oneOf("format", formats, undefined),
		delimiter: delimiterOf(args.text("delimiter")),
		quote: args.text("quote") === "none" ? "" : args.text("quote"),
		header: args.flag("header") ? true : args.flag("no-header") ? false : undefined,
		nullValues: args.list("null-value"),
		encoding: args.text("encoding") as LoadOptions["encoding"], // the loader refuses what is none
		rejects: args.text("rejects"),
		maxErrors: args.wholeNumber("max-errors", 0),
		maxRecordBytes: args.wholeNumber("max-record-bytes", 1),
		batchSize: args.wholeNumber("batch-size", 1),
		parallel: args.wholeNumber("parallel", 1),
		memoryBytes: bytesOf(args.text("memory")),
		types: types.length === 0 ? undefined : typesOf(types),
		primaryKey: args.text("primary-key"),
		onConflict: args.oneOf("on-conflict", conflictChoices, undefined),
		ifExists: args.flag("append") ? "append" : args.flag("replace") ? "replace" : undefined,
	};
	const [key, value] = schema;
	if (key === undefined || value === undefined) return { ...common, table: args.text("table") ?? tableNameOf(files) };
	return { ...common, table: args.text("table"), schema: [key, value] };
}

const UNITS: Record<string, number> = { "": 1, k: 1 << 10, m: 1 << 20, g: 1 << 30 };

function bytesOf(text: string | undefined): number | undefined {
	if (text === undefined) return undefined;
	const [, number = "", unit = ""] = /^(\d+)\s*([kmg]?)(?:i?b)?$/i.exec(text) ?? [];
	if (number === "")
		throw new UsageError(`--memory wants a number of bytes, such as 512MB, not ${JSON.stringify(text)}`);
	return Number(number) * (UNITS[unit.toLowerCase()] as number); // as the expression has it
}

function delimiterOf(text: string | undefined): string | undefined {
	return text === "tab" || text === "\\t" ? "\t" : text;
}

function typesOf(texts: readonly string[]): Record<string, LoadType> {
	const synonyms: Record<string, LoadType> = { int: "integer", float: "real", double: "real", string: "text" };
	// A comma of a name has a backslash before it.
	const pairs = texts
		.join(",")
		.split(/(?<!(?<!\\)(?:\\\\)*\\),/)
		.map((pair): [string, LoadType] => {
			const equals = pair.lastIndexOf("=");
			if (equals < 1) throw new UsageError(`--types wants column=type, not ${JSON.stringify(pair)}`);
			const type = pair.slice(equals + 1).toLowerCase();
			// What is no type at all is for the loader to refuse.
			const name = pair.slice(0, equals).replace(/\\([\\,])/g, "$1");
			return [name, Object.hasOwn(synonyms, type) ? (synonyms[type] as LoadType) : (type as LoadType)];
		});
	return Object.fromEntries(pairs);
}

/** A name that SQL takes without quotes: zip-codes.csv.gz becomes zip_codes. */
export function tableNameOf([file = "-", second]: readonly string[]): string {
	if (second !== undefined) throw new UsageError("--table is needed where several files become one table");
	if (file === "-") throw new UsageError("--table is needed when the rows come from standard input");
	const unpacked = file.replace(/\.(?:gz|zst)$/i, "");
	const name = basename(unpacked, extname(unpacked)).replace(/[^A-Za-z0-9_]+/g, "_");
	return /^[0-9]/.test(name) ? `_${name}` : name;
}
