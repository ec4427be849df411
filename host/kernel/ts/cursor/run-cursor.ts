import {
	BLOCK_TRAILER_COMPRESSION,
	BLOCK_TYPE_DATA,
	COMPRESSION_LZ4,
	ENTRY_KEY,
} from "../../../../assembly/shared/format.js";
import { CORRUPT_BLOCK, CORRUPT_COMPRESSION, CORRUPT_ORDER, STATUS_DONE } from "../../../../assembly/shared/status.js";
import type { Status } from "../../contract.js";
import { Block } from "../block/block.js";
import { lz4Decode } from "../block/lz4.js";
import { checkStored, storedLength } from "../block/stored.js";
import type { Context } from "../context.js";
import type { KeyView } from "../key/key-view.js";
import { Bytes, copyBytes } from "../memory/bytes.js";
import { Fetch } from "../read/fetch.js";
import type { Table } from "../table/table.js";
import type { Run } from "../version/run.js";
import { Cursor, type Going } from "./cursor.js";

/**
 * How many bytes a cursor reads at a miss: `first`, then twice as many up to `limit`. Where `first` is 0, it reads one block through
 * the cache, and leaves there what comes after as far as it has room.
 */
export interface Readahead {
	readonly first: number;
	readonly limit: number;
}

/** The read-aheads of a walk over so many sources take at most this part of the memory there may be. */
const AHEAD_PART = 16;

/** What each of the sources may read ahead: its share where memory is small. */
export function sharedReadahead({ limitBytes }: Context, { first, limit }: Readahead, sources: number): Readahead {
	const share = Math.max(SECOND_READ_BYTES, Math.floor(Math.floor(limitBytes / AHEAD_PART) / Math.max(sources, 1)));
	return { first: Math.min(first, share), limit: Math.min(limit, share) };
}

/** After a first block through the cache. */
const SECOND_READ_BYTES = 16 << 10;

/** Blocks that were read in one piece. */
interface Ahead {
	readonly table: Table;
	readonly first: number;
	readonly count: number;
}

/**
 * A cursor over a sorted run. Blocks come from the cache where they are there; otherwise the first one of a walk is read alone
 * and cached, and the following ones are read ahead in growing stretches into memory of the cursor's own, so that a long scan
 * does not wait often; they are cached as far as the cache has room as it is, so that a scan does not empty it.
 */
export class RunCursor extends Cursor {
	readonly run: Run;
	readonly #context: Context;
	readonly #fetch: Fetch;
	readonly #limit: number;
	readonly #caches: boolean;
	#window: number;
	#going: Going | undefined;
	#target: KeyView | undefined;
	#targetSequence = 0;
	/** Table and block of the current entry; the block is undefined until the table is open. */
	#position = 0;
	#number: number | undefined;
	#block: Block | undefined;
	#slot = 0;
	#ahead: Ahead | undefined;
	#aheadBytes: Bytes | undefined;
	/** Blocks out of the read-ahead are decoded to here. */
	#decoded: Block | undefined;
	/** Whether bytes for `#ahead` are being read. */
	#reading = false;

	constructor(context: Context, run: Run, readahead: Readahead) {
		super();
		this.#context = context;
		this.#fetch = new Fetch(context);
		this.run = run;
		this.#window = readahead.first;
		this.#caches = readahead.first === 0;
		this.#limit = readahead.limit;
	}

