import {
	BLOCK_TRAILER_BYTES,
	BLOCK_TYPE_DATA,
	BLOCK_TYPE_FILTER,
	BLOCK_TYPE_INDEX,
	BLOCK_TYPE_PROPERTIES,
	BLOCK_TYPE_RANGES,
	COMPRESSION_LZ4,
	COMPRESSION_NONE,
	ENTRY_KEY,
	EXPIRY_MAX,
	FOOTER_BYTES,
	INDEX_VALUE_BYTES,
	KIND_DELETE,
	KIND_DELETE_RANGE,
	KIND_PUT_EXPIRING,
} from "../../../../assembly/shared/format.js";
import type { JobSettings, TableDescription, Word64 } from "../../contract.js";
import { BlockBuilder } from "../block/builder.js";
import { Lz4Encoder } from "../block/lz4.js";
import { sealStored } from "../block/stored.js";
import type { Context } from "../context.js";
import { filterAdd, filterClear, filterLength, filterProbes } from "../filter/bloom.js";
import { KeyView } from "../key/key-view.js";
import { allocated, copyBytes, GrowingBytes, getCount, setCount } from "../memory/bytes.js";
import { firstExpiry, propertiesLength, writeFooter, writeProperties } from "./tail.js";

/** What a table says of itself, in its properties and to the manifest. */
export interface Figures {
	entries: number;
	deletions: number;
	rangeDeletions: number;
	keyBytes: number;
	valueBytes: number;
	minSequence: number;
	maxSequence: number;
	/** Earliest expiry of an entry, infinite where none expires. */
	firstExpiry: number;
	blocks: number;
}

const nothing = (): Figures => ({
	entries: 0,
	deletions: 0,
	rangeDeletions: 0,
	keyBytes: 0,
	valueBytes: 0,
	minSequence: Number.POSITIVE_INFINITY,
	maxSequence: 0,
	firstExpiry: Number.POSITIVE_INFINITY,
	blocks: 0,
});

/**
 * Building an SSTable from entries in order. Finished bytes collect in an output buffer, which is written out whenever it is
 * full; of a table no more is held than its index, its key hashes and that buffer.
 */
export class TableBuilder {
	/** Bytes that wait to be written out. */
	outputUsed = 0;
	readonly #context: Context;
	readonly #settings: JobSettings;
	readonly #data = new BlockBuilder();
	readonly #index = new BlockBuilder();
	readonly #ranges = new BlockBuilder();
	readonly #encoder = new Lz4Encoder();
	readonly #output = new GrowingBytes(64 << 10);
	readonly #raw = new GrowingBytes(8192);
	readonly #indexValue = new DataView(new ArrayBuffer(INDEX_VALUE_BYTES));
	/** XXH64 of each key: its words, the low one first. */
	#hashes = new Int32Array(1024);
	#keys = 0;
	#smallest: Uint8Array = new Uint8Array(0);
	#file = 0;
	#seed: Word64 = { low: 0, high: 0 };
	/** Where in the file the output starts. */
	#outputStart = 0;
	#figures = nothing();

	constructor(context: Context, settings: JobSettings) {
		this.#context = context;
		this.#settings = settings;
	}

	/** Starts a table with this file number and seed. */
	start(file: number, seed: Word64): void {
		this.#file = file;
		this.#seed = seed;
		this.outputUsed = 0;
		this.#outputStart = 0;
		this.#keys = 0;
		this.#figures = nothing();
		this.#data.reset();
		this.#index.reset();
		this.#ranges.reset();
	}

	/** Bytes of the table so far, without its tail. */
	size(): number {
		return this.#outputStart + this.outputUsed + this.#data.entriesBytes;
	}

	get rangeDeletions(): number {
		return this.#figures.rangeDeletions;
	}

	/** Answers with the output, which is then taken to have been written out. */
	takeOutput(): void {
		const { result } = this.#context.answers;
		result.bytes = this.#output.buffer;
		result.at = 0;
		result.length = this.outputUsed;
		this.#outputStart += this.outputUsed;
		this.outputUsed = 0;
	}

