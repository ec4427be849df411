import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { main as CLI } from "../../cli/process.js";
import { PROCESS_LIMIT, Violation } from "../ledger.js";
import { HOOK, type HookOrder, ORDER_VARIABLE } from "./moment.js";

/** A process that lives longer is killed, and the round is "hung". */
const DEADLINE = PROCESS_LIMIT;

export const SCRIPTS = {
	cli: CLI,
	writer: fileURLToPath(new URL("./writer.js", import.meta.url)),
	racer: fileURLToPath(new URL("./racer.js", import.meta.url)),
};

export interface Ended {
	readonly code: number | null;
	readonly signal: NodeJS.Signals | null;
	readonly stdout: string;
	readonly stderr: string;
}

/** A process of a round. */
export class Child {
	readonly pid: number;
	/** Whole lines that it has said on standard output so far. */
	readonly lines: string[] = [];
	readonly #process: ChildProcess;
	readonly #words: readonly string[];
	readonly #closed: Promise<Ended>;
	#over = false;
	#hung = false;
	#wake = () => {};

	constructor(script: keyof typeof SCRIPTS, words: readonly string[], order?: HookOrder) {
		this.#words = [script, ...words];
		const { WLSM_DB: _, ...inherited } = process.env;
		const hook = order === undefined ? [] : ["--import", HOOK.href];
		this.#process = spawn(process.execPath, [...hook, SCRIPTS[script], ...words], {
			stdio: ["pipe", "pipe", "pipe"],
			env: { ...inherited, NO_COLOR: "1", ...(order === undefined ? {} : { [ORDER_VARIABLE]: JSON.stringify(order) }) },
		});
		this.pid = this.#process.pid ?? -1;
		const { stdin, stdout, stderr } = this.#process;
		if (stdin === null || stdout === null || stderr === null) throw new Error("a process without its pipes");
		// Gone before it was told something.
		stdin.on("error", () => {});
		let errors = "";
		stderr.on("data", (chunk) => {
			errors += chunk;
		});
		createInterface({ input: stdout }).on("line", (line) => {
			this.lines.push(line);
			this.#wake();
		});
		const deadline = setTimeout(() => {
			this.#hung = true;
			this.#process.kill("SIGKILL");
		}, DEADLINE);
		// Everything it wrote has been read when its output is closed.
		this.#closed = new Promise((resolve) => {
			this.#process.once("close", (code, signal) => {
				clearTimeout(deadline);
				this.#over = true;
				this.#wake();
				resolve({ code, signal, stdout: this.lines.map((line) => `${line}\n`).join(""), stderr: errors });
			});
		});
	}

	get over(): boolean {
		return this.#over;
	}

	/** Resolves when it has said so many lines, or has ended before. */
	async said(count: number): Promise<void> {
		while (this.lines.length < count && !this.#over) {
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
			});
		}
		this.#check();
	}

	tell(line: string): void {
		this.#process.stdin?.write(`${line}\n`);
	}

	signal(signal: NodeJS.Signals): void {
		this.#process.kill(signal);
	}

	async end(): Promise<Ended> {
		const ended = await this.#closed;
		this.#check();
		return ended;
	}

	async kill(): Promise<Ended> {
		this.signal("SIGKILL");
		return await this.end();
	}

	#check(): void {
		if (this.#hung) throw new Violation("hung", `${this.#words.join(" ")} lived longer than ${DEADLINE} ms`);
	}
}

/** Runs a process that is to end by itself, or by its moment. */
export function runToEnd(script: keyof typeof SCRIPTS, words: readonly string[], order?: HookOrder): Promise<Ended> {
	return new Child(script, words, order).end();
}
