import { type Command, textPositional } from "../command.js";
import { withKeyValues } from "../database.js";
import { ExitCode } from "../exit-code.js";

export const checkpoint: Command = {
	usage: "checkpoint <dir>",
	summary: "Makes a second database of the state of this moment, also beside a process that writes",
	positionals: { dir: textPositional("Its directory: absent, or empty") },
	options: {},
	examples: [["wlsm checkpoint ./backup", "a second database, of this moment"]],
	async run(args, _output, settings) {
		await withKeyValues(settings, "read", (db) => db.checkpoint(args.required("dir")));
		return ExitCode.done;
	},
};
