/** Reads a CSV file record by record, without a pause, as RFC 4180 says it; columns are decoded when they are asked for. */

import { Buffer, isUtf8 } from "node:buffer";
import { NodeStorage, type ReadFile } from "../storage/index.js";
import { byteOrderMark, type Dialect, findNewline } from "./dialect.js";
import { guarded, invalid } from "./failure.js";

/** Buffer's own methods, faster than toString with an encoding, and absent from its published types. */
interface SlicingBuffer extends Buffer {
	latin1Slice(start: number, end: number): string;
	utf8Slice(start: number, end: number): string;
}

const CHUNK_BYTES = 64 * 1024;

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const MINUS = 45;
const ZERO = 48;

/** More digits may be no safe integer. */
const SHORT_DIGITS = 15;

/** What is known of a field, as bits. */
const Field = { quoted: 1, escaped: 2, wide: 4 } as const;

/**
 * One record at a time is the current one: `next` moves on, and leaves out blank lines. Memory is bounded by the longest record.
 * Errors are `WLSM_INVALID_ARGUMENT` with file and line, and `WLSM_IO`.
 */
export class CsvReader {
	readonly name: string;
	/** Of the current record: the line that it begins on, from 1, and how many fields it has. */
	line = 1;
	count = 0;
	readonly #file: ReadFile;
	readonly #dialect: Dialect;
	readonly #delimiter: number;
	readonly #quote: number;
	#newline = LINE_FEED;
	/** `#bytes[#at, #end)` is what has been read and is not gone through yet. */
	#bytes = Buffer.allocUnsafe(CHUNK_BYTES) as SlicingBuffer;
	#at = 0;
	#end = 0;
	#position = 0;
	#isComplete = false;
	#nextLine = 1;
	/** Per field where its text begins and ends, and its bits. */
	#fields = new Uint32Array(3 * 64);

	constructor(path: string, dialect: Dialect) {
		this.name = path;
		this.#dialect = dialect;
		this.#delimiter = dialect.delimiter.charCodeAt(0);
		this.#quote = dialect.quote === "" ? -1 : dialect.quote.charCodeAt(0);
		this.#file = guarded(path, () => new NodeStorage().openRead(path));
		try {
			this.#fill();
			const head = this.#bytes.subarray(0, this.#end);
			this.#at = byteOrderMark(head, path);
			this.#newline = findNewline(head.subarray(this.#at), dialect) === "\n" ? LINE_FEED : CARRIAGE_RETURN;
		} catch (error) {
			this.close();
			throw error;
		}
	}

	/** Bytes from the file's beginning to the end of the current record. */
	get position(): number {
		return this.#position - (this.#end - this.#at);
	}

	/** Of the file, in bytes. */
	size(): number {
		return this.#file.size();
	}

