import { Buffer } from "node:buffer";
import * as format from "../../assembly/shared/format.js";
import { AnnotatedBytes } from "./annotated-bytes.js";
import { DATABASE_ID } from "./sample.js";
import { word64, xxh64 } from "./xxh64.js";

/* The dumps of a table's parts. */

export function idBytes(dump: AnnotatedBytes, databaseId: Uint8Array, what: string): void {
	if (Buffer.compare(dump.raw(8, what), databaseId) !== 0) throw new RangeError("the database's id");
}

export const KINDS = ["delete", "put", "put that expires", "range deletion"];

export function entryValue(dump: AnnotatedBytes, kind: number, length: number): void {
	const expiring = kind === format.KIND_PUT_EXPIRING;
	if (expiring) dump.number(format.EXPIRY_BYTES, "expiry", (expiry) => new Date(expiry).toISOString());
	const rest = length - (expiring ? format.EXPIRY_BYTES : 0);
	if (rest > 0) dump.text(rest, kind === format.KIND_DELETE_RANGE ? "end of the range" : "value");
}

/** Where the parts of a table with a filter begin, by its footer. */
export function tableLayout(bytes: Uint8Array): {
	filter: number;
	index: number;
	ranges: number;
	properties: number;
	footer: number;
} {
	const footer = bytes.length - format.FOOTER_BYTES;
	const view = new DataView(bytes.buffer, bytes.byteOffset + footer, format.FOOTER_BYTES);
	const offset = (at: number) => Number(view.getBigUint64(at, true));
	return {
		index: offset(format.FOOTER_INDEX_OFFSET),
		filter: offset(format.FOOTER_FILTER_OFFSET),
		ranges: offset(format.FOOTER_RANGES_OFFSET),
		properties: offset(format.FOOTER_PROPERTIES_OFFSET),
		footer,
	};
}

const BLOCK_TYPES = ["", "data", "index", "filter", "properties", "range deletions"];

/** The trailer behind `stored` bytes that began at `offset` of the file. */
function blockTrailer(dump: AnnotatedBytes, stored: Uint8Array, offset: number, type: number, seed: bigint): void {
	dump.heading("block trailer");
	const view = new DataView(dump.bytes.buffer, dump.bytes.byteOffset + dump.at);
	const words = view.getBigUint64(0, true);
	dump.number(4, "decodedLength");
	dump.constant(1, "type", type, BLOCK_TYPES[type]);
	dump.number(1, "compression", (value) => (value === format.COMPRESSION_LZ4 ? "LZ4" : "none"));
	dump.zeros(2, "zero");
	const blockSeed = word64((seed ^ words) + BigInt(offset) * 0x9e3779b185ebca87n);
	dump.hash(8, `checksum: XXH64 of the block's ${stored.length} bytes`, xxh64(stored, blockSeed));
}

function sealed(dump: AnnotatedBytes, offset: number, type: number, seed: bigint, read: () => void): string {
	const start = dump.at;
	read();
	blockTrailer(dump, dump.bytes.subarray(start, dump.at), offset, type, seed);
	return dump.finish();
}

/** The common layout of data and index blocks; `value` reads what an entry holds. */
function entryBlock(dump: AnnotatedBytes, length: number, value: (bytes: number, kind: number) => void): void {
	dump.heading("block");
	const start = dump.at;
	const count = dump.number(4, "count");
	const shared = dump.number(4, "sharedPrefixLength");
	const view = new DataView(dump.bytes.buffer, dump.bytes.byteOffset + start);
	const offsets = Array.from({ length: count + 1 }, (_, i) => view.getUint32(8 + 8 * count + 4 * i, true));
	for (let i = 0; i < count; i++) {
		const entry = start + (offsets[i] ?? 0);
		const keyAt = entry + format.ENTRY_KEY;
		const key = dump.bytes.subarray(keyAt, keyAt + view.getUint32(entry - start + format.ENTRY_KEY_LENGTH, true));
		const head = Buffer.alloc(8);
		head.set(key.subarray(shared, shared + 8));
		const text = JSON.stringify(Buffer.from(key.subarray(shared, shared + 8)).toString("latin1"));
		dump.hash(8, `head[${i}]: ${text} and zeros`, head.readBigUInt64BE());
	}
	for (const [i] of offsets.entries()) dump.number(4, `offset[${i}]`);
	for (let i = 0; i < count; i++) {
		if (dump.at !== start + (offsets[i] ?? 0)) throw new RangeError(`entry ${i} is not at its offset`);
		dump.heading(`entry ${i}`);
		const kind = entryTrailer(dump);
		const keyLength = dump.number(4, "keyLength");
		dump.text(keyLength, "key");
		value(start + (offsets[i + 1] ?? 0) - dump.at, kind);
	}
	if (dump.at !== start + length) throw new RangeError("the block does not end at its last offset");
}

