import type { Options, PositionalOptions } from "yargs";
import type { Arguments } from "./arguments.js";
import type { ExitCode } from "./exit-code.js";
import type { Output } from "./output.js";
import type { Settings } from "./settings.js";

/** One command. What it needs of the library it imports when it runs, so that the others start fast. */
export interface Command {
	/** In yargs' notation: `get <key>`; further ones are aliases. */
	readonly usage: string | readonly string[];
	readonly summary: string;
	readonly positionals: Readonly<Record<string, PositionalOptions>>;
	readonly options: Readonly<Record<string, Options>>;
	/** Lines that use it, and what they do. */
	readonly examples: readonly (readonly [line: string, does: string])[];
	run(args: Arguments, output: Output, settings: Settings): Promise<ExitCode>;
}

/** An option with a value. Always read as text: yargs would make numbers of what looks like them. */
export function valueOption(description: string, extra: Options = {}): Options {
	return { describe: description, type: "string", requiresArg: true, ...extra };
}

export function flagOption(description: string): Options {
	return { describe: description, type: "boolean" };
}

export function textPositional(description: string): PositionalOptions {
	return { describe: description, type: "string" };
}
