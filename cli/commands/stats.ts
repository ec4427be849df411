import { type Command, valueOption } from "../command.js";
import { withDatabase } from "../database.js";
import { ExitCode } from "../exit-code.js";

export const stats: Command = {
	usage: "stats",
	summary: "Prints figures about the database",
	positionals: {},
	options: { format: valueOption("text or json") },
	run(args, output) {
		const format = args.oneOf("format", ["text", "json"], "text");
		return withDatabase(args, "read", async (db) => {
			const figures: unknown = await db.stats();
			const text = format === "json" ? JSON.stringify(figures, null, 2) : lines(figures, "").join("\n");
			await output.write(`${output.display(text)}\n`);
			return ExitCode.done;
		});
	},
};

/** One line per figure, with the path to it. */
function lines(value: unknown, path: string): string[] {
	if (typeof value !== "object" || value === null) return [`${path}: ${String(value)}`];
	return Object.entries(value).flatMap(([name, inner]) => lines(inner, path === "" ? name : `${path}.${name}`));
}
