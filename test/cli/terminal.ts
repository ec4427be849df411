/** Runs the command line on a pseudo-terminal of its own. */

import type { IPty } from "@lydell/node-pty";
import { main } from "./process.js";

/** Where the package has no binary for this platform there are no terminals to test with. */
const pty = await import("@lydell/node-pty").catch(() => undefined);
export const hasTerminals = pty !== undefined;

export interface TerminalOptions {
	readonly cwd: string;
	readonly columns?: number;
	readonly rows?: number;
	readonly env?: Readonly<Record<string, string>>;
}

const patienceMilliseconds = 30_000;

export const keys = { enter: "\r", tab: "\t", interrupt: "\x03", end: "\x04", up: "\x1b[A" } as const;

export class Terminal {
	readonly #child: IPty;
	readonly exit: Promise<number>;
	#text = "";
	/** How much of `text` was waited for. */
	#seen = 0;
	#onChange = () => {};

	constructor(words: readonly string[], { cwd, columns = 120, rows = 40, env = {} }: TerminalOptions) {
		if (pty === undefined) throw new Error("there are no terminals");
		const { WLSM_DB: _, NO_COLOR: _n, FORCE_COLOR: _f, PAGER: _p, ...inherited } = process.env;
		this.#child = pty.spawn(process.execPath, [main, ...words], {
			cwd,
			cols: columns,
			rows,
			name: "xterm-256color",
			env: { WLSM_HISTORY: "off", ...inherited, TERM: "xterm-256color", ...env },
		});
		this.#child.onData((data) => {
			this.#text += data;
			this.#onChange();
		});
		this.exit = new Promise((resolve) => this.#child.onExit(({ exitCode }) => resolve(exitCode)));
	}

	/** All that was printed, without the sequences that move the cursor. */
	get raw(): string {
		return this.#text;
	}

	get text(): string {
		return plain(this.#text);
	}

	write(text: string): void {
		this.#child.write(text);
	}

	/** A line, and what is printed up to the next prompt. */
	async line(text: string): Promise<string> {
		this.write(text + keys.enter);
		await this.until(/\n/);
		return this.until(/(?:^|\n)(?:wlsm>| \.\.\.>) $/);
	}

	/** What is printed behind what was waited for last, up to the end of what fits. */
	async until(pattern: RegExp): Promise<string> {
		const ends = Date.now() + patienceMilliseconds;
		for (;;) {
			const fresh = this.text.slice(this.#seen);
			const match = pattern.exec(fresh);
			if (match !== null) {
				const end = match.index + match[0].length;
				this.#seen += end;
				return fresh.slice(0, end);
			}
			const left = ends - Date.now();
			if (left <= 0) throw new Error(`${pattern} did not come:\n${fresh}`);
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, left);
				this.#onChange = () => {
					clearTimeout(timer);
					resolve();
				};
			});
		}
	}

	kill(signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): void {
		this.#child.kill(signal);
	}
}

/** Without escape sequences, also one that has only begun, and with plain line ends. */
function plain(text: string): string {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
	return text.replace(/\x1b(?:\[[0-9;?]*(?:[A-Za-z]|$)|$)/g, "").replaceAll("\r", "");
}
