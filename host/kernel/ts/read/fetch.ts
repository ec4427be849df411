import { BLOCK_TRAILER_COMPRESSION, BLOCK_TYPE_DATA, COMPRESSION_LZ4 } from "../../../../assembly/shared/format.js";
import { CORRUPT_BLOCK, CORRUPT_COMPRESSION, STATUS_DONE } from "../../../../assembly/shared/status.js";
import type { Status } from "../../contract.js";
import { Block } from "../block/block.js";
import { lz4Decode } from "../block/lz4.js";
import { checkStored, storedLength } from "../block/stored.js";
import type { Context } from "../context.js";
import { Bytes } from "../memory/bytes.js";
import type { Table } from "../table/table.js";

/**
 * A read that an operation waits for: the tail of a table or one block. Every operation fetches into memory of its own, so that
 * two that want the same block never wait for each other; the one that comes second finds the block and drops its own.
 */
export class Fetch {
	pending: "nothing" | "tail" | "block" = "nothing";
	/** After a block was completed. */
	block: Block | undefined;
	readonly #context: Context;
	#table: Table | undefined;
	#number = 0;
	#tail: Bytes | undefined;
	#stored: Block | undefined;

	constructor(context: Context) {
		this.#context = context;
	}

	/** Errors: WLSM_OUT_OF_MEMORY. */
	askTail(table: Table): Status {
		this.#context.admit(table.tailLength);
		const tail = new Bytes(table.tailLength);
		this.pending = "tail";
		this.#table = table;
		this.#tail = tail;
		return this.#context.answers.needs(table.file, table.size - table.tailLength, table.tailLength, tail.buffer);
	}

	/** Errors: WLSM_OUT_OF_MEMORY. */
	askBlock(table: Table, number: number): Status {
		const length = storedLength(table.blockLength(number));
		const stored = new Block(length);
		this.pending = "block";
		this.#table = table;
		this.#number = number;
		this.#stored = stored;
		return this.#context.answers.needs(table.file, table.blockOffset(number), length, stored.buffer);
	}

	/** The tail has been read: opens its table. */
	completeTail(): Status {
		const table = this.#table as Table;
		const tail = this.#tail as Bytes;
		this.abandon();
		// Another operation may have been faster.
		if (table.isOpen) return STATUS_DONE;
		const { answers, xxh64, cache } = this.#context;
		const status = table.open(answers, xxh64, tail);
		if (status !== STATUS_DONE) return status;
		cache.opened(table);
		this.#context.trim();
		return STATUS_DONE;
	}

	/** The block has been read: checks it and leaves it in `block` and in the cache. */
	completeBlock(): Status {
		const table = this.#table as Table;
		const number = this.#number;
		const stored = this.#stored as Block;
		this.abandon();
		const { answers, xxh64, cache } = this.#context;
		const length = table.blockLength(number);
		const offset = table.blockOffset(number);
		const { file, seedLow, seedHigh } = table;
		const status = checkStored(
			answers,
			xxh64,
			file,
			seedLow,
			seedHigh,
			stored.view,
			0,
			length,
			offset,
			BLOCK_TYPE_DATA,
		);
		if (status !== STATUS_DONE) return status;
		let block = stored;
		let decodedLength = length;
		if (stored.view.getUint8(length + BLOCK_TRAILER_COMPRESSION) === COMPRESSION_LZ4) {
			decodedLength = stored.view.getUint32(length, true);
			block = new Block(decodedLength);
			if (!lz4Decode(stored.view, 0, length, block.view, 0, decodedLength)) {
				return answers.corrupt(file, offset, CORRUPT_COMPRESSION);
			}
		}
		if (!block.accept(decodedLength)) return answers.corrupt(file, offset, CORRUPT_BLOCK);
		const cached = cache.block(table, number);
		if (cached === undefined) cache.insert(table, number, block);
		this.#context.trim();
		this.block = cached ?? block;
		return STATUS_DONE;
	}

	/** Gives up whatever is under way. */
	abandon(): void {
		this.pending = "nothing";
		this.#table = undefined;
		this.#tail = undefined;
		this.#stored = undefined;
		this.block = undefined;
	}
}
