import { formatNames } from "../choices.js";
import { type Command, flagOption, valueOption } from "../command.js";
import { openFor, openingOf } from "../database.js";
import { ExitCode } from "../exit-code.js";
import { isInteractive } from "../line.js";
import type { Output } from "../output.js";
import type { Settings } from "../settings.js";
import type { SessionData } from "../shell/protocol.js";

export const shell: Command = {
	usage: "shell",
	summary: "A prompt for SQL, keys and values; also what wlsm alone on a terminal starts",
	positionals: {},
	options: {
		format: valueOption(`${formatNames.join(", ")}; unless given table at a prompt, csv for a script`),
		timeout: valueOption("Milliseconds that each statement may take; no limit with 0, or unless given"),
		"no-history": flagOption("Neither read nor keep the lines that are entered"),
		"read-only": flagOption("Look only, also beside a process that writes"),
	},
	examples: [
		["wlsm shell --db ./my-data", ".help at the prompt lists its commands"],
		["wlsm shell < script.sql", "without a terminal it runs a script, up to the first error"],
	],
	async run(args, output, settings) {
		const isAtPrompt = isInteractive();
		const otherwise = settings.choice("format", formatNames, isAtPrompt ? "table" : "csv");
		const data = {
			opening: openingOf(settings),
			readOnly: args.flag("read-only"),
			format: args.oneOf("format", formatNames, otherwise),
			timeoutMs: args.wholeNumber("timeout", 0) ?? settings.number("timeout"),
		};
		if (!isAtPrompt) return script(data, output);
		return interactive(data, output, settings, args.flag("no-history"));
	},
};

async function interactive(
	data: Omit<SessionData, "stop">,
	output: Output,
	settings: Settings,
	noHistory: boolean,
): Promise<ExitCode> {
	const [{ RemoteSession }, { Prompt }, { History, defaultHistoryPath }, { shellCommands }] = await Promise.all([
		import("../shell/remote.js"),
		import("../shell/prompt.js"),
		import("../shell/history.js"),
		import("../shell/commands.js"),
	]);
	const session = new RemoteSession(data);
	const isNew = await session.ready();
	const where = output.display(data.opening.directory);
	process.stdout.write(`wlsm, database ${where}. SQL ends with ; and .help lists commands.\n`);
	if (isNew) process.stdout.write("There is none yet: the first statement makes it.\n");
	const path = settings.text("history") ?? defaultHistoryPath();
	const history = new History(noHistory || path === "off" ? undefined : path);
	const program = settings.text("pager") ?? process.env.PAGER ?? "";
	const pager = program === "off" ? undefined : program;
	const commands = shellCommands.flatMap(({ names: [name = ""] }) => name);
	const exitCode = await new Prompt({ session, output, history, pager, commands }).run();
	if (history.problem !== undefined)
		process.stderr.write(`note: the history is not kept: ${output.display(history.problem)}\n`);
	if (await session.close()) process.stderr.write("note: the open transaction is undone\n");
	return exitCode;
}

/** Standard input line by line, in memory bounded by its longest statement. */
async function script(data: Omit<SessionData, "stop">, output: Output): Promise<ExitCode> {
	const [{ ShellSession }, { linesOf }] = await Promise.all([
		import("../shell/session.js"),
		import("../shell/lines.js"),
	]);
	let opening: ReturnType<typeof openFor> | undefined;
	const open = () => {
		opening ??= openFor(data.opening, data.readOnly ? "read" : "create");
		return opening;
	};
	const session = new ShellSession({
		open,
		screen: output,
		// Ctrl-C ends the process, as statements would not let a listener in.
		stop: { aborted: false },
		signal: () => new AbortController().signal,
		format: data.format,
		timeoutMs: data.timeoutMs,
		chatty: false,
	});
	try {
		await session.script(linesOf(process.stdin));
	} finally {
		session.sink.redirect(undefined);
		const db = await opening?.catch(() => undefined);
		if (db?.sql.inTransaction === true)
			process.stderr.write("note: the script ends without COMMIT, so its transaction is undone\n");
		await db?.close();
	}
	return ExitCode.done;
}