	/** The entry's value stands behind its key. `version`: whether an entry of the same key came before. */
	add(
		version: "first" | "older",
		view: DataView,
		key: number,
		keyLength: number,
		valueLength: number,
		sequence: number,
		kind: number,
	): void {
		const data = this.#data;
		const size = 12 + ENTRY_KEY + keyLength + valueLength;
		if (data.count !== 0 && data.length() + size > this.#settings.blockBytes) this.#finishBlock();
		const figures = this.#figures;
		if (figures.entries === 0) this.#smallest = new KeyView(view, key, keyLength).copy();
		const value = key + keyLength;
		data.add(view, key, keyLength, sequence, kind, view, value, valueLength);
		if (version === "first" && this.#settings.bitsPerKey !== 0) this.#addHash(view, key, keyLength);
		this.#addSequence(sequence);
		figures.entries += 1;
		figures.keyBytes += keyLength;
		figures.valueBytes += valueLength;
		if (kind === KIND_DELETE) figures.deletions += 1;
		else if (kind === KIND_PUT_EXPIRING) {
			figures.firstExpiry = Math.min(figures.firstExpiry, getCount(view, value), EXPIRY_MAX);
		}
	}

	/** Adds a range deletion behind those before it (fragments.ts). */
	addRange(start: KeyView, end: KeyView, sequence: number): void {
		this.#ranges.add(start.view, start.at, start.length, sequence, KIND_DELETE_RANGE, end.view, end.at, end.length);
		this.#addSequence(sequence);
		this.#figures.rangeDeletions += 1;
	}

	#addSequence(sequence: number): void {
		const figures = this.#figures;
		if (sequence < figures.minSequence) figures.minSequence = sequence;
		if (sequence > figures.maxSequence) figures.maxSequence = sequence;
	}

	#addHash(view: DataView, key: number, keyLength: number): void {
		const at = 2 * this.#keys;
		if (at === this.#hashes.length) {
			const wider = allocated(() => new Int32Array(2 * at));
			wider.set(this.#hashes);
			this.#hashes = wider;
		}
		const { xxh64 } = this.#context;
		xxh64.hash(view, key, keyLength, 0, 0);
		this.#hashes[at] = xxh64.low;
		this.#hashes[at + 1] = xxh64.high;
		this.#keys += 1;
	}

	/** Makes room for `length` more bytes of output; answers the view that they go into, from `outputUsed` on. */
	#room(length: number): DataView {
		this.#output.reserve(this.outputUsed, this.outputUsed + length);
		return this.#output.view;
	}

	/** The stored bytes of a block stand at the output's end: adds their trailer. */
	#seal(length: number, decodedLength: number, type: number, compression: number): void {
		const { low, high } = this.#seed;
		const at = this.outputUsed;
		const offset = this.#outputStart + at;
		const { view } = this.#output;
		sealStored(this.#context.xxh64, view, at, length, decodedLength, type, compression, offset, low, high);
		this.outputUsed += length + BLOCK_TRAILER_BYTES;
	}

	#finishBlock(): void {
		const data = this.#data;
		const length = data.length();
		const output = this.#room(length + BLOCK_TRAILER_BYTES);
		const offset = this.#outputStart + this.outputUsed;
		let stored = 0;
		if (this.#settings.compression === "lz4") {
			this.#raw.reserve(0, length);
			const raw = this.#raw.view;
			data.finish(raw, 0);
			// Less than an eighth saved does not pay for the decoding.
			stored = this.#encoder.encode(raw, 0, length, output, this.outputUsed, length - (length >>> 3));
			if (stored === 0) copyBytes(raw, 0, output, this.outputUsed, length);
		} else {
			data.finish(output, this.outputUsed);
		}
		if (stored === 0) this.#seal(length, length, BLOCK_TYPE_DATA, COMPRESSION_NONE);
		else this.#seal(stored, length, BLOCK_TYPE_DATA, COMPRESSION_LZ4);

