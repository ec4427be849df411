import { Buffer } from "node:buffer";
import * as format from "../../assembly/shared/format.js";
import { WlsmError } from "../errors.js";
import type { Kernel, TableDescription, Word64 } from "../kernel/contract.js";
import type { ReadFile, Storage } from "../storage/storage.js";
import { copyOf, readWord64 } from "./bytes.js";
import { corruption, guard, ioError } from "./failure.js";
import { lz4Decode } from "./lz4.js";
import { fileSeed } from "./manifest.js";
import { SEQUENCE_LIMIT } from "./version-edit.js";

/** What a table's properties say of it, and what counting finds. */
export interface TableFigures {
	entries: number;
	deletions: number;
	keyBytes: number;
	valueBytes: number;
	minSequence: number;
	maxSequence: number;
	/** Earliest expiry of an entry in Unix milliseconds, 0 where none expires. */
	firstExpiry: number;
	/** These count in minSequence, maxSequence, smallest and largest too. */
	rangeDeletions: number;
	dataBlocks: number;
	smallest: Uint8Array;
	largest: Uint8Array;
}

/** An entry of a block; key and value are views of the block. */
export interface TableEntry {
	readonly sequence: number;
	readonly kind: number;
	readonly key: Buffer;
	readonly value: Buffer;
}

interface StoredPart {
	readonly offset: number;
	/** Without the trailer. */
	readonly length: number;
}

interface DataBlock extends StoredPart {
	/** Of its last entry. */
	readonly lastKey: Buffer;
}

const OFFSET_FACTOR = 0x9e3779b185ebca87n;

/**
 * Reads a table by what stands in its file alone: no manifest, and of the kernel only the hash. For whoever checks tables or
 * saves what is left of one. Throws where the footer or the index is damaged; all else is told as it is met.
 */
export class TableReader {
	readonly path: string;
	readonly file: number;
	readonly databaseId: Uint8Array;
	readonly size: number;
	readonly seed: Word64;
	/** Where the filter begins. */
	readonly tailOffset: number;
	readonly dataBlocks: readonly DataBlock[];
	/** Fragments in their order: the key is where one starts, the value its end. undefined where they are damaged. */
	readonly rangeDeletions: readonly TableEntry[] | undefined;
	/** undefined where they are damaged. */
	readonly properties: TableFigures | undefined;
	/** Of the filter, the range deletions and the properties. */
	readonly damage: WlsmError[] = [];
	readonly #kernel: Kernel;
	readonly #source: ReadFile;

