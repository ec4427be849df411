import { ExitCode, exitCodeOf, UsageError } from "./exit-code.js";
import { readLine } from "./line.js";
import { Output, OutputClosed, visible } from "./output.js";

/** Runs one command line and answers with the exit code. */
export async function run(words: readonly string[]): Promise<number> {
	const output = new Output(process.stdout);
	try {
		const line = await readLine(words);
		const exitCode = (await line?.command.run(line.args, output)) ?? ExitCode.done;
		await output.flush();
		return exitCode;
	} catch (error) {
		return await report(error, output);
	}
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
