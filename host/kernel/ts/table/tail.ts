// The end of a table's tail: properties and footer (host/FORMAT.md).

import {
	FOOTER_CHECKSUM,
	FOOTER_DATABASE_ID,
	FOOTER_FILE_NUMBER,
	FOOTER_FILTER_LENGTH,
	FOOTER_FILTER_OFFSET,
	FOOTER_INDEX_LENGTH,
	FOOTER_INDEX_OFFSET,
	FOOTER_MAGIC,
	FOOTER_PROPERTIES_LENGTH,
	FOOTER_PROPERTIES_OFFSET,
	FOOTER_RANGES_LENGTH,
	FOOTER_RANGES_OFFSET,
	FOOTER_VERSION,
	FORMAT_VERSION,
	PROPERTIES_BLOCKS,
	PROPERTIES_DELETIONS,
	PROPERTIES_ENTRIES,
	PROPERTIES_FIRST_EXPIRY,
	PROPERTIES_HEADER_BYTES,
	PROPERTIES_KEY_BYTES,
	PROPERTIES_LARGEST_LENGTH,
	PROPERTIES_MAX_SEQUENCE,
	PROPERTIES_MIN_SEQUENCE,
	PROPERTIES_RANGE_DELETIONS,
	PROPERTIES_SMALLEST_LENGTH,
	PROPERTIES_VALUE_BYTES,
	TABLE_MAGIC_HIGH,
	TABLE_MAGIC_LOW,
} from "../../../../assembly/shared/format.js";
import type { Word64 } from "../../contract.js";
import type { Xxh64 } from "../hash/xxh64.js";
import { setCount } from "../memory/bytes.js";
import type { Figures } from "./builder.js";

/** As a description and properties say it: 0 for none. */
export function firstExpiry(figures: Figures): number {
	return Number.isFinite(figures.firstExpiry) ? figures.firstExpiry : 0;
}

export function propertiesLength(smallest: Uint8Array, largest: Uint8Array): number {
	return PROPERTIES_HEADER_BYTES + smallest.length + largest.length;
}

export function writeProperties(
	view: DataView,
	at: number,
	figures: Figures,
	smallest: Uint8Array,
	largest: Uint8Array,
): void {
	setCount(view, at + PROPERTIES_ENTRIES, figures.entries);
	setCount(view, at + PROPERTIES_DELETIONS, figures.deletions);
	setCount(view, at + PROPERTIES_KEY_BYTES, figures.keyBytes);
	setCount(view, at + PROPERTIES_VALUE_BYTES, figures.valueBytes);
	setCount(view, at + PROPERTIES_MIN_SEQUENCE, figures.minSequence);
	setCount(view, at + PROPERTIES_MAX_SEQUENCE, figures.maxSequence);
	view.setUint32(at + PROPERTIES_BLOCKS, figures.blocks, true);
	view.setUint32(at + PROPERTIES_SMALLEST_LENGTH, smallest.length, true);
	setCount(view, at + PROPERTIES_LARGEST_LENGTH, largest.length);
	setCount(view, at + PROPERTIES_FIRST_EXPIRY, firstExpiry(figures));
	setCount(view, at + PROPERTIES_RANGE_DELETIONS, figures.rangeDeletions);
	const keys = new Uint8Array(view.buffer, view.byteOffset + at + PROPERTIES_HEADER_BYTES);
	keys.set(smallest);
	keys.set(largest, smallest.length);
}

interface Part {
	readonly offset: number;
	/** 0 where the table has none. */
	readonly length: number;
}

export interface Footer {
	readonly filter: Part;
	readonly index: Part;
	readonly ranges: Part;
	readonly properties: Part;
	readonly file: number;
	/** Eight bytes. */
	readonly databaseId: Uint8Array;
	readonly seed: Word64;
}

export function writeFooter(xxh64: Xxh64, view: DataView, at: number, footer: Footer): void {
	const { filter, index, ranges, properties, file, databaseId, seed } = footer;
	setCount(view, at + FOOTER_INDEX_OFFSET, index.offset);
	setCount(view, at + FOOTER_FILTER_OFFSET, filter.offset);
	setCount(view, at + FOOTER_RANGES_OFFSET, ranges.offset);
	setCount(view, at + FOOTER_PROPERTIES_OFFSET, properties.offset);
	view.setUint32(at + FOOTER_INDEX_LENGTH, index.length, true);
	view.setUint32(at + FOOTER_FILTER_LENGTH, filter.length, true);
	view.setUint32(at + FOOTER_RANGES_LENGTH, ranges.length, true);
	view.setUint32(at + FOOTER_PROPERTIES_LENGTH, properties.length, true);
	setCount(view, at + FOOTER_VERSION, FORMAT_VERSION);
	setCount(view, at + FOOTER_FILE_NUMBER, file);
	for (let index = 0; index < 8; index++) view.setUint8(at + FOOTER_DATABASE_ID + index, databaseId[index] as number);
	xxh64.hash(view, at, FOOTER_CHECKSUM, seed.low, seed.high);
	view.setInt32(at + FOOTER_CHECKSUM, xxh64.low, true);
	view.setInt32(at + FOOTER_CHECKSUM + 4, xxh64.high, true);
	view.setUint32(at + FOOTER_MAGIC, TABLE_MAGIC_LOW, true);
	view.setUint32(at + FOOTER_MAGIC + 4, TABLE_MAGIC_HIGH, true);
}