		// The index names the block by its last entry.
		const value = this.#indexValue;
		setCount(value, 0, offset);
		setCount(value, 8, stored === 0 ? length : stored);
		const { view } = data;
		const last = data.entry(data.count - 1);
		const keyLength = data.keyLength(last);
		const { sequence, kind } = data.trailer(last);
		this.#index.add(view, last + ENTRY_KEY, keyLength, sequence, kind, value, 0, INDEX_VALUE_BYTES);
		this.#figures.blocks += 1;
		data.reset();
	}

	/** Completes the table of at least one entry or range deletion: all of it is in the output then. */
	finish(): TableDescription {
		if (this.#data.count !== 0) this.#finishBlock();
		const [smallest, largest] = this.#keyRange();
		const tailOffset = this.#outputStart + this.outputUsed;
		const filterBytes = this.#finishFilter();
		const indexOffset = this.#outputStart + this.outputUsed;
		const indexLength = this.#finishTailBlock(this.#index, BLOCK_TYPE_INDEX);
		const rangesOffset = this.#outputStart + this.outputUsed;
		const rangesLength = this.#finishTailBlock(this.#ranges, BLOCK_TYPE_RANGES);

		const propertiesOffset = this.#outputStart + this.outputUsed;
		const length = propertiesLength(smallest, largest);
		writeProperties(this.#room(length + BLOCK_TRAILER_BYTES), this.outputUsed, this.#figures, smallest, largest);
		this.#seal(length, length, BLOCK_TYPE_PROPERTIES, COMPRESSION_NONE);

		const footer = {
			filter: { offset: tailOffset, length: filterBytes },
			index: { offset: indexOffset, length: indexLength },
			ranges: { offset: rangesOffset, length: rangesLength },
			properties: { offset: propertiesOffset, length },
			file: this.#file,
			databaseId: this.#settings.databaseId,
			seed: this.#seed,
		};
		writeFooter(this.#context.xxh64, this.#room(FOOTER_BYTES), this.outputUsed, footer);
		this.outputUsed += FOOTER_BYTES;
		const size = this.#outputStart + this.outputUsed;
		const { entries, deletions, minSequence, maxSequence, rangeDeletions } = this.#figures;
		return {
			file: this.#file,
			size,
			tailLength: size - tailOffset,
			seed: { low: this.#seed.low >>> 0, high: this.#seed.high >>> 0 },
			entries,
			deletions,
			minSequence,
			maxSequence,
			firstExpiry: firstExpiry(this.#figures),
			rangeDeletions,
			smallest,
			largest,
		};
	}

	/** The smallest and the largest key, with where range deletions begin and with the last key before they end. */
	#keyRange(): [smallest: Uint8Array, largest: Uint8Array] {
		const index = this.#index;
		const ranges = this.#ranges;
		const bounds: [smallest: KeyView, largest: KeyView][] = [];
		if (index.count !== 0) {
			const last = index.entry(index.count - 1);
			const { buffer, byteOffset, length } = this.#smallest;
			bounds.push([
				new KeyView(new DataView(buffer, byteOffset, length), 0, length),
				new KeyView(index.view, last + ENTRY_KEY, index.keyLength(last)),
			]);
		}
		if (ranges.count !== 0) {
			const { view } = ranges;
			const last = ranges.entry(ranges.count - 1);
			const end = last + ENTRY_KEY + ranges.keyLength(last);
			const endLength = ranges.entriesBytes - end;
			// The greatest key before the end is the end's beginning, where there is one; otherwise the end, which is beyond.
			const endsInZero = view.getUint8(end + endLength - 1) === 0;
			bounds.push([
				new KeyView(view, ENTRY_KEY, ranges.keyLength(0)),
				new KeyView(view, end, endsInZero ? endLength - 1 : endLength),
			]);
		}
		const [smallest, largest] = bounds.reduce(([low, high], [otherLow, otherHigh]) => [
			otherLow.compareTo(low) < 0 ? otherLow : low,
			otherHigh.compareTo(high) > 0 ? otherHigh : high,
		]);
		return [smallest.copy(), largest.copy()];
	}

	#finishFilter(): number {
		const { bitsPerKey } = this.#settings;
		if (bitsPerKey === 0 || this.#index.count === 0) return 0;
		const length = filterLength(this.#keys, bitsPerKey);
		const view = this.#room(length + BLOCK_TRAILER_BYTES);
		filterClear(view, this.outputUsed, length, filterProbes(bitsPerKey));
		const hashes = this.#hashes;
		for (let at = 0; at < 2 * this.#keys; at += 2) {
			filterAdd(view, this.outputUsed, hashes[at] as number, hashes[at + 1] as number);
		}
		this.#seal(length, length, BLOCK_TYPE_FILTER, COMPRESSION_NONE);
		return length;
	}

	/** A block in the tail is left out where it is empty. */
	#finishTailBlock(part: BlockBuilder, type: number): number {
		if (part.count === 0) return 0;
		const length = part.length();
		part.finish(this.#room(length + BLOCK_TRAILER_BYTES), this.outputUsed);
		this.#seal(length, length, type, COMPRESSION_NONE);
		return length;
	}
}