	/** Where it stands, as numbers that ascend along the run: position of the table, number of the block, slot. */
	place(): readonly [position: number, block: number, slot: number] {
		return [this.#position, this.#number ?? -1, this.#slot];
	}

	/** The damage of entries out of order where it stands. */
	outOfOrder(): Status {
		const table = this.run.tables[this.#position] as Table;
		return this.#context.answers.corrupt(table.file, table.blockOffset(this.#number ?? 0), CORRUPT_ORDER);
	}

	go(going: Going, target: KeyView | undefined, sequence: number): Status {
		this.#abandonRead();
		this.#going = going;
		this.#target = target;
		this.#targetSequence = sequence;
		this.#chooseTable();
		return this.#proceed(undefined);
	}

	resume(): Status {
		const fetch = this.#fetch;
		if (fetch.pending === "tail") {
			const status = fetch.completeTail();
			if (status !== STATUS_DONE) return status;
		} else if (fetch.pending === "block") {
			const status = fetch.completeBlock();
			if (status !== STATUS_DONE) return status;
			return this.#proceed(fetch.block);
		}
		this.#reading = false;
		return this.#proceed(undefined);
	}

	next(): Status {
		const block = this.#block as Block;
		if (this.#slot + 1 < block.count) {
			this.#show(block, this.#slot + 1);
			return STATUS_DONE;
		}
		this.#going = "first";
		this.#stepForward();
		return this.#proceed(undefined);
	}

	previous(): Status {
		if (this.#slot > 0) {
			this.#show(this.#block as Block, this.#slot - 1);
			return STATUS_DONE;
		}
		this.#going = "last";
		this.#stepBackward();
		return this.#proceed(undefined);
	}

	release(): void {
		this.#abandonRead();
		this.#block = undefined;
		this.#ahead = undefined;
		this.#aheadBytes = undefined;
		this.#decoded = undefined;
		this.valid = false;
	}

	#abandonRead(): void {
		this.#fetch.abandon();
		if (this.#reading) this.#ahead = undefined;
		this.#reading = false;
	}

	/** Works on the move until it is done or needs bytes. `fetched`: the block that was waited for. */
	#proceed(fetched: Block | undefined): Status {
		let loaded = fetched;
		while (this.#going !== undefined) {
			const table = this.run.tables[this.#position];
			if (table === undefined) {
				this.#block = undefined;
				this.valid = false;
				this.#going = undefined;
				return STATUS_DONE;
			}
			if (!table.isOpen) return this.#fetch.askTail(table);
			const number = this.#number ?? this.#chooseBlock(table);
			if (number === undefined) continue;
			this.#number = number;
			if (loaded === undefined) {
				const status = this.#load(table, number);
				if (status !== STATUS_DONE) return status;
			} else {
				this.#block = loaded;
				loaded = undefined;
			}
			if (this.shared !== 0 && !this.#keepsPrefix(this.#block as Block)) this.shared = 0;
			const status = this.#chooseSlot(this.#block as Block, table, number);
			if (status !== STATUS_DONE) return status;
		}
		return STATUS_DONE;
	}

	/** Whether the keys of a block have what those of its merge share: a table may hold keys beyond those it is said to. */
	#keepsPrefix(block: Block): boolean {
		for (const entry of [block.entry(0), block.entry(block.count - 1)]) {
			if (!this.run.hasPrefix(block.view, entry + ENTRY_KEY, block.keyLength(entry), this.shared)) return false;
		}
		return true;
	}

	#goesBackward(): boolean {
		return this.#going === "last" || this.#going === "before";
	}

	#stepForward(): void {
		const table = this.run.tables[this.#position] as Table;
		const number = this.#number as number;
		if (number + 1 < table.blocks) {
			this.#number = number + 1;
		} else {
			this.#position += 1;
			this.#number = undefined;
		}
	}

	#stepBackward(): void {
		const number = this.#number as number;
		if (number > 0) {
			this.#number = number - 1;
		} else {
			// Before the first table is the end in this direction.
			this.#position -= 1;
			this.#number = undefined;
		}
	}

