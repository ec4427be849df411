// The block cache: decoded blocks, evicted by SIEVE (Zhang et al., NSDI 2024). New frames enter at the head of a queue; a hand
// walks from its tail, passes over what was visited since its last round and evicts the rest. A scan's blocks are never
// visited again, so they go first. A block lives as long as somebody reads it, whether it is cached or not.

import type { Block } from "../block/block.js";
import type { Table } from "../table/table.js";

/** What a block takes beside its bytes: its objects and views. */
const FRAME_OVERHEAD_BYTES = 256;

export class Frame {
	readonly table: Table;
	readonly number: number;
	readonly block: Block;
	readonly bytes: number;
	visited = false;
	newer: Frame | undefined;
	older: Frame | undefined;

	constructor(table: Table, number: number, block: Block) {
		this.table = table;
		this.number = number;
		this.block = block;
		this.bytes = block.capacity + FRAME_OVERHEAD_BYTES;
	}
}

export class BlockCache {
	usedBytes = 0;
	/** Of open tables: their filters and indexes take their share of the budget, and leave a quarter of it. */
	tableBytes = 0;
	readonly #budgetBytes: number;
	#head: Frame | undefined;
	#tail: Frame | undefined;
	#hand: Frame | undefined;

	constructor(budgetBytes: number) {
		this.#budgetBytes = budgetBytes;
	}

	/** The block where it is cached. */
	block(table: Table, number: number): Block | undefined {
		const frame = table.frames[number];
		if (frame === undefined) return undefined;
		frame.visited = true;
		return frame.block;
	}

	/** Keeps a block, if it may, unless another reader of it was faster. */
	insert(table: Table, number: number, block: Block): void {
		if (table.frames[number] !== undefined) return;
		const frame = new Frame(table, number, block);
		// A block that would push out most of the others is not worth keeping.
		if (frame.bytes > this.#blockBudget() / 4) return;
		frame.older = this.#head;
		if (this.#head !== undefined) this.#head.newer = frame;
		this.#head = frame;
		this.#tail ??= frame;
		this.usedBytes += frame.bytes;
		table.frames[number] = frame;
		this.#shrink();
	}

	/** Whether a block of so many bytes can be kept with nothing making way for it. */
	hasRoom(bytes: number): boolean {
		const budget = this.#blockBudget();
		const length = bytes + FRAME_OVERHEAD_BYTES;
		return this.usedBytes + length <= budget && length <= budget / 4;
	}

	/** The table's tail has come into memory: blocks make way for it. */
	opened(table: Table): void {
		this.tableBytes += table.residentBytes;
		this.#shrink();
	}

	/** Evicts until `bytes`, of which there are as many, are free. */
	giveBack(bytes: number): void {
		const left = this.usedBytes - bytes;
		while (this.usedBytes > left) this.#evict();
	}

	/** Lets go of what belongs to a table. */
	forget(table: Table): void {
		for (const frame of table.frames) if (frame !== undefined) this.#remove(frame);
		this.tableBytes -= table.residentBytes;
		table.residentBytes = 0;
	}

	#blockBudget(): number {
		return Math.max(this.#budgetBytes - this.tableBytes, this.#budgetBytes / 4);
	}

	#shrink(): void {
		const budget = this.#blockBudget();
		while (this.usedBytes > budget) this.#evict();
	}

	#evict(): void {
		let frame = this.#hand ?? this.#tail;
		while (frame?.visited) {
			frame.visited = false;
			frame = frame.newer ?? this.#tail;
		}
		this.#hand = frame;
		if (frame !== undefined) this.#remove(frame);
	}

	#remove(frame: Frame): void {
		const { newer, older } = frame;
		if (this.#hand === frame) this.#hand = newer;
		if (newer !== undefined) newer.older = older;
		else this.#head = older;
		if (older !== undefined) older.newer = newer;
		else this.#tail = newer;
		frame.newer = undefined;
		frame.older = undefined;
		this.usedBytes -= frame.bytes;
		frame.table.frames[frame.number] = undefined;
	}
}
