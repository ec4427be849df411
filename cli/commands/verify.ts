import type { Command } from "../command.js";
import { withKeyValues } from "../database.js";
import { ExitCode } from "../exit-code.js";

export const verify: Command = {
	usage: "verify",
	summary: "Checks every checksum and every file against the others; exit code 3 where something is wrong",
	positionals: {},
	options: {},
	examples: [["wlsm verify && echo sound", "checks every checksum"]],
	run(_args, output, settings) {
		return withKeyValues(settings, "read", async (db) => {
			const { ok, problems } = await db.verify();
			for (const problem of problems) await output.write(`${output.display(problem.message)}\n`);
			if (ok) await output.write("ok\n");
			return ok ? ExitCode.done : ExitCode.corruption;
		});
	},
};
