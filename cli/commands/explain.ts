import { type Command, textPositional } from "../command.js";
import { withDatabase } from "../database.js";
import { ExitCode, UsageError } from "../exit-code.js";

export const explain: Command = {
	usage: "explain <sql..>",
	summary: "Prints how a statement would be run, without running it",
	positionals: { sql: textPositional("The statement") },
	options: {},
	async run(args, output) {
		const script = args.list("sql").join(" ");
		const { splitSql } = await import("../../host/index.js");
		if (splitSql(script).length === 0) throw new UsageError("There is no statement to explain");
		return withDatabase(args, "read", async (db) => {
			await output.write(`${output.display(db.sql.explain(script))}\n`);
			return ExitCode.done;
		});
	},
};
