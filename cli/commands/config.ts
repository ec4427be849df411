import { type Command, valueOption } from "../command.js";
import { ExitCode } from "../exit-code.js";
import { tableFor } from "../format/table.js";
import { nearest } from "../nearest.js";
import { definitions, settingNames, variableOf } from "../settings.js";

export const config: Command = {
	usage: "config",
	summary: "Prints the settings, and where each of them comes from",
	positionals: {},
	options: { format: valueOption("text or json") },
	examples: [
		["wlsm config", "flags come before variables, these before the configuration file"],
		["WLSM_DB=./other wlsm config --format json", "the same for programs"],
	],
	async run(args, output, settings) {
		const format = args.oneOf("format", ["text", "json"], "text");
		const found = settingNames.map((name) => ({ name, ...settings.get(name), variable: variableOf(name) }));
		if (format === "json") {
			const entries = found.map(({ name, value, from }) => [name, { value: value ?? null, from }]);
			const json = JSON.stringify(
				{ file: settings.file?.path ?? null, settings: Object.fromEntries(entries) },
				null,
				2,
			);
			await output.write(output.display(`${json}\n`));
		} else {
			await output.write(output.display(`configuration file: ${settings.file?.path ?? "none"}\n`));
			// What a narrow terminal has no room for goes, and first what says the same each time; JSON has all.
			const width = output.look.width ?? Infinity;
			const shown = width < 60 ? 2 : width < 120 ? 3 : 5;
			const rows = found.map(({ name, value, from, variable }) =>
				[name, value === undefined ? "-" : String(value), from, variable, definitions[name].about].slice(0, shown),
			);
			const columns = ["setting", "value", "from", "variable", "what it is"].slice(0, shown);
			for (const piece of tableFor(output.look)(columns, rows)) await output.write(piece);
		}
		const variables = [...found.map(({ variable }) => variable), "WLSM_CONFIG"];
		for (const name of Object.keys(process.env)) {
			if (!name.startsWith("WLSM_") || variables.includes(name)) continue;
			const near = nearest(name, variables);
			const hint = near === undefined ? "" : `; did you mean ${near}?`;
			process.stderr.write(`note: there is no setting for $${output.display(name)}${hint}\n`);
		}
		return ExitCode.done;
	},
};