	constructor(storage: Storage, kernel: Kernel, path: string) {
		this.#kernel = kernel;
		this.path = path;
		try {
			this.#source = storage.openRead(path);
		} catch (error) {
			if ((error as { code?: unknown }).code === "ENOENT")
				throw corruption(path, undefined, "the table is missing", error);
			throw ioError("open", path, error);
		}
		try {
			this.size = guard("read", path, () => this.#source.size());
			const footer = this.#readFooter();
			const footerOffset = this.size - format.FOOTER_BYTES;
			this.file = readWord64(footer, format.FOOTER_FILE_NUMBER);
			if (this.file >= 2 ** 32) throw corruption(path, footerOffset, "the footer is damaged");
			this.databaseId = copyOf(footer, format.FOOTER_DATABASE_ID, format.FOOTER_DATABASE_ID + 8);
			this.seed = fileSeed(kernel, this.databaseId, this.file);
			this.#checkFooter(footer, footerOffset);
			const part = (offset: number, length: number) => ({
				offset: readWord64(footer, offset),
				length: footer.readUInt32LE(length),
			});
			const filter = part(format.FOOTER_FILTER_OFFSET, format.FOOTER_FILTER_LENGTH);
			this.tailOffset = filter.offset;
			const index = part(format.FOOTER_INDEX_OFFSET, format.FOOTER_INDEX_LENGTH);
			this.dataBlocks = this.#readIndex(index);
			if (filter.length > 0) this.#attempt(() => this.#block(filter, format.BLOCK_TYPE_FILTER));
			const ranges = part(format.FOOTER_RANGES_OFFSET, format.FOOTER_RANGES_LENGTH);
			this.rangeDeletions = this.#attempt(() =>
				ranges.length === 0
					? []
					: this.#entries(this.#block(ranges, format.BLOCK_TYPE_RANGES), ranges.offset, "range deletions"),
			);
			const properties = part(format.FOOTER_PROPERTIES_OFFSET, format.FOOTER_PROPERTIES_LENGTH);
			this.properties = this.#attempt(() =>
				this.#readProperties(this.#block(properties, format.BLOCK_TYPE_PROPERTIES), properties.offset),
			);
		} catch (error) {
			this.#source.close();
			throw error;
		}
	}

	/** As the manifest would describe it, by the properties. */
	get description(): TableDescription | undefined {
		const { properties, file, size, seed } = this;
		if (properties === undefined) return undefined;
		const { entries, deletions, minSequence, maxSequence, firstExpiry, rangeDeletions, smallest, largest } = properties;
		const tailLength = size - this.tailOffset;
		return {
			file,
			size,
			tailLength,
			seed,
			entries,
			deletions,
			rangeDeletions,
			minSequence,
			maxSequence,
			firstExpiry,
			smallest,
			largest,
		};
	}

	#attempt<Answer>(read: () => Answer): Answer | undefined {
		try {
			return read();
		} catch (error) {
			if (!(error instanceof WlsmError) || error.code !== "WLSM_CORRUPTION") throw error;
			this.damage.push(error);
			return undefined;
		}
	}

	#readFooter(): Buffer {
		if (this.size < format.FOOTER_BYTES) throw corruption(this.path, 0, "the file is too short for a table");
		const footer = this.#bytes(this.size - format.FOOTER_BYTES, format.FOOTER_BYTES);
		const magic = footer.readUInt32LE(format.FOOTER_MAGIC) === format.TABLE_MAGIC_LOW;
		if (!magic || footer.readUInt32LE(format.FOOTER_MAGIC + 4) !== format.TABLE_MAGIC_HIGH) {
			throw corruption(this.path, this.size - format.FOOTER_BYTES, "the file does not end with a table's footer");
		}
		return footer;
	}

	#checkFooter(footer: Buffer, offset: number): void {
		const checksum = this.#kernel.hash(footer.subarray(0, format.FOOTER_CHECKSUM), this.seed);
		if (!same(checksum, footer, format.FOOTER_CHECKSUM)) throw corruption(this.path, offset, "the footer is damaged");
		const version = footer.readUInt32LE(format.FOOTER_VERSION);
		if (version === format.FORMAT_VERSION) return;
		const message = `${this.path} has format version ${version}; this version of wlsm reads ${format.FORMAT_VERSION}. Upgrade wlsm.`;
		throw new WlsmError("WLSM_UNSUPPORTED", message, { file: this.path, offset });
	}

	#bytes(offset: number, length: number): Buffer {
		if (!(offset + length <= this.size)) throw corruption(this.path, offset, "the table ends early");
		const bytes = Buffer.alloc(length);
		const got = guard("read", this.path, () => this.#source.readSync(bytes, 0, length, offset));
		if (got !== length) throw corruption(this.path, offset, "the table ends early");
		return bytes;
	}

	/** The decoded bytes of a block whose checksum holds. */
	#block({ offset, length }: StoredPart, type: number): Buffer {
		const bytes = this.#bytes(offset, length + format.BLOCK_TRAILER_BYTES);
		const stored = bytes.subarray(0, length);
		const trailer = bytes.subarray(length);
		const mixed = BigInt(this.seed.low) | (BigInt(this.seed.high) << 32n);
		const seed = BigInt.asUintN(64, (mixed ^ trailer.readBigUInt64LE(0)) + BigInt(offset) * OFFSET_FACTOR);
		const checksum = this.#kernel.hash(stored, { low: Number(seed & 0xffffffffn), high: Number(seed >> 32n) });
		if (!same(checksum, trailer, format.BLOCK_TRAILER_CHECKSUM)) {
			throw corruption(this.path, offset, "a block's checksum does not match its bytes");
		}
		const decodedLength = trailer.readUInt32LE(format.BLOCK_TRAILER_DECODED_LENGTH);
		const compression = trailer[format.BLOCK_TRAILER_COMPRESSION];
		if (trailer[format.BLOCK_TRAILER_TYPE] === type) {
			if (compression === format.COMPRESSION_NONE && decodedLength === length) return stored;
			const decoded = compression === format.COMPRESSION_LZ4 ? lz4Decode(stored, decodedLength) : undefined;
			if (decoded !== undefined) return decoded;
		}
		throw corruption(this.path, offset, "a block is malformed");
	}

	/** A table of range deletions alone has no index. */
	#readIndex(index: StoredPart): DataBlock[] {
		const parts: DataBlock[] = [];
		let next = 0;
		const entries =
			index.length === 0 ? [] : this.#entries(this.#block(index, format.BLOCK_TYPE_INDEX), index.offset, "points");
		for (const { key, value } of entries) {
			const part =
				value.length === format.INDEX_VALUE_BYTES
					? { offset: readWord64(value, 0), length: value.readUInt32LE(8) }
					: { offset: -1, length: 0 };
			if (part.offset !== next) throw corruption(this.path, this.tailOffset, "the index is malformed");
			next += part.length + format.BLOCK_TRAILER_BYTES;
			parts.push({ ...part, lastKey: key });
		}
		if (next !== this.tailOffset) throw corruption(this.path, this.tailOffset, "the index is malformed");
		return parts;
	}

	#readProperties(bytes: Buffer, offset: number): TableFigures {
		const smallestLength =
			bytes.length < format.PROPERTIES_HEADER_BYTES ? 0 : bytes.readUInt32LE(format.PROPERTIES_SMALLEST_LENGTH);
		const largestAt = format.PROPERTIES_HEADER_BYTES + smallestLength;
		if (
			bytes.length < format.PROPERTIES_HEADER_BYTES ||
			largestAt + bytes.readUInt32LE(format.PROPERTIES_LARGEST_LENGTH) !== bytes.length
		) {
			throw corruption(this.path, offset, "the properties are malformed");
		}
		return {
			entries: readWord64(bytes, format.PROPERTIES_ENTRIES),
			deletions: readWord64(bytes, format.PROPERTIES_DELETIONS),
			keyBytes: readWord64(bytes, format.PROPERTIES_KEY_BYTES),
			valueBytes: readWord64(bytes, format.PROPERTIES_VALUE_BYTES),
			minSequence: readWord64(bytes, format.PROPERTIES_MIN_SEQUENCE),
			maxSequence: readWord64(bytes, format.PROPERTIES_MAX_SEQUENCE),
			firstExpiry: readWord64(bytes, format.PROPERTIES_FIRST_EXPIRY),
			rangeDeletions: readWord64(bytes, format.PROPERTIES_RANGE_DELETIONS),
			dataBlocks: bytes.readUInt32LE(format.PROPERTIES_BLOCKS),
			smallest: copyOf(bytes, format.PROPERTIES_HEADER_BYTES, largestAt),
			largest: copyOf(bytes, largestAt, bytes.length),
		};
	}

	/** Bytes of the data blocks that may hold keys from `lower` on and before `upper`. */
	bytesBetween(lower: Uint8Array, upper: Uint8Array): number {
		let bytes = 0;
		let before: Buffer | undefined;
		for (const { lastKey, length } of this.dataBlocks) {
			if (before !== undefined && Buffer.compare(before, upper) >= 0) break;
			if (Buffer.compare(lastKey, lower) >= 0) bytes += length + format.BLOCK_TRAILER_BYTES;
			before = lastKey;
		}
		return bytes;
	}

	/** The entries of each data block, or what is wrong with it. */
	*blocks(): Generator<TableEntry[] | WlsmError> {
		for (const part of this.dataBlocks) {
			try {
				yield this.#entries(this.#block(part, format.BLOCK_TYPE_DATA), part.offset, "points");
			} catch (error) {
				if (!(error instanceof WlsmError) || error.code !== "WLSM_CORRUPTION") throw error;
				yield error;
			}
		}
	}

	/** The entries of a decoded block at `offset`. */
	#entries(block: Buffer, offset: number, what: "points" | "range deletions"): TableEntry[] {
		const malformed = () => corruption(this.path, offset, "a block is malformed");
		const count = block.length < 8 ? 0 : block.readUInt32LE(format.BLOCK_COUNT);
		const offsets = format.BLOCK_HEADS + 8 * count;
		if (count === 0 || offsets + 4 * (count + 1) > block.length) throw malformed();
		const entries: TableEntry[] = [];
		for (let slot = 0; slot < count; slot++) {
			const start = block.readUInt32LE(offsets + 4 * slot);
			const end = block.readUInt32LE(offsets + 4 * slot + 4);
			if (end > block.length || end - start < format.ENTRY_KEY) throw malformed();
			const keyLength = block.readUInt32LE(start + format.ENTRY_KEY_LENGTH);
			const kind = block[start + format.ENTRY_TRAILER] as number;
			const extra = kind === format.KIND_PUT_EXPIRING ? format.EXPIRY_BYTES : 0;
			const wrongKind = what === "points" ? kind > format.KIND_PUT_EXPIRING : kind !== format.KIND_DELETE_RANGE;
			if (wrongKind || keyLength + extra > end - start - format.ENTRY_KEY) throw malformed();
			if (keyLength === 0 || keyLength > format.BOUND_MAX_BYTES) throw malformed();
			const low = block.readUInt32LE(start + format.ENTRY_TRAILER);
			const high = block.readUInt32LE(start + format.ENTRY_TRAILER + 4);
			const sequence = high * 2 ** 24 + (low >>> 8);
			const valueAt = start + format.ENTRY_KEY + keyLength;
			const key = block.subarray(start + format.ENTRY_KEY, valueAt);
			const value = block.subarray(valueAt, end);
			if (what === "range deletions" && !isRange(key, value)) throw malformed();
			if (sequence >= SEQUENCE_LIMIT || (extra > 0 && !Number.isSafeInteger(readWord64(value, 0)))) throw malformed();
			entries.push({ sequence, kind, key, value });
		}
		return entries;
	}

	close(): void {
		this.#source.close();
	}
}

