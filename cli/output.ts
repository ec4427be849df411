import type { ColorMode } from "./choices.js";
import { type Look, type Paint, paintFor } from "./style.js";

const bufferedLength = 16 * 1024;

/** Standard output: buffered, no faster than its reader, and quiet when the reader leaves (`wlsm scan | head`). */
export class Output {
	readonly #stream: NodeJS.WriteStream;
	readonly isTerminal: boolean;
	paint: Paint;
	#buffer = "";
	#failure: Error | undefined;

	constructor(stream: NodeJS.WriteStream) {
		this.#stream = stream;
		this.isTerminal = stream.isTTY === true;
		this.paint = paintFor("auto", this.isTerminal);
		stream.on("error", (error) => {
			this.#failure ??= error;
		});
	}

	/** By --color and the configuration. */
	color(mode: ColorMode): void {
		this.paint = paintFor(mode, this.isTerminal);
	}

	get look(): Look {
		const width = this.isTerminal ? this.#stream.columns || 80 : undefined;
		return { width, paint: this.paint, display: (text) => this.display(text) };
	}

	/** Waits where the reader is slower. Throws `OutputClosed` when it is gone. */
	async write(text: string): Promise<void> {
		this.#buffer += text;
		if (this.#buffer.length >= bufferedLength) await this.flush();
	}

	async writeBytes(bytes: Uint8Array): Promise<void> {
		await this.flush();
		await this.#send(bytes);
	}

	async flush(): Promise<void> {
		const text = this.#buffer;
		this.#buffer = "";
		if (text !== "") await this.#send(text);
		// Help was not written by way of this.
		else this.#check();
	}

	/** What may be shown to a user as it is: on a terminal control characters could do anything, so they are spelt out. */
	display(text: string): string {
		return this.isTerminal ? visible(text) : text;
	}

	async #send(data: string | Uint8Array): Promise<void> {
		await new Promise<void>((resolve) => {
			this.#stream.write(data, (error) => {
				this.#failure ??= error ?? undefined;
				resolve();
			});
		});
		this.#check();
	}

	#check(): void {
		if (this.#failure !== undefined) throw outputFailure(this.#failure);
	}
}

/** Nobody reads the output any more. Not a failure. */
export class OutputClosed extends Error {}

function outputFailure(error: Error): Error {
	const code = "code" in error ? error.code : undefined;
	// EOF: the same on Windows.
	if (code === "EPIPE" || code === "EOF" || code === "ERR_STREAM_DESTROYED")
		return new OutputClosed("standard output is closed");
	return Object.assign(new Error(`Cannot write to standard output: ${error.message}`, { cause: error }), { code });
}

// C0 without tab and line feed, DEL and C1, and the marks that turn the writing direction around.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const control = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

export function visible(text: string): string {
	return text.replace(control, (character) => {
		const code = character.charCodeAt(0);
		return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16)}`;
	});
}
