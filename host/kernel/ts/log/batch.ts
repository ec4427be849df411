import { KIND_DELETE_RANGE, OPERATION_HEADER_BYTES } from "../../../../assembly/shared/format.js";
import { KeyView } from "../key/key-view.js";
import { type Memtable, NO_NODE } from "../memtable/memtable.js";

/** Fewer operations are not worth sorting. */
const SORT_MIN = 8;
/** Operations that are sorted together; their number fits into the bits of ORDER. */
const SORT_MAX = 2048;
/** What a double has beside the upper 42 bits of a head. */
const ORDER = 2048;
const HEAD_STEP = 64;

/** Puts the operations of well-formed batches into memtables that have room for them. */
export class BatchWriter {
	/** Operations of the part at hand: where they start, and their order by key. */
	readonly #starts = new Float64Array(SORT_MAX);
	readonly #order = new Float64Array(SORT_MAX);

	/**
	 * Makes room for a batch. The ends of all its range deletions become boundaries, which changes no answer, before any of them
	 * is put in: what a memtable counts depends on that. Errors: WLSM_OUT_OF_MEMORY.
	 */
	reserve(view: DataView, at: number, length: number, entries: number, memtable: Memtable): void {
		const end = at + length;
		memtable.reserve(entries, length);
		let hasRanges = false;
		for (let operation = at; operation < end; operation = operationEnd(view, operation)) {
			if (!isRangeDeletion(view, operation)) continue;
			memtable.addBoundaries(rangeStart(view, operation), rangeEnd(view, operation));
			hasRanges = true;
		}
		for (let operation = at; hasRanges && operation < end; operation = operationEnd(view, operation)) {
			if (!isRangeDeletion(view, operation)) continue;
			memtable.reserveRange(rangeStart(view, operation), rangeEnd(view, operation));
		}
	}

	/** Puts a batch in that room was made for. */
	apply(view: DataView, at: number, length: number, memtable: Memtable, firstSequence: number): void {
		const end = at + length;
		let sequence = firstSequence;
		for (let start = at; start < end; ) {
			let count = 0;
			let operation = start;
			// A range deletion goes elsewhere, and is not sorted.
			for (; operation < end && count < SORT_MAX && !isRangeDeletion(view, operation); count++) {
				this.#starts[count] = operation;
				operation = operationEnd(view, operation);
			}
			if (count === 0) {
				memtable.insertRange(rangeStart(view, start), rangeEnd(view, start), sequence);
				start = operationEnd(view, start);
				sequence += 1;
				continue;
			}
			// Into an empty table the first one alone: it is what others are admitted beside.
			const unsorted = count < SORT_MIN ? count : memtable.first() === NO_NODE ? 1 : 0;
			for (let index = 0; index < unsorted; index++) this.#insert(view, index, memtable, sequence);
			if (unsorted < count) this.#insertSorted(view, unsorted, count, memtable, sequence);
			sequence += count;
			start = operation;
		}
	}

	/**
	 * In the order of their keys, as far as a part of their heads tells it, the memtable finds the place of each from that of the one
	 * before it. Numbers alone sort natively: each is such a part of a head, with the operation's own number behind it.
	 */
	#insertSorted(view: DataView, from: number, count: number, memtable: Memtable, sequence: number): void {
		for (let index = from; index < count; index++) {
			const start = this.#starts[index] as number;
			memtable.admit(view, start + OPERATION_HEADER_BYTES, keyLength(view, start));
		}
		const order = this.#order.subarray(0, count - from);
		for (let index = from; index < count; index++) {
			const start = this.#starts[index] as number;
			const head = memtable.headOf(view, start + OPERATION_HEADER_BYTES, keyLength(view, start));
			order[index - from] = Math.floor(head / HEAD_STEP) * ORDER + index;
		}
		order.sort();
		for (const number of order) this.#insert(view, number % ORDER, memtable, sequence);
	}

	/** Operation number `index` of the part, whose first one has this sequence number. */
	#insert(view: DataView, index: number, memtable: Memtable, sequence: number): void {
		const start = this.#starts[index] as number;
		const key = start + OPERATION_HEADER_BYTES;
		const length = keyLength(view, start);
		const valueLength = view.getUint32(start + 4, true);
		memtable.insert(view, key, length, view, key + length, valueLength, sequence + index, view.getUint8(start + 3));
	}
}

function isRangeDeletion(view: DataView, operation: number): boolean {
	return view.getUint8(operation + 3) === KIND_DELETE_RANGE;
}

function keyLength(view: DataView, operation: number): number {
	return view.getUint32(operation, true) & 0xffffff;
}

function operationEnd(view: DataView, operation: number): number {
	return operation + OPERATION_HEADER_BYTES + keyLength(view, operation) + view.getUint32(operation + 4, true);
}

function rangeStart(view: DataView, operation: number): KeyView {
	return new KeyView(view, operation + OPERATION_HEADER_BYTES, keyLength(view, operation));
}

function rangeEnd(view: DataView, operation: number): KeyView {
	const at = operation + OPERATION_HEADER_BYTES + keyLength(view, operation);
	return new KeyView(view, at, view.getUint32(operation + 4, true));
}
