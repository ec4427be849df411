import { Buffer } from "node:buffer";
import { KIND_DELETE_RANGE, OPERATION_HEADER_BYTES } from "../../assembly/shared/format.js";
import type { Operation, RecordBuffer } from "../kernel/contract.js";
import { outOfMemory } from "../kernel/out-of-memory.js";
import type { EncodedBatch } from "./operations.js";
import { WriteIndex } from "./write-index.js";

const FIRST_BYTES = 4 << 10;
const FIRST_OPERATIONS = 64;
/** What is larger is not kept for the next transaction. */
const KEEP_BYTES = 1 << 20;
const KIND_SHIFT = 24;
const LENGTH_MASK = 0xffffff;

/** Where a batch is written to. */
export type BatchBuffer = Pick<RecordBuffer, "reserve" | "bytes" | "at">;

/**
 * The writes of a transaction in their order, encoded as the batch that they become. Operations are named by their number.
 * What was written last under a key is looked up in an index that is made when somebody asks first.
 */
export class WriteSet {
	/** Operations from the start on; what `reserve` made room for lies behind them. */
	bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
	view: DataView = viewOf(this.bytes);
	/** Of operations. */
	count = 0;
	/** The newest range deletion; -1 where there is none. */
	lastRange = -1;
	#length = 0;
	/** Where each operation starts. */
	#starts: Uint32Array = new Uint32Array(FIRST_OPERATIONS);
	/** No operation from this one on is on a key that was written before. */
	#firstNew = 0;
	/** Operations up to this one are on keys in ascending order. */
	#ascending = 0;
	readonly #index = new WriteIndex();

	/** Bytes of all operations. */
	get length(): number {
		return this.#length;
	}

	/** Makes room for a key and a value of `most` bytes in all, within `limit` bytes for the set; answers where the key goes. */
	reserve(most: number, limit: number): number {
		const key = this.#length + OPERATION_HEADER_BYTES;
		const end = key + most;
		if (end > this.bytes.length) this.#grow(end, limit);
		return key;
	}

