import type { Command } from "../command.js";
import { withKeyValues } from "../database.js";
import { ExitCode } from "../exit-code.js";

export const compact: Command = {
	usage: "compact",
	summary: "Merges the table files, and drops what was overwritten or deleted",
	positionals: {},
	options: {},
	async run(args) {
		await withKeyValues(args, "change", (db) => db.compact());
		return ExitCode.done;
	},
};
