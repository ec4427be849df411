import { invalid, show } from "./failure.js";

/** How the bytes of the file are cut into records and fields. */
export interface Dialect {
	/** One ASCII character. */
	readonly delimiter: string;
	/** One ASCII character, or "" for files without quoting. */
	readonly quote: string;
	/** The longest record, its line end not counted, which bounds the memory that an unclosed quote can take. */
	readonly maxRecordBytes: number;
}

/** The same as bytes, with the one that ends records; a carriage return before a line feed belongs to the line end. */
export interface DialectBytes {
	readonly delimiter: number;
	/** No byte for files without quoting. */
	readonly quote: number;
	readonly newline: number;
	readonly maxRecordBytes: number;
}

export function bytesOf({ delimiter, quote, maxRecordBytes }: Dialect, newline: "\n" | "\r"): DialectBytes {
	return {
		delimiter: delimiter.charCodeAt(0),
		quote: quote === "" ? -1 : quote.charCodeAt(0),
		newline: newline.charCodeAt(0),
		maxRecordBytes,
	};
}

export const DEFAULT_DIALECT: Dialect = { delimiter: ",", quote: '"', maxRecordBytes: 16 << 20 };

export function checkDialect({ delimiter, quote }: Dialect): void {
	if (!isAsciiCharacter(delimiter)) throw invalid(`The delimiter must be one ASCII character, not ${show(delimiter)}`);
	if (quote !== "" && !isAsciiCharacter(quote)) {
		throw invalid(`The quote must be one ASCII character, or empty for none, not ${show(quote)}`);
	}
	if (delimiter === quote) throw invalid(`The delimiter and the quote are both ${show(quote)}`);
}

function isAsciiCharacter(text: string): boolean {
	return text.length === 1 && text.charCodeAt(0) < 128 && text !== "\n" && text !== "\r";
}

const lineFeed = 10;
const carriageReturn = 13;

/**
 * The byte that ends records, from the beginning of a file: the first line end outside quotes. LF and CRLF may be mixed; a
 * file counts as one of lone CRs only where its first line end is one, and in other files a lone CR is data.
 */
export function findNewline(head: Uint8Array, dialect: Dialect): "\n" | "\r" {
	const quote = dialect.quote === "" ? -1 : dialect.quote.charCodeAt(0);
	let quoted = false;
	for (let i = 0; i < head.length; i++) {
		const byte = head[i];
		if (byte === quote) quoted = !quoted;
		else if (quoted) continue;
		else if (byte === lineFeed) return "\n";
		else if (byte === carriageReturn) {
			// Where the beginning that was read ends between the two, it is CRLF that is more likely.
			return i + 1 === head.length || head[i + 1] === lineFeed ? "\n" : "\r";
		}
	}
	return "\n";
}

/** Length of the byte order mark at the beginning of a file. What is no text of UTF-8 at all is refused. */
export function byteOrderMark(head: Uint8Array, name: string): number {
	const [a, b, c] = head;
	if (a === 0xef && b === 0xbb && c === 0xbf) return 3;
	if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) {
		throw invalid(`${name} is UTF-16; only UTF-8 can be loaded, so convert it first`, { file: name, line: 1 });
	}
	if (a === 0x1f && b === 0x8b) throw invalid(`${name} is compressed by gzip; unpack it first`, { file: name });
	if (a === 0x50 && b === 0x4b && c === 3) {
		throw invalid(`${name} is a ZIP archive or a spreadsheet, not a CSV file`, { file: name });
	}
	return 0;
}
