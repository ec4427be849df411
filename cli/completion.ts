/** Completion of command lines by Unix shells. */

import { commandEntries } from "./commands/commands.js";
import { common, commonOptions } from "./line.js";
import type { Output } from "./output.js";
import { definitions } from "./settings.js";

export const shells = ["bash", "zsh", "fish"] as const;
export type UnixShell = (typeof shells)[number];

/** Asks the command line itself what fits. By hand: yargs has no script for fish, and one for zsh only where zsh asks. */
export function completionScript(shell: UnixShell): string {
	return scripts[shell];
}

const scripts: Readonly<Record<UnixShell, string>> = {
	bash: `_wlsm() {
	local IFS=$'\\n'
	COMPREPLY=($(wlsm --get-completions "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o bashdefault -o default -F _wlsm wlsm
`,
	zsh: `#compdef wlsm
_wlsm() {
	local -a found
	found=(\${(f)"$(wlsm --get-completions "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
	if (( \${#found} )); then compadd -a found; else _files; fi
}
compdef _wlsm wlsm
`,
	fish: `complete -c wlsm -a '(wlsm --get-completions (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`,
};

/** A candidate on each line for the last of the words; none where it is a file or a text. */
export async function printCompletions(words: readonly string[], output: Output): Promise<void> {
	const last = words.at(-1) ?? "";
	const before = words.slice(0, -1);
	// What stands behind an option may be its value.
	const entry = commandEntries.find(({ names }) =>
		before.some((word, at) => names.includes(word) && !takesValue(before[at - 1])),
	);
	const candidates = await candidatesOf(before.at(-1), last, entry);
	for (const candidate of candidates) if (candidate.startsWith(last)) await output.write(`${candidate}\n`);
}

type Entry = (typeof commandEntries)[number] | undefined;

async function candidatesOf(previous: string | undefined, last: string, entry: Entry): Promise<readonly string[]> {
	if (last.startsWith("-")) return optionsOf(entry);
	const name = /^--(.+)$/.exec(previous ?? "")?.[1];
	const own = name === undefined ? undefined : (await entry?.load())?.options[name];
	if (takesValue(previous) || own?.type === "string") return choicesOf(name, entry);
	if (previous === "completion" && entry?.names[0] === "completion") return shells;
	return entry === undefined ? commandNames() : [];
}

/** Of the options of every command. */
function takesValue(word: string | undefined): boolean {
	return Object.entries(common).some(([name, { type }]) => word === `--${name}` && type === "string");
}

/** None where a value is a file or a text. */
function choicesOf(name: string | undefined, entry: Entry): readonly string[] {
	if (name === "color" || name === "kernel") return definitions[name].is;
	// Other commands have other formats.
	return name === "format" && entry?.names[0] === "query" ? definitions.format.is : [];
}

function commandNames(): string[] {
	return commandEntries.flatMap(({ names }) => names);
}

async function optionsOf(entry: Entry): Promise<string[]> {
	const own = entry === undefined ? [] : Object.keys((await entry.load()).options);
	return [...own, ...commonOptions].map((name) => `--${name}`);
}
