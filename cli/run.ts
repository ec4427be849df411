import { setImmediate as nextTurn } from "node:timers/promises";
import { colorModes } from "./choices.js";
import type { Command } from "./command.js";
import { ExitCode, exitCodeOf, UsageError } from "./exit-code.js";
import { type Line, readLine } from "./line.js";
import { Output, OutputClosed, visible } from "./output.js";
import { settingsFor } from "./settings.js";

/** What scripts of `wlsm completion` ask with. */
const completionsOption = "--get-completions";

/** Runs one command line and answers with the exit code. */
export async function run(words: readonly string[]): Promise<number> {
	const output = new Output(process.stdout);
	try {
		if (words[0] === completionsOption)
			await (await import("./completion.js")).printCompletions(words.slice(1), output);
		else {
			const line = await readLine(words);
			if (line !== undefined) return await runLine(line, output);
			// yargs has written its help, and whether that could be written is known with the next turn.
			await nextTurn();
		}
		await output.flush();
		return ExitCode.done;
	} catch (error) {
		return await report(error, output);
	}
}

async function runLine({ command, args }: Line, output: Output): Promise<number> {
	try {
		const settings = await settingsFor(args);
		output.color(settings.choice("color", colorModes, "auto"));
		const exitCode = await command.run(args, output, settings);
		await output.flush();
		return exitCode;
	} catch (error) {
		if (error instanceof UsageError) error.command ??= nameOf(command);
		throw error;
	}
}

function nameOf({ usage }: Command): string | undefined {
	return (typeof usage === "string" ? usage : usage[0])?.split(" ")[0];
}

function helpFor({ command }: UsageError): string {
	return command === undefined
		? "Run wlsm --help to see the commands and options.\n"
		: `Run wlsm ${command} --help to see how it is used.\n`;
}

async function report(error: unknown, output: Output): Promise<number> {
	if (error instanceof OutputClosed) return ExitCode.done;
	// What was printed before the error still belongs to the reader.
	await output.flush().catch(() => {});
	const { errorText } = await import("./error-text.js");
	const help = error instanceof UsageError ? helpFor(error) : "";
	process.stderr.write(`wlsm: ${visible(errorText(error))}\n${help}`);
	return error instanceof UsageError ? ExitCode.usage : exitCodeOf(error);
}
