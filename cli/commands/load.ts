import { Readable } from "node:stream";
import type { LoadOptions, LoadSource } from "../../host/load/index.js";
import { type Command, flagOption, textPositional, valueOption } from "../command.js";
import { withDatabase } from "../database.js";
import { ExitCode, UsageError } from "../exit-code.js";
import { type Interruption, interruptible } from "../interruption.js";
import { optionsOf, tableNameOf } from "../load-options.js";
import { describe, hintAtDelimiter, printRejected } from "../load-report.js";
import type { Output } from "../output.js";
import { progressOn } from "../progress.js";
import { filesOf, sourceOf } from "../sources.js";

export const load: Command = {
	usage: "load <file..>",
	summary: "Loads CSV or JSON Lines files into a table or into key-value pairs",
	positionals: {
		file: textPositional(
			"Files with the same header, patterns such as 'data/*.csv', - for standard input; gzip and zstd are unpacked",
		),
	},
	options: {
		table: valueOption("Name of the table; the file's name unless given"),
		schema: {
			describe: "Load key-value pairs from these two columns",
			type: "string",
			array: true,
			nargs: 2,
		},
		format: valueOption("csv, or jsonl: an object on each line; by the name (.jsonl, .ndjson, .json) unless given"),
		append: flagOption("Add to a table that is there"),
		replace: flagOption("Replace a table that is there"),
		"on-conflict": valueOption(
			"Of a row whose key is taken: reject it, unless given; replace the row that is there; ignore it; or fail, and undo all",
		),
		"primary-key": valueOption("The column that is the table's primary key"),
		types: {
			...valueOption(
				"Types of columns, such as a=integer,b=real: text, boolean, date, timestamp, json too. The others are found out",
			),
			array: true,
			nargs: 1,
		},
		delimiter: valueOption('Between fields: one character or "tab". Found out among , ; tab | unless given'),
		quote: valueOption('Around fields: one character or "none"; a double quote unless given, or a single one is sure'),
		encoding: valueOption("utf-8, utf-16, latin1 or windows-1252; UTF-8, or UTF-16 by its first bytes, unless given"),
		header: flagOption("The first line names the columns. Found out unless given"),
		"no-header": flagOption("The first line is data; columns are column_1, column_2, …"),
		"null-value": {
			...valueOption("A text that stands for NULL where it is not quoted; may be repeated"),
			array: true,
			nargs: 1,
		},
		json: flagOption("Print what was done as a line of JSON"),
		sniff: flagOption("Load nothing: print the command line that says what is found out of the file"),
		rejects: valueOption(
			"Write the rows that cannot be loaded to this CSV file, with line, offset, column, value, reason, record, file",
		),
		"max-errors": valueOption("Give up, and undo, when more rows than this are rejected"),
		"max-record-bytes": valueOption("The longest row; 16 MiB unless given"),
		"batch-size": valueOption("Rows per transaction; 10000 unless given"),
		parallel: valueOption("Threads that make a table's files; as many as the machine runs at once unless given"),
		memory: valueOption("What these may take together, such as 512MB; 256 MiB unless given"),
		"no-progress": flagOption("Do not show progress"),
	},
	examples: [
		["wlsm load zipcodes.csv --primary-key zip_code", "makes the table zipcodes"],
		["wlsm load countries.csv --schema code name", "key-value pairs from two columns"],
		["wlsm load 'logs/*.csv.gz' --table logs --rejects bad.csv", "several files into one table"],
	],
	async run(args, output, settings) {
		const files = filesOf(args.list("file"));
		const options = optionsOf(args, files);
		const sources = files.map(sourceOf);
		if (args.flag("sniff")) return sniff(files, options, sources[0] as LoadSource, output);
		const { loadCsv, TooManyRejectsError } = await import("../../host/load/index.js");
		// It is undone. A pipe that is still open would keep the process alive.
		const interruption = interruptible(() => {
			for (const source of sources) if (source instanceof Readable) source.destroy();
		});
		const progress = args.flag("no-progress") ? undefined : await progressOn(process.stderr);
		try {
			const summary = await withDatabase(settings, "create", (db) => {
				const { signal } = interruption;
				return loadCsv(db, sources, { ...options, signal, onProgress: (now) => progress?.update(now) });
			});
			progress?.stop();
			const report = args.flag("json") ? `${JSON.stringify(summary)}\n` : describe(summary);
			await output.write(output.display(report));
			// What was done comes before what was not, where both go to one screen.
			await output.flush();
			hintAtDelimiter(summary);
			if (summary.rejected > 0) printRejected(summary, options.rejects);
			return summary.rejected > 0 ? ExitCode.rejected : ExitCode.done;
		} catch (error) {
			progress?.stop();
			// Not where undoing failed, which has an error of its own.
			if (error === interruption.signal.reason) return interrupted(options, interruption);
			if (!(error instanceof TooManyRejectsError)) throw named(error);
			printRejected({ files, firstRejected: error.firstRejected, rejected: undefined }, options.rejects);
			process.stderr.write(`wlsm: ${error.message}\n`);
			return ExitCode.rejected;
		} finally {
			interruption.end();
		}
	},
};

/** The library's advice with the options that do it. */
function named(error: unknown): unknown {
	const isTaken = error instanceof Error && "code" in error && error.code === "WLSM_EXISTS";
	if (isTaken) error.message = error.message.replace(/append to it or replace it$/, "$& (--append, --replace)");
	return error;
}

async function sniff(
	files: readonly string[],
	options: LoadOptions,
	source: LoadSource,
	output: Output,
): Promise<ExitCode> {
	if (/\.(?:jsonl|ndjson|json)(?:\.gz|\.zst)?$/i.test(files[0] ?? "") || options.format === "jsonl") {
		throw new UsageError("--sniff is for CSV; of JSON Lines the keys say it all");
	}
	const { sniffCsv } = await import("../../host/load/index.js");
	const { lineOf } = await import("../sniffed.js");
	const { delimiter, quote, header, encoding, nullValues } = options;
	const interruption = interruptible(() => {
		if (source instanceof Readable) source.destroy();
	});
	try {
		const found = await sniffCsv(source, {
			delimiter,
			quote,
			header,
			encoding,
			nullValues,
			signal: interruption.signal,
		});
		const more = [
			...(encoding === undefined ? [] : ["--encoding", encoding]),
			...(nullValues ?? []).flatMap((text) => ["--null-value", text]),
		];
		const line = lineOf(found, { files, table: options.table ?? tableNameOf(files), more });
		await output.write(output.display(`${line}\n`));
		return ExitCode.done;
	} catch (error) {
		if (error === interruption.signal.reason) return interrupted(options, interruption);
		throw error;
	} finally {
		interruption.end();
	}
}

function interrupted(options: LoadOptions, interruption: Interruption): ExitCode {
	const left = options.schema === undefined ? "Nothing was loaded." : "Of pairs, batches that were complete may stay.";
	process.stderr.write(`wlsm: interrupted. ${left}\n`);
	return interruption.exitCode;
}
