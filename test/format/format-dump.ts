import { Buffer } from "node:buffer";
import * as format from "../../assembly/shared/format.js";
import { AnnotatedBytes } from "./annotated-bytes.js";
import { DATABASE_ID, sampleFiles } from "./sample.js";
import {
	dumpCompressedBlock,
	dumpDataBlock,
	dumpFilter,
	dumpFooter,
	dumpIndexBlock,
	dumpProperties,
	dumpRangesBlock,
	entryValue,
	idBytes,
	KINDS,
	tableLayout,
} from "./table-dump.js";
import { xxh64 } from "./xxh64.js";

/*
 * The annotated dumps of FORMAT.md. They are read from the files of real databases by a reader of its own, which follows
 * the document instead of the code: checksums, seeds, filter bits and LZ4 are worked out anew here and must agree.
 */

/** The dumps by the names that the document gives them. */
export async function formatDumps(): Promise<ReadonlyMap<string, string>> {
	const files = await sampleFiles();
	const table = tableLayout(files.table);
	const part = (from: number, to: number) => new AnnotatedBytes(files.table.subarray(from, to), from);
	const seed = fileSeed(4);
	return new Map([
		["current", dumpCurrent(files.current)],
		["log", dumpLog(files.log, 2)],
		["manifest", dumpManifest(files.manifest, 1)],
		["data-block", dumpDataBlock(part(0, table.filter), seed)],
		["filter", dumpFilter(part(table.filter, table.index), seed, ["kapple", "kbanana"])],
		["index", dumpIndexBlock(part(table.index, table.ranges), seed)],
		["kinds", dumpLog(files.kindsLog, 2)],
		["ranges", dumpRangesBlock(files.kindsTable, seed)],
		["properties", dumpProperties(part(table.properties, table.footer), seed)],
		["footer", dumpFooter(part(table.footer, files.table.length), seed, 4)],
		["compressed", dumpCompressedBlock(files.compressedTable, seed)],
		["lock", dumpLock(files.lock)],
	]);
}

// -- Seeds -----------------------------------------------------------------------------------------------------------

function fileSeed(file: number): bigint {
	const bytes = Buffer.alloc(16);
	bytes.set(DATABASE_ID);
	bytes.writeUInt32LE(file, 8);
	return xxh64(bytes, 0n);
}

function manifestSeed(file: number): bigint {
	return (0x6d616e69n << 32n) | BigInt(file);
}

// -- CURRENT and LOCK ------------------------------------------------------------------------------------------------

function dumpCurrent(bytes: Uint8Array): string {
	const dump = new AnnotatedBytes(bytes);
	const name = dump.text(bytes.length - 18, "manifest's name");
	dump.text(1, "separator");
	const checksum = dump.text(16, "checksum: XXH64 of the name, seed 0, high digits first:");
	if (checksum !== xxh64(Buffer.from(name), 0n).toString(16).padStart(16, "0"))
		throw new RangeError("CURRENT's checksum");
	dump.text(1, "end");
	return dump.finish();
}

/** One line of JSON, here with a line for each field. */
function dumpLock(bytes: Uint8Array): string {
	const text = Buffer.from(bytes).toString("utf8");
	if (text.indexOf("\n") !== text.length - 1) throw new RangeError("LOCK is not one line");
	return text.trimEnd().replaceAll(',"', ',\n "');
}

// -- Logs ------------------------------------------------------------------------------------------------------------

function logHeader(
	dump: AnnotatedBytes,
	kind: number,
	meaning: string,
	file: number,
	databaseId: Uint8Array,
	seed: bigint,
): void {
	dump.heading("file header");
	const start = dump.at;
	if (dump.text(8, "magic") !== "wlsm-log") throw new RangeError("the log's magic");
	dump.constant(4, "formatVersion", format.FORMAT_VERSION);
	dump.constant(4, "kind", kind, meaning);
	dump.constant(8, "fileNumber", file);
	idBytes(dump, databaseId, kind === 2 ? "databaseId: none in a manifest's header" : "databaseId, here not random");
	dump.hash(8, "checksum: XXH64 of bytes 0..32", xxh64(dump.bytes.subarray(start, start + 32), seed));
}

