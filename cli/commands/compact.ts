import type { Command } from "../command.js";
import { withKeyValues } from "../database.js";
import { ExitCode } from "../exit-code.js";

export const compact: Command = {
	usage: "compact",
	summary: "Merges the table files, and drops what was overwritten or deleted",
	positionals: {},
	options: {},
	examples: [["wlsm compact --db ./my-data", "merges all tables"]],
	async run(_args, _output, settings) {
		await withKeyValues(settings, "change", (db) => db.compact());
		return ExitCode.done;
	},
};
