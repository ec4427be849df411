import yargs from "yargs";
import { Arguments, markPlainWords } from "./arguments.js";
import type { Command } from "./command.js";
import { valueOption } from "./command.js";
import { commands } from "./commands/commands.js";
import { ExitCode, exitCodeOf, UsageError } from "./exit-code.js";
import { nearest } from "./nearest.js";
import { Output, OutputClosed, visible } from "./output.js";
import { version } from "./version.js";

const common = { db: valueOption("Directory of the database; without it $WLSM_DB, else ./wlsm-data") };
const everywhere = ["help", "version", ...Object.keys(common)];

/** Runs one command line and answers with the exit code. */
export async function run(words: readonly string[]): Promise<number> {
	const output = new Output(process.stdout);
	let exitCode: number = ExitCode.done;
	const line = yargs(markPlainWords(words))
		.scriptName("wlsm")
		.usage("wlsm <command> … [--db DIR]\n\nAn ordered key-value store with SQL over the same data.")
		.parserConfiguration({
			"boolean-negation": false,
			"camel-case-expansion": false,
			"dot-notation": false,
			"parse-numbers": false,
			"parse-positional-numbers": false,
		})
		.locale("en")
		.version(version())
		.alias("help", "h")
		.options(common)
		.strict()
		.demandCommand(1, "A command is needed")
		.exitProcess(false)
		.fail((message, error) => {
			// yargs has a class of its own for what it finds wrong itself.
			if (error !== undefined && error !== null && error.name !== "YError") throw error;
			throw new UsageError(explain(error?.message ?? message, words));
		})
		.epilogue("Exit codes: 0 done, 1 absent or rejected rows, 2 bad usage, SQL or input, 3 corruption, 4 I/O or lock.")
		.wrap(Math.min(120, process.stdout.columns ?? 100));
	for (const command of commands) {
		line.command({
			command: command.usage,
			describe: command.summary,
			builder: (builder) => {
				for (const [name, options] of Object.entries(command.positionals)) builder.positional(name, options);
				return builder.options(command.options);
			},
			handler: async (values) => {
				exitCode = await command.run(new Arguments(values), output);
			},
		});
	}
	try {
		checkFlags(words);
		await line.parseAsync();
		await output.flush();
	} catch (error) {
		return await report(error, output);
	}
	return exitCode;
}

async function report(error: unknown, output: Output): Promise<number> {
	if (error instanceof OutputClosed) return ExitCode.done;
	// What was printed before the error still belongs to the reader.
	await output.flush().catch(() => {});
	const text = error instanceof Error ? error.message : String(error);
	if (error instanceof UsageError) {
		process.stderr.write(`wlsm: ${visible(text)}\nRun wlsm --help to see the commands and options.\n`);
		return ExitCode.usage;
	}
	if (error instanceof RangeError && error.message === "Invalid string length") {
		process.stderr.write(
			"wlsm: A value is too long to be printed like this. Print it with wlsm get, or in parts with substr().\n",
		);
		return ExitCode.environment;
	}
	// What the library and the platform throw has a code; anything else is a mistake of ours.
	const known = error instanceof Error && "code" in error;
	process.stderr.write(`wlsm: ${known ? "" : "internal error, please report it: "}${visible(text)}\n`);
	return exitCodeOf(error);
}

/** yargs takes any value for a flag, and drops it. */
function checkFlags(words: readonly string[]): void {
	const options = commandOf(words)?.options ?? {};
	for (const word of optionWords(words)) {
		const [name = ""] = word.slice(2).split("=");
		const isFlag = ["help", "version"].includes(name) || options[name]?.type === "boolean";
		if (isFlag && word.includes("=")) throw new UsageError(`--${name} takes no value`);
	}
}

function commandOf(words: readonly string[]): Command | undefined {
	return commands.find((candidate) => namesOf(candidate).some((name) => words.includes(name)));
}

/** The words that look like options and are not behind "--". */
function optionWords(words: readonly string[]): string[] {
	const end = words.includes("--") ? words.indexOf("--") : words.length;
	return words.slice(0, end).filter((word) => /^-[^0-9.]/.test(word));
}

/** yargs' message in our words, with what might have been meant. */
function explain(message: string, words: readonly string[]): string {
	const command = commandOf(words);
	if (command !== undefined && message.startsWith("Not enough non-option arguments")) {
		const names = optionWords(words).map((word) => word.replace(/^--?/, "").split("=")[0] ?? "");
		const stray = names.find((name) => ![...Object.keys(command.options), ...everywhere, "h"].includes(name));
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
		const near = nearest(unknown, commands.flatMap(namesOf));
		return `There is no command ${unknown}${near === undefined ? "" : `; did you mean ${near}?`}`;
	}
	const isOption = words.some((word) => word.startsWith("-") && word.replace(/^-+/, "").split("=")[0] === unknown);
	if (!isOption) return `Unexpected argument ${JSON.stringify(unknown)}`;
	return noSuchOption(command, unknown);
}

function noSuchOption(command: Command, name: string): string {
	const near = nearest(name, [...Object.keys(command.options), ...everywhere]);
	const orPlain =
		Object.keys(command.positionals).length > 0 ? "; a key, value or text that begins with - goes behind --" : "";
	const hint = near === undefined ? orPlain : `; did you mean --${near}?`;
	return `${namesOf(command)[0]} has no option ${name.length > 1 ? "--" : "-"}${name}${hint}`;
}

function usagesOf(command: Command): readonly string[] {
	return typeof command.usage === "string" ? [command.usage] : command.usage;
}

function namesOf(command: Command): string[] {
	return usagesOf(command).map((usage) => usage.split(" ")[0] ?? usage);
}
