import { type Command, textPositional } from "../command.js";
import { withRawValues } from "../database.js";
import { ExitCode } from "../exit-code.js";

export const get: Command = {
	usage: "get <key>",
	summary: "Prints the value of a key; exit code 1 where there is none",
	positionals: { key: textPositional("The key") },
	options: {},
	examples: [
		["wlsm get user/1", "prints its value"],
		["wlsm get image/7 > image.png", "bytes come out as they went in"],
	],
	run(args, output, settings) {
		return withRawValues(settings, "read", async (db) => {
			// As bytes, so that a value that is no text comes out as it went in.
			const value = await db.get(args.required("key"));
			if (value === undefined) {
				// For programs the exit code says it.
				if (output.isTerminal) process.stderr.write("(no such key)\n");
				return ExitCode.absent;
			}
			if (output.isTerminal) await output.write(output.display(new TextDecoder().decode(value)));
			else await output.writeBytes(value);
			await output.write("\n");
			return ExitCode.done;
		});
	},
};
