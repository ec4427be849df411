import { type Command, textPositional } from "../command.js";
import { withKeyValues } from "../database.js";
import { ExitCode } from "../exit-code.js";

export const put: Command = {
	usage: "put <key> <value>",
	summary: "Stores a value; the database is created where there is none",
	positionals: { key: textPositional("The key; after -- it may begin with -"), value: textPositional("The value") },
	options: {},
	examples: [
		['wlsm put user/1 "Ada Lovelace"', "writes a value under a key"],
		["wlsm put -- -key -value", "a key or a value that begins with -"],
	],
	async run(args, _output, settings) {
		await withKeyValues(settings, "create", (db) => db.put(args.required("key"), args.required("value")));
		return ExitCode.done;
	},
};
