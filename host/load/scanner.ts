import type { Dialect } from "../csv/dialect.js";
import { invalid } from "../csv/failure.js";

/** Where a record begins, and what is wrong with its quoting. */
export interface RecordMark {
	/** From 1. */
	readonly line: number;
	readonly flaw: string | undefined;
}

const lineFeed = 10;
const carriageReturn = 13;

/**
 * Sees the bytes on their way to csv-parser, and cuts records where it does: at each line end outside quotes. csv-parser
 * takes any quote for an opening or closing one and reports nothing; this keeps line numbers, finds quotes that stand
 * where RFC 4180 allows none, and bounds the length of a record. Marks come out in the order of the parser's records, blank
 * lines included.
 */
export class RecordScanner {
	/** The byte that ends records: csv-parser's `newline`. A carriage return before a line feed belongs to the line end. */
	readonly newline: "\n" | "\r";
	readonly #newlineByte: number;
	readonly #quote: number;
	readonly #delimiter: number;
	readonly #maxRecordBytes: number;
	/** Bytes seen in all, and where among them the present record begins. */
	#position = 0;
	#recordStart = 0;
	#recordLine = 1;
	#line = 1;
	#previous = -1;
	#quoted: "no" | "yes" | "closed" = "no";
	#quoteLine = 0;
	#flaw: string | undefined;
	#marks: RecordMark[] = [];
	#taken = 0;

	constructor(dialect: Dialect, newline: "\n" | "\r") {
		this.newline = newline;
		this.#newlineByte = newline === "\n" ? lineFeed : carriageReturn;
		this.#quote = dialect.quote === "" ? -1 : dialect.quote.charCodeAt(0);
		this.#delimiter = dialect.delimiter.charCodeAt(0);
		this.#maxRecordBytes = dialect.maxRecordBytes;
	}

	get bytes(): number {
		return this.#position;
	}

	/** Bytes of the record that has not ended yet. */
	get pendingBytes(): number {
		return this.#position - this.#recordStart;
	}

	scan(chunk: Uint8Array): void {
		const [newline, quote] = [this.#newlineByte, this.#quote];
		let previous = this.#previous;
		for (let i = 0; i < chunk.length; i++) {
			const byte = chunk[i] as number;
			if (byte === quote) this.#atQuote(previous);
			else if (byte === newline) this.#atNewline(this.#position + i + 1);
			else if (this.#quoted === "closed") this.#afterQuote(byte);
			previous = byte;
		}
		this.#previous = previous;
		this.#position += chunk.length;
		if (this.pendingBytes > this.#maxRecordBytes) throw this.#tooLong();
	}

	/** The file has ended. */
	finish(): void {
		if (this.#quoted === "yes") this.#flaw = `the quote opened on line ${this.#quoteLine} is never closed`;
		if (this.pendingBytes > 0) this.#mark();
	}

	/** The mark of the next record. */
	take(): RecordMark {
		const mark = this.#marks[this.#taken++];
		if (mark === undefined) throw new Error("csv-parser found a record that the scanner did not");
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
			const fieldStart = previous === this.#delimiter || previous === this.#newlineByte || previous === -1;
			if (!fieldStart) this.#flaw ??= "a quote inside a field that is not quoted";
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
	#afterQuote(byte: number): void {
		this.#quoted = "no";
		if (byte !== this.#delimiter && byte !== carriageReturn) this.#flaw ??= "text after a closing quote";
	}

	#mark(): void {
		this.#marks.push({ line: this.#recordLine, flaw: this.#flaw });
		this.#flaw = undefined;
	}

	#tooLong(): Error {
		const [line, limit] = [this.#recordLine, this.#maxRecordBytes];
		const cause = this.#quoted === "yes" ? `: the quote opened on line ${this.#quoteLine} is not closed by then` : "";
		return invalid(`The record on line ${line} is longer than ${limit} bytes${cause}`, { line });
	}
}