/** Adds up what a table's properties should say, and checks the order of the entries. */
export class TableCount {
	readonly figures: TableFigures = {
		entries: 0,
		deletions: 0,
		keyBytes: 0,
		valueBytes: 0,
		minSequence: Number.POSITIVE_INFINITY,
		maxSequence: 0,
		firstExpiry: 0,
		rangeDeletions: 0,
		dataBlocks: 0,
		smallest: new Uint8Array(0),
		largest: new Uint8Array(0),
	};
	#last: TableEntry | undefined;

	/** False where an entry does not come after the one before. */
	add(block: readonly TableEntry[]): boolean {
		const { figures } = this;
		figures.dataBlocks += 1;
		for (const entry of block) {
			const last = this.#last;
			const order = last === undefined ? 1 : Buffer.compare(entry.key, last.key);
			if (last !== undefined && (order < 0 || (order === 0 && entry.sequence >= last.sequence))) return false;
			if (last === undefined) figures.smallest = copyOf(entry.key, 0, entry.key.length);
			this.#last = entry;
			figures.entries += 1;
			if (entry.kind === format.KIND_DELETE) figures.deletions += 1;
			else if (entry.kind === format.KIND_PUT_EXPIRING) {
				const expiry = readWord64(entry.value, 0);
				figures.firstExpiry = figures.firstExpiry === 0 ? expiry : Math.min(figures.firstExpiry, expiry);
			}
			figures.keyBytes += entry.key.length;
			figures.valueBytes += entry.value.length;
			figures.minSequence = Math.min(figures.minSequence, entry.sequence);
			figures.maxSequence = Math.max(figures.maxSequence, entry.sequence);
		}
		if (this.#last !== undefined) figures.largest = copyOf(this.#last.key, 0, this.#last.key.length);
		return true;
	}

	/** The range deletions, after all blocks. False where they are out of order or overlap. */
	addRanges(fragments: readonly TableEntry[]): boolean {
		const { figures } = this;
		let before: TableEntry | undefined;
		for (const fragment of fragments) {
			const { key, value, sequence } = fragment;
			if (before !== undefined && Buffer.compare(before.value, key) > 0) {
				const same = before.key.equals(key) && before.value.equals(value);
				if (!same || before.sequence <= sequence) return false;
			}
			before = fragment;
			const none = figures.entries === 0 && figures.rangeDeletions === 0;
			if (none || Buffer.compare(key, figures.smallest) < 0) figures.smallest = copyOf(key, 0, key.length);
			const last = lastBefore(value);
			if (Buffer.compare(last, figures.largest) > 0) figures.largest = copyOf(last, 0, last.length);
			figures.rangeDeletions += 1;
			figures.minSequence = Math.min(figures.minSequence, sequence);
			figures.maxSequence = Math.max(figures.maxSequence, sequence);
		}
		return true;
	}
}

function isRange(start: Buffer, end: Buffer): boolean {
	return start.length > 0 && end.length <= format.BOUND_MAX_BYTES && Buffer.compare(start, end) < 0;
}

/** The greatest key before a bound, where there is one: the bound without the zero at its end. Otherwise the bound. */
function lastBefore(bound: Uint8Array): Uint8Array {
	return bound.at(-1) === 0 ? bound.subarray(0, -1) : bound;
}

/** Names of the figures in which two descriptions differ. */
export function differingFigures(said: Partial<TableFigures>, found: TableFigures): string[] {
	const differs = (name: keyof TableFigures) => {
		const [a, b] = [said[name], found[name]];
		if (a === undefined) return false;
		return typeof a === "number" ? a !== b : Buffer.compare(a, b as Uint8Array) !== 0;
	};
	return (Object.keys(found) as (keyof TableFigures)[]).filter(differs);
}

function same({ low, high }: Word64, bytes: Buffer, at: number): boolean {
	return bytes.readUInt32LE(at) === low && bytes.readUInt32LE(at + 4) === high;
}
