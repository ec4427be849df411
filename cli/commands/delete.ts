import { type Command, textPositional } from "../command.js";
import { withKeyValues } from "../database.js";
import { ExitCode } from "../exit-code.js";

export const delete_: Command = {
	usage: ["delete <key>", "del"],
	summary: "Deletes a key; no error where there is none",
	positionals: { key: textPositional("The key") },
	options: {},
	examples: [["wlsm delete user/1", "removes the key; no error where it is absent"]],
	async run(args, _output, settings) {
		await withKeyValues(settings, "change", (db) => db.delete(args.required("key")));
		return ExitCode.done;
	},
};