	#grow(wanted: number, limit: number): void {
		if (wanted > limit) throw outOfMemory();
		const larger = allocated(Math.min(Math.max(wanted, 2 * this.bytes.length), limit));
		larger.set(this.bytes.subarray(0, this.#length));
		this.bytes = larger;
		this.view = viewOf(larger);
	}

	/** The operation whose key and value were put where `reserve` said. `isNew`: its key was free before. */
	append(kind: number, keyLength: number, valueLength: number, isNew: boolean): void {
		const start = this.#length;
		const number = this.count;
		this.view.setUint32(start, (kind << KIND_SHIFT) | keyLength, true);
		this.view.setUint32(start + 4, valueLength, true);
		if (number === this.#starts.length) this.#starts = widened(this.#starts);
		this.#starts[number] = start;
		if (!isNew) this.#firstNew = number + 1;
		if (kind === KIND_DELETE_RANGE) this.lastRange = number;
		this.count = number + 1;
		this.#length = start + OPERATION_HEADER_BYTES + keyLength + valueLength;
	}

	/** The last operation on the key that stands where `reserve` said, range deletions aside; -1 where there is none. */
	find(keyAt: number, keyLength: number): number {
		// What is written in the order of its keys needs no index to tell that the next one is new.
		if (this.#isBehindAll(keyAt, keyLength)) return -1;
		this.#complete(this.count);
		return this.#index.find(this, keyAt, keyLength);
	}

	#isBehindAll(keyAt: number, keyLength: number): boolean {
		while (this.#ascending < this.count) {
			const next = this.#ascending;
			if (next > 0 && !this.#isBehind(next - 1, this.keyAt(next), this.keyLength(next))) return false;
			this.#ascending = next + 1;
		}
		return this.count > 0 && this.#isBehind(this.count - 1, keyAt, keyLength);
	}

	/** The key that stands there comes behind that of the operation, which range deletions have none of. */
	#isBehind(number: number, keyAt: number, keyLength: number): boolean {
		if (this.kind(number) === KIND_DELETE_RANGE) return false;
		const { bytes } = this;
		const at = this.keyAt(number);
		const length = this.keyLength(number);
		const common = Math.min(length, keyLength);
		for (let i = 0; i < common; i++) {
			const difference = (bytes[keyAt + i] as number) - (bytes[at + i] as number); // both are within
			if (difference !== 0) return difference > 0;
		}
		return keyLength > length;
	}

	/** The operation on the same key before this one; -1 where there is none. */
	before(number: number): number {
		this.#complete(this.count);
		return this.#index.before(number);
	}

	/** Takes the operations up to this one into the index. */
	#complete(count: number): void {
		for (let number = this.#index.count; number < count; number++) this.#index.add(this, number);
	}

	#start(number: number): number {
		return this.#starts[number] as number; // callers stay below the count
	}

	kind(number: number): number {
		return this.view.getUint32(this.#start(number), true) >>> KIND_SHIFT;
	}

	keyAt(number: number): number {
		return this.#start(number) + OPERATION_HEADER_BYTES;
	}

	keyLength(number: number): number {
		return this.view.getUint32(this.#start(number), true) & LENGTH_MASK;
	}

	valueAt(number: number): number {
		return this.keyAt(number) + this.keyLength(number);
	}

	valueEnd(number: number): number {
		return this.valueAt(number) + this.view.getUint32(this.#start(number) + 4, true);
	}

	/** With views of its key and value, good until the next write. */
	operation(number: number): Operation {
		const valueAt = this.valueAt(number);
		return {
			kind: this.kind(number),
			key: this.bytes.subarray(this.keyAt(number), valueAt),
			value: this.bytes.subarray(valueAt, this.valueEnd(number)),
		};
	}

	/** The operations from number `from` on, as they stand in the batch: a view that is good until the next write. */
	encodedFrom(from: number): Uint8Array {
		return this.bytes.subarray(from === this.count ? this.#length : this.#start(from), this.#length);
	}

	/** Forgets all operations from number `count` on. */
	truncate(count: number): void {
		if (count >= this.count) return;
		this.#index.truncate(this, count);
		this.#ascending = Math.min(this.#ascending, count);
		this.#firstNew = Math.min(this.#firstNew, count);
		this.#length = this.#start(count);
		this.count = count;
		while (this.lastRange >= count) this.lastRange = this.#rangeBefore(this.lastRange);
	}

	#rangeBefore(number: number): number {
		let before = number - 1;
		while (before >= 0 && this.kind(before) !== KIND_DELETE_RANGE) before--;
		return before;
	}

	/** Writes the batch into the record buffer: of each key the last operation. */
	encode(record: BatchBuffer): EncodedBatch {
		record.reserve(this.#length);
		if (this.#hasReplaced()) return this.#encodeLast(record);
		record.bytes.set(this.bytes.subarray(0, this.#length), record.at);
		return { length: this.#length, entries: this.count };
	}

	#hasReplaced(): boolean {
		this.#complete(this.#firstNew);
		return this.#index.replaced > 0;
	}

	#encodeLast(record: BatchBuffer): EncodedBatch {
		const { bytes, at } = record;
		let length = 0;
		let entries = 0;
		for (let number = 0; number < this.count; number++) {
			if (number < this.#index.count && this.#index.isReplaced(number)) continue;
			length += this.bytes.copy(bytes, at + length, this.#start(number), this.valueEnd(number));
			entries += 1;
		}
		return { length, entries };
	}

	/** Makes it an empty one for another transaction; false where it has become too large for that. */
	clear(): boolean {
		if (this.bytes.length > KEEP_BYTES) return false;
		this.count = 0;
		this.lastRange = -1;
		this.#length = 0;
		this.#firstNew = 0;
		this.#ascending = 0;
		this.#index.clear();
		return true;
	}
}

/** Keeps one that has ended for the transaction that begins next. */
export class WriteSets {
	#spare: WriteSet | undefined;

	/** An empty one, to be given back. */
	take(): WriteSet {
		const writes = this.#spare ?? new WriteSet();
		this.#spare = undefined;
		return writes;
	}

	giveBack(writes: WriteSet): void {
		if (writes.clear()) this.#spare = writes;
	}
}

function allocated(bytes: number): Buffer {
	try {
		return Buffer.allocUnsafeSlow(bytes);
	} catch {
		throw outOfMemory();
	}
}

function viewOf(bytes: Uint8Array): DataView {
	return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function widened(starts: Uint32Array): Uint32Array {
	const wider = new Uint32Array(2 * starts.length);
	wider.set(starts);
	return wider;
}
