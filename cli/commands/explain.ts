import { type Command, textPositional } from "../command.js";
import { withDatabase } from "../database.js";
import { ExitCode } from "../exit-code.js";

export const explain: Command = {
	usage: "explain <sql..>",
	summary: "Prints how a statement would be run, without running it",
	positionals: { sql: textPositional("The statement") },
	options: {},
	run(args, output) {
		return withDatabase(args, "read", async (db) => {
			await output.write(`${output.display(db.sql.explain(args.list("sql").join(" ")))}\n`);
			return ExitCode.done;
		});
	},
};
