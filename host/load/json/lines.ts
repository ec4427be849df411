/** Reads JSON Lines: an object on each line, whose members are fields. */

import { Buffer, isUtf8 } from "node:buffer";
import { invalid, show } from "../../csv/failure.js";
import type { CsvRecord, RecordSink, RecordSource } from "../records.js";
import type { JsonKeys } from "./keys.js";
import { BadLine, membersOf } from "./members.js";

const CHUNK_BYTES = 256 << 10;
const LINE_FEED = 10;

/** Reads the whole input once, in memory bounded by the longest line. Records have the fields up to the last key that they have. */
export async function readJsonLines(
	input: RecordSource,
	maxRecordBytes: number,
	keys: JsonKeys,
	sink: RecordSink,
	signal: AbortSignal | undefined,
): Promise<void> {
	let line = 1;
	let bytes = 0;
	let kept: Uint8Array[] = [];
	let keptBytes = 0;
	const take = (piece: Uint8Array) => {
		const text = kept.length === 0 ? piece : Buffer.concat([...kept, piece]);
		kept = [];
		keptBytes = 0;
		if (text.length > maxRecordBytes) throw tooLong(line, maxRecordBytes);
		const record = recordOf(text, line++, keys);
		if (record !== undefined) sink.record(record);
	};
	for await (const chunk of input.chunks(() => CHUNK_BYTES)) {
		signal?.throwIfAborted();
		let at = 0;
		for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, at)) {
			take(chunk.subarray(at, end));
			at = end + 1;
		}
		if (at < chunk.length) kept.push(chunk.subarray(at));
		keptBytes += chunk.length - at;
		if (keptBytes > maxRecordBytes) throw tooLong(line, maxRecordBytes);
		bytes += chunk.length;
		sink.progress(bytes);
	}
	if (keptBytes > 0) take(new Uint8Array(0));
}

function tooLong(line: number, limit: number): Error {
	return invalid(`The record on line ${line} is longer than ${limit} bytes`, { line });
}

/** Undefined for a blank line. */
function recordOf(bytes: Uint8Array, line: number, keys: JsonKeys): CsvRecord | undefined {
	const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
	if (text.trim() === "") return undefined;
	if (text.includes("\ufffd") && !isUtf8(bytes)) return bad(text, line, "not valid UTF-8");
	try {
		return fieldsOf(text, line, keys);
	} catch (error) {
		if (error instanceof BadLine) return bad(text, line, error.message);
		throw error;
	}
}

function fieldsOf(text: string, line: number, keys: JsonKeys): CsvRecord {
	const members = membersOf(text);
	// Before a key becomes a column.
	const unique = new Set<string>();
	for (const { key } of members) {
		if (unique.has(key)) throw new BadLine(`the key ${show(key)} is there twice`);
		unique.add(key);
	}
	const places = members.map(({ key }) => keys.indexOf(key));
	const width = Math.max(0, ...places.map((place) => place + 1));
	const fields = Array.from({ length: width }, () => "");
	const kinds = Array.from({ length: width }, () => 0);
	const taken = new Set<number>();
	for (const [i, { key, text, kind }] of members.entries()) {
		const place = places[i] as number; // one for each
		if (taken.has(place)) throw new BadLine(`the key ${show(key)} is there twice, in another spelling`);
		taken.add(place);
		fields[place] = text;
		kinds[place] = kind;
	}
	return { line, fields, kinds, flaw: undefined };
}

function bad(text: string, line: number, reason: string): CsvRecord {
	return { line, fields: [text.trimEnd()], flaw: { reason, field: undefined } };
}
