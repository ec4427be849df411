import { formatNames } from "../choices.js";
import { type Command, textPositional, valueOption } from "../command.js";
import { withDatabase } from "../database.js";
import { ExitCode } from "../exit-code.js";
import { formatOf } from "../format/format.js";

export const analyze: Command = {
	usage: "analyze [table]",
	summary: "Gathers statistics, from which queries are planned, and prints them",
	positionals: { table: textPositional("A table or an index; all tables unless given") },
	options: { format: valueOption(`${formatNames.join(", ")}; table unless given`) },
	examples: [
		["wlsm analyze", "after much has been loaded or changed"],
		["wlsm analyze users", "one table"],
	],
	async run(args, output, settings) {
		const format = await formatOf(args.oneOf("format", formatNames, "table"), output.look);
		return withDatabase(settings, "change", async (db) => {
			const { gatherStatistics } = await import("../statistics.js");
			const { columns, rows } = gatherStatistics(db, args.text("table"));
			for (const piece of format(columns, rows)) await output.write(piece);
			return ExitCode.done;
		});
	},
};
