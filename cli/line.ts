import { Arguments, markPlainWords } from "./arguments.js";
import type { Command } from "./command.js";
import { flagOption, valueOption } from "./command.js";
import { type CommandEntry, commandEntries } from "./commands/commands.js";
import { UsageError } from "./exit-code.js";
import { wholeYargs, type Yargs, yargsWithoutHelp } from "./yargs.js";

/** Options of every command. */
export const common = {
	db: valueOption("Directory of the database; without it $WLSM_DB, db of the configuration, ./wlsm-data"),
	kernel: valueOption("wasm, or ts: the same in TypeScript, slower, without WebAssembly"),
	config: valueOption("Configuration file; without it wlsm.config.json, .yaml or .toml here or above"),
	color: valueOption("Colours: auto, always or never"),
	verbose: flagOption("Tell on standard error what the database does"),
};

/** Names of these, and of what yargs adds. */
export const commonOptions = ["help", "version", ...Object.keys(common)];

/** What a line asks for. */
export interface Line {
	readonly command: Command;
	readonly args: Arguments;
}

/** Reads a command line; undefined where that has answered it already, as with --help. Throws `UsageError` for one that makes no sense. */
export async function readLine(given: readonly string[]): Promise<Line | undefined> {
	const words = withColor(helpLast(given));
	const entries = entriesIn(words);
	try {
		return await readWords(words, await loaded(entries));
	} catch (error) {
		if (error instanceof UsageError) error.command ??= entries[0]?.names[0];
		throw error;
	}
}

async function readWords(words: readonly string[], named: readonly Command[]): Promise<Line | undefined> {
	checkFlags(words, named[0]);
	try {
		const yargs = named.length === 0 ? undefined : await yargsWithoutHelp();
		if (yargs !== undefined) {
			try {
				return await readWith(yargs, words, named);
			} catch (error) {
				// Anything else is help, for which the whole of yargs reads the line again.
				if (error instanceof Misread) throw error;
			}
		}
		return await readWith(await wholeYargs(), words, await loaded(commandEntries));
	} catch (error) {
		if (!(error instanceof Misread)) throw error;
		if (error.message === noCommand && isInteractive()) return readLine(["shell", ...words]);
		const { explain } = await import("./usage.js");
		throw new UsageError(explain(error.message, words, named[0]));
	}
}

/** `help load` is `load --help`; of what is no command it is that which is told of. */
function helpLast(words: readonly string[]): readonly string[] {
	const [first, second = ""] = words;
	if (first !== "help" || words.length !== 2 || second.startsWith("-")) return words;
	if (second === "help") return ["--help"];
	return commandEntries.some(({ names }) => names.includes(second)) ? [second, "--help"] : [second];
}

/** The commands that the words could name, the likeliest first: a later word may be an argument. */
function entriesIn(words: readonly string[]): CommandEntry[] {
	const place = ({ names }: CommandEntry) => words.findIndex((word) => names.includes(word));
	return commandEntries.filter((entry) => place(entry) >= 0).sort((a, b) => place(a) - place(b));
}

function loaded(entries: readonly CommandEntry[]): Promise<Command[]> {
	return Promise.all(entries.map((entry) => entry.load()));
}

const noCommand = "A command is needed";

/** People at both ends: a shell can talk to them. */
export function isInteractive(): boolean {
	return process.stdin.isTTY === true && process.stdout.isTTY === true;
}

/** --color alone is --color always, and --no-color is --color never, as with other programs. */
function withColor(words: readonly string[]): string[] {
	const end = words.includes("--") ? words.indexOf("--") : words.length;
	return words.map((word, at) => {
		if (at >= end) return word;
		if (word === "--no-color") return "--color=never";
		return word === "--color" && !canBeValue(words[at + 1]) ? "--color=always" : word;
	});
}

/** Not an option, a command or what has blanks, as SQL has. */
function canBeValue(word = "-"): boolean {
	return /^[^-\s]\S*$/.test(word) && !commandEntries.some(({ names }) => names.includes(word));
}

/** What yargs finds wrong with a line, in its own words. */
class Misread extends Error {}

async function readWith(
	yargs: Yargs,
	words: readonly string[],
	commands: readonly Command[],
): Promise<Line | undefined> {
	let line: Line | undefined;
	const parser = yargs(markPlainWords(words))
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
		.version(words.includes("--version") ? await (await import("./version.js")).versionText() : "")
		.alias("help", "h")
		.options(common)
		.strict()
		.demandCommand(1, noCommand)
		.exitProcess(false)
		.fail((message, error) => {
			// yargs has a class of its own for what it finds wrong itself.
			if (error !== undefined && error !== null && error.name !== "YError") throw error;
			throw new Misread(error?.message ?? message);
		})
		.example('wlsm query "SELECT 1 + 1"', "SQL; wlsm alone on a terminal is a shell for it")
		.example("wlsm put key value", "a pair of the key-value store")
		.epilogue("Exit codes: 0 done, 1 absent or rejected rows, 2 bad usage, SQL or input, 3 corruption, 4 I/O or lock.")
		.wrap(Math.min(120, process.stdout.columns ?? 100));
	for (const command of commands) {
		parser.command({
			command: command.usage,
			describe: command.summary,
			builder: (builder) => {
				for (const [name, options] of Object.entries(command.positionals)) builder.positional(name, options);
				for (const [line, does] of command.examples) builder.example(line, does);
				return builder.options(command.options);
			},
			handler: (values) => {
				line = { command, args: new Arguments(values) };
			},
		});
	}
	try {
		await parser.parseAsync();
	} catch (error) {
		// Behind a command yargs draws its help, for a later call that there is none of here.
		if (line === undefined) throw error;
	}
	return line;
}

/** yargs takes any value for a flag, and drops it. */
function checkFlags(words: readonly string[], command: Command | undefined): void {
	const options = command?.options ?? {};
	for (const word of optionWords(words)) {
		const [name = ""] = word.slice(2).split("=");
		const isFlag = ["help", "version", "verbose"].includes(name) || options[name]?.type === "boolean";
		if (isFlag && word.includes("=")) throw new UsageError(`--${name} takes no value`);
	}
}

/** The words that look like options and are not behind "--". */
export function optionWords(words: readonly string[]): string[] {
	const end = words.includes("--") ? words.indexOf("--") : words.length;
	return words.slice(0, end).filter((word) => /^-[^0-9.]/.test(word));
}
