import { type Command, textPositional } from "../command.js";
import { withDatabase } from "../database.js";
import { ExitCode } from "../exit-code.js";

export const checkpoint: Command = {
	usage: "checkpoint <dir>",
	summary: "Makes a copy of the database as it is now",
	positionals: { dir: textPositional("The directory to make; it must not exist") },
	options: {},
	async run(args) {
		await withDatabase(args, "change", (db) => db.checkpoint(args.required("dir")));
		return ExitCode.done;
	},
};
