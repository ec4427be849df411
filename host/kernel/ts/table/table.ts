import {
	BLOCK_TRAILER_BYTES,
	BLOCK_TYPE_FILTER,
	BLOCK_TYPE_INDEX,
	BLOCK_TYPE_PROPERTIES,
	BLOCK_TYPE_RANGES,
	BOUND_MAX_BYTES,
	ENTRY_KEY,
	FOOTER_BYTES,
	FOOTER_CHECKSUM,
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
	INDEX_VALUE_BYTES,
	PROPERTIES_HEADER_BYTES,
	TABLE_MAGIC_HIGH,
	TABLE_MAGIC_LOW,
} from "../../../../assembly/shared/format.js";
import {
	CORRUPT_FILTER,
	CORRUPT_FOOTER,
	CORRUPT_INDEX,
	CORRUPT_PROPERTIES,
	CORRUPT_RANGES,
	CORRUPT_VERSION,
	type STATUS_CORRUPT,
	STATUS_DONE,
} from "../../../../assembly/shared/status.js";
import type { Table as KernelTable, Status, TableDescription } from "../../contract.js";
import type { Answers } from "../answers.js";
import { Block } from "../block/block.js";
import { checkStored } from "../block/stored.js";
import type { BlockCache, Frame } from "../cache/cache.js";
import { filterIsSound } from "../filter/bloom.js";
import type { Xxh64 } from "../hash/xxh64.js";
import { KeyView } from "../key/key-view.js";
import { Bytes, copyBytes, getCount } from "../memory/bytes.js";
import { fragmentsAreSound } from "./fragments.js";

/** The parts of a table's tail, from its first byte to the footer. */
interface Parts {
	readonly filterLength: number;
	/** From the tail's start; each follows the one before it. */
	readonly indexAt: number;
	readonly indexLength: number;
	readonly rangesAt: number;
	readonly rangesLength: number;
	readonly propertiesAt: number;
	readonly propertiesLength: number;
}

/** An SSTable: its key range at once; filter, index and range deletions from the first use on, when its tail has been read. */
export class Table implements KernelTable {
	readonly file: number;
	readonly size: number;
	readonly tailLength: number;
	readonly seedLow: number;
	readonly seedHigh: number;
	readonly smallest: KeyView;
	readonly largest: KeyView;
	/** Whether it has range deletions: said by its description, before it is open. */
	readonly ranged: boolean;
	isOpen = false;
	/** Data blocks; a table of range deletions alone has none. */
	blocks = 0;
	/** Each undefined where the table has none. */
	filter: DataView | undefined;
	ranges: Block | undefined;
	/** The cached frame of each block. */
	frames: (Frame | undefined)[] = [];
	/** Bytes of its tail, 0 until it is open. */
	residentBytes = 0;
	#index: Block | undefined;
	readonly #cache: BlockCache;

	constructor(cache: BlockCache, description: TableDescription) {
		this.#cache = cache;
		this.file = description.file;
		this.size = description.size;
		this.tailLength = description.tailLength;
		this.seedLow = description.seed.low;
		this.seedHigh = description.seed.high;
		this.ranged = description.rangeDeletions !== 0;
		this.smallest = KeyView.over(Bytes.from(description.smallest));
		this.largest = KeyView.over(Bytes.from(description.largest));
	}

	free(): void {
		this.#cache.forget(this);
	}

