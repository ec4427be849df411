import { KIND_DELETE_RANGE, OPERATION_HEADER_BYTES } from "../../../../assembly/shared/format.js";
import { KeyView } from "../key/key-view.js";
import type { Memtable } from "../memtable/memtable.js";

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
				insertRange(view, start, memtable, sequence);
				start = operationEnd(view, start);
				sequence += 1;
				continue;
			}
			if (count < SORT_MIN) {
				for (let index = 0; index < count; index++) this.#insert(view, index, memtable, sequence);
			} else {
				this.#insertSorted(view, count, memtable, sequence);
			}
			sequence += count;
			start = operation;
		}
	}

	/**
	 * In the order of their keys, as far as a part of their heads tells it, the memtable finds the place of each from that of the one
	 * before it. Numbers alone sort natively: each is such a part of a head, with the operation's own number behind it.
	 */
	#insertSorted(view: DataView, count: number, memtable: Memtable, sequence: number): void {
		for (let index = 0; index < count; index++) {
			const start = this.#starts[index] as number;
			memtable.admit(view, start + OPERATION_HEADER_BYTES, keyLength(view, start));
		}
		const order = this.#order.subarray(0, count);
		for (let index = 0; index < count; index++) {
			const start = this.#starts[index] as number;
			const head = memtable.headOf(view, start + OPERATION_HEADER_BYTES, keyLength(view, start));
			order[index] = Math.floor(head / HEAD_STEP) * ORDER + index;
		}
		order.sort();
		for (let index = 0; index < count; index++)
			this.#insert(view, (order[index] as number) % ORDER, memtable, sequence);
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

function insertRange(view: DataView, operation: number, memtable: Memtable, sequence: number): void {
	const start = new KeyView(view, operation + OPERATION_HEADER_BYTES, keyLength(view, operation));
	const end = new KeyView(view, start.at + start.length, view.getUint32(operation + 4, true));
	memtable.insertRange(start, end, sequence);
}
