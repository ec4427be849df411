import { type Command, flagOption, valueOption } from "../command.js";
import { withKeyValues } from "../database.js";
import { ExitCode } from "../exit-code.js";

const formats = ["text", "jsonl"] as const;

export const scan: Command = {
	usage: "scan",
	summary: "Prints the keys and values of a range, in the keys' order",
	positionals: {},
	options: {
		prefix: valueOption("Keys that begin with this"),
		gte: valueOption("Keys from this one on"),
		gt: valueOption("Keys after this one"),
		lte: valueOption("Keys up to this one"),
		lt: valueOption("Keys before this one"),
		reverse: flagOption("Backwards"),
		limit: valueOption("At most this many"),
		format: valueOption("text: key, tab, value; jsonl: an object per line, for values with tabs or line ends"),
	},
	examples: [
		["wlsm scan --prefix user/ --limit 10", "the first ten keys that begin with user/"],
		["wlsm scan --gte a --lt b --reverse --format jsonl", "a range backwards, an object per line"],
	],
	async run(args, output, settings) {
		const format = args.oneOf("format", formats, "text");
		const range: Record<string, string | number | boolean> = { reverse: args.flag("reverse") };
		for (const bound of ["prefix", "gte", "gt", "lte", "lt"]) {
			const value = args.text(bound);
			if (value !== undefined) range[bound] = value;
		}
		const limit = args.wholeNumber("limit", 0);
		if (limit !== undefined) range.limit = limit;
		return withKeyValues(settings, "read", async (db) => {
			for (const [key, value] of db.entries(range)) {
				const line = format === "jsonl" ? JSON.stringify({ key, value }) : `${key}\t${value}`;
				await output.write(`${output.display(line)}\n`);
			}
			return ExitCode.done;
		});
	},
};