	/** The first block with an entry at or after the key's version; the number of blocks where there is none. Of one with blocks. */
	seek(view: DataView, key: number, keyLength: number, sequence: number): number {
		return (this.#index as Block).seek(view, key, keyLength, sequence);
	}

	/** Offset of a data block in the file. */
	blockOffset(block: number): number {
		const index = this.#index as Block;
		return getCount(index.view, this.#indexValue(index, block));
	}

	/** Stored length of a data block, without its trailer. */
	blockLength(block: number): number {
		const index = this.#index as Block;
		return index.view.getUint32(this.#indexValue(index, block) + 8, true);
	}

	#indexValue(index: Block, block: number): number {
		const entry = index.entry(block);
		return entry + ENTRY_KEY + index.keyLength(entry);
	}

	/** Opens it with its tail, as it was read. */
	open(answers: Answers, xxh64: Xxh64, tail: Bytes): Status {
		const tailOffset = this.size - this.tailLength;
		const parts = this.#readFooter(answers, xxh64, tail.view, tailOffset);
		if (typeof parts === "number") return parts;
		const { filterLength, indexAt, indexLength, rangesAt, rangesLength, propertiesAt, propertiesLength } = parts;
		const check = (at: number, length: number, type: number) =>
			checkStored(answers, xxh64, this.file, this.seedLow, this.seedHigh, tail.view, at, length, tailOffset + at, type);

		if (filterLength !== 0) {
			const status = check(0, filterLength, BLOCK_TYPE_FILTER);
			if (status !== STATUS_DONE) return status;
			if (!filterIsSound(tail.view, 0, filterLength)) return answers.corrupt(this.file, tailOffset, CORRUPT_FILTER);
		}
		let index: Block | undefined;
		if (indexLength !== 0) {
			const status = check(indexAt, indexLength, BLOCK_TYPE_INDEX);
			if (status !== STATUS_DONE) return status;
			index = blockOf(tail, indexAt, indexLength);
			if (!index.accept(indexLength) || !namesBlocks(index, tailOffset)) {
				return answers.corrupt(this.file, tailOffset + indexAt, CORRUPT_INDEX);
			}
		}
		let ranges: Block | undefined;
		if (rangesLength !== 0) {
			const status = check(rangesAt, rangesLength, BLOCK_TYPE_RANGES);
			if (status !== STATUS_DONE) return status;
			ranges = blockOf(tail, rangesAt, rangesLength);
			if (!ranges.accept(rangesLength, BOUND_MAX_BYTES) || !fragmentsAreSound(ranges)) {
				return answers.corrupt(this.file, tailOffset + rangesAt, CORRUPT_RANGES);
			}
		}
		const status = check(propertiesAt, propertiesLength, BLOCK_TYPE_PROPERTIES);
		if (status !== STATUS_DONE) return status;
		if (propertiesLength < PROPERTIES_HEADER_BYTES) {
			return answers.corrupt(this.file, tailOffset + propertiesAt, CORRUPT_PROPERTIES);
		}

		this.#index = index;
		this.ranges = ranges;
		this.blocks = index?.count ?? 0;
		this.frames = new Array<Frame | undefined>(this.blocks).fill(undefined);
		this.filter = filterLength === 0 ? undefined : copyOf(tail, filterLength).view;
		this.residentBytes = filterLength + (index?.capacity ?? 0) + (ranges?.capacity ?? 0) + 8 * this.blocks;
		this.isOpen = true;
		return STATUS_DONE;
	}

	#readFooter(answers: Answers, xxh64: Xxh64, view: DataView, tailOffset: number): Parts | typeof STATUS_CORRUPT {
		const footer = this.tailLength - FOOTER_BYTES;
		const footerOffset = tailOffset + footer;
		const word = (at: number) => view.getUint32(footer + at, true);
		const count = (at: number) => getCount(view, footer + at);
		xxh64.hash(view, footer, FOOTER_CHECKSUM, this.seedLow, this.seedHigh);
		if (
			word(FOOTER_MAGIC) !== TABLE_MAGIC_LOW ||
			word(FOOTER_MAGIC + 4) !== TABLE_MAGIC_HIGH ||
			(word(FOOTER_CHECKSUM) | 0) !== xxh64.low ||
			(word(FOOTER_CHECKSUM + 4) | 0) !== xxh64.high ||
			count(FOOTER_FILE_NUMBER) !== this.file
		) {
			return answers.corrupt(this.file, footerOffset, CORRUPT_FOOTER);
		}
		if (word(FOOTER_VERSION) !== FORMAT_VERSION) {
			return answers.corrupt(this.file, footerOffset, CORRUPT_VERSION);
		}
		const filterLength = word(FOOTER_FILTER_LENGTH);
		const indexLength = word(FOOTER_INDEX_LENGTH);
		const rangesLength = word(FOOTER_RANGES_LENGTH);
		const propertiesLength = word(FOOTER_PROPERTIES_LENGTH);
		// The parts follow each other without a gap, so each offset says the same as the lengths before it.
		const indexAt = stored(filterLength);
		const rangesAt = indexAt + stored(indexLength);
		const propertiesAt = rangesAt + stored(rangesLength);
		const sound =
			count(FOOTER_FILTER_OFFSET) === tailOffset &&
			count(FOOTER_INDEX_OFFSET) === tailOffset + indexAt &&
			count(FOOTER_RANGES_OFFSET) === tailOffset + rangesAt &&
			count(FOOTER_PROPERTIES_OFFSET) === tailOffset + propertiesAt &&
			propertiesAt + propertiesLength + BLOCK_TRAILER_BYTES === footer &&
			// Without an index there are no blocks; and readers count on what the manifest says before the table is open.
			(indexLength !== 0 || tailOffset === 0) &&
			(rangesLength !== 0) === this.ranged;
		if (!sound) {
			return answers.corrupt(this.file, footerOffset, CORRUPT_FOOTER);
		}
		return { filterLength, indexAt, indexLength, rangesAt, rangesLength, propertiesAt, propertiesLength };
	}
}

/** What a part that may be missing takes with its trailer. */
function stored(length: number): number {
	return length === 0 ? 0 : length + BLOCK_TRAILER_BYTES;
}

function blockOf(tail: Bytes, at: number, length: number): Block {
	const block = new Block(length);
	copyBytes(tail.view, at, block.view, 0, length);
	return block;
}

function copyOf(tail: Bytes, length: number): Bytes {
	const bytes = new Bytes(length);
	copyBytes(tail.view, 0, bytes.view, 0, length);
	return bytes;
}

/** Whether the values of a sound index name the data blocks one behind the other, up to `end`. */
function namesBlocks(index: Block, end: number): boolean {
	let offset = 0;
	for (let slot = 0; slot < index.count; slot++) {
		const entry = index.entry(slot);
		const value = entry + ENTRY_KEY + index.keyLength(entry);
		if (index.entry(slot + 1) - value !== INDEX_VALUE_BYTES || getCount(index.view, value) !== offset) return false;
		offset += index.view.getUint32(value + 8, true) + BLOCK_TRAILER_BYTES;
		if (offset > end) return false;
	}
	return offset === end;
}
