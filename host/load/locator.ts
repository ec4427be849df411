import { Buffer } from "node:buffer";
import type { DialectBytes } from "../csv/dialect.js";
import type { LoadInput } from "./input.js";

const CHUNK_BYTES = 64 << 10;
/** A line end is remembered each so many bytes, for records that are asked for out of order. */
const MARK_EVERY = 1 << 20;

interface Mark {
	readonly line: number;
	readonly offset: number;
}

/** Finds records of the input by the line that they begin on. Asked in ascending order it reads the input once. */
export class RecordLocator {
	readonly #input: LoadInput;
	readonly #newline: number;
	readonly #quote: number;
	readonly #maxBytes: number;
	readonly #chunk = Buffer.allocUnsafe(CHUNK_BYTES);
	#chunkAt = 0;
	#chunkLength = 0;
	readonly #marks: Mark[];
	/** What was asked for last. */
	#last: Mark;

	/** Records that are longer than they may be are cut. */
	constructor(input: LoadInput, { newline, quote, maxRecordBytes }: DialectBytes) {
		this.#input = input;
		this.#newline = newline;
		this.#quote = quote;
		this.#maxBytes = maxRecordBytes;
		this.#last = { line: 1, offset: input.begin };
		this.#marks = [this.#last];
	}

	/** Offset of a line's first byte. */
	offsetOf(line: number): number {
		const isBehind = this.#last.line <= line;
		// The first one is line 1.
		let { line: at, offset } = isBehind ? this.#last : (this.#marks.findLast((mark) => mark.line <= line) as Mark);
		while (at < line) {
			const bytes = this.#bytesAt(offset);
			const end = bytes.indexOf(this.#newline);
			if (bytes.length === 0) return offset;
			if (end === -1) {
				offset += bytes.length;
				continue;
			}
			offset += end + 1;
			at++;
			const last = this.#marks.at(-1) as Mark;
			if (offset >= last.offset + MARK_EVERY) this.#marks.push({ line: at, offset });
		}
		this.#last = { line: at, offset };
		return offset;
	}

	/** The record that begins at an offset, without its line end. */
	record(offset: number): string {
		const parts: Buffer[] = [];
		let length = 0;
		let quoted = false;
		for (let at = offset; ; ) {
			const bytes = this.#bytesAt(at);
			let end = 0;
			for (; end < bytes.length; end++) {
				const byte = bytes[end];
				if (byte === this.#quote) quoted = !quoted;
				else if (byte === this.#newline && !quoted) break;
			}
			parts.push(Buffer.from(bytes.subarray(0, end)));
			length += end;
			at += end;
			if (end < bytes.length || bytes.length === 0 || length > this.#maxBytes) break;
		}
		const text = Buffer.concat(parts).toString("utf8");
		return text.endsWith("\r") ? text.slice(0, -1) : text;
	}

	/** What is there from an offset on, up to a chunk. */
	#bytesAt(offset: number): Buffer {
		const isThere = offset >= this.#chunkAt && offset < this.#chunkAt + this.#chunkLength;
		if (!isThere) {
			this.#chunkAt = offset;
			this.#chunkLength = this.#input.readSync(this.#chunk, offset);
		}
		return this.#chunk.subarray(offset - this.#chunkAt, this.#chunkLength);
	}
}