	/** Moves to the next record; false at the end of the file. */
	next(): boolean {
		for (;;) {
			this.line = this.#nextLine;
			const end = this.#split();
			if (end === INCOMPLETE) {
				this.#fill();
				continue;
			}
			if (end === this.#at && this.#isComplete && this.#at === this.#end) return false;
			this.#at = end;
			const isBlank = this.count === 1 && this.#fields[0] === this.#fields[1] && this.#fields[2] === 0;
			if (!isBlank) return true;
		}
	}

	text(i: number): string {
		const start = this.#fields[i * 3] as number; // callers stay below `count`
		const end = this.#fields[i * 3 + 1] as number;
		const bits = this.#fields[i * 3 + 2] as number;
		if ((bits & Field.wide) !== 0 && !isUtf8(this.#bytes.subarray(start, end))) {
			throw invalid(`${this.name}, line ${this.line}: field ${i + 1} is not valid UTF-8`, this.#place());
		}
		const text = (bits & Field.wide) === 0 ? this.#bytes.latin1Slice(start, end) : this.#bytes.utf8Slice(start, end);
		const { quote } = this.#dialect;
		return (bits & Field.escaped) === 0 ? text : text.replaceAll(quote + quote, quote);
	}

	isQuoted(i: number): boolean {
		return ((this.#fields[i * 3 + 2] as number) & Field.quoted) !== 0;
	}

	/** The field where it is a short integer, written as integers are; undefined where it is not. */
	shortInteger(i: number): number | undefined {
		const end = this.#fields[i * 3 + 1] as number;
		let at = this.#fields[i * 3] as number;
		const isNegative = this.#bytes[at] === MINUS;
		if (isNegative) at++;
		const digits = end - at;
		if (digits < 1 || digits > SHORT_DIGITS) return undefined;
		// `007` is a text, and so is `-0`, as far as integers are concerned.
		if (this.#bytes[at] === ZERO && (digits > 1 || isNegative)) return undefined;
		let value = 0;
		for (; at < end; at++) {
			const digit = (this.#bytes[at] as number) - ZERO;
			if (digit < 0 || digit > 9) return undefined;
			value = value * 10 + digit;
		}
		return isNegative ? -value : value;
	}

	/** May be called more than once. */
	close(): void {
		this.#file.close();
	}

	#place(): { file: string; line: number } {
		return { file: this.name, line: this.line };
	}

	/** Reads on. What has not been gone through stays, and grows to at most the longest record. */
	#fill(): void {
		const kept = this.#end - this.#at;
		if (kept > this.#dialect.maxRecordBytes) {
			const limit = this.#dialect.maxRecordBytes;
			throw invalid(`${this.name}: the record on line ${this.line} is longer than ${limit} bytes`, this.#place());
		}
		if (kept === this.#bytes.length) {
			const larger = Buffer.allocUnsafe(kept * 2) as SlicingBuffer;
			this.#bytes.copy(larger, 0, this.#at, this.#end);
			this.#bytes = larger;
		} else {
			this.#bytes.copy(this.#bytes, 0, this.#at, this.#end);
		}
		this.#at = 0;
		this.#end = kept;
		const length = guarded(this.name, () =>
			this.#file.readSync(this.#bytes, kept, this.#bytes.length - kept, this.#position),
		);
		this.#position += length;
		this.#end += length;
		this.#isComplete = length < this.#bytes.length - kept;
	}

	/** Finds the fields of the record at `#at`; answers where the next one begins, or INCOMPLETE where its end is not there. */
	#split(): number {
		const bytes = this.#bytes;
		const [delimiter, newline, end] = [this.#delimiter, this.#newline, this.#end];
		let at = this.#at;
		let line = this.#nextLine;
		for (let field = 0; ; field++) {
			if (field * 3 === this.#fields.length) {
				const more = new Uint32Array(this.#fields.length * 2);
				more.set(this.#fields);
				this.#fields = more;
			}
			let start = at;
			let stop: number;
			let bits = 0;
			let seen = 0;
			if (at < end && bytes[at] === this.#quote) {
				start++;
				bits = Field.quoted;
				for (at++; ; at++) {
					if (at >= end) {
						if (!this.#isComplete) return INCOMPLETE;
						throw this.#flaw(`the quote of field ${field + 1} is never closed`);
					}
					const byte = bytes[at] as number;
					if (byte === newline) line++;
					if (byte !== this.#quote) seen |= byte;
					else if (at + 1 < end && bytes[at + 1] === this.#quote) {
						bits |= Field.escaped;
						at++;
					} else break;
				}
				stop = at++;
				// Whether another quote follows, or a line feed, is not known yet.
				if (at + 1 >= end && !this.#isComplete) return INCOMPLETE;
				if (newline === LINE_FEED && bytes[at] === CARRIAGE_RETURN && at < end) {
					if (at + 1 === end || bytes[at + 1] === newline) at++;
				}
				if (at < end && bytes[at] !== delimiter && bytes[at] !== newline)
					throw this.#flaw(`there is text after the closing quote of field ${field + 1}`);
			} else {
				for (; at < end; at++) {
					const byte = bytes[at] as number;
					if (byte === delimiter || byte === newline) break;
					if (byte === this.#quote) throw this.#flaw(`field ${field + 1} has a quote but is not quoted`);
					seen |= byte;
				}
				if (at >= end && !this.#isComplete) return INCOMPLETE;
				stop = at;
				const endsRecord = at >= end || bytes[at] === newline;
				if (endsRecord && newline === LINE_FEED && stop > start && bytes[stop - 1] === CARRIAGE_RETURN) stop--;
			}
			if (seen > 0x7f) bits |= Field.wide;
			this.#fields[field * 3] = start;
			this.#fields[field * 3 + 1] = stop;
			this.#fields[field * 3 + 2] = bits;
			if (at < end && bytes[at] === delimiter) {
				at++;
				continue;
			}
			this.count = field + 1;
			this.#nextLine = line + 1;
			return Math.min(at + 1, end);
		}
	}

	#flaw(what: string): Error {
		return invalid(
			`${this.name}, line ${this.line}: ${what}. Quotes inside a quoted field are doubled; a file without quoting is read with an empty quote.`,
			this.#place(),
		);
	}
}

const INCOMPLETE = -1;
