/** Completion of command lines by Unix shells. */

import { commandEntries } from "./commands/commands.js";
import { commonOptions } from "./line.js";
import type { Output } from "./output.js";

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
	const entry = commandEntries.find(({ names }) => words.slice(0, -1).some((word) => names.includes(word)));
	const candidates = last.startsWith("-") ? await optionsOf(entry) : entry === undefined ? commandNames() : [];
	for (const candidate of candidates) if (candidate.startsWith(last)) await output.write(`${candidate}\n`);
}

function commandNames(): string[] {
	return commandEntries.flatMap(({ names }) => names);
}

async function optionsOf(entry: (typeof commandEntries)[number] | undefined): Promise<string[]> {
	const own = entry === undefined ? [] : Object.keys((await entry.load()).options);
	return [...own, ...commonOptions].map((name) => `--${name}`);
}
