import {
	BLOCK_TRAILER_BYTES,
	BLOCK_TRAILER_CHECKSUM,
	FOOTER_BYTES,
	FOOTER_CHECKSUM,
	FOOTER_FILTER_LENGTH,
	FOOTER_FILTER_OFFSET,
	FOOTER_INDEX_LENGTH,
	FOOTER_INDEX_OFFSET,
	FOOTER_PROPERTIES_LENGTH,
	FOOTER_PROPERTIES_OFFSET,
	FOOTER_RANGES_LENGTH,
	FOOTER_RANGES_OFFSET,
	RECORD_HEADER_BYTES,
} from "../../assembly/shared/format.js";
import { xxh64 } from "../format/xxh64.js";

/** Damaged files whose checksums are right again: what reaches the decoders themselves. */

export interface Part {
	readonly name: "data" | "filter" | "index" | "ranges" | "properties" | "footer";
	readonly offset: number;
	/** Without the trailer. */
	readonly length: number;
}

function viewOf(bytes: Uint8Array): DataView {
	return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** The blocks of a sound table. */
export function partsOf(table: Uint8Array): Part[] {
	const view = viewOf(table);
	const footer = table.length - FOOTER_BYTES;
	const part = (name: Part["name"], offset: number, length: number): Part => ({
		name,
		offset: Number(view.getBigUint64(footer + offset, true)),
		length: view.getUint32(footer + length, true),
	});
	const index = part("index", FOOTER_INDEX_OFFSET, FOOTER_INDEX_LENGTH);
	const parts: Part[] = [
		part("filter", FOOTER_FILTER_OFFSET, FOOTER_FILTER_LENGTH),
		index,
		part("ranges", FOOTER_RANGES_OFFSET, FOOTER_RANGES_LENGTH),
		part("properties", FOOTER_PROPERTIES_OFFSET, FOOTER_PROPERTIES_LENGTH),
		{ name: "footer", offset: footer, length: FOOTER_BYTES },
	];
	// u32 count, u32 prefix, u64 head[count], u32 offset[count + 1], entries that end with offset, length, zero.
	const count = index.length === 0 ? 0 : view.getUint32(index.offset, true);
	for (let slot = 0; slot < count; slot++) {
		const end = index.offset + view.getUint32(index.offset + 8 + 8 * count + 4 * (slot + 1), true);
		const [offset, length] = [Number(view.getBigUint64(end - 16, true)), view.getUint32(end - 8, true)];
		parts.push({ name: "data", offset, length });
	}
	return parts.filter(({ length }) => length !== 0);
}

/** Makes the checksum of a part right. */
export function reseal(table: Uint8Array, part: Part, seed: bigint): void {
	const view = viewOf(table);
	if (part.name === "footer") {
		const checksum = xxh64(table.subarray(part.offset, part.offset + FOOTER_CHECKSUM), seed);
		view.setBigUint64(part.offset + FOOTER_CHECKSUM, checksum, true);
		return;
	}
	const trailer = part.offset + part.length;
	const words = view.getBigUint64(trailer, true);
	const mixed = BigInt.asUintN(64, (seed ^ words) + BigInt(part.offset) * 0x9e3779b185ebca87n);
	view.setBigUint64(trailer + BLOCK_TRAILER_CHECKSUM, xxh64(table.subarray(part.offset, trailer), mixed), true);
}

/** Where the mutable bytes of a part end: a block's trailer says how it is stored. */
export function partEnd(part: Part): number {
	return part.offset + part.length + (part.name === "footer" ? 0 : BLOCK_TRAILER_BYTES);
}

/** Records of a sound log file: their offsets and whole lengths. */
export function recordsOf(log: Uint8Array): { offset: number; length: number; payloadLength: number }[] {
	const view = viewOf(log);
	const records = [];
	for (let offset = 40; offset + RECORD_HEADER_BYTES <= log.length; ) {
		const payloadLength = view.getUint32(offset + 4, true);
		const length = RECORD_HEADER_BYTES + Math.ceil(payloadLength / 8) * 8;
		records.push({ offset, length, payloadLength });
		offset += length;
	}
	return records;
}

/** Makes both checksums of a record right. */
export function resealRecord(log: Uint8Array, record: { offset: number; length: number }, seed: bigint): void {
	const view = viewOf(log);
	const { offset, length } = record;
	view.setBigUint64(offset + 8, xxh64(log.subarray(offset + RECORD_HEADER_BYTES, offset + length), seed), true);
	const header = xxh64(log.subarray(offset + 4, offset + RECORD_HEADER_BYTES), seed);
	view.setUint32(offset, Number(header & 0xffffffffn), true);
}

/** Makes the checksum of a log's file header right. */
export function resealHeader(log: Uint8Array, seed: bigint): void {
	viewOf(log).setBigUint64(32, xxh64(log.subarray(0, 32), seed), true);
}

/** The seed of a file's checksums. */
export function fileSeed(databaseId: Uint8Array, file: number): bigint {
	const bytes = new Uint8Array(16);
	bytes.set(databaseId);
	viewOf(bytes).setUint32(8, file, true);
	return xxh64(bytes, 0n);
}

export function manifestSeed(file: number): bigint {
	return (0x6d616e69n << 32n) | BigInt(file);
}

/** Contents of a table's parts; those left out stay as they are, empty ones go. */
export type PartContents = Partial<Record<"filter" | "index" | "ranges" | "properties", Uint8Array>>;

/** The sound table with other parts behind its data, laid out and sealed as a table's are. */
export function withParts(table: Uint8Array, contents: PartContents, seed: bigint): Buffer {
	const parts = partsOf(table);
	const data = parts.filter(({ name }) => name === "data");
	const tail = Math.max(0, ...data.map(partEnd));
	const footer = Buffer.from(table.subarray(table.length - FOOTER_BYTES));
	const chunks: Uint8Array[] = [table.subarray(0, tail)];
	let at = tail;
	const sealed: Part[] = [];
	for (const [name, offsetField, lengthField] of [
		["filter", FOOTER_FILTER_OFFSET, FOOTER_FILTER_LENGTH],
		["index", FOOTER_INDEX_OFFSET, FOOTER_INDEX_LENGTH],
		["ranges", FOOTER_RANGES_OFFSET, FOOTER_RANGES_LENGTH],
		["properties", FOOTER_PROPERTIES_OFFSET, FOOTER_PROPERTIES_LENGTH],
	] as const) {
		const old = parts.find((part) => part.name === name);
		const kept = old === undefined ? new Uint8Array(0) : table.subarray(old.offset, old.offset + old.length);
		const bytes = contents[name] ?? kept;
		footer.writeBigUInt64LE(BigInt(at), offsetField);
		footer.writeUInt32LE(bytes.length, lengthField);
		if (bytes.length === 0) continue;
		const trailer = Buffer.alloc(BLOCK_TRAILER_BYTES);
		trailer.writeUInt32LE(bytes.length, 0);
		if (old !== undefined) trailer[4] = table[old.offset + old.length + 4] as number;
		chunks.push(bytes, trailer);
		sealed.push({ name, offset: at, length: bytes.length });
		at += bytes.length + BLOCK_TRAILER_BYTES;
	}
	const forged = Buffer.concat([...chunks, footer]);
	for (const part of [...sealed, { name: "footer", offset: at, length: FOOTER_BYTES } as const])
		reseal(forged, part, seed);
	return forged;
}
