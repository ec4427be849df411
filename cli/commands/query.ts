import { type FormatName, formatNames } from "../choices.js";
import { type Command, textPositional, valueOption } from "../command.js";
import { withDatabase } from "../database.js";
import { ExitCode, UsageError } from "../exit-code.js";
import { formatOf } from "../format/format.js";
import type { Output } from "../output.js";
import { accessOf, parametersOf, scriptOf } from "../script.js";
import type { Settings } from "../settings.js";

export const query: Command = {
	usage: "query <sql..>",
	summary: "Runs a script of SQL and prints its results",
	positionals: { sql: textPositional("The script, or - to read it from standard input") },
	options: {
		format: valueOption(`${formatNames.join(", ")}; unless given table on a terminal, else csv`),
		param: {
			describe: "name=value for {name}, :name, @name or $name; may be repeated",
			type: "string",
			array: true,
			nargs: 1,
		},
		timeout: valueOption("Milliseconds that each statement may take; no limit with 0, or unless given"),
	},
	examples: [
		['wlsm query "SELECT name FROM users LIMIT 5"', "prints a table on a terminal, CSV into a pipe"],
		['wlsm query --format jsonl --param id=7 "SELECT * FROM users WHERE id = :id"', "values are bound, never spliced"],
		["wlsm query - < script.sql", "a script from standard input"],
	],
	async run(args, output, settings) {
		const formatName = formatFor(args.text("format"), output, settings);
		const parameters = parametersOf(args.list("param"));
		const timeoutMs = args.wholeNumber("timeout", 0) ?? settings.number("timeout");
		const script = await scriptOf(args.list("sql"));
		const [, shellCommand] = /^\s*([.\\][a-z]\w*)/i.exec(script) ?? [];
		if (shellCommand !== undefined)
			throw new UsageError(`${shellCommand} is a command of the shell, not SQL: wlsm shell runs it`);
		const { statementsOf } = await import("../../host/index.js");
		const statements = statementsOf(script);
		if (statements.length === 0) throw new UsageError("There is no statement to run");
		const access = accessOf(statements.map(({ text }) => text));
		const [format, { runScript }] = await Promise.all([formatOf(formatName, output.look), import("../run-script.js")]);
		return withDatabase(settings, access, async (db) => {
			await runScript(db, script, statements, {
				parameters,
				stop: { timeoutMs },
				exactNumbers: formatName === "csv",
				onRows: async (columns, rows) => {
					for (const piece of format(columns, rows)) await output.write(piece);
				},
			});
			if (db.sql.inTransaction)
				process.stderr.write("note: the script ends without COMMIT, so its transaction is undone\n");
			return ExitCode.done;
		});
	},
};

/** People read tables; programs are given what they can take apart. */
function formatFor(given: string | undefined, output: Output, settings: Settings): FormatName {
	const name = given ?? settings.text("format") ?? (output.isTerminal ? "table" : "csv");
	const found = formatNames.find((candidate) => candidate === name);
	if (found !== undefined) return found;
	throw new UsageError(`--format must be one of ${formatNames.join(", ")}, not ${JSON.stringify(name)}`);
}
