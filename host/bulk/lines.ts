import { Buffer } from "node:buffer";
import type { ReadFile } from "../storage/index.js";

const CHUNK_BYTES = 64 << 10;

/** On which line of a file a byte stands. Asked in ascending order it reads the file once, and only as far as it is asked. */
export class LineNumbers {
	readonly #file: ReadFile;
	readonly #newline: number;
	readonly #chunk = Buffer.allocUnsafe(CHUNK_BYTES);
	#offset: number;
	#line: number;

	/** `line`: that of the byte at `offset`. */
	constructor(file: ReadFile, newline: number, offset: number, line: number) {
		this.#file = file;
		this.#newline = newline;
		this.#offset = offset;
		this.#line = line;
	}

	at(offset: number): number {
		while (this.#offset < offset) {
			const wanted = Math.min(CHUNK_BYTES, offset - this.#offset);
			const length = this.#file.readSync(this.#chunk, 0, wanted, this.#offset);
			if (length === 0) break;
			const bytes = this.#chunk.subarray(0, length);
			for (let at = bytes.indexOf(this.#newline); at !== -1; at = bytes.indexOf(this.#newline, at + 1)) this.#line++;
			this.#offset += length;
		}
		return this.#line;
	}
}
