import { type Command, textPositional } from "../command.js";
import { completionScript, shells } from "../completion.js";
import { ExitCode, UsageError } from "../exit-code.js";

export const completion: Command = {
	usage: "completion [shell]",
	summary: "Prints a script with which a Unix shell completes commands and options",
	positionals: { shell: textPositional(`${shells.join(", ")}; that of $SHELL unless given`) },
	options: {},
	examples: [
		["wlsm completion bash >> ~/.bashrc", "for new shells"],
		["wlsm completion zsh >> ~/.zshrc", "likewise"],
		["wlsm completion fish > ~/.config/fish/completions/wlsm.fish", "likewise"],
	],
	async run(args, output) {
		const wanted = args.text("shell") ?? shellIn(process.env.SHELL) ?? "bash";
		const shell = shells.find((candidate) => candidate === wanted);
		if (shell === undefined)
			throw new UsageError(`There is no completion for ${JSON.stringify(wanted)}; say one of ${shells.join(", ")}`);
		await output.write(completionScript(shell));
		return ExitCode.done;
	},
};

/** $SHELL is a path; under Windows (Git Bash, Cygwin) perhaps one of a program with an extension. */
export function shellIn(variable: string | undefined): string | undefined {
	return variable
		?.split(/[\\/]/)
		.at(-1)
		?.replace(/\.exe$/i, "");
}