/** Answers the entry's kind. */
function entryTrailer(dump: AnnotatedBytes): number {
	return (
		dump.number(8, "trailer", (trailer) => {
			return `sequence ${Math.floor(trailer / 256)}, ${KINDS[trailer % 256]}`;
		}) % 256
	);
}

export function dumpDataBlock(dump: AnnotatedBytes, seed: bigint): string {
	return sealed(dump, 0, format.BLOCK_TYPE_DATA, seed, () =>
		entryBlock(dump, dump.left - format.BLOCK_TRAILER_BYTES, (bytes, kind) => entryValue(dump, kind, bytes)),
	);
}

export function dumpIndexBlock(dump: AnnotatedBytes, seed: bigint): string {
	return sealed(dump, dump.base, format.BLOCK_TYPE_INDEX, seed, () =>
		entryBlock(dump, dump.left - format.BLOCK_TRAILER_BYTES, () => {
			dump.number(8, "offset of the data block");
			dump.number(4, "storedLength, without its trailer");
			dump.zeros(4, "zero");
		}),
	);
}

export function dumpRangesBlock(table: Uint8Array, seed: bigint): string {
	const { ranges, properties } = tableLayout(table);
	const dump = new AnnotatedBytes(table.subarray(ranges, properties), ranges);
	return sealed(dump, ranges, format.BLOCK_TYPE_RANGES, seed, () =>
		entryBlock(dump, dump.left - format.BLOCK_TRAILER_BYTES, (bytes, kind) => entryValue(dump, kind, bytes)),
	);
}

export function dumpFilter(dump: AnnotatedBytes, seed: bigint, keys: readonly string[]): string {
	return sealed(dump, dump.base, format.BLOCK_TYPE_FILTER, seed, () => {
		dump.heading("filter");
		const lines = dump.number(4, "lineCount");
		const probes = dump.number(4, "probes");
		const expected = Buffer.alloc(lines * format.FILTER_LINE_BYTES);
		const notes: string[] = [];
		for (const key of keys) {
			const hash = xxh64(Buffer.from(key), 0n);
			const line = Number(((hash >> 32n) * BigInt(lines)) >> 32n);
			const bits: number[] = [];
			for (let probe = 0, word = Number(hash & 0xffffffffn); probe < probes; probe++) {
				bits.push(word >>> 23);
				word = Math.imul(word, 0x9e3779b9) >>> 0;
			}
			for (const bit of bits) {
				const at = line * format.FILTER_LINE_BYTES + (bit >> 3);
				expected[at] = (expected[at] ?? 0) | (1 << (bit & 7));
			}
			notes.push(`${JSON.stringify(key)} sets bits ${bits.join(" ")} of line ${line}`);
		}
		for (let line = 0; line < lines; line++) {
			const bytes = dump.raw(format.FILTER_LINE_BYTES, `line ${line}: 512 bits`);
			const start = line * format.FILTER_LINE_BYTES;
			if (!expected.subarray(start, start + format.FILTER_LINE_BYTES).equals(bytes))
				throw new RangeError("the filter's bits");
		}
		for (const note of notes) dump.remark(note);
	});
}

