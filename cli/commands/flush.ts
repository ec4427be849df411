import type { Command } from "../command.js";
import { withKeyValues } from "../database.js";
import { ExitCode } from "../exit-code.js";

export const flush: Command = {
	usage: "flush",
	summary: "Writes what is in memory to a table file",
	positionals: {},
	options: {},
	examples: [["wlsm flush", "writes what is in memory to a table file"]],
	async run(_args, _output, settings) {
		await withKeyValues(settings, "change", (db) => db.flush());
		return ExitCode.done;
	},
};
