/** Results that are longer than the screen: handed to a program, or shown page by page. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { widthOf } from "../format/fit.js";

export interface PagerOptions {
	readonly output: NodeJS.WriteStream;
	/** A command line, "" for the pages of our own, undefined for none of both. */
	readonly program: string | undefined;
	/** The name of the next key that is pressed. */
	key(): Promise<string>;
	/** Nobody wants the rest. */
	onQuit(): void;
}

const prompt = "-- more: space, enter, a for all, q --";
const eraseLine = "\r\x1b[K";

/** Of the output of one statement. */
export class Pager {
	readonly #options: PagerOptions;
	#held = "";
	/** Lines of the screen since the last page. */
	#height = 0;
	#child: ChildProcess | undefined;
	#state: "holding" | "paging" | "passing" | "quit" = "holding";

	constructor(options: PagerOptions) {
		this.#options = options;
		if (options.program === undefined || options.output.rows === undefined) this.#state = "passing";
	}

	/** A program has the terminal: it sees to Ctrl-C itself. */
	get hasTerminal(): boolean {
		return this.#child !== undefined;
	}

	get quit(): boolean {
		return this.#state === "quit";
	}

	async write(text: string): Promise<void> {
		if (this.#state === "quit") return;
		if (this.#state === "passing") return this.#show(text);
		this.#held += text;
		if (this.#child !== undefined) return this.#feed();
		if (this.#state === "holding") {
			if (this.#linesOf(this.#held) < this.#screen) return;
			this.#state = "paging";
			if (this.#options.program !== "") return this.#start();
		}
		await this.#pages();
	}

	/** All of the output was written; resolves when it was read. */
	async end(): Promise<void> {
		if (this.#child !== undefined) {
			this.#child.stdin?.end();
			if (this.#child.exitCode === null) await once(this.#child, "exit");
			this.#child = undefined;
		} else if (this.#state !== "quit") await this.#show(this.#held);
		this.#held = "";
	}

	get #screen(): number {
		return Math.max(2, this.#options.output.rows);
	}

	#heightOf(line: string): number {
		return Math.max(1, Math.ceil(widthOf(line) / Math.max(1, this.#options.output.columns)));
	}

	#linesOf(text: string): number {
		let lines = 0;
		for (const line of text.split("\n")) lines += this.#heightOf(line);
		return lines;
	}

	/** Whole lines, as far as they are there. */
	async #pages(): Promise<void> {
		let shown = "";
		for (let end = this.#held.indexOf("\n"); end >= 0; end = this.#held.indexOf("\n")) {
			const line = this.#held.slice(0, end);
			const height = this.#heightOf(line);
			if (this.#height > 0 && this.#height + height >= this.#screen) {
				await this.#show(shown);
				shown = "";
				const more = await this.#ask();
				if (more === "quit" || more === "all") break;
				this.#height = more === "line" ? Math.max(0, this.#height - height) : 0;
			}
			shown += `${line}\n`;
			this.#height += height;
			this.#held = this.#held.slice(end + 1);
		}
		if (this.#state === "passing") {
			shown += this.#held;
			this.#held = "";
		}
		await this.#show(shown);
	}

	async #ask(): Promise<"page" | "line" | "all" | "quit"> {
		await this.#show(prompt.slice(0, this.#options.output.columns - 1));
		for (;;) {
			const key = await this.#options.key();
			const answer = answers[key];
			if (answer === undefined) continue;
			await this.#show(eraseLine);
			if (answer === "all") this.#state = "passing";
			if (answer === "quit") this.#quit();
			return answer;
		}
	}

	#quit(): void {
		this.#state = "quit";
		this.#held = "";
		this.#options.onQuit();
	}

	async #start(): Promise<void> {
		const env = { ...process.env, LESS: process.env.LESS ?? "FRX" };
		const child = spawn(this.#options.program as string, { shell: true, stdio: ["pipe", "inherit", "inherit"], env });
		this.#child = child;
		child.stdin?.on("error", () => this.#quit());
		await this.#feed();
	}

	async #feed(): Promise<void> {
		const { stdin } = this.#child as ChildProcess; // only called where there is one
		const text = this.#held;
		this.#held = "";
		if (stdin === null || stdin.destroyed || this.quit) return;
		await new Promise<void>((resolve) => stdin.write(text, () => resolve()));
	}

	async #show(text: string): Promise<void> {
		if (text === "") return;
		await new Promise<void>((resolve) => this.#options.output.write(text, () => resolve()));
	}
}

const answers: Readonly<Record<string, "page" | "line" | "all" | "quit">> = {
	space: "page",
	f: "page",
	pagedown: "page",
	return: "line",
	enter: "line",
	down: "line",
	j: "line",
	a: "all",
	g: "all",
	q: "quit",
	"ctrl-c": "quit",
	"ctrl-d": "quit",
	escape: "quit",
};
