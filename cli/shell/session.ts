/** Runs what is entered in the shell. Knows nothing of terminals: it works in a thread of its own, and for scripts. */

import { createReadStream } from "node:fs";
import { WlsmError } from "../../host/errors.js";
import { type Database, type StopOptions, type StopSignal, statementsOf } from "../../host/index.js";
import type { FormatName } from "../choices.js";
import { UsageError } from "../exit-code.js";
import { formatOf, type Value } from "../format/format.js";
import { durationText, numberOf } from "../format/units.js";
import { runScript } from "../run-script.js";
import { type CommandContext, runCommand } from "./commands.js";
import { type Input, InputBuffer } from "./input.js";
import { runKeyValue } from "./key-value.js";
import { linesOf } from "./lines.js";
import { fileError, type Screen, Sink } from "./sink.js";

export interface SessionOptions {
	/** Opens the database, or makes it, at its first use. */
	open(): Promise<Database>;
	readonly screen: Screen;
	/** Looked at while statements run. */
	readonly stop: StopSignal;
	/** Of work that lets the thread wait: loads. */
	readonly signal: () => AbortSignal;
	readonly format: FormatName;
	readonly timeoutMs: number;
	/** Somebody looks on: is told how many rows there were. */
	readonly chatty: boolean;
}

/** Files that `.read` each other would never end. */
const deepestRead = 20;

export function countStatements(script: string): number {
	return statementsOf(script).length;
}

export class ShellSession implements CommandContext {
	readonly sink: Sink;
	readonly #options: SessionOptions;
	format: FormatName;
	timer = false;
	#depth = 0;

	constructor(options: SessionOptions) {
		this.#options = options;
		this.sink = new Sink(options.screen, options.stop);
		this.format = options.format;
	}

	get signal(): AbortSignal {
		return this.#options.signal();
	}

	/** For statements. */
	get stop(): StopOptions {
		return { signal: this.#options.stop, timeoutMs: this.#options.timeoutMs };
	}

	database(): Promise<Database> {
		return this.#options.open();
	}

	/** "quit" where that was asked for. */
	async run(input: Input): Promise<"quit" | "done"> {
		const from = performance.now() - this.sink.waitedMilliseconds;
		const outcome = await this.#runUntimed(input);
		if (this.timer && input.kind !== "command") {
			const milliseconds = performance.now() - this.sink.waitedMilliseconds - from;
			await this.sink.tell(this.sink.look.paint("note", `Time: ${durationText(milliseconds)}`).concat("\n"));
		}
		return outcome;
	}

	async #runUntimed(input: Input): Promise<"quit" | "done"> {
		switch (input.kind) {
			case "command":
				return runCommand(input, this);
			case "keyValue":
				await runKeyValue(input.words, this);
				return "done";
			case "sql":
				await this.sql(input.text);
				return "done";
		}
	}

	async sql(text: string): Promise<void> {
		const statements = statementsOf(text);
		if (statements.length === 0) return;
		await runScript(await this.database(), text, statements, {
			parameters: undefined,
			stop: this.stop,
			exactNumbers: this.format === "csv",
			onRows: (columns, rows) => this.rows(columns, rows),
			onChange: async (changes) => {
				if (changes > 0) await this.#note(`${numberOf(changes)} ${changes === 1 ? "row" : "rows"} changed`);
			},
		});
	}

	async rows(columns: readonly string[], rows: Iterable<readonly Value[]>): Promise<void> {
		const format = await formatOf(this.format, this.sink.look);
		let count = 0;
		const { sink } = this;
		const counted = function* () {
			for (const row of rows) {
				sink.checkStop();
				count++;
				yield row;
			}
		};
		for (const piece of format(columns, counted())) await sink.write(piece);
		await this.#note(`${numberOf(count)} ${count === 1 ? "row" : "rows"}`);
	}

	async #note(text: string): Promise<void> {
		if (this.#options.chatty) await this.sink.tell(`${this.sink.look.paint("note", `(${text})`)}\n`);
	}

	/** Runs what is in a file, in memory bounded by its longest statement. */
	async read(path: string): Promise<"quit" | "done"> {
		if (this.#depth === deepestRead) throw new UsageError(`.read is nested too deeply at ${path}`);
		this.#depth++;
		try {
			return await this.script(linesOf(this.#chunksOf(path)));
		} finally {
			this.#depth--;
		}
	}

	async *#chunksOf(path: string): AsyncGenerator<Uint8Array> {
		try {
			for await (const chunk of createReadStream(path)) {
				this.sink.checkStop();
				yield chunk;
			}
		} catch (error) {
			throw error instanceof WlsmError ? error : fileError(path, "read", error);
		}
	}

	/** Line by line, up to the first error. */
	async script(lines: Iterable<string> | AsyncIterable<string>): Promise<"quit" | "done"> {
		const buffer = new InputBuffer(countStatements);
		for await (const line of lines) {
			const input = buffer.add(line);
			if (input !== undefined && (await this.run(input)) === "quit") return "quit";
		}
		const rest = buffer.end();
		return rest === undefined ? "done" : this.run(rest);
	}
}
