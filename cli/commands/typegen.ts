import { type Command, flagOption, textPositional } from "../command.js";
import { ExitCode } from "../exit-code.js";
import { DEFAULT_OUT, outOption, schemaOptions } from "../typegen/request.js";

export const typegen: Command = {
	usage: "typegen [paths..]",
	summary: "Writes the types of tables and queries of a project for TypeScript",
	positionals: {
		paths: textPositional("Files and folders to look for queries in; the working directory unless given"),
	},
	options: {
		...schemaOptions,
		out: outOption(
			`File for the declarations; ${DEFAULT_OUT} unless given. A .ts takes the functions of .sql files in, too`,
		),
		watch: flagOption("Go on, anew whenever a file changes, until Ctrl-C"),
	},
	examples: [
		["wlsm typegen --schema schema.sql src", "types for what queries in src give, by the schema of a file"],
		["wlsm typegen --db ./data --out src/queries.ts", "by that of a database; functions of .sql files come with it"],
		["wlsm typegen --watch", "as often as something changes"],
	],
	async run(args, output, settings) {
		const [{ askedOf }, { runTypegen, watchTypegen }] = await Promise.all([
			import("../typegen/request.js"),
			import("../typegen/typegen.js"),
		]);
		const asked = askedOf(args, settings);
		if (!args.flag("watch")) return runTypegen(asked, output);
		await watchTypegen(asked, output);
		return ExitCode.done;
	},
};
