import { type BatchOperation, batchOperations } from "./batch.js";
import { type Codec, encode } from "./encoding.js";
import type { Engine } from "./engine/engine.js";
import { Keyspace } from "./engine/store.js";
import type { Transaction } from "./engine/transaction.js";
import { expiryOf } from "./expiry.js";
import { limitOf, type Range, Reader } from "./reader.js";

/** How long a value stays. */
export interface PutOptions {
	/** Milliseconds from the call on after which the key is absent again. */
	readonly ttlMs?: number;
}

/** What the function given to `db.transaction` works with: reads see the snapshot and the transaction's own writes. */
export class KeyValueTransaction<Key, Value> extends Reader<Key, Value> {
	readonly #transaction: Transaction;
	readonly #sequence: number;

	/** @internal */
	constructor(engine: Engine, keyCodec: Codec, valueCodec: Codec, transaction: Transaction) {
		super(engine, keyCodec, valueCodec);
		this.#transaction = transaction;
		this.#sequence = transaction.sequence;
	}

	protected override readSequence(): number {
		this.#transaction.check();
		return this.#sequence;
	}

	protected override readTransaction(): Transaction {
		return this.#transaction;
	}

	/** As `db.put`, within the transaction. */
	putSync(key: Key, value: Value, options?: PutOptions): void {
		const bytes = this.encodeKey(key);
		const expiry = expiryOf(options?.ttlMs, this.engine.now);
		this.#transaction.put(Keyspace.keyValue, bytes, encode(this.valueCodec, value, "value"), expiry);
	}

	/** As `db.delete`, within the transaction. */
	deleteSync(key: Key): void {
		this.#transaction.delete(Keyspace.keyValue, this.encodeKey(key));
	}

	/** Removes every key of the range. A `limit` of the range makes it one deletion for each key. */
	deleteRangeSync(range: Range<Key>): void {
		const bytes = this.encodeRange(range);
		const limit = limitOf(range);
		if (limit === Number.POSITIVE_INFINITY) this.#transaction.deleteRange(Keyspace.keyValue, bytes);
		else this.#transaction.deleteFirst(Keyspace.keyValue, bytes, limit);
	}

	/** As `db.batch`, within the transaction. */
	batchSync(operations: readonly BatchOperation<Key, Value>[]): void {
		for (const operation of batchOperations(operations)) {
			if (operation.type === "put") this.putSync(operation.key, operation.value, operation);
			else this.deleteSync(operation.key);
		}
	}

	/** As `putSync`: nothing waits before the commit. */
	async put(key: Key, value: Value, options?: PutOptions): Promise<void> {
		this.putSync(key, value, options);
	}

	/** As `deleteSync`. */
	async delete(key: Key): Promise<void> {
		this.deleteSync(key);
	}

	/** As `deleteRangeSync`. */
	async deleteRange(range: Range<Key>): Promise<void> {
		this.deleteRangeSync(range);
	}

	/** As `batchSync`. */
	async batch(operations: readonly BatchOperation<Key, Value>[]): Promise<void> {
		this.batchSync(operations);
	}
}