	#chooseTable(): void {
		this.#number = undefined;
		const target = this.#target;
		const count = this.run.tables.length;
		if (this.#going === "first") {
			this.#position = 0;
		} else if (this.#going === "last" || target === undefined) {
			this.#position = count - 1;
		} else {
			this.#position = this.run.find(target.view, target.at, target.length);
			if (this.#going === "before" && this.#position === count) {
				this.#position = count - 1;
				this.#going = "last";
			}
		}
	}

	/** undefined where the entry lies in another table, to which the cursor has moved. */
	#chooseBlock(table: Table): number | undefined {
		if (table.blocks === 0) {
			// Range deletions alone.
			const backward = this.#goesBackward();
			this.#position += backward ? -1 : 1;
			this.#going = backward ? "last" : "first";
			return undefined;
		}
		const target = this.#target;
		if (this.#going === "first") return 0;
		if (this.#going === "last" || target === undefined) return table.blocks - 1;
		const block = table.seek(target.view, target.at, target.length, this.#targetSequence);
		if (block < table.blocks) return block;
		if (this.#going === "before") {
			this.#going = "last";
			return table.blocks - 1;
		}
		this.#position += 1;
		this.#going = "first";
		return undefined;
	}

	/** Ends the move within the loaded block, or sends it on to a neighbour. */
	#chooseSlot(block: Block, table: Table, number: number): Status {
		const target = this.#target;
		let slot = 0;
		if (this.#going === "last") {
			slot = block.count - 1;
		} else if (this.#going !== "first" && target !== undefined) {
			slot = block.seek(target.view, target.at, target.length, this.#targetSequence);
			if (this.#going === "before") {
				if (slot === 0) {
					this.#going = "last";
					this.#stepBackward();
					return STATUS_DONE;
				}
				slot -= 1;
			} else if (slot === block.count) {
				// The index promised an entry at or after the target in this block.
				return this.#context.answers.corrupt(table.file, table.blockOffset(number), CORRUPT_ORDER);
			}
		}
		this.#going = undefined;
		this.#show(block, slot);
		return STATUS_DONE;
	}

	#show(block: Block, slot: number): void {
		const entry = block.entry(slot);
		this.#slot = slot;
		this.valid = true;
		this.view = block.view;
		this.key = entry + ENTRY_KEY;
		this.keyLength = block.keyLength(entry);
		this.valueLength = block.entry(slot + 1) - this.key - this.keyLength;
		this.sequence = block.sequence(entry);
		this.kind = block.kind(entry);
		this.takeHead();
	}

	/** Makes a block of the table the current one. */
	#load(table: Table, number: number): Status {
		this.#block = undefined;
		const ahead = this.#ahead;
		if (ahead?.table === table && number >= ahead.first && number < ahead.first + ahead.count) {
			return this.#takeAhead(table, number, table.blockOffset(ahead.first));
		}
		this.#block = this.#context.cache.block(table, number);
		if (this.#block !== undefined) return STATUS_DONE;
		if (this.#window === 0) {
			this.#window = Math.min(SECOND_READ_BYTES, this.#limit);
			return this.#fetch.askBlock(table, number);
		}
		return this.#readAhead(table, number);
	}

	/** Asks for the stretch of blocks that starts (going backwards: ends) with this one. */
	#readAhead(table: Table, number: number): Status {
		const backward = this.#goesBackward();
		let first = number;
		let last = number;
		let length = storedLength(table.blockLength(number));
		for (;;) {
			const next = backward ? first - 1 : last + 1;
			if (next < 0 || next >= table.blocks) break;
			const more = storedLength(table.blockLength(next));
			if (length + more > this.#window) break;
			length += more;
			if (backward) first = next;
			else last = next;
		}
		this.#window = Math.min(this.#window * 2, this.#limit);
		const wanted = Math.max(length, Math.min(this.#window, this.#limit));
		let bytes = this.#aheadBytes;
		// Memory that one huge block made grow is not kept for the small ones after it.
		if (bytes === undefined || bytes.length < length || bytes.length > 4 * Math.max(this.#limit, length)) {
			bytes = new Bytes(wanted);
			this.#aheadBytes = bytes;
		}
		this.#ahead = { table, first, count: last - first + 1 };
		this.#reading = true;
		return this.#context.answers.needs(table.file, table.blockOffset(first), length, bytes.buffer);
	}

	/** Checks a block where it lies in the read-ahead, decodes it and makes it current. */
	#takeAhead(table: Table, number: number, aheadOffset: number): Status {
		const { answers, xxh64 } = this.#context;
		const { file, seedLow, seedHigh } = table;
		const offset = table.blockOffset(number);
		const length = table.blockLength(number);
		const { view } = this.#aheadBytes as Bytes;
		const at = offset - aheadOffset;
		const status = checkStored(answers, xxh64, file, seedLow, seedHigh, view, at, length, offset, BLOCK_TYPE_DATA);
		if (status !== STATUS_DONE) return status;
		const decodedLength = view.getUint32(at + length, true);
		const keeps = this.#caches && this.#context.cache.hasRoom(decodedLength);
		const block = keeps ? new Block(decodedLength) : this.#decodeBuffer(decodedLength);
		if (view.getUint8(at + length + BLOCK_TRAILER_COMPRESSION) === COMPRESSION_LZ4) {
			if (!lz4Decode(view, at, length, block.view, 0, decodedLength)) {
				return answers.corrupt(file, offset, CORRUPT_COMPRESSION);
			}
		} else {
			copyBytes(view, at, block.view, 0, length);
		}
		if (!block.accept(decodedLength)) return answers.corrupt(file, offset, CORRUPT_BLOCK);
		if (keeps) this.#context.cache.insert(table, number, block);
		this.#block = block;
		return STATUS_DONE;
	}

	#decodeBuffer(length: number): Block {
		if (this.#decoded === undefined || this.#decoded.capacity < length) this.#decoded = new Block(length);
		return this.#decoded;
	}
}
