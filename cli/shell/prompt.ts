/** The terminal's side of the shell: lines in, results out, Ctrl-C and Ctrl-D. */

import { createInterface, type Interface, type Key } from "node:readline";
import { ExitCode } from "../exit-code.js";
import type { Output } from "../output.js";
import { visible } from "../output.js";
import { type Completion, complete } from "./completion.js";
import type { History } from "./history.js";
import { keptLines } from "./history.js";
import { Pager } from "./pager.js";
import type { RemoteSession } from "./remote.js";

export interface PromptOptions {
	readonly session: RemoteSession;
	readonly output: Output;
	readonly history: History;
	/** As the pager's. */
	readonly pager: string | undefined;
	/** Names of the shell's own commands. */
	readonly commands: readonly string[];
}

const [firstPrompt, nextPrompt] = ["wlsm> ", " ...> "];
/** After which it is said that a statement does not end at once. */
const patienceMilliseconds = 1500;

export class Prompt {
	readonly #options: PromptOptions;
	readonly #readline: Interface;
	readonly #lines: string[] = [];
	#pending = "";
	#state: "waiting" | "running" | "left" = "waiting";
	#interrupts = 0;
	#isTerminated = false;
	#pager: Pager | undefined;
	#leave: (exitCode: ExitCode) => void = () => {};

	constructor(options: PromptOptions) {
		this.#options = options;
		this.#readline = createInterface({
			input: process.stdin,
			output: process.stdout,
			terminal: true,
			prompt: firstPrompt,
			history: options.history.lines,
			historySize: keptLines,
			removeHistoryDuplicates: true,
			completer: (line: string, answer: (error: null, completion: Completion) => void) => {
				void this.#complete(line).then((completion) => answer(null, completion));
			},
		});
	}

	/** Until the user leaves. */
	async run(): Promise<ExitCode> {
		const left = new Promise<ExitCode>((resolve) => {
			this.#leave = resolve;
		});
		const onInterrupt = () => this.#interrupt();
		const onTerminate = () => this.#terminate();
		process.on("SIGINT", onInterrupt);
		process.once("SIGTERM", onTerminate);
		this.#readline.on("SIGINT", onInterrupt);
		this.#readline.on("line", (line) => {
			this.#options.history.add(line);
			this.#lines.push(line);
			if (this.#state === "waiting") this.#work().catch((error) => this.#fail(error));
		});
		this.#readline.once("close", () => {
			// Ctrl-D leaves the prompt where it stands. What was pasted before is done all the same.
			if (this.#state === "waiting") this.#leave(ExitCode.done);
		});
		this.#readline.prompt();
		try {
			return await left;
		} finally {
			const wasWaiting = this.#state === "waiting";
			this.#state = "left";
			process.off("SIGINT", onInterrupt);
			process.off("SIGTERM", onTerminate);
			this.#readline.close();
			if (wasWaiting) process.stdout.write("\n");
		}
	}

	#fail(error: unknown): void {
		process.stderr.write(`wlsm: ${visible(error instanceof Error ? error.message : String(error))}\n`);
		this.#leave(ExitCode.environment);
	}

	/** Runs the lines that there are. Meanwhile the terminal is an ordinary one, whose Ctrl-C is a signal. */
	async #work(): Promise<void> {
		this.#state = "running";
		this.#readline.pause();
		process.stdin.setRawMode(false);
		for (let line = this.#lines.shift(); line !== undefined; line = this.#lines.shift()) {
			const outcome = await this.#runLine(line);
			if (outcome === "quit" || this.#isTerminated) {
				this.#leave(this.#isTerminated ? ExitCode.terminated : ExitCode.done);
				return;
			}
		}
		this.#state = "waiting";
		// Readline has ended behind the last of the lines.
		if ("closed" in this.#readline && this.#readline.closed === true) {
			this.#leave(ExitCode.done);
			return;
		}
		process.stdin.setRawMode(true);
		this.#readline.setPrompt(this.#pending === "" ? firstPrompt : nextPrompt);
		this.#readline.prompt();
	}

	async #runLine(line: string): Promise<"quit" | "done"> {
		const { session, output, pager } = this.#options;
		this.#interrupts = 0;
		this.#pager = new Pager({
			output: process.stdout,
			program: pager,
			key: () => pressedKey(),
			onQuit: () => session.stop(),
		});
		const { width = 80, paint } = output.look;
		const look = { width, colours: paint("note", "x") !== "x" };
		const { state, failure } = await session.line(line, look, (text) => this.#pager?.write(text) ?? Promise.resolve());
		const wasQuit = this.#pager.quit;
		await this.#pager.end();
		this.#pager = undefined;
		if (failure !== undefined && !wasQuit) process.stderr.write(`${failure}\n`);
		this.#pending = state === "pending" ? `${this.#pending}${line}\n` : "";
		if (failure !== undefined) this.#lines.length = 0;
		return state === "quit" ? "quit" : "done";
	}

	/** The first one stops what runs, or drops what was entered; a third one leaves, whatever hangs. */
	#interrupt(): void {
		if (this.#state === "waiting") this.#drop();
		else if (this.#state === "running" && this.#pager?.hasTerminal !== true) {
			this.#interrupts++;
			this.#lines.length = 0;
			this.#options.session.stop();
			if (this.#interrupts === 1) setTimeout(() => this.#tellPatience(), patienceMilliseconds).unref();
			if (this.#interrupts > 2) {
				// The thread cannot be asked any more. The database stands a process that ends like this.
				this.#readline.close();
				process.exit(ExitCode.interrupted);
			}
		}
	}

	/** What runs is stopped first: only then can the database be closed. */
	#terminate(): void {
		this.#isTerminated = true;
		if (this.#state === "running") this.#options.session.stop();
		else this.#leave(ExitCode.terminated);
	}

	#tellPatience(): void {
		if (this.#state === "running" && this.#interrupts > 0)
			process.stderr.write("Stopping… Ctrl-C twice more leaves at once.\n");
	}

	#drop(): void {
		const isEmpty = this.#readline.line === "" && this.#pending === "";
		this.#readline.write(null, { ctrl: true, name: "e" });
		process.stdout.write(isEmpty ? "\n(Ctrl-D or .quit leaves)\n" : "^C\n");
		this.#options.session.clear();
		this.#pending = "";
		this.#readline.setPrompt(firstPrompt);
		this.#readline.write(null, { ctrl: true, name: "u" });
		if (isEmpty) this.#readline.prompt();
	}

	async #complete(line: string): Promise<Completion> {
		if (this.#state !== "waiting") return [[], line];
		const names = await this.#options.session.names();
		return complete(this.#pending, line, names, this.#options.commands);
	}
}

/** The next key, past readline, which would take it for input. */
async function pressedKey(): Promise<string> {
	const { stdin } = process;
	const listeners = stdin.listeners("keypress") as ((...args: unknown[]) => void)[];
	stdin.removeAllListeners("keypress");
	stdin.setRawMode(true);
	stdin.resume();
	try {
		return await new Promise<string>((resolve) => {
			stdin.once("keypress", (text: string | undefined, key: Key | undefined) => {
				const name = key?.name ?? text ?? "";
				resolve(key?.ctrl === true ? `ctrl-${name}` : name);
			});
		});
	} finally {
		stdin.pause();
		stdin.setRawMode(false);
		for (const listener of listeners) stdin.on("keypress", listener);
	}
}
