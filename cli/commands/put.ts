import { type Command, textPositional } from "../command.js";
import { withKeyValues } from "../database.js";
import { ExitCode } from "../exit-code.js";

export const put: Command = {
	usage: "put <key> <value>",
	summary: "Stores a value; the database is created where there is none",
	positionals: { key: textPositional("The key; after -- it may begin with -"), value: textPositional("The value") },
	options: {},
	async run(args) {
		await withKeyValues(args, "create", (db) => db.put(args.required("key"), args.required("value")));
		return ExitCode.done;
	},
};
