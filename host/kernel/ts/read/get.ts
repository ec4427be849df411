import { ENTRY_KEY } from "../../../../assembly/shared/format.js";
import { STATUS_DONE } from "../../../../assembly/shared/status.js";
import type { GetOperation, Superversion as KernelSuperversion, Status } from "../../contract.js";
import type { Block } from "../block/block.js";
import type { Context } from "../context.js";
import { filterMayContain } from "../filter/bloom.js";
import { compareBytes } from "../key/compare.js";
import { KeyView } from "../key/key-view.js";
import { Bytes, copyBytes } from "../memory/bytes.js";
import { NO_NODE } from "../memtable/memtable.js";
import { fragmentsAround } from "../table/fragments.js";
import type { Table } from "../table/table.js";
import type { Superversion } from "../version/superversion.js";
import { Fetch } from "./fetch.js";

/** A point read: one call answers with the value, with its absence, or with the bytes it needs first. */
export class Get implements GetOperation {
	readonly #context: Context;
	readonly #fetch: Fetch;
	/** Where the host puts keys. */
	readonly #keyBuffer: DataView;
	#superversion: Superversion | undefined;
	readonly #key = new KeyView();
	#sequence = 0;
	#hashLow = 0;
	#hashHigh = 0;
	/** Which run is looked at. */
	#position = 0;
	/** The block that was read for this, and which one it is. */
	#block: Block | undefined;
	#blockTable: Table | undefined;
	#blockNumber = 0;

	constructor(context: Context, keyBuffer: DataView) {
		this.#context = context;
		this.#fetch = new Fetch(context);
		this.#keyBuffer = keyBuffer;
	}

	start(superversion: KernelSuperversion, keyLength: number, sequence: number): Status {
		const { answers, xxh64 } = this.#context;
		const key = this.#key;
		key.set(this.#keyBuffer, 0, keyLength);
		const { view } = key;
		this.#block = undefined;
		this.#superversion = superversion as Superversion;
		this.#sequence = sequence;
		xxh64.hash(view, 0, keyLength, 0, 0);
		this.#hashLow = xxh64.low;
		this.#hashHigh = xxh64.high;
		this.#position = 0;
		const { memtables } = this.#superversion;
		for (let index = 0; index < memtables.length; index++) {
			const memtable = memtables[index] as (typeof memtables)[number];
			const cover = memtable.ranges?.cover(key, sequence) ?? 0;
			const node = memtable.lookUp(view, 0, keyLength, this.#hashLow, this.#hashHigh, sequence);
			const found = node === NO_NODE ? 0 : memtable.sequence(node);
			if (found > cover) {
				const data = memtable.data(node);
				const value = memtable.key(node) + keyLength;
				return answers.found(found, memtable.kind(node), data.buffer, data.view, value, memtable.valueLength(node));
			}
			// What is older is covered too.
			if (cover !== 0) return answers.absent(cover);
		}
		return this.#searchRuns();
	}

	resume(): Status {
		const fetch = this.#fetch;
		if (fetch.pending === "tail") {
			const status = fetch.completeTail();
			if (status !== STATUS_DONE) return status;
		} else {
			const status = fetch.completeBlock();
			if (status !== STATUS_DONE) return status;
			this.#block = fetch.block;
		}
		return this.#searchRuns();
	}

	detach(): void {
		const key = this.#key;
		const bytes = new Bytes(key.length);
		copyBytes(key.view, key.at, bytes.view, 0, key.length);
		key.set(bytes.view, 0, key.length);
	}

	reset(): void {
		this.#fetch.abandon();
		this.#superversion = undefined;
		this.#block = undefined;
		this.#blockTable = undefined;
	}

	free(): void {
		this.reset();
	}

	#searchRuns(): Status {
		const { runs } = this.#superversion as Superversion;
		const { view, at, length } = this.#key;
		for (; this.#position < runs.length; this.#position++) {
			const run = runs[this.#position] as (typeof runs)[number];
			const table = run.tableWith(view, at, length);
			const status = table === undefined ? undefined : this.#searchTable(table);
			if (status !== undefined) return status;
		}
		return this.#context.answers.absent(0);
	}

	/** undefined where the table has no version of the key that the reader may see. */
	#searchTable(table: Table): Status | undefined {
		const { counters, answers } = this.#context;
		if (!table.isOpen) return this.#fetch.askTail(table);
		const key = this.#key;
		const sequence = this.#sequence;
		const cover = table.ranges === undefined ? 0 : fragmentsAround(table.ranges, key, sequence).cover;
		if (table.filter !== undefined) {
			counters.filterChecks += 1;
			if (!filterMayContain(table.filter, 0, this.#hashLow, this.#hashHigh)) {
				counters.filterRejects += 1;
				return this.#nothing(cover);
			}
		}
		if (table.blocks === 0) return this.#nothing(cover);
		const { view, at, length } = key;
		const number = table.seek(view, at, length, sequence);
		if (number < table.blocks) {
			const block = this.#blockOf(table, number);
			if (block === undefined) {
				counters.cacheMisses += 1;
				this.#blockTable = table;
				this.#blockNumber = number;
				return this.#fetch.askBlock(table, number);
			}
			const slot = block.find(view, at, length, sequence);
			if (slot < block.count) {
				const entry = block.entry(slot);
				const entryKey = entry + ENTRY_KEY;
				const value = entryKey + length;
				if (block.keyLength(entry) === length && compareBytes(block.view, entryKey, length, view, at, length) === 0) {
					const found = block.sequence(entry);
					if (found < cover) return answers.absent(cover);
					return answers.found(
						found,
						block.kind(entry),
						block.buffer,
						block.view,
						value,
						block.entry(slot + 1) - value,
					);
				}
			}
		}
		if (table.filter !== undefined) counters.filterFalsePositives += 1;
		return this.#nothing(cover);
	}

	/** The table has no entry that counts; with a cover nothing that is older does. */
	#nothing(cover: number): Status | undefined {
		return cover === 0 ? undefined : this.#context.answers.absent(cover);
	}

	/** The block where it has just been read or is cached. */
	#blockOf(table: Table, number: number): Block | undefined {
		if (this.#block !== undefined && this.#blockTable === table && this.#blockNumber === number) return this.#block;
		const { cache, counters } = this.#context;
		const block = cache.block(table, number);
		if (block !== undefined) counters.cacheHits += 1;
		return block;
	}
}
