/** The session in its thread, as the terminal's thread sees it. */

import { Worker } from "node:worker_threads";
import type { FromSession, Names, SessionData, ToSession } from "./protocol.js";

export interface LineResult {
	readonly state: "ready" | "pending" | "quit";
	readonly failure: string | undefined;
}

export class RemoteSession {
	readonly #worker: Worker;
	readonly #stop: Int32Array;
	#onOutput: (text: string) => Promise<void> = async () => {};
	#onNames: (names: Names) => void = () => {};
	/** Whoever waits for the answer to the last question but that for names: there is one at a time. */
	#answer: { resolve(message: FromSession): void; reject(error: Error): void } | undefined;

	constructor(data: Omit<SessionData, "stop">) {
		const stop = new SharedArrayBuffer(4);
		this.#stop = new Int32Array(stop);
		this.#worker = new Worker(new URL("./shell-worker.js", import.meta.url), { workerData: { ...data, stop } });
		this.#worker.on("message", (message: FromSession) => void this.#receive(message));
		this.#worker.on("error", (error: Error) => this.#answer?.reject(error));
		this.#worker.on("exit", () => this.#answer?.reject(new Error("the thread with the database has ended")));
	}

	/** Whether there is no database yet. Fails as opening it does. */
	async ready(): Promise<boolean> {
		const message = await this.#wait();
		return message.kind === "ready" && message.isNew;
	}

	/** Runs what is complete with the line. `onOutput` is waited for before there is more. */
	async line(
		text: string,
		look: { readonly width: number; readonly colours: boolean },
		onOutput: (text: string) => Promise<void>,
	): Promise<LineResult> {
		Atomics.store(this.#stop, 0, 0);
		this.#onOutput = onOutput;
		const message = await this.#ask({ kind: "line", text, ...look });
		return message.kind === "done" ? message : { state: "quit", failure: undefined };
	}

	/** What runs now ends soon, with an error of its own. */
	stop(): void {
		Atomics.store(this.#stop, 0, 1);
		this.#say({ kind: "stop" });
	}

	clear(): void {
		this.#say({ kind: "clear" });
	}

	names(): Promise<Names> {
		return new Promise((resolve) => {
			this.#onNames = resolve;
			this.#say({ kind: "names" });
		});
	}

	/** Whether a transaction was open, which is undone. */
	async close(): Promise<boolean> {
		const message = await this.#ask({ kind: "close" });
		await this.#worker.terminate();
		return message.kind === "closed" && message.transaction === "open";
	}

	#say(message: ToSession): void {
		this.#worker.postMessage(message);
	}

	#ask(message: ToSession): Promise<FromSession> {
		const answer = this.#wait();
		this.#say(message);
		return answer;
	}

	#wait(): Promise<FromSession> {
		return new Promise((resolve, reject) => {
			this.#answer = { resolve, reject };
		});
	}

	async #receive(message: FromSession): Promise<void> {
		if (message.kind === "output") {
			await this.#onOutput(message.text);
			this.#say({ kind: "more" });
		} else if (message.kind === "failed") {
			const error = new Error(message.message);
			this.#answer?.reject(message.code === undefined ? error : Object.assign(error, { code: message.code }));
		} else if (message.kind === "names") this.#onNames(message.names);
		else this.#answer?.resolve(message);
	}
}
