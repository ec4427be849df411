import { type Command, textPositional } from "../command.js";
import { withDatabase } from "../database.js";
import { ExitCode } from "../exit-code.js";

export const dump: Command = {
	usage: "dump [table..]",
	summary: "Prints the database as a script of SQL that wlsm query - reads back",
	positionals: { table: textPositional("Tables and views, or kv for the key-value data; everything unless given") },
	options: {},
	examples: [
		["wlsm dump > copy.sql", "everything as SQL"],
		["wlsm dump users | wlsm query - --db ./copy", "a table into another database"],
	],
	run(args, output, settings) {
		return withDatabase(settings, "read", async (db) => {
			const { dump } = await import("../dump.js");
			for (const piece of dump(db, args.list("table"))) await output.write(output.display(piece));
			return ExitCode.done;
		});
	},
};
