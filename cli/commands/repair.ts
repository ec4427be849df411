import type { Command } from "../command.js";
import { opened, openingOf } from "../database.js";
import { ExitCode } from "../exit-code.js";

export const repair: Command = {
	usage: "repair",
	summary: "Makes a damaged database open again, and tells what is lost; exit code 1 where something is",
	positionals: {},
	options: {},
	examples: [["wlsm repair --db ./my-data", "after wlsm verify has found damage; take a copy of the directory before"]],
	async run(_args, output, settings) {
		const { directory, kernel } = openingOf(settings);
		const library = await import("../../host/repair.js");
		const { tables, entries, logs, leftOut } = await opened(library.repair(directory, { kernel }));
		for (const { file, reason } of leftOut) await output.write(`${output.display(`left out: ${file}: ${reason}`)}\n`);
		const kept = `kept: ${entries} entries; whole: ${tables} tables, recovered from: ${logs} logs`;
		await output.write(`${kept}\n`);
		return leftOut.length === 0 ? ExitCode.done : ExitCode.absent;
	},
};