export function dumpProperties(dump: AnnotatedBytes, seed: bigint): string {
	return sealed(dump, dump.base, format.BLOCK_TYPE_PROPERTIES, seed, () => {
		dump.heading("properties");
		for (const name of ["entries", "deletions", "keyBytes", "valueBytes", "minSequence", "maxSequence"]) {
			dump.number(8, name);
		}
		dump.number(4, "dataBlocks");
		const smallest = dump.number(4, "smallestLength");
		const largest = dump.number(4, "largestLength");
		dump.zeros(4, "zero");
		dump.number(8, "firstExpiry");
		dump.number(8, "rangeDeletions");
		dump.text(smallest, "smallest");
		dump.text(largest, "largest");
	});
}

export function dumpFooter(dump: AnnotatedBytes, seed: bigint, file: number): string {
	for (const name of ["indexOffset", "filterOffset", "rangesOffset", "propertiesOffset"]) dump.number(8, name);
	for (const name of ["indexLength", "filterLength", "rangesLength", "propertiesLength"]) dump.number(4, name);
	dump.constant(4, "formatVersion", format.FORMAT_VERSION);
	dump.zeros(4, "zero");
	dump.constant(8, "fileNumber", file);
	idBytes(dump, DATABASE_ID, "databaseId, here not random");
	dump.hash(
		8,
		"checksum: XXH64 of the footer's bytes 0..72",
		xxh64(dump.bytes.subarray(0, format.FOOTER_CHECKSUM), seed),
	);
	if (dump.text(8, "magic") !== "wlsm-tbl") throw new RangeError("the table's magic");
	return dump.finish();
}

// -- LZ4 -------------------------------------------------------------------------------------------------------------

/** The first block of a table that has no filter, so that its index says how long it is. */
export function dumpCompressedBlock(table: Uint8Array, seed: bigint): string {
	const { index } = tableLayout(table);
	const dump = new AnnotatedBytes(table.subarray(0, index));
	const decodedLength = new DataView(table.buffer, table.byteOffset + index - format.BLOCK_TRAILER_BYTES).getUint32(
		0,
		true,
	);
	const end = index - format.BLOCK_TRAILER_BYTES;
	return sealed(dump, 0, format.BLOCK_TYPE_DATA, seed, () => {
		dump.heading("LZ4 sequences");
		const decoded: number[] = [];
		while (dump.at < end) {
			const token = dump.bytes[dump.at] ?? 0;
			const last = dump.at + 1 + (token >> 4) >= end;
			dump.raw(
				1,
				`token: ${describeHalf(token >> 4, "literals")}, ${last ? "no match" : describeHalf(token & 15, "matched")}`,
			);
			const literals = longLength(dump, token >> 4, "literals");
			decoded.push(...dump.raw(literals, `${literals} literal${literals === 1 ? "" : "s"}`));
			if (dump.at === end) break;
			const distance = dump.number(2, "distance");
			const matched = 4 + longLength(dump, token & 15, "matched");
			for (let i = 0; i < matched; i++) decoded.push(decoded[decoded.length - distance] as number);
			dump.remark(`${matched} bytes are copied, ${decoded.length} decoded so far`);
		}
		if (decoded.length !== decodedLength) throw new RangeError(`${decoded.length} bytes decoded, not ${decodedLength}`);
		const block = new AnnotatedBytes(Uint8Array.from(decoded));
		entryBlock(block, decodedLength, (bytes) => block.raw(bytes, "value"));
		block.finish();
	});
}

/** What half a token says of a length. */
function describeHalf(half: number, what: "literals" | "matched"): string {
	const number = half === 15 ? "15 or more" : String(half);
	return what === "literals" ? `${number} literals` : `4 + ${number} matched`;
}

/** A length of which half a token says up to 14; at 15 bytes follow that are added, up to the first below 255. */
function longLength(dump: AnnotatedBytes, half: number, what: string): number {
	let length = half;
	for (let more = half === 15 ? 255 : 0; more === 255; length += more) {
		more = dump.number(1, `more ${what}`);
	}
	return length;
}
