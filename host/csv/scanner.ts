import { WlsmError } from "../errors.js";
import type { DialectBytes } from "./dialect.js";

/** Where a record begins, and what is wrong with its quoting. */
export interface RecordMark {
	/** From 1. */
	readonly line: number;
	readonly flaw: string | undefined;
}

const lineFeed = 10;
const carriageReturn = 13;

const TEXT_BEHIND = "text after a closing quote";

/** Of several in a file the first one is told, also where another is found before it. */
export class RecordTooLongError extends WlsmError {}

/**
 * Cuts records where csv-parser and the kernel do: at each line end outside quotes. Both take any quote for an opening or closing
 * one; this keeps line numbers, finds quotes that stand where RFC 4180 allows none, and bounds the length of a record. Marks come
 * out in the order of the records, blank lines included.
 */
export class RecordScanner {
	readonly #newline: number;
	readonly #quote: number;
	readonly #delimiter: number;
	readonly #maxRecordBytes: number;
	/** Bytes seen in all, and where among them the present record begins. */
	#position = 0;
	#recordStart = 0;
	#recordLine: number;
	#line: number;
	#previous = -1;
	#quoted: "no" | "yes" | "closed" = "no";
	#quoteLine = 0;
	#flaw: string | undefined;
	#marks: RecordMark[] = [];
	#taken = 0;

	/** `line`: that of the first byte. */
	constructor({ delimiter, quote, newline, maxRecordBytes }: DialectBytes, line = 1) {
		this.#newline = newline;
		this.#quote = quote;
		this.#delimiter = delimiter;
		this.#maxRecordBytes = maxRecordBytes;
		this.#line = line;
		this.#recordLine = line;
	}

	get bytes(): number {
		return this.#position;
	}

	/** Bytes of the record that has not ended yet. */
	get pendingBytes(): number {
		return this.#position - this.#recordStart;
	}

	/** Fails with `RecordTooLongError` at the first byte that a record may not have, however the bytes are cut into chunks. */
	scan(chunk: Uint8Array): void {
		for (let at = 0; at < chunk.length; ) {
			const room = this.#maxRecordBytes - this.pendingBytes;
			if (room <= 0) this.#checkEnd(chunk[at] as number); // at is within
			const end = at + Math.max(room, 1);
			this.#scan(chunk.subarray(at, end));
			at = end;
		}
	}

	#scan(bytes: Uint8Array): void {
		const [newline, quote] = [this.#newline, this.#quote];
		let previous = this.#previous;
		for (let i = 0; i < bytes.length; i++) {
			const byte = bytes[i] as number;
			if (byte === quote) this.#atQuote(previous);
			else if (byte === newline) this.#atNewline(this.#position + i + 1);
			else if (this.#quoted === "closed") this.#afterQuote(byte, previous);
			previous = byte;
		}
		this.#previous = previous;
		this.#position += bytes.length;
	}

	/** Behind a record that is as long as it may be comes its line end, if any. */
	#checkEnd(byte: number): void {
		const isReturn = byte === carriageReturn && this.pendingBytes === this.#maxRecordBytes;
		const isEnd = byte === this.#newline || (isReturn && this.#newline === lineFeed);
		if (!isEnd || this.#quoted === "yes") throw this.tooLong();
	}

	/** The file has ended. */
	finish(): void {
		if (this.#quoted === "yes") this.#flaw = `the quote opened on line ${this.#quoteLine} is never closed`;
		if (this.pendingBytes > 0) this.#mark();
	}

	/** The mark of the next record. */
	take(): RecordMark {
		const mark = this.#marks[this.#taken++];
		if (mark === undefined) throw new Error("a record was found that the scanner did not find");
		if (this.#taken === this.#marks.length) {
			this.#marks = [];
			this.#taken = 0;
		}
		return mark;
	}

	#atQuote(previous: number): void {
		if (this.#quoted === "yes") {
			this.#quoted = "closed";
			return;
		}
		// A quote right after a closing one is the second half of an escaped quote.
		if (this.#quoted === "no") {
			const fieldStart = previous === this.#delimiter || previous === this.#newline || previous === -1;
			if (!fieldStart) this.#flaw ??= "a quote inside a field that is not quoted";
			this.#quoteLine = this.#line;
		} else if (previous === carriageReturn) {
			this.#flaw ??= TEXT_BEHIND;
			this.#quoteLine = this.#line;
		}
		this.#quoted = "yes";
	}

	#atNewline(end: number): void {
		this.#line++;
		if (this.#quoted === "yes") return;
		this.#mark();
		this.#recordStart = end;
		this.#recordLine = this.#line;
		this.#quoted = "no";
	}

	/** A field's closing quote must be followed by the delimiter or the line end. */
	#afterQuote(byte: number, previous: number): void {
		// It may be that of the line end.
		if (byte === carriageReturn && previous === this.#quote) return;
		this.#quoted = "no";
		if (byte !== this.#delimiter || previous === carriageReturn) this.#flaw ??= TEXT_BEHIND;
	}

	#mark(): void {
		this.#marks.push({ line: this.#recordLine, flaw: this.#flaw });
		this.#flaw = undefined;
	}

	/** The error where the present record is too long by what comes next. */
	tooLong(): RecordTooLongError {
		const [line, limit] = [this.#recordLine, this.#maxRecordBytes];
		const cause = this.#quoted === "yes" ? `: the quote opened on line ${this.#quoteLine} is not closed by then` : "";
		const message = `The record on line ${line} is longer than ${limit} bytes${cause}`;
		return new RecordTooLongError("WLSM_INVALID_ARGUMENT", message, { line });
	}
}

/** What is wrong with the quoting of one record, which comes without its line end and is not empty. */
export function quotingFlaw(record: Uint8Array, bytes: DialectBytes, line = 1): string | undefined {
	const scanner = new RecordScanner(bytes, line);
	scanner.scan(record);
	scanner.finish();
	return scanner.take().flaw;
}

/** The error for a record that is longer than records may be; it is all of it, or as much as may be. */
export function tooLong(record: Uint8Array, bytes: DialectBytes, line: number): RecordTooLongError {
	const scanner = new RecordScanner(bytes, line);
	scanner.scan(record.subarray(0, bytes.maxRecordBytes));
	return scanner.tooLong();
}
