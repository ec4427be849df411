/** What is wrong with a command line, in words that say what to do. Loaded only where something is. */

import type { Command } from "./command.js";
import { commandEntries } from "./commands/commands.js";
import { commonOptions, optionWords } from "./line.js";
import { nearest } from "./nearest.js";

/** yargs' message in our words, with what might have been meant. */
export function explain(message: string, words: readonly string[], command: Command | undefined): string {
	if (command !== undefined && message.startsWith("Not enough non-option arguments")) {
		const names = optionWords(words).map((word) => word.replace(/^--?/, "").split("=")[0] ?? "");
		const stray = names.find((name) => ![...Object.keys(command.options), ...commonOptions, "h"].includes(name));
		return stray === undefined ? `Something is missing: wlsm ${usagesOf(command)[0]}` : noSuchOption(command, stray);
	}
	const option = /^Not enough arguments following: (.*)$/.exec(message)?.[1];
	if (option !== undefined) {
		const count = command?.options[option]?.nargs ?? 1;
		return `--${option} needs ${count === 1 ? "a value" : `${count} values`}`;
	}
	const unknown = /^Unknown (argument|command)s?: (.*)$/.exec(message)?.[2]?.split(", ")[0]?.replaceAll("\0", "");
	if (unknown === undefined) return message;
	if (command === undefined) {
		const names = commandEntries.flatMap((entry) => entry.names);
		const near = nearest(unknown, names);
		return `There is no command ${unknown}${near === undefined ? "" : `; did you mean ${near}?`}`;
	}
	const isOption = words.some((word) => word.startsWith("-") && word.replace(/^-+/, "").split("=")[0] === unknown);
	if (!isOption) return `Unexpected argument ${JSON.stringify(unknown)}`;
	return noSuchOption(command, unknown);
}

function noSuchOption(command: Command, name: string): string {
	const near = nearest(name, [...Object.keys(command.options), ...commonOptions]);
	const orPlain =
		Object.keys(command.positionals).length > 0 ? "; a key, value or text that begins with - goes behind --" : "";
	const hint = near === undefined ? orPlain : `; did you mean --${near}?`;
	return `${usagesOf(command)[0]?.split(" ")[0]} has no option ${name.length > 1 ? "--" : "-"}${name}${hint}`;
}

function usagesOf(command: Command): readonly string[] {
	return typeof command.usage === "string" ? [command.usage] : command.usage;
}
