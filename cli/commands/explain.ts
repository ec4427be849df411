import { type Command, flagOption, textPositional, valueOption } from "../command.js";
import { withDatabase } from "../database.js";
import { ExitCode, UsageError } from "../exit-code.js";
import { accessOf, parametersOf, scriptOf } from "../script.js";

export const explain: Command = {
	usage: "explain <sql..>",
	summary: "Prints how a statement would be run, without running it; with --analyze what running it took",
	positionals: { sql: textPositional("The statement, or - to read it from standard input") },
	options: {
		analyze: flagOption("Run it, throw its rows away, and print rows, time and share of each operator"),
		param: {
			...valueOption("name=value for {name}, :name, @name or $name, with --analyze; may be repeated"),
			array: true,
			nargs: 1,
		},
		timeout: valueOption("Milliseconds that running it may take; no limit with 0, or unless given"),
	},
	examples: [
		['wlsm explain "SELECT * FROM users WHERE id = 7"', "how it would be run"],
		['wlsm explain --analyze "SELECT count(*) FROM users"', "runs it: rows, time and share of each operator"],
	],
	async run(args, output, settings) {
		const script = await scriptOf(args.list("sql"));
		const how = args.flag("analyze") ? "analyze" : "plan";
		const parameters = parametersOf(args.list("param"));
		const timeoutMs = args.wholeNumber("timeout", 0) ?? settings.number("timeout");
		const { splitSql } = await import("../../host/index.js");
		const statements = splitSql(script);
		if (statements.length === 0) throw new UsageError("There is no statement to explain");
		return withDatabase(settings, how === "plan" ? "read" : accessOf(statements), async (db) => {
			const { explainText } = await import("../explain-text.js");
			await output.write(explainText(db, script, how, parameters, output.look, { timeoutMs }));
			return ExitCode.done;
		});
	},
};
