import type { DatabaseStats } from "../../host/index.js";
import type { Arguments } from "../arguments.js";
import { type Command, valueOption } from "../command.js";
import { withKeyValues } from "../database.js";
import { ExitCode, UsageError } from "../exit-code.js";
import { interruptible } from "../interruption.js";
import type { Output } from "../output.js";
import { statsText } from "../stats-text.js";

const defaultSeconds = 2;

export const stats: Command = {
	usage: "stats",
	summary: "Prints figures about the database",
	positionals: {},
	options: {
		format: valueOption("text or json"),
		watch: {
			describe: `Print them anew every so many seconds, ${defaultSeconds} unless given, until Ctrl-C`,
			type: "string",
		},
	},
	examples: [
		["wlsm stats", "levels, memory, cache, compaction"],
		["wlsm stats --format json", "the same for programs"],
		["wlsm stats --watch 5", "anew every five seconds"],
	],
	async run(args, output, settings) {
		const format = args.oneOf("format", ["text", "json"], "text");
		const seconds = secondsOf(args);
		// Each time opened anew: a reader sees the database as it was when it was opened.
		const look = () => withKeyValues(settings, "read", (db) => db.stats());
		if (seconds === undefined) {
			const figures = await look();
			const json = () => output.display(`${JSON.stringify(figures, null, 2)}\n`);
			await output.write(format === "json" ? json() : statsText(figures, output.look));
			return ExitCode.done;
		}
		await watch(look, seconds, format, output);
		return ExitCode.done;
	},
};

function secondsOf(args: Arguments): number | undefined {
	const text = args.text("watch");
	if (text === undefined) return undefined;
	if (text === "") return defaultSeconds;
	const seconds = /^[0-9]+(?:\.[0-9]+)?$/.test(text) ? Number(text) : 0;
	if (seconds >= 0.1 && seconds <= 86_400) return seconds;
	throw new UsageError(`--watch must be a number of seconds from 0.1 on, not ${JSON.stringify(text)}`);
}

const clearScreen = "\x1b[H\x1b[2J";

/** On a terminal always in the same place; elsewhere one after the other, JSON as a line each. */
async function watch(
	look: () => Promise<DatabaseStats>,
	seconds: number,
	format: "text" | "json",
	output: Output,
): Promise<void> {
	let wake = () => {};
	const interruption = interruptible(() => wake());
	try {
		while (!interruption.signal.aborted) {
			const figures = await look();
			const clear = output.isTerminal ? clearScreen : "";
			const time = new Date().toLocaleTimeString("en-GB");
			const head = `${output.look.paint("note", `every ${seconds} s, ${time}; Ctrl-C ends`)}\n`;
			if (format === "json") await output.write(output.display(`${JSON.stringify(figures)}\n`));
			else await output.write(clear + head + statsText(figures, output.look));
			await output.flush();
			if (interruption.signal.aborted) break;
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, seconds * 1000);
				wake = () => {
					clearTimeout(timer);
					resolve();
				};
			});
		}
	} finally {
		interruption.end();
	}
}
