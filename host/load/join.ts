/** Several files as one: the texts one behind the other, with the header of the first. */

import { Buffer } from "node:buffer";
import { behindFirstRecord } from "../bulk/start.js";
import { byteOrderMark, type Dialect, findNewline } from "../csv/dialect.js";
import { guarded, invalid, show } from "../csv/failure.js";
import { CsvReader } from "../csv/reader.js";
import { WlsmError } from "../errors.js";
import { NodeStorage, type ReadFile, type WriteFile } from "../storage/index.js";
import type { TextFile } from "./text.js";

/** Where a source's text begins in the whole, and in the source. */
export interface Piece {
	readonly name: string;
	readonly line: number;
	readonly offset: number;
	readonly ownLine: number;
	readonly ownOffset: number;
	readonly isExact: boolean;
}

export interface JoinOptions {
	readonly dialect: Dialect;
	/** Whether each file begins with a record that names its columns. */
	readonly header: boolean;
	readonly signal: AbortSignal | undefined;
	onBytes(bytes: number): void;
}

const CHUNK_BYTES = 256 << 10;
const HEAD_BYTES = 64 << 10;

/** Writes the texts to one file; answers where each begins. Memory is that of a chunk. */
export async function joinTexts(
	texts: readonly TextFile[],
	to: WriteFile,
	options: JoinOptions,
): Promise<readonly Piece[]> {
	const pieces: Piece[] = [];
	const first = texts[0] as TextFile; // callers have at least one
	const names = options.header ? headerOf(first, options.dialect) : [];
	const newline = newlineOf(first, options.dialect);
	let line = 1;
	for (const text of texts) {
		if (newlineOf(text, options.dialect) !== newline) {
			const other = newline === "\n" ? "LF, but those of" : "CR, but those of";
			throw invalid(
				`Lines of ${first.name} end with ${other} ${text.name} do not; give all files the same line ends, or load them one by one`,
				{ file: text.name },
			);
		}
		let start = { offset: beginOf(text), line: 1 };
		if (text !== first && options.header) {
			compareHeaders(first.name, names, text.name, headerOf(text, options.dialect));
			start = behindFirstRecord(new NodeStorage(), text.path, start.offset, options.dialect, newline.charCodeAt(0));
		}
		const { name, isExact } = text;
		pieces.push({ name, line, offset: to.position, ownLine: start.line, ownOffset: start.offset, isExact });
		line += await copy(text, start.offset, to, newline, options);
	}
	return pieces;
}

/** Where a line of the whole, and a byte, are in the source that they come from. */
export function placeOf(pieces: readonly Piece[], line: number, offset: number | undefined) {
	const piece = pieces.findLast((one) => one.line <= line) ?? (pieces[0] as Piece); // there is at least one
	const isKnown = offset !== undefined && piece.isExact;
	return {
		file: piece.name,
		line: piece.ownLine + line - piece.line,
		offset: isKnown ? piece.ownOffset + offset - piece.offset : undefined,
	};
}

/** Answers how many lines were written. */
async function copy(
	text: TextFile,
	from: number,
	to: WriteFile,
	newline: "\n" | "\r",
	{ dialect, signal, onBytes }: JoinOptions,
): Promise<number> {
	const quote = dialect.quote === "" ? -1 : dialect.quote.charCodeAt(0);
	const end = newline.charCodeAt(0);
	const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
	let [lines, quotes, last] = [0, 0, end];
	const file = open(text);
	try {
		for (let position = from; ; ) {
			signal?.throwIfAborted();
			const length = await file.read(chunk, 0, chunk.length, position);
			if (length === 0) break;
			const bytes = chunk.subarray(0, length);
			to.writeSync(bytes, 0, length);
			lines += count(bytes, end);
			if (quote !== -1) quotes += count(bytes, quote);
			last = bytes[length - 1] as number; // it is not empty
			position += length;
			onBytes(to.position);
		}
	} finally {
		file.close();
	}
	if (quotes % 2 === 1) throw neverClosed(text.name, dialect.quote);
	if (last === end) return lines;
	to.writeSync(Buffer.of(end), 0, 1);
	return lines + 1;
}

/** In one file it is for the load to say which record that is; here the record would swallow the next file. */
function neverClosed(name: string, quote: string): Error {
	const message =
		`In ${name} a quote (${quote}) is opened and never closed, so that it is not known where its rows end. ` +
		"Repair the file, or name another quote, or none where fields are not quoted";
	return invalid(message, { file: name });
}

function count(bytes: Buffer, byte: number): number {
	let found = 0;
	for (let at = bytes.indexOf(byte); at !== -1; at = bytes.indexOf(byte, at + 1)) found++;
	return found;
}

function headerOf(text: TextFile, dialect: Dialect): string[] {
	const reader = new CsvReader(text.path, dialect);
	try {
		if (!reader.next()) throw invalid(`${text.name} is empty`, { file: text.name });
		return Array.from({ length: reader.count }, (_, i) => reader.text(i).trim());
	} catch (error) {
		throw named(error, text);
	} finally {
		reader.close();
	}
}

/** Errors name the source, not the temporary file that its text is in. */
function named(error: unknown, { path, name }: TextFile): unknown {
	if (!(error instanceof WlsmError) || path === name) return error;
	const { code, message, line } = error;
	return new WlsmError(code, message.replaceAll(path, name), { cause: error, file: name, ...(line && { line }) });
}

function compareHeaders(first: string, names: readonly string[], other: string, found: readonly string[]): void {
	const length = Math.max(names.length, found.length);
	for (let i = 0; i < length; i++) {
		const [a, b] = [names[i], found[i]];
		if (a === b) continue;
		const shown = (name: string | undefined) => (name === undefined ? "is missing" : `is ${show(name)}`);
		const message =
			`The headers of ${first} and ${other} differ: column ${i + 1} ${shown(a)} in ${first} and ${shown(b)} in ${other}. ` +
			"All files of one load have the same columns in the same order";
		throw invalid(message, { file: other, line: 1 });
	}
}

function beginOf(text: TextFile): number {
	return byteOrderMark(headOf(text), text.name);
}

function newlineOf(text: TextFile, dialect: Dialect): "\n" | "\r" {
	return findNewline(headOf(text), dialect);
}

function headOf(text: TextFile): Uint8Array {
	const file = open(text);
	try {
		const head = new Uint8Array(HEAD_BYTES);
		return head.subarray(
			0,
			guarded(text.name, () => file.readSync(head, 0, head.length, 0)),
		);
	} finally {
		file.close();
	}
}

function open(text: TextFile): ReadFile {
	return guarded(text.name, () => new NodeStorage().openRead(text.path));
}
