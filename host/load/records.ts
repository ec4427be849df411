import { Buffer } from "node:buffer";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import csvParser from "csv-parser";
import { bytesOf, type Dialect, findNewline } from "../csv/dialect.js";
import { RecordScanner } from "../csv/scanner.js";
import { QuotedFields } from "./quoted-fields.js";

/** One record of the file. */
export interface CsvRecord {
	/** The line it begins on, from 1. */
	readonly line: number;
	readonly fields: readonly string[];
	/** The fields that stand for NULL, empty texts in `fields`. */
	readonly nulls?: ReadonlySet<number>;
	/** Bits of `Seen`, where it is not the text of a field that tells what it is. `Seen.nothing` is NULL there. */
	readonly kinds?: readonly number[];
	/** Why the record cannot be used, and the field that is at fault if it is one. */
	readonly flaw: { readonly reason: string; readonly field: number | undefined } | undefined;
}

/** Whether a field stands for NULL. A record of JSON Lines has the fields up to its last key. */
export function isNull({ nulls, kinds }: CsvRecord, field: number): boolean {
	return kinds === undefined ? nulls?.has(field) === true : !kinds[field];
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
	nullValues: ReadonlySet<string> = new Set(),
): Promise<void> {
	const newline = findNewline(input.head, dialect);
	// csv-parser reports nothing: it sees the bytes on their way there.
	const scanner = new RecordScanner(bytesOf(dialect, newline));
	const quoted = nullValues.size === 0 ? undefined : new QuotedFields(dialect, newline);
	const chunkBytes = () => Math.min(Math.max(scanner.pendingBytes, shortChunkBytes), longChunkBytes);
	const parser = csvParser({
		// The header is ours to read: csv-parser drops column names that it holds to be dangerous, and merges equal ones.
		headers: false,
		newline,
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
				const record = recordOf(row, mark.line, mark.flaw);
				const inQuotes = quoted?.take();
				if (row[0] !== undefined)
					sink.record(inQuotes === undefined ? record : withNulls(record, nullValues, inQuotes));
				done();
			} catch (error) {
				done(error as Error);
			}
		},
	});
	async function* scanned(): AsyncGenerator<Buffer> {
		for await (const chunk of input.chunks(chunkBytes)) {
			scanner.scan(chunk);
			quoted?.scan(chunk);
			// csv-parser takes bytes only as Buffers.
			yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
			sink.progress(scanner.bytes);
		}
		scanner.finish();
		quoted?.finish();
	}
	await pipeline(scanned(), parser, rows, signal === undefined ? {} : { signal });
}

function withNulls(record: CsvRecord, nullValues: ReadonlySet<string>, quoted: ReadonlySet<number>): CsvRecord {
	const nulls = new Set<number>();
	for (const [i, text] of record.fields.entries()) if (nullValues.has(text) && !quoted.has(i)) nulls.add(i);
	if (nulls.size === 0) return record;
	return { ...record, fields: record.fields.map((text, i) => (nulls.has(i) ? "" : text)), nulls };
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
