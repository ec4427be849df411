/** Where results of the shell go: the screen, which may be slow, or a file. */

import { closeSync, openSync, writeFileSync } from "node:fs";
import { WlsmError } from "../../host/errors.js";
import type { StopSignal } from "../../host/index.js";
import { type Look, plainLook } from "../style.js";

export interface Screen {
	readonly look: Look;
	/** Waits where the reader is slower. */
	write(text: string): Promise<void>;
	flush(): Promise<void>;
}

export class Sink {
	readonly #screen: Screen;
	readonly #stop: StopSignal;
	#file: { readonly descriptor: number; readonly path: string } | undefined;
	/** How long the screen has been waited for. */
	waitedMilliseconds = 0;

	/** With `stop` set no more results are wanted. */
	constructor(screen: Screen, stop: StopSignal) {
		this.#screen = screen;
		this.#stop = stop;
	}

	get look(): Look {
		return this.#file === undefined ? this.#screen.look : plainLook;
	}

	/** From now on results go there, undefined for the screen. */
	redirect(path: string | undefined): void {
		if (this.#file !== undefined) closeSync(this.#file.descriptor);
		this.#file = undefined;
		if (path === undefined) return;
		try {
			this.#file = { descriptor: openSync(path, "w"), path };
		} catch (error) {
			throw fileError(path, "write", error);
		}
	}

	/** Results. */
	async write(text: string): Promise<void> {
		this.checkStop();
		if (this.#file === undefined) return this.tell(text);
		try {
			// All of it, where a call writes a part.
			writeFileSync(this.#file.descriptor, text);
		} catch (error) {
			throw fileError(this.#file.path, "write", error);
		}
	}

	/** What is for whoever sits at the screen. */
	async tell(text: string): Promise<void> {
		const from = performance.now();
		await this.#screen.write(text);
		this.waitedMilliseconds += performance.now() - from;
	}

	/** Throws where what runs is to end; statements look themselves. */
	checkStop(): void {
		if (this.#stop.aborted) throw new WlsmError("WLSM_ABORTED", "stopped");
	}

	async flush(): Promise<void> {
		await this.#screen.flush();
	}
}

/** An error of a file that a command of the shell names. */
export function fileError(path: string, what: "read" | "write", error: unknown): WlsmError {
	const reason = error instanceof Error ? error.message : String(error);
	return new WlsmError("WLSM_IO", `Cannot ${what} ${path}: ${reason}`, { cause: error, file: path });
}
