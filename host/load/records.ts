import { Buffer } from "node:buffer";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import csvParser from "csv-parser";
import { type Dialect, findNewline } from "../csv/dialect.js";
import { RecordScanner } from "./scanner.js";

/** One record of the file. */
export interface CsvRecord {
	/** The line it begins on, from 1. */
	readonly line: number;
	readonly fields: readonly string[];
	/** Why the record cannot be used, and the field that is at fault if it is one. */
	readonly flaw: { readonly reason: string; readonly field: number | undefined } | undefined;
}

/** What is read: the beginning of the content, to look at, and all of it. See `LoadInput`. */
export interface RecordSource {
	readonly head: Uint8Array;
	chunks(nextBytes: () => number): AsyncIterable<Uint8Array>;
}

/** Called for each record in the file's order, blank lines left out; and with the bytes read so far, now and then. */
export interface RecordSink {
	record(record: CsvRecord): void;
	progress(bytes: number): void;
}

/** The Buffers that csv-parser makes, as far as they matter here. */
interface Cell extends Uint8Array {
	toString(encoding?: "utf8"): string;
}

const shortChunkBytes = 64 * 1024;
const longChunkBytes = 8 * 1024 * 1024;

/** Reads the whole input once, in memory bounded by the longest record. */
export async function readRecords(
	input: RecordSource,
	dialect: Dialect,
	sink: RecordSink,
	signal: AbortSignal | undefined,
): Promise<void> {
	const scanner = new RecordScanner(dialect, findNewline(input.head, dialect));
	const chunkBytes = () => Math.min(Math.max(scanner.pendingBytes, shortChunkBytes), longChunkBytes);
	const parser = csvParser({
		// The header is ours to read: csv-parser drops column names that it holds to be dangerous, and merges equal ones.
		headers: false,
		newline: scanner.newline,
		separator: dialect.delimiter,
		quote: dialect.quote,
		// Bytes instead of strings, so that invalid UTF-8 can be told from U+FFFD.
		raw: true,
	});
	const rows = new Writable({
		objectMode: true,
		highWaterMark: 512,
		write(row: Record<number, Cell>, _encoding, done) {
			try {
				const mark = scanner.take();
				if (row[0] !== undefined) sink.record(recordOf(row, mark.line, mark.flaw));
				done();
			} catch (error) {
				done(error as Error);
			}
		},
	});
	async function* scanned(): AsyncGenerator<Buffer> {
		for await (const chunk of input.chunks(chunkBytes)) {
			scanner.scan(chunk);
			// csv-parser takes bytes only as Buffers.
			yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
			sink.progress(scanner.bytes);
		}
		scanner.finish();
	}
	await pipeline(scanned(), parser, rows, signal === undefined ? {} : { signal });
}

function recordOf(row: Record<number, Cell>, line: number, flaw: string | undefined): CsvRecord {
	const fields: string[] = [];
	let invalidField: number | undefined;
	for (let i = 0; ; i++) {
		const cell = row[i];
		if (cell === undefined) break;
		const text = cell.toString("utf8");
		if (text.includes("\ufffd") && !isUtf8(cell)) invalidField ??= i;
		fields.push(text);
	}
	if (flaw !== undefined) return { line, fields, flaw: { reason: flaw, field: undefined } };
	if (invalidField === undefined) return { line, fields, flaw: undefined };
	return { line, fields, flaw: { reason: "not valid UTF-8", field: invalidField } };
}

function isUtf8(bytes: Uint8Array): boolean {
	try {
		new TextDecoder("utf-8", { fatal: true }).decode(bytes);
		return true;
	} catch {
		return false;
	}
}
