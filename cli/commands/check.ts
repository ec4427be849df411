import { type Command, textPositional } from "../command.js";
import { ExitCode } from "../exit-code.js";
import { outOption, schemaOptions } from "../typegen/request.js";

export const check: Command = {
	usage: "check [paths..]",
	summary: "Looks whether the queries of a project go with the schema; exit code 2 where one does not",
	positionals: {
		paths: textPositional("Files and folders to look for queries in; the working directory unless given"),
	},
	options: { ...schemaOptions, out: outOption("File that typegen has written, which must be up to date, too") },
	examples: [
		["wlsm check --schema schema.sql src", "prints file:line:column and a caret for each query that is wrong"],
		["wlsm check --db ./data --out src/queries.ts", "and that the generated file is as typegen would write it"],
	],
	async run(args, output, settings) {
		const [{ askedOf }, { counted, lookAt, problemsText }, { isCurrent }, { shownPath }] = await Promise.all([
			import("../typegen/request.js"),
			import("../typegen/run.js"),
			import("../typegen/write.js"),
			import("../typegen/project.js"),
		]);
		const asked = askedOf(args, settings);
		const outcome = await lookAt(asked);
		process.stderr.write(problemsText(outcome));
		const stale = asked.namedOut === undefined ? [] : outcome.files.filter((file) => !isCurrent(file));
		for (const { path } of stale)
			process.stderr.write(`${shownPath(path)} is not up to date: run wlsm typegen with the same options\n`);
		if (outcome.problems.length + stale.length > 0) return ExitCode.usage;
		await output.write(`ok: ${counted(outcome.queries, "query")} in ${counted(outcome.sources, "file")}\n`);
		return ExitCode.done;
	},
};
