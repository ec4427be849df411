import type { Command } from "../command.js";
import { directoryOf, kernelOf } from "../database.js";
import { ExitCode } from "../exit-code.js";

export const repair: Command = {
	usage: "repair",
	summary: "Makes a damaged database open again, and tells what is lost; exit code 1 where something is",
	positionals: {},
	options: {},
	async run(args, output) {
		const library = await import("../../host/repair.js");
		const { tables, entries, logs, leftOut } = await library.repair(directoryOf(args), { kernel: kernelOf(args) });
		for (const { file, reason } of leftOut) await output.write(`${output.display(`left out: ${file}: ${reason}`)}\n`);
		const kept = `kept: ${entries} entries; whole: ${tables} tables, recovered from: ${logs} logs`;
		await output.write(`${kept}\n`);
		return leftOut.length === 0 ? ExitCode.done : ExitCode.absent;
	},
};
