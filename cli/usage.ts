/** What is wrong with a command line, in words that say what to do. Loaded only where something is. */

import type { Command } from "./command.js";
import { commandEntries } from "./commands/commands.js";
import { commonOptions, optionWords } from "./line.js";
import { nearest } from "./nearest.js";

/** What people call it elsewhere. */
const synonyms: Readonly<Record<string, string>> = {
	sql: "query",
	exec: "query",
	run: "query",
	select: "query",
	set: "put",
	add: "put",
	rm: "delete",
	remove: "delete",
	ls: "scan",
	list: "scan",
	keys: "scan",
	import: "load",
	export: "dump",
	backup: "checkpoint",
	open: "shell",
	repl: "shell",
	status: "stats",
	info: "stats",
	version: "--version",
};

/** yargs' message in our words, with what might have been meant. */
export function explain(message: string, words: readonly string[], command: Command | undefined): string {
	if (command === undefined) return withoutCommand(message, words);
	if (message.startsWith("Not enough non-option arguments")) {
		const names = optionWords(words).map((word) => word.replace(/^--?/, "").split("=")[0] ?? "");
		const stray = names.find((name) => ![...Object.keys(command.options), ...commonOptions, "h"].includes(name));
		if (stray !== undefined) return noSuchOption(command, stray);
		const last = words.at(-1)?.replace(/^--/, "") ?? "";
		if (words.at(-1)?.startsWith("--") && (command.options[last]?.requiresArg === true || valueOptions.includes(last)))
			return `--${last} needs a value`;
		return `Something is missing: wlsm ${usagesOf(command)[0]}`;
	}
	const option = /^Not enough arguments following: (.*)$/.exec(message)?.[1];
	if (option !== undefined) {
		const count = command.options[option]?.nargs ?? 1;
		return `--${option} needs ${count === 1 ? "a value" : `${count} values`}`;
	}
	const unknown = unknownIn(message);
	if (unknown === undefined) return message;
	const isOption = words.some((word) => word.startsWith("-") && word.replace(/^-+/, "").split("=")[0] === unknown);
	if (isOption) return noSuchOption(command, unknown);
	const [usage = ""] = usagesOf(command);
	const blanks = usage.includes("<") ? "; what has blanks goes in quotes" : "";
	return `Unexpected argument ${JSON.stringify(unknown)} behind wlsm ${usage}${blanks}`;
}

function withoutCommand(message: string, words: readonly string[]): string {
	const option = /^Not enough arguments following: (.*)$/.exec(message)?.[1];
	if (option !== undefined) return `--${option} needs a value`;
	const unknown = unknownIn(message);
	if (unknown === undefined) {
		const stray = optionWords(words)
			.map((word) => word.split("=")[0] ?? "")
			.find((word) => ![...commonOptions.map((name) => `--${name}`), "-h"].includes(word));
		if (stray !== undefined) return `There is no option ${stray}`;
		return `${message}, such as wlsm query "SELECT 1"; on a terminal wlsm alone is a shell`;
	}
	const word = unknown.toLowerCase();
	if (/\s/.test(unknown))
		return `There is no command ${JSON.stringify(unknown)}. SQL goes behind query: wlsm query "…"`;
	const names = commandEntries.flatMap((entry) => entry.names);
	const meant = Object.hasOwn(synonyms, word) ? synonyms[word] : nearest(unknown, names);
	return `There is no command ${unknown}${meant === undefined ? "" : `; did you mean ${meant}?`}`;
}

/** Of the common ones those that take one. */
const valueOptions = ["db", "kernel", "config", "color"];

/** The first word that yargs does not know. */
function unknownIn(message: string): string | undefined {
	return /^Unknown (?:argument|command)s?: (.*)$/.exec(message)?.[1]?.split(", ")[0]?.replaceAll("\0", "");
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