/** A record's header; answers the payload's length. */
function recordHeader(dump: AnnotatedBytes, seed: bigint, sequenceMeaning: (sequence: number) => string): number {
	const start = dump.at;
	const length = new DataView(dump.bytes.buffer, dump.bytes.byteOffset + start).getUint32(4, true);
	const padded = Math.ceil(length / 8) * 8;
	const header = xxh64(dump.bytes.subarray(start + 4, start + 32), seed);
	dump.hash(4, "headerChecksum: low half of XXH64 of the header's bytes 4..32", header & 0xffffffffn);
	dump.number(4, "payloadLength");
	const payload = dump.bytes.subarray(start + 32, start + 32 + padded);
	dump.hash(8, `payloadChecksum: XXH64 of ${padded} bytes`, xxh64(payload, seed));
	dump.number(8, "sequence", sequenceMeaning);
	dump.number(8, "durableBytes");
	return length;
}

function padding(dump: AnnotatedBytes, length: number): void {
	dump.zeros((8 - (length % 8)) % 8, "padding");
}

function dumpLog(bytes: Uint8Array, file: number): string {
	const dump = new AnnotatedBytes(bytes);
	const seed = fileSeed(file);
	logHeader(dump, 1, "WAL", file, DATABASE_ID, seed);
	while (dump.left > 0) {
		dump.heading("record");
		const length = recordHeader(dump, seed, () => "");
		const end = dump.at + length;
		while (dump.at < end) operation(dump);
		padding(dump, length);
	}
	return dump.finish();
}

function operation(dump: AnnotatedBytes): void {
	const keyLength = dump.number(2, "keyLength, low 16 bits");
	dump.constant(1, "keyLength, high 8 bits", 0);
	const kind = dump.number(1, "kind", (kind) => KINDS[kind] ?? "unknown");
	const valueLength = dump.number(4, "valueLength");
	dump.text(keyLength, "key");
	entryValue(dump, kind, valueLength);
}

const EDIT_FIELDS: { readonly [Tag: number]: readonly [name: string, read: (dump: AnnotatedBytes) => void] } = {
	1: ["databaseId", (dump) => dump.raw(dump.number(4, "length"), "databaseId, here not random")],
	2: ["nextFile", (dump) => dump.number(8, "nextFile")],
	3: ["firstLog", (dump) => dump.number(8, "firstLog")],
	4: ["flushedSequence", (dump) => dump.number(8, "flushedSequence")],
	5: ["added", addedTable],
	6: [
		"removed",
		(dump) => {
			dump.number(1, "level");
			dump.number(4, "file");
		},
	],
	7: [
		"closedLog",
		(dump) => {
			dump.number(4, "log's file number");
			dump.number(8, "bytes");
		},
	],
};

function addedTable(dump: AnnotatedBytes): void {
	dump.number(1, "level");
	dump.number(4, "file");
	dump.number(8, "size");
	dump.number(4, "tailLength");
	for (const name of ["entries", "deletions", "minSequence", "maxSequence", "firstExpiry", "rangeDeletions"])
		dump.number(8, name);
	for (const name of ["smallest", "largest"]) dump.text(dump.number(4, "length"), name);
}

function dumpManifest(bytes: Uint8Array, file: number): string {
	const dump = new AnnotatedBytes(bytes);
	const seed = manifestSeed(file);
	logHeader(dump, 2, "manifest", file, new Uint8Array(8), seed);
	for (let edit = 0; dump.left > 0; edit++) {
		dump.heading(`edit ${edit}`);
		const length = recordHeader(dump, seed, (sequence) => {
			if (sequence !== edit) throw new RangeError(`edit ${edit} has number ${sequence}`);
			return "the edit's number";
		});
		const end = dump.at + length;
		while (dump.at < end) {
			const tag = dump.number(1, "tag", (value) => EDIT_FIELDS[value]?.[0] ?? "unknown");
			EDIT_FIELDS[tag]?.[1](dump);
		}
		padding(dump, length);
	}
	return dump.finish();
}
