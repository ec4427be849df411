import { type BatchOperation, batchOperations } from "./batch.js";
import { type Codec, encode } from "./encoding.js";
import type { Engine } from "./engine/engine.js";
import { Keyspace } from "./engine/store.js";
import type { Transaction } from "./engine/transaction.js";
import { Reader } from "./reader.js";

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

	putSync(key: Key, value: Value): void {
		this.#transaction.put(Keyspace.keyValue, this.encodeKey(key), encode(this.valueCodec, value, "value"));
	}

	deleteSync(key: Key): void {
		this.#transaction.delete(Keyspace.keyValue, this.encodeKey(key));
	}

	batchSync(operations: readonly BatchOperation<Key, Value>[]): void {
		for (const operation of batchOperations(operations)) {
			if (operation.type === "put") this.putSync(operation.key, operation.value);
			else this.deleteSync(operation.key);
		}
	}

	async put(key: Key, value: Value): Promise<void> {
		this.putSync(key, value);
	}

	async delete(key: Key): Promise<void> {
		this.deleteSync(key);
	}

	async batch(operations: readonly BatchOperation<Key, Value>[]): Promise<void> {
		this.batchSync(operations);
	}
}
